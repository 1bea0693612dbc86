"""Comparisons of whole texts as TF-IDF vectors."""

from __future__ import annotations

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.prepared import Columns, IntArray, Need, Vectors
from sameas.core.specs import register
from sameas.kernels.sets import sparse_cosine

__all__ = ["NgramCosine", "WordCosine"]


def _cosine(vectors: Vectors, left: IntArray, right: IntArray) -> list[np.ndarray]:
    codes = vectors.code[left], vectors.code[right]
    return [sparse_cosine(*codes, vectors.start, vectors.index, vectors.value)]


@register("comparison", "ngram_cosine")
@dataclass(frozen=True, slots=True)
class NgramCosine:
    """Cosine of TF-IDF vectors over character n-grams; several fields are joined.

    Range [0, 1]; NaN if a side is missing. Cost: a few nanoseconds an n-gram.

    Parameters
    ----------
    fields : tuple of str
    low, high : int
        Sizes of the n-grams.
    form : str
    """

    fields: tuple[str, ...]
    low: int = 2
    high: int = 4
    form: str = "normalise"

    def names(self) -> tuple[str, ...]:
        form = "" if self.form == "normalise" else f"_{self.form}"
        return (f"{'_'.join(self.fields)}{form}_cosine_{self.low}_{self.high}",)

    def needs(self) -> tuple[Need, ...]:
        options: tuple[tuple[str, int | str], ...] = (("low", self.low), ("high", self.high))
        if self.form != "normalise":
            options = (*options, ("form", self.form))
        return (Need("vectors", self.fields, options),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        return _cosine(columns[self.needs()[0]], left, right)


@register("comparison", "word_cosine")
@dataclass(frozen=True, slots=True)
class WordCosine:
    """Cosine of TF-IDF vectors over words; several fields are joined.

    Range [0, 1]; NaN if a side is missing.

    Parameters
    ----------
    fields : tuple of str
    dates : tuple of str
        Those of them that are dates: year, month and day are words, however they are written.
    """

    fields: tuple[str, ...]
    dates: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        return (f"{'_'.join(self.fields)}_word_cosine",)

    def needs(self) -> tuple[Need, ...]:
        options = (("dates", tuple(self.dates)),) if self.dates else ()
        return (Need("word_vectors", self.fields, options),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        return _cosine(columns[self.needs()[0]], left, right)
