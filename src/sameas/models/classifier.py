"""Classifiers of texts: a linear head over any encoder, or a transformer of its own."""

from __future__ import annotations

import json
from dataclasses import field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.models.base import Encoder, Sparse, Texts
from sameas.models.files import read_json
from sameas.models.load import load_encoder
from sameas.models.resolve import find_model
from sameas.models.sequence import Scores, SequenceClassifier, softmax

__all__ = ["HeadClassifier", "TextClassifier", "load_classifier"]

_FILE = "classifier.json"


@runtime_checkable
class TextClassifier(Protocol):
    """Gives texts classes, with probabilities."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes, by number."""

    def probabilities(self, texts: Texts) -> Scores:
        """Return a row of probabilities a text, float32[n, classes]; NaN for a missing text."""


@dataclass(frozen=True, slots=True, eq=False)
class HeadClassifier:
    """Multinomial logistic regression over the vectors of an encoder that stays as it is.

    Attributes
    ----------
    encoder : Encoder
    labels : tuple of str
    weights : float64[d, c]
    bias : float64[c]
    """

    encoder: Encoder
    labels: tuple[str, ...]
    weights: npt.NDArray[np.float64] = field(repr=False)
    bias: npt.NDArray[np.float64] = field(repr=False)

    def probabilities(self, texts: Texts) -> Scores:
        """Return a row of probabilities a text; NaN for a missing text."""
        rows = self.encoder.encode(texts)
        if isinstance(rows, Sparse):
            terms = rows.value[:, None] * self.weights[rows.index]
            sums = np.zeros((len(rows) + 1, len(self.labels)))
            found = np.diff(rows.start) > 0
            if len(terms):
                sums[:-1][found] = np.add.reduceat(terms, rows.start[:-1][found], axis=0)
            logits, known = sums[:-1], found
        else:
            logits, known = rows @ self.weights, np.asarray(rows.any(axis=1))
        logits = np.where(known[:, None], logits + self.bias, np.nan)
        return softmax(logits.astype(np.float32))

    def save(self, folder: str | Path) -> None:
        """Write what `load_classifier` reads; weights of a model stay where they are."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.encoder.save(folder / "encoder")
        np.savez(folder / "head.npz", weights=self.weights, bias=self.bias)
        text = json.dumps({"type": "head", "labels": list(self.labels)}, indent=1)
        (folder / _FILE).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: str | Path) -> HeadClassifier:
        """Read what `save` wrote."""
        folder = Path(folder)
        labels = (read_json(folder / _FILE) or {})["labels"]
        with np.load(folder / "head.npz") as arrays:
            weights, bias = arrays["weights"], arrays["bias"]
        return cls(load_encoder(folder / "encoder"), tuple(labels), weights, bias)


def load_classifier(model: Any, **options: Any) -> TextClassifier:
    """Load a classifier by name.

    Parameters
    ----------
    model : str, path or TextClassifier
        A folder that `train_classifier` wrote or one of transformers, an installed package
        with weights, a name on the hub, in this order; a classifier is returned as it is.
    **options
        ``max_length``, ``batch_tokens``, ``device``, ``threads`` of a transformer.

    Raises
    ------
    ArgumentError
        If nothing bears the name.
    DataError
        If what bears it is no classifier.
    """
    if not isinstance(model, str | Path):
        folder = getattr(model, "folder", None)
        if isinstance(folder, Path):
            return load_classifier(folder, **options)
        if isinstance(model, TextClassifier):
            return model
        raise ArgumentError(f"model must be a name, a folder or a classifier, got {model!r}.")

    def read(folder: Path, name: str) -> TextClassifier:
        if (folder / _FILE).is_file():
            if options:
                raise ArgumentError(
                    f"The classifier {name!r} has no setting {next(iter(options))!r}."
                )
            return HeadClassifier.load(folder)
        return SequenceClassifier.load(folder, name=name, **options)

    return find_model(str(model), read)
