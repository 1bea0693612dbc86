"""Comparisons word by word, with the weight that a word has by its rarity."""

from __future__ import annotations

import numpy as np

from sameas.comparison.base import as_tuple
from sameas.core.dataclass import dataclass
from sameas.core.prepared import Columns, IntArray, Need, Tokens
from sameas.core.specs import register
from sameas.kernels.alignment import token_set_ratio
from sameas.kernels.soft import fuzzy_unmatched, soft_tfidf
from sameas.kernels.tokens import token_overlap

__all__ = ["SoftTfidf", "TokenOverlap", "TokenSetRatio", "UnmatchedWords"]


def _prefix(field: str | tuple[str, ...], form: str) -> str:
    name = "_".join(as_tuple(field))
    return name if form == "normalise" else f"{name}_{form}"


@register("comparison", "soft_tfidf")
@dataclass(frozen=True, slots=True)
class SoftTfidf:
    """Soft TF-IDF: weighted cosine in which nearly equal words count as equal.

    Symmetric: the mean of both directions. Range [0, 1]; NaN if a side is missing. Cost:
    about a microsecond a pair. Source: Moreau et al. (2008); Cousseau & Barbosa (2020),
    Table 1 (NameSoftTfidf, AddressSoftTfidf).

    Parameters
    ----------
    field : str or tuple of str
        Several fields are joined.
    threshold : float
        Jaro-Winkler similarity from which two words count as nearly equal.
    form : str
        "normalise", or "street" for the street name without numbers.
    """

    field: str | tuple[str, ...]
    threshold: float = 0.9
    form: str = "normalise"

    def names(self) -> tuple[str, ...]:
        return (f"{_prefix(self.field, self.form)}_soft_tfidf",)

    def needs(self) -> tuple[Need, ...]:
        return (Need("tokens", as_tuple(self.field), _options(self.form)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        tokens: Tokens = columns[self.needs()[0]]
        return [
            soft_tfidf(
                tokens.code[left],
                tokens.code[right],
                tokens.start,
                tokens.token,
                tokens.weight,
                tokens.spelling_start,
                tokens.spelling_units,
                self.threshold,
            )
        ]


@register("comparison", "token_set_ratio")
@dataclass(frozen=True, slots=True)
class TokenSetRatio:
    """How much of the smaller word set the larger one contains, word order aside.

    Range [0, 1]; 1 when one text holds all words of the other; NaN if a side is missing.

    Parameters
    ----------
    field : str or tuple of str
        Several fields are joined.
    form : str
    """

    field: str | tuple[str, ...]
    form: str = "normalise"

    def names(self) -> tuple[str, ...]:
        return (f"{_prefix(self.field, self.form)}_token_set",)

    def needs(self) -> tuple[Need, ...]:
        return (Need("tokens", as_tuple(self.field), _options(self.form)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        tokens: Tokens = columns[self.needs()[0]]
        return [
            token_set_ratio(
                tokens.code[left],
                tokens.code[right],
                tokens.start,
                tokens.token,
                tokens.spelling_start,
                tokens.spelling_units,
            )
        ]


@register("comparison", "token_overlap")
@dataclass(frozen=True, slots=True)
class TokenOverlap:
    """Common words: plain and weighted Jaccard, and the weight of the words one side lacks.

    Four columns: ``_jaccard`` and ``_weighted_jaccard`` in [0, 1], ``_unmatched_less`` and
    ``_unmatched_more`` (sum of inverse document frequencies, the smaller and the larger of
    the two sides). NaN if a side is missing. Cost: 30 to 60 ns a pair.

    Parameters
    ----------
    field : str or tuple of str
        Several fields are joined.
    form : str
    """

    field: str | tuple[str, ...]
    form: str = "normalise"

    def names(self) -> tuple[str, ...]:
        prefix = _prefix(self.field, self.form)
        parts = ("jaccard", "weighted_jaccard", "unmatched_less", "unmatched_more")
        return tuple(f"{prefix}_{part}" for part in parts)

    def needs(self) -> tuple[Need, ...]:
        return (Need("tokens", as_tuple(self.field), _options(self.form)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        tokens: Tokens = columns[self.needs()[0]]
        return list(
            token_overlap(
                tokens.code[left], tokens.code[right], tokens.start, tokens.token, tokens.weight
            )
        )


@register("comparison", "unmatched_words")
@dataclass(frozen=True, slots=True)
class UnmatchedWords:
    """Weight of the words that have no near equal on the other side.

    A word has a near equal when a word of the other side has a Jaro-Winkler similarity of
    at least `threshold`, or one of the two begins with the other. Two columns, the smaller
    and the larger side; NaN if a side is missing.

    Parameters
    ----------
    field : str or tuple of str
        Several fields are joined.
    threshold : float
    form : str
    """

    field: str | tuple[str, ...]
    threshold: float = 0.9
    form: str = "normalise"

    def names(self) -> tuple[str, ...]:
        prefix = _prefix(self.field, self.form)
        return f"{prefix}_fuzzy_unmatched_less", f"{prefix}_fuzzy_unmatched_more"

    def needs(self) -> tuple[Need, ...]:
        return (Need("tokens", as_tuple(self.field), _options(self.form)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        tokens: Tokens = columns[self.needs()[0]]
        return list(
            fuzzy_unmatched(
                tokens.code[left],
                tokens.code[right],
                tokens.start,
                tokens.token,
                tokens.weight,
                tokens.spelling_start,
                tokens.spelling_units,
                self.threshold,
            )
        )


def _options(form: str) -> tuple[tuple[str, str], ...]:
    return () if form == "normalise" else (("form", form),)
