"""Comparisons whose weights are learned from labelled pairs when a linker is fitted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.comparison.base import as_tuple, with_form
from sameas.core.dataclass import dataclass
from sameas.core.prepared import Columns, IntArray, Need, Tokens
from sameas.core.specs import register
from sameas.kernels.soft import fuzzy_unmatched, unmatched_tokens

__all__ = ["LearnedWords"]


@register("comparison", "learned_words")
@dataclass(frozen=True, slots=True)
class LearnedWords:
    """What the words without a near equal on the other side say, as the labels have taught.

    A gym, a pool or a car park that bears the name of a place is not the place; a "Ltd" more
    makes no difference. How rare a word is does not tell one from the other, so `fit` learns a
    weight for each word that stays unmatched in several training pairs: the log-odds of a
    match that it adds to what a first matcher says of the pair. One column, the sum over both
    records; NaN if a side is missing. Without labels, or with few matches, `fit` leaves the
    comparison out.

    Parameters
    ----------
    field : str or tuple of str
        Several fields are joined.
    threshold : float
        Words meet as in `UnmatchedWords`.
    form : str

    Examples
    --------
    >>> LearnedWords("name").names()
    ('name_learned_words',)
    """

    field: str | tuple[str, ...]
    threshold: float = 0.9
    form: str = "normalise"

    def names(self) -> tuple[str, ...]:
        return (f"{with_form('_'.join(as_tuple(self.field)), self.form)}_learned_words",)

    def needs(self) -> tuple[Need, ...]:
        options = () if self.form == "normalise" else (("form", self.form),)
        return (Need("learned_words", as_tuple(self.field), options),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        words: Tokens = columns[self.needs()[0]]
        less, more = fuzzy_unmatched(
            words.code[left], words.code[right], words.start, words.token, words.weight,
            words.spelling_start, words.spelling_units, self.threshold,
        )  # fmt: skip
        return [less + more]

    def unmatched(
        self, columns: Columns, left: IntArray, right: IntArray
    ) -> tuple[npt.NDArray[np.int64], IntArray]:
        """Return the words that `values` sums: where each pair begins, and word numbers."""
        words: Tokens = columns[self.needs()[0]]
        return unmatched_tokens(
            words.code[left], words.code[right], words.start, words.token,
            words.spelling_start, words.spelling_units, self.threshold,
        )  # fmt: skip
