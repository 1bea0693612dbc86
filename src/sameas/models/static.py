"""Static embeddings: a vector a token, their mean is the vector of the text; no network runs."""

from __future__ import annotations

from dataclasses import field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import DataError, MissingExtraError
from sameas.core.optional import require
from sameas.core.progress import progress
from sameas.models.base import Dense, Texts, unit_rows
from sameas.models.batches import read_tokenizer
from sameas.models.distinct import distinct_texts
from sameas.models.files import content_hash, write_settings

__all__ = ["StaticEncoder"]

_CHUNK = 8_192
_TENSORS = ("embeddings", "embedding.weight")


@dataclass(frozen=True, slots=True, eq=False)
class StaticEncoder:
    """Token embeddings of model2vec or wordllama.

    Attributes
    ----------
    name : str
    version : str
        Hash of the weights and the tokenizer.
    vectors : float32[v, d]
    factor : float32[v]
        Weight of each token in the mean.
    tokenizer : tokenizers.Tokenizer
    """

    name: str
    version: str
    vectors: Dense
    factor: npt.NDArray[np.float32]
    tokenizer: Any = field(repr=False)
    fitted: bool = True

    @classmethod
    def load(cls, folder: str | Path, *, name: str | None = None) -> StaticEncoder:
        """Read a model2vec folder: ``model.safetensors`` and ``tokenizer.json``."""
        folder = Path(folder)
        tokenizer = read_tokenizer(folder, extra="static")
        files = [folder / "model.safetensors", folder / "tokenizer.json"]
        return cls._read(name or str(folder), files, tokenizer)

    @classmethod
    def wordllama(cls) -> StaticEncoder:
        """Read the weights that the installed library wordllama carries (256 dimensions)."""
        spec = find_spec("wordllama")
        if spec is None or not spec.submodule_search_locations:
            raise MissingExtraError(
                "The encoder 'wordllama' needs the library 'wordllama', which is not installed: "
                "pip install 'sameas[static]'."
            )
        tokenizers = require("tokenizers", extra="static", what="The encoder 'wordllama'")
        root = Path(next(iter(spec.submodule_search_locations)))
        files = [
            *sorted((root / "weights").glob("*_256.safetensors"))[:1],
            *sorted((root / "tokenizers").glob("*tokenizer_config.json"))[:1],
        ]
        if len(files) != 2:
            raise DataError(f"{root} holds no weights of 256 dimensions with their tokenizer.")
        tokenizer = tokenizers.Tokenizer.from_file(str(files[1]))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return cls._read("wordllama", files, tokenizer)

    @classmethod
    def _read(cls, name: str, files: list[Path], tokenizer: Any) -> StaticEncoder:
        safetensors = require("safetensors.numpy", extra="static", what="A static encoder")
        tensors = safetensors.load_file(str(files[0]))
        found = [tensor for tensor in _TENSORS if tensor in tensors]
        if not found:
            raise DataError(
                f"{files[0]} holds no static embeddings: expected one of {', '.join(_TENSORS)}, "
                f"found {', '.join(sorted(tensors)[:5])}."
            )
        vectors = tensors[found[0]].astype(np.float32)
        if "mapping" in tensors:  # several tokens share a vector
            vectors = vectors[tensors["mapping"].astype(np.int64)]
        factor = tensors.get("weights", np.ones(len(vectors))).astype(np.float32)
        return cls(name, content_hash(files, "static-1"), vectors, factor, tokenizer)

    def fit(self, texts: Texts) -> StaticEncoder:  # noqa: ARG002
        """Return itself: there is nothing to fit."""
        return self

    def encode(self, texts: Texts) -> Dense:
        """Return the mean of the vectors of each text's tokens, of length 1."""
        values, code = distinct_texts(texts)
        rows = np.zeros((len(values) + 1, self.vectors.shape[1]), np.float32)
        unknown = self._unknown()
        with progress("encoding", total=len(values)) as advance:
            for first in range(0, len(values), _CHUNK):
                part = values.slice(first, _CHUNK).to_pylist()
                found = self.tokenizer.encode_batch_fast(part, add_special_tokens=False)
                length = [len(one.ids) for one in found]
                token = np.fromiter((token for one in found for token in one.ids), np.int64)
                owner = np.repeat(np.arange(len(part)), length)
                known = token != unknown
                token, owner = token[known], owner[known]
                if len(token):
                    weighted = self.vectors[token] * self.factor[token, None]
                    used, begin = np.unique(owner, return_index=True)
                    rows[first + used] = np.add.reduceat(weighted, begin, axis=0)
                advance(len(part))
        return unit_rows(rows)[code]

    def _unknown(self) -> int:
        """Return the token of unknown characters, which has no meaning of its own."""
        name = getattr(self.tokenizer.model, "unk_token", None)
        token = self.tokenizer.token_to_id(name) if name else None
        return -1 if token is None else int(token)

    def save(self, folder: str | Path) -> None:
        """Write the name; the weights stay where they are."""
        write_settings(folder, {"type": "named", "model": self.name})
