"""The rule by equal values: records with the same phone, homepage or other key meet."""

from __future__ import annotations

import numpy as np

from sameas.blocking.base import BoolArray, Filter, KeyArray, Rows
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import Columns, IntArray, Need
from sameas.core.specs import register

__all__ = ["ExactKey"]


@register("blocking", "exact_key")
@dataclass(frozen=True, slots=True)
class ExactKey:
    """Records whose fields are all present and equal, in a normal form, meet.

    Parameters
    ----------
    fields : tuple of str
    form : str
        Normal form of each value: "normalise", "digits" (phones), "url", "postal_code".
    filter : Filter, optional
    at_most : int, optional
        A value that more records than this bear makes no key: the homepage of a chain says
        nothing of its branches, and their pairs grow with the square of them.
    """

    fields: tuple[str, ...]
    form: str = "normalise"
    filter: Filter | None = None
    at_most: int | None = None

    def __post_init__(self) -> None:
        if not self.fields or not isinstance(self.fields, tuple):
            raise ArgumentError(f"fields must be a tuple of field names, got {self.fields!r}.")
        if self.at_most is not None and self.at_most < 2:
            raise ArgumentError(f"at_most must be at least 2 or None, got {self.at_most}.")

    @property
    def label(self) -> str:
        """The rule in words."""
        return f"equal {' and '.join(self.fields)}"

    def needs(self) -> tuple[Need, ...]:
        limit = () if self.at_most is None else (("at_most", self.at_most),)
        options = (*limit, ("form", self.form))
        return tuple(Need("codes", (field,), options) for field in self.fields)

    def rows(self, columns: Columns) -> Rows:
        key, known = self._keys(columns)
        record = np.flatnonzero(known).astype(np.int32)
        return Rows(key[record], record, np.zeros(len(record), bool))

    def bound(self, columns: Columns) -> None:
        return None

    def owns(self, columns: Columns, left: IntArray, right: IntArray, key: KeyArray) -> None:
        return None

    def block(self, columns: Columns, left: IntArray, right: IntArray) -> KeyArray:
        return self._keys(columns)[0][left]

    def meets(self, columns: Columns, left: IntArray, right: IntArray) -> BoolArray:
        equal = np.ones(len(left), bool)
        for need in self.needs():
            value = columns[need].value
            equal &= (value[left] == value[right]) & (value[left] != 0)
        return equal

    def _keys(self, columns: Columns) -> tuple[KeyArray, BoolArray]:
        values = [columns[need].value for need in self.needs()]
        key = np.zeros(len(values[0]), np.uint64)
        for value in values:
            key = (key ^ value) * np.uint64(0x9E3779B97F4A7C15)
        known = np.all([value != 0 for value in values], axis=0)
        return key >> np.uint64(1), known
