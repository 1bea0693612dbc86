"""Comparisons of sets and of values that are equal or not."""

from __future__ import annotations

import numpy as np

from sameas.comparison.base import as_tuple, with_form
from sameas.core.dataclass import dataclass
from sameas.core.prepared import Codes, Columns, IntArray, Need, Sets
from sameas.core.specs import register
from sameas.kernels.sets import set_jaccard

__all__ = [
    "Acronym",
    "Equal",
    "EqualStates",
    "NumbersInText",
    "SetContainment",
    "SetJaccard",
    "three_states",
]


@register("comparison", "set_jaccard")
@dataclass(frozen=True, slots=True)
class SetJaccard:
    """Jaccard similarity of two sets (categories, labels).

    Range [0, 1]; NaN if a side is missing or empty. Source: Cousseau & Barbosa (2020),
    Table 1 (LabelsJaccard).

    Parameters
    ----------
    field : str
    form : str
        Normal form of the values; "commodity", "deposit_type" and "state" know synonyms.
    """

    field: str
    form: str = "normalise"

    def names(self) -> tuple[str, ...]:
        return (f"{self.field}_set_jaccard",)

    def needs(self) -> tuple[Need, ...]:
        return (Need("sets", (self.field,), _options(self.form)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        sets: Sets = columns[self.needs()[0]]
        return [set_jaccard(left, right, sets.start, sets.value)]


@register("comparison", "set_containment")
@dataclass(frozen=True, slots=True)
class SetContainment:
    """Share of the smaller set that the larger one holds, and how many values they share.

    Two columns: ``_set_containment`` in [0, 1] and ``_set_common``; NaN if a side is missing
    or empty. For lists of which one is often shorter than the other: commodities, minerals.

    Parameters
    ----------
    field : str
    form : str
        As in `SetJaccard`.
    """

    field: str
    form: str = "normalise"

    def names(self) -> tuple[str, ...]:
        return f"{self.field}_set_containment", f"{self.field}_set_common"

    def needs(self) -> tuple[Need, ...]:
        return (Need("sets", (self.field,), _options(self.form)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        sets: Sets = columns[self.needs()[0]]
        size = np.diff(sets.start)
        jaccard = set_jaccard(left, right, sets.start, sets.value).astype(np.float64)
        common = np.round(jaccard * (size[left] + size[right]) / (1.0 + jaccard))
        return [common / np.maximum(np.minimum(size[left], size[right]), 1), common]


def _options(form: str) -> tuple[tuple[str, str], ...]:
    return () if form == "normalise" else (("form", form),)


@register("comparison", "numbers_in_text")
@dataclass(frozen=True, slots=True)
class NumbersInText:
    """Jaccard similarity of the words with a digit: house numbers, model numbers.

    Range [0, 1]; NaN if a side has none.

    Parameters
    ----------
    field : str or tuple of str
        Several fields are joined.
    form : str
        "normalise" splits at hyphens ("1-3" is two numbers); "words_with_digits" joins
        over them ("np-fd1" is one).
    """

    field: str | tuple[str, ...]
    form: str = "normalise"

    def names(self) -> tuple[str, ...]:
        part = "numbers" if self.form == "normalise" else "codes"
        return (f"{'_'.join(as_tuple(self.field))}_{part}",)

    def needs(self) -> tuple[Need, ...]:
        options = () if self.form == "normalise" else (("form", self.form),)
        return (Need("numbers_in", as_tuple(self.field), options),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        sets: Sets = columns[self.needs()[0]]
        return [set_jaccard(left, right, sets.start, sets.value)]


@register("comparison", "equal")
@dataclass(frozen=True, slots=True)
class Equal:
    """1 if two values are equal in a normal form, 0 if not, NaN if a side is missing.

    Parameters
    ----------
    field : str
    form : str
        "normalise", "digits" (phones), "url", "url_host", "url_path", "registered_domain",
        "email", "email_local", "email_domain", "postal_code", "organisation" or "latin".
    """

    field: str
    form: str = "normalise"

    def names(self) -> tuple[str, ...]:
        return (f"{with_form(self.field, self.form)}_equal",)

    def needs(self) -> tuple[Need, ...]:
        return (Need("codes", (self.field,), (("form", self.form),)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        code: Codes = columns[self.needs()[0]]
        a, b = code.value[left], code.value[right]
        return [np.where((a == 0) | (b == 0), np.float32("nan"), (a == b).astype(np.float32))]


@register("comparison", "equal_states")
@dataclass(frozen=True, slots=True)
class EqualStates:
    """Equal, different or missing, as three columns of 0 and 1.

    Source: Cousseau & Barbosa (2020), Table 1 (HomepageMatches).

    Parameters
    ----------
    field : str
    form : str
    """

    field: str
    form: str = "normalise"

    def names(self) -> tuple[str, ...]:
        return tuple(
            f"{with_form(self.field, self.form)}_is_{state}"
            for state in ("equal", "different", "missing")
        )

    def needs(self) -> tuple[Need, ...]:
        return (Need("codes", (self.field,), (("form", self.form),)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        code: Codes = columns[self.needs()[0]]
        return three_states(code.value[left], code.value[right])


def three_states(a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
    """Return equal, different, missing as float arrays; hash 0 is missing."""
    missing = (a == 0) | (b == 0)
    equal = (a == b) & ~missing
    return [state.astype(np.float32) for state in (equal, ~equal & ~missing, missing)]


@register("comparison", "acronym")
@dataclass(frozen=True, slots=True)
class Acronym:
    """1 if one text is the initials of the other ("SYHA"), else 0; NaN if a side is missing.

    Parameters
    ----------
    field : str
    """

    field: str

    def names(self) -> tuple[str, ...]:
        return (f"{self.field}_acronym",)

    def needs(self) -> tuple[Need, ...]:
        return Need("acronym", (self.field,)), Need("compact", (self.field,))

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        initials, compact = (columns[need].value for need in self.needs())
        forth = (initials[left] == compact[right]) & (initials[left] != 0)
        back = (initials[right] == compact[left]) & (initials[right] != 0)
        missing = (compact[left] == 0) | (compact[right] == 0)
        return [np.where(missing, np.float32("nan"), (forth | back).astype(np.float32))]
