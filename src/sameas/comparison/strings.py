"""Comparisons character by character."""

from __future__ import annotations

import numpy as np

from sameas.comparison.base import with_form
from sameas.core.dataclass import dataclass
from sameas.core.prepared import Columns, IntArray, Need, Texts
from sameas.core.specs import register
from sameas.kernels.alignment import indel_ratio
from sameas.kernels.strings import jaro_winkler

__all__ = ["CoreWord", "Indel", "JaroWinkler"]


@register("comparison", "jaro_winkler")
@dataclass(frozen=True, slots=True)
class JaroWinkler:
    """Jaro-Winkler similarity of two texts: common characters, order, common beginning.

    Range [0, 1]; NaN if a side is missing. Cost: about 100 ns a pair.

    Parameters
    ----------
    field : str
    form : str
        Normal form of the text, as in `Equal`.

    Examples
    --------
    >>> JaroWinkler("name").names()
    ('name_jaro_winkler',)
    """

    field: str
    form: str = "normalise"

    def names(self) -> tuple[str, ...]:
        return (f"{with_form(self.field, self.form)}_jaro_winkler",)

    def needs(self) -> tuple[Need, ...]:
        return (Need("text", (self.field,), (("form", self.form),)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        text: Texts = columns[self.needs()[0]]
        return [jaro_winkler(text.code[left], text.code[right], text.start, text.units)]


@register("comparison", "indel")
@dataclass(frozen=True, slots=True)
class Indel:
    """Share of characters in the longest common subsequence of two texts.

    Range [0, 1]; NaN if a side is missing. Cost: about 100 ns a pair of short texts.

    Parameters
    ----------
    field : str
    form : str
        Normal form of the text, as in `Equal`.
    """

    field: str
    form: str = "normalise"

    def names(self) -> tuple[str, ...]:
        return (f"{with_form(self.field, self.form)}_indel",)

    def needs(self) -> tuple[Need, ...]:
        return (Need("text", (self.field,), (("form", self.form),)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        text: Texts = columns[self.needs()[0]]
        return [indel_ratio(text.code[left], text.code[right], text.start, text.units)]


@register("comparison", "core_word")
@dataclass(frozen=True, slots=True)
class CoreWord:
    """Jaro-Winkler similarity of the core words of two names.

    The core word of a name is its rarest word that is not a localised one. Range [0, 1];
    NaN if a side has no word. Source: Cousseau & Barbosa (2020), section 3, Table 1
    (MostRelevantWordJaro).

    Parameters
    ----------
    field : str
    latitude, longitude : str or None
        Fields with the position; without them no word counts as localised.
    """

    field: str
    latitude: str | None = "latitude"
    longitude: str | None = "longitude"

    def names(self) -> tuple[str, ...]:
        return (f"{self.field}_core_word",)

    def needs(self) -> tuple[Need, ...]:
        place = (self.latitude, self.longitude)
        return (Need("core_word", (self.field, *(name for name in place if name is not None))),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        text: Texts = columns[self.needs()[0]]
        return [jaro_winkler(text.code[left], text.code[right], text.start, text.units)]
