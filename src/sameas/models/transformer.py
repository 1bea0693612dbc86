"""What transformers have in common, whatever runs them: tokens in batches, one vector a text."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import field
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from sameas.core.dataclass import dataclass
from sameas.models.base import Dense, Texts
from sameas.models.batches import Forward, encode_batches
from sameas.models.files import content_hash, write_settings
from sameas.models.index import cores

__all__ = ["Late", "Transformer", "folder_version", "model_files", "threads_of"]


class Late:
    """What is made when it is first called for: where all vectors are known, never."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make, self._made, self._lock = make, None, Lock()

    def __call__(self) -> Any:
        """Return what was made."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made


@dataclass(frozen=True, slots=True, eq=False)
class Transformer:
    """A network that reads tokens, whatever runs it; its vectors have length 1.

    Attributes
    ----------
    name, version : str
    limit : int
        Longest text in tokens.
    tokens : int
        Tokens of a batch.
    run : callable
        Texts to unit rows.
    between : str
        The token that stands between two texts read together; a space if there is none.
    """

    name: str
    version: str
    limit: int
    tokens: int
    run: Callable[[Texts], Dense] = field(repr=False)
    fitted: bool = True
    between: str = " "

    @classmethod
    def of_tokens(
        cls,
        forward: Forward,
        *,
        name: str,
        version: str,
        tokenizer: Any,
        limit: int,
        tokens: int,
        dimensions: int,
        between: str = " ",
    ) -> Transformer:
        """Return the encoder that gives batches of tokens to a network with its pooling."""
        run = partial(
            encode_batches,
            tokenizer=tokenizer,
            limit=limit,
            dimensions=dimensions,
            forward=forward,
            tokens=tokens,
        )
        return cls(name, version, limit, tokens, run, between=between)

    def fit(self, texts: Texts) -> Transformer:  # noqa: ARG002
        """Return itself: training is another matter."""
        return self

    def encode(self, texts: Texts) -> Dense:
        """Return one unit row a text."""
        return self.run(texts)

    def save(self, folder: str | Path) -> None:
        """Write the name and the settings; the weights stay where they are."""
        settings = {"max_length": self.limit, "batch_tokens": self.tokens}
        write_settings(folder, {"type": "named", "model": self.name, "options": settings})


def model_files(folder: Path) -> list[Path]:
    """Return the files of a model folder that a vector depends on."""
    kinds = ("*.safetensors", "*.onnx", "tokenizer*.json", "modules.json", "*config.json")
    names = {file for kind in kinds for file in folder.glob(kind)}
    return sorted(names | set(folder.glob("*_*/config.json")))


def folder_version(folder: Path, limit: int) -> str:
    """Return the version of a folder of PyTorch weights, whatever runs them.

    PyTorch and ONNX Runtime agree to about 1e-6, so what one of them encoded serves both.
    """
    return content_hash(model_files(folder), "torch-1", limit)


def threads_of(asked: int | None) -> int:
    """Return the threads of a network: as asked, else ``OMP_NUM_THREADS``, else all cores."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    return cores(asked or (int(given) if given.isdigit() else None))
