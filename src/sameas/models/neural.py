"""Transformers in PyTorch, the models of sentence-transformers and Hugging Face."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.optional import require
from sameas.models.base import Dense, Texts, unit_rows
from sameas.models.batches import encode_batches, read_tokenizer, token_limit
from sameas.models.distinct import distinct_texts
from sameas.models.files import content_hash, read_json, write_settings
from sameas.models.pooling import pool, pooling_of

__all__ = ["TorchEncoder", "model_files"]


class _Late:
    """A network that is read when it is first used: where all vectors are known, never."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make, self._made, self._lock = make, None, Lock()

    def __call__(self) -> Any:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made


@dataclass(frozen=True, slots=True, eq=False)
class TorchEncoder:
    """A transformer with mean, first-token or maximum pooling, then length 1.

    Attributes
    ----------
    name, version : str
    limit : int
        Longest text in tokens.
    tokens : int
        Tokens of a batch.
    pooling : str or None
        None: sentence-transformers runs the model, with modules of its own.
    """

    name: str
    version: str
    limit: int
    tokens: int
    pooling: str | None
    dimensions: int
    network: Callable[[], Any] = field(repr=False)
    tokenizer: Any = field(repr=False)
    fitted: bool = True

    @classmethod
    def load(
        cls,
        folder: str | Path,
        *,
        name: str | None = None,
        max_length: int | None = None,
        batch_tokens: int = 4_096,
        device: str = "cpu",
    ) -> TorchEncoder:
        """Read a model folder.

        Parameters
        ----------
        folder : path
            As `SentenceTransformer.save` or `PreTrainedModel.save_pretrained` write it.
        name : str, optional
        max_length : int, optional
            Longest text in tokens; by default the model's own.
        batch_tokens : int
            Tokens of a batch, padding included.
        device : str
            ``"cpu"``, ``"cuda"``, ...
        """
        folder = Path(folder)
        for library in ("torch", "transformers"):
            if find_spec(library) is None:
                require(library, extra="torch", what="A transformer as encoder")
        pooling, limit = pooling_of(folder), token_limit(folder, max_length)
        version = content_hash(model_files(folder), "torch-1", limit)
        label = name or str(folder)
        if pooling is None:
            model = _whole(folder, device, limit)
            dimensions = int(model.get_sentence_embedding_dimension())
            return cls(label, version, limit, batch_tokens, None, dimensions, lambda: model, None)
        network = _Late(lambda: _transformer(folder, device))
        size = (read_json(folder / "config.json") or {}).get("hidden_size")
        dimensions = int(size or network().config.hidden_size)
        tokenizer = read_tokenizer(folder, extra="torch")
        return cls(label, version, limit, batch_tokens, pooling, dimensions, network, tokenizer)

    def fit(self, texts: Texts) -> TorchEncoder:  # noqa: ARG002
        """Return itself: training is another matter."""
        return self

    def encode(self, texts: Texts) -> Dense:
        """Return one unit row a text."""
        if self.pooling is None:
            values, code = distinct_texts(texts)
            rows = np.zeros((len(values) + 1, self.dimensions), np.float32)
            if len(values):
                rows[:-1] = self.network().encode(values.to_pylist(), show_progress_bar=False)
            return unit_rows(rows)[code]
        return encode_batches(
            texts,
            tokenizer=self.tokenizer,
            limit=self.limit,
            dimensions=self.dimensions,
            forward=self._forward,
            tokens=self.tokens,
        )

    def _forward(self, ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]) -> Dense:
        import torch

        with torch.inference_mode():
            network = self.network()
            device = network.device
            known = torch.from_numpy(mask).to(device)
            found = network(input_ids=torch.from_numpy(ids).to(device), attention_mask=known)
            hidden = found.last_hidden_state.float()
            rows = pool(hidden, known[..., None].float(), str(self.pooling))
            return np.asarray(rows.cpu().numpy(), np.float32)

    def save(self, folder: str | Path) -> None:
        """Write the name and the settings; the weights stay where they are."""
        settings = {"max_length": self.limit, "batch_tokens": self.tokens}
        write_settings(folder, {"type": "named", "model": self.name, "options": settings})


def _transformer(folder: Path, device: str) -> Any:
    library = require("transformers", extra="torch", what="A transformer as encoder")
    return library.AutoModel.from_pretrained(str(folder)).to(device).eval()


def _whole(folder: Path, device: str, limit: int) -> Any:
    """Read a model with modules of its own, which sentence-transformers runs."""
    library = require("sentence_transformers", extra="torch", what=f"The model {folder.name}")
    model = library.SentenceTransformer(str(folder), device=device)
    model.max_seq_length = limit
    return model


def model_files(folder: Path) -> list[Path]:
    """Return the files of a model folder that a vector depends on."""
    kinds = ("*.safetensors", "*.onnx", "tokenizer*.json", "modules.json", "*config.json")
    names = {file for kind in kinds for file in folder.glob(kind)}
    return sorted(names | set(folder.glob("*_*/config.json")))
