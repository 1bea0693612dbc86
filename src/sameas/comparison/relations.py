"""Comparisons of what a record belongs to: parents and siblings."""

from __future__ import annotations

import numpy as np

from sameas.comparison.sets import three_states
from sameas.core.dataclass import dataclass
from sameas.core.prepared import Columns, IntArray, Need
from sameas.core.specs import register

__all__ = ["Parentage", "Siblings"]


@register("comparison", "parentage")
@dataclass(frozen=True, slots=True)
class Parentage:
    """Whether one record is the parent of the other, as four columns of 0 and 1.

    The columns are: the record with the smaller ``(source, id)`` is the parent of the
    other; the other way round; neither though a parent is known; no parent known on
    either side. Source: Cousseau & Barbosa (2020), Table 1 (ParentageRelationship). The
    columns follow the order of ``(source, id)``, not the order in which a pair is given.

    Parameters
    ----------
    field : str
        The field with the id of the parent.
    """

    field: str

    def names(self) -> tuple[str, ...]:
        states = ("first_of_second", "second_of_first", "neither", "missing")
        return tuple(f"{self.field}_{state}" for state in states)

    def needs(self) -> tuple[Need, ...]:
        return Need("reference", (self.field,)), Need("identity", ())

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        parent, own = (columns[need].value for need in self.needs())
        first, second = np.minimum(left, right), np.maximum(left, right)
        missing = (parent[first] == 0) & (parent[second] == 0)
        down = (parent[second] == own[first]) & ~missing
        up = (parent[first] == own[second]) & ~missing & ~down
        states = (down, up, ~missing & ~down & ~up, missing)
        return [state.astype(np.float32) for state in states]


@register("comparison", "siblings")
@dataclass(frozen=True, slots=True)
class Siblings:
    """Whether two records have the same parent: equal, different, missing.

    Source: Cousseau & Barbosa (2020), Table 1 (SiblingRelationship).

    Parameters
    ----------
    field : str
        The field with the id of the parent.
    """

    field: str

    def names(self) -> tuple[str, ...]:
        states = ("equal", "different", "missing")
        return tuple(f"{self.field}_sibling_{state}" for state in states)

    def needs(self) -> tuple[Need, ...]:
        return (Need("reference", (self.field,)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        parent = columns[self.needs()[0]].value
        return three_states(parent[left], parent[right])
