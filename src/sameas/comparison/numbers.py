"""Comparisons of numbers and positions."""

from __future__ import annotations

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.prepared import Columns, IntArray, Need
from sameas.core.specs import register
from sameas.kernels.geo import distance

__all__ = ["Distance", "NumberDifference", "TextFrequency"]

#: Comparisons are kept as float32; a difference beyond its range is its largest number.
_LARGEST = float(np.finfo(np.float32).max)


@register("comparison", "number_difference")
@dataclass(frozen=True, slots=True)
class NumberDifference:
    """Absolute and relative difference of two numbers.

    Two columns: ``|a - b|``, and that divided by the larger of ``|a|`` and ``|b|`` (0 when
    both are 0), in [0, 2]. NaN if a side is missing.

    Parameters
    ----------
    field : str
    """

    field: str

    def names(self) -> tuple[str, ...]:
        return f"{self.field}_difference", f"{self.field}_relative_difference"

    def needs(self) -> tuple[Need, ...]:
        return (Need("number", (self.field,)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        value = columns[self.needs()[0]].value
        a, b = value[left], value[right]
        scale = np.maximum(np.abs(a), np.abs(b))
        unit = np.where(scale == 0, 1.0, scale)
        with np.errstate(over="ignore"):
            apart = np.minimum(np.abs(a - b), _LARGEST)
        return [apart, np.abs(a / unit - b / unit)]


@register("comparison", "distance")
@dataclass(frozen=True, slots=True)
class Distance:
    """Great-circle distance of two positions, metres; NaN if a side is missing.

    Source: Cousseau & Barbosa (2020), Table 1 (Distance). Cost: about 20 ns a pair.

    Parameters
    ----------
    latitude, longitude : str
    """

    latitude: str = "latitude"
    longitude: str = "longitude"

    def names(self) -> tuple[str, ...]:
        return ("distance",)

    def needs(self) -> tuple[Need, ...]:
        return (Need("points", (self.latitude, self.longitude)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        return [distance(left, right, columns[self.needs()[0]].xyz)]


@register("comparison", "text_frequency")
@dataclass(frozen=True, slots=True)
class TextFrequency:
    """How common the two texts are: records that bear them, the smaller and the larger count.

    A chain's name says less than a name that occurs once. NaN if a side is missing.

    Parameters
    ----------
    field : str
    """

    field: str

    def names(self) -> tuple[str, ...]:
        return f"{self.field}_frequency_less", f"{self.field}_frequency_more"

    def needs(self) -> tuple[Need, ...]:
        return (Need("frequency", (self.field,)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        value = columns[self.needs()[0]].value
        a, b = value[left], value[right]
        return [np.minimum(a, b), np.maximum(a, b)]
