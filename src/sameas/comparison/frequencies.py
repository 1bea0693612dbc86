"""Comparisons that say how common two values are, and which sides are missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import Columns, IntArray, Need
from sameas.core.specs import register

__all__ = ["MissingSides", "RelativeFrequency"]


@register("comparison", "missing_sides")
@dataclass(frozen=True, slots=True)
class MissingSides:
    """Which of the two records lack a value: none, one or both, as three columns of 0 and 1.

    One side missing may say something (the value was withdrawn) that both sides missing does
    not. Give the last column to `matching.Levels` as ``sides``.

    Parameters
    ----------
    field : str
    """

    field: str

    def names(self) -> tuple[str, ...]:
        return tuple(f"{self.field}_missing_on_{sides}" for sides in ("none", "one", "both"))

    def needs(self) -> tuple[Need, ...]:
        return (Need("codes", (self.field,), (("form", "normalise"),)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        missing = columns[self.needs()[0]].value == 0
        a, b = missing[left], missing[right]
        return [state.astype(np.float32) for state in (~a & ~b, a ^ b, a & b)]


@register("comparison", "relative_frequency")
@dataclass(frozen=True, slots=True)
class RelativeFrequency:
    """How common the two values are: the share of records that bear them, in (0, 1].

    Two columns, the smaller and the larger share; NaN if a side is missing. To agree on a rare
    value says more: give the columns to `matching.Levels` as ``frequency``. (`TextFrequency`
    counts records instead, which grows with the tables.)

    Parameters
    ----------
    field : str
    table : tuple of (str, float) pairs
        Known shares by value, such as those of names in a country; a value that is not in it
        is as rare as its rarest. Without it, the shares in the tables of the fit, frozen.

    Examples
    --------
    >>> common = pa.table({"name": ["Smith", "Ng"], "people": [3, 1]})
    >>> RelativeFrequency.of("surname", common, value="name", count="people").table
    (('Ng', 0.25), ('Smith', 0.75))
    """

    field: str
    table: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        rows = tuple(sorted((str(value), float(share)) for value, share in self.table))
        if any(not 0 < share <= 1 for _, share in rows):
            raise ArgumentError(
                f"RelativeFrequency({self.field!r}): the shares of a table must be above 0 and at "
                "most 1; of counts make shares by RelativeFrequency.of(..., count=...)."
            )
        object.__setattr__(self, "table", rows)

    @classmethod
    def of(cls, field: str, table: Any, *, value: str, count: str) -> RelativeFrequency:
        """Take the shares from a table with a column of values and one of counts."""
        values, counts = list(table[value]), np.array(table[count], float)
        texts = [item.as_py() if isinstance(item, pa.Scalar) else item for item in values]
        return cls(field, tuple(zip(texts, (counts / counts.sum()).tolist(), strict=True)))

    def names(self) -> tuple[str, ...]:
        return f"{self.field}_share_less", f"{self.field}_share_more"

    def needs(self) -> tuple[Need, ...]:
        options = (("table", self.table),) if self.table else ()
        return (Need("relative_frequency", (self.field,), options),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        value = columns[self.needs()[0]].value
        a, b = value[left], value[right]
        return [np.minimum(a, b), np.maximum(a, b)]
