"""Comparison of records that have several names each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.comparison.base import as_tuple, with_form
from sameas.core.dataclass import dataclass
from sameas.core.prepared import Aliases, Columns, IntArray, Need
from sameas.core.specs import register
from sameas.kernels.alignment import token_set_ratio
from sameas.kernels.soft import soft_tfidf
from sameas.kernels.strings import jaro_winkler
from sameas.kernels.tokens import token_overlap

__all__ = ["AliasSimilarity", "BestAlias"]


@register("comparison", "best_alias")
@dataclass(frozen=True, slots=True)
class BestAlias:
    """The most alike names of two records that have several.

    Columns, each the largest over all pairs of one name of the left and one of the right:
    ``_jaro_winkler``, ``_soft_tfidf``, ``_token_set`` in [0, 1], and ``_common``, the inverse
    document frequencies of the words in common, added up: how rare what they share is. Last
    ``_aliases_less`` and ``_aliases_more``, the numbers of names. NaN if a side has none. Cost:
    about a microsecond a pair of names.

    Parameters
    ----------
    field : str or tuple of str
        Fields with a text or with a list of texts.
    form : str
        Normal form of each name; "site_name" for the names of mines.

    Examples
    --------
    >>> BestAlias(("name", "other_names")).names()[:2]
    ('name_other_names_best_jaro_winkler', 'name_other_names_best_soft_tfidf')
    """

    field: str | tuple[str, ...]
    form: str = "normalise"

    def names(self) -> tuple[str, ...]:
        name = "_".join(as_tuple(self.field))
        best = ("jaro_winkler", "soft_tfidf", "token_set", "common")
        return (
            *(f"{name}_best_{part}" for part in best),
            f"{name}_aliases_less",
            f"{name}_aliases_more",
        )

    def needs(self) -> tuple[Need, ...]:
        return (Need("aliases", as_tuple(self.field), (("form", self.form),)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        aliases: Aliases = columns[self.needs()[0]]
        count = np.diff(aliases.start)
        less, more = (pick(count[left], count[right]) for pick in (np.minimum, np.maximum))
        first, second, begin = _crossed(aliases, left, right)
        out = [np.full(len(left), np.nan, np.float32) for _ in range(4)]
        if len(first):
            found = np.flatnonzero(less > 0)
            for values, target in zip(_alike(aliases, first, second), out, strict=True):
                target[found] = np.maximum.reduceat(values, begin)
        counts = [np.where(less > 0, size, np.nan).astype(np.float32) for size in (less, more)]
        return [*out, *counts]


@register("comparison", "alias_similarity")
@dataclass(frozen=True, slots=True)
class AliasSimilarity:
    """Soft TF-IDF of the two names, one of each side, that resemble each other most.

    The one column of `BestAlias` by which candidates may be ranked (`Context`). In [0, 1]; NaN if
    a side has no name. Cost: under a microsecond a pair of names.

    Parameters
    ----------
    field : str or tuple of str
        Fields with a text or with a list of texts.
    form : str
        Normal form of each name.

    Examples
    --------
    >>> AliasSimilarity(("name", "other_names")).names()
    ('name_other_names_alias_similarity',)
    """

    field: str | tuple[str, ...]
    form: str = "normalise"

    def names(self) -> tuple[str, ...]:
        return (f"{with_form('_'.join(as_tuple(self.field)), self.form)}_alias_similarity",)

    def needs(self) -> tuple[Need, ...]:
        return (Need("aliases", as_tuple(self.field), (("form", self.form),)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        aliases: Aliases = columns[self.needs()[0]]
        first, second, begin = _crossed(aliases, left, right)
        count = np.diff(aliases.start)
        out = np.full(len(left), np.nan, np.float32)
        if len(first):
            found = np.flatnonzero((count[left] > 0) & (count[right] > 0))
            out[found] = np.maximum.reduceat(_soft_tfidf(aliases, first, second), begin)
        return [out]


def _crossed(
    aliases: Aliases, left: IntArray, right: IntArray
) -> tuple[IntArray, IntArray, npt.NDArray[np.int64]]:
    """List all pairs of names of all pairs of records, and where each pair of records begins."""
    wide, tall = (np.diff(aliases.start)[side] for side in (left, right))
    size = wide * tall
    end = np.cumsum(size)
    step = np.arange(end[-1] if len(end) else 0) - np.repeat(end - size, size)
    row, column = np.divmod(step, np.repeat(np.maximum(tall, 1), size))
    first = aliases.item[np.repeat(aliases.start[:-1][left], size) + row]
    second = aliases.item[np.repeat(aliases.start[:-1][right], size) + column]
    return first, second, (end - size)[size > 0]


def _alike(aliases: Aliases, first: IntArray, second: IntArray) -> list[np.ndarray]:
    """Compare names, float32 each."""
    text, words = aliases.text, aliases.words
    weight = np.add.reduceat(words.weight[words.token], words.start[:-1])
    _, _, less, more = token_overlap(first, second, words.start, words.token, words.weight)
    common = np.maximum((weight[first] + weight[second] - less - more) / 2, 1e-6) - 1e-6
    return [
        jaro_winkler(first, second, text.start, text.units),
        _soft_tfidf(aliases, first, second),
        token_set_ratio(
            first, second, words.start, words.token, words.spelling_start, words.spelling_units
        ),
        common,
    ]


def _soft_tfidf(aliases: Aliases, first: IntArray, second: IntArray) -> np.ndarray:
    words = aliases.words
    spelling = words.spelling_start, words.spelling_units
    return soft_tfidf(first, second, words.start, words.token, words.weight, *spelling)
