"""Whether the values of two fields have changed places."""

from __future__ import annotations

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.prepared import Columns, IntArray, Need
from sameas.core.specs import register

__all__ = ["Swapped"]


@register("comparison", "swapped")
@dataclass(frozen=True, slots=True)
class Swapped:
    """1 if each field of one record equals the other field of the other record, else 0.

    NaN if one of the four values is missing. Given name and surname in each other's place, or
    two lines of an address. (`PersonName` sees it too, and weighs it with all else.)

    Parameters
    ----------
    first, second : str
    form : str
        Normal form of both, as in `Equal`.

    Examples
    --------
    >>> Swapped("given_name", "surname").names()
    ('given_name_surname_swapped',)
    """

    first: str
    second: str
    form: str = "normalise"

    def names(self) -> tuple[str, ...]:
        return (f"{self.first}_{self.second}_swapped",)

    def needs(self) -> tuple[Need, ...]:
        form = (("form", self.form),)
        return Need("codes", (self.first,), form), Need("codes", (self.second,), form)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        first, second = (columns[need].value for need in self.needs())
        a, b, c, d = first[left], second[left], first[right], second[right]
        missing = (a == 0) | (b == 0) | (c == 0) | (d == 0)
        swapped = ((a == d) & (b == c)).astype(np.float32)
        return [np.where(missing, np.float32("nan"), swapped)]
