"""The rule by a shared word within a wide cell."""

from __future__ import annotations

import numpy as np

from sameas.blocking.base import BoolArray, Bound, Filter, KeyArray, Rows
from sameas.blocking.cells import bitmap_bits, within
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import Columns, IntArray, Need, Points, Tokens
from sameas.core.specs import register
from sameas.kernels.geo import cell_keys, cell_visits, cell_width, chord_limit
from sameas.kernels.hashing import bitmap
from sameas.kernels.token_cells import token_cell_keys, token_cell_rows
from sameas.kernels.tokens import smallest_shared

__all__ = ["SharedTokenNearby"]

_NO_MARKS = np.zeros(0, np.uint64)


@register("blocking", "shared_token_nearby")
@dataclass(frozen=True, slots=True)
class SharedTokenNearby:
    """Records that share a word of `field` and lie at most `metres` apart meet.

    Blocks are made of word and cell together, so that a wide radius costs what the word
    costs, not what the crowd costs.

    Parameters
    ----------
    field : str or tuple of str
        Several fields are joined.
    metres : float
    max_share : float
        A word makes keys only if at most this share of the fitted records bears it.
    filter : Filter, optional
    latitude, longitude : str
    form : str
        Normal form of the words.
    """

    field: str | tuple[str, ...]
    metres: float
    max_share: float = 1.0
    filter: Filter | None = None
    latitude: str = "latitude"
    longitude: str = "longitude"
    form: str = "normalise"

    def __post_init__(self) -> None:
        if not self.metres > 0:
            raise ArgumentError(f"metres must be positive, got {self.metres}.")
        if not 0 < self.max_share <= 1:
            raise ArgumentError(f"max_share must lie in (0, 1], got {self.max_share}.")

    @property
    def label(self) -> str:
        """The rule in words."""
        word = "a word" if self.max_share == 1 else "a rarer word"
        fields = self.field if isinstance(self.field, str) else " or ".join(self.field)
        return f"at most {self.metres:g} m apart, {word} of {fields} in common"

    def needs(self) -> tuple[Need, ...]:
        fields = (self.field,) if isinstance(self.field, str) else tuple(self.field)
        options = () if self.form == "normalise" else (("form", self.form),)
        return (
            Need("tokens", fields, options),
            Need("points", (self.latitude, self.longitude)),
        )

    def rows(self, columns: Columns) -> Rows:
        tokens, points = self._columns(columns)
        width = self._width()
        eligible = tokens.share <= self.max_share
        words = (tokens.code, tokens.start, tokens.token, tokens.hash, eligible)
        here = np.flatnonzero(~np.isnan(points.xyz[:, 0])).astype(np.int32)
        cell = cell_keys(points.xyz, width)[here]
        key, record = token_cell_rows(here, cell, *words, _NO_MARKS)
        marked = bitmap(key, bitmap_bits(len(key)))
        there, guest = cell_visits(points.xyz, self.metres, width, _NO_MARKS, 0, False)
        visit_key, visit_record = token_cell_rows(guest, there, *words, marked)
        visitor = np.zeros(len(key) + len(visit_key), bool)
        visitor[len(key) :] = True
        return Rows(
            np.concatenate([key, visit_key]), np.concatenate([record, visit_record]), visitor
        )

    def cells(self, columns: Columns, *, around: bool) -> tuple[KeyArray, IntArray]:
        """Give each word in the own cell, or in all cells within reach: keys, records."""
        tokens, points = self._columns(columns)
        eligible = tokens.share <= self.max_share
        words = (tokens.code, tokens.start, tokens.token, tokens.hash, eligible)
        if around:
            cell, record = cell_visits(points.xyz, self.metres, self._width(), _NO_MARKS, 0, True)
        else:
            record = np.flatnonzero(~np.isnan(points.xyz[:, 0])).astype(np.int32)
            cell = cell_keys(points.xyz, self._width())[record]
        keys, records = token_cell_rows(record, cell, *words, _NO_MARKS)
        return keys, records

    def bound(self, columns: Columns) -> Bound:
        return Bound(self._columns(columns)[1].xyz, chord_limit(self.metres))

    def owns(self, columns: Columns, left: IntArray, right: IntArray, key: KeyArray) -> BoolArray:
        return np.asarray(self.block(columns, left, right) == key)

    def block(self, columns: Columns, left: IntArray, right: IntArray) -> KeyArray:
        points = self._columns(columns)[1]
        word = self._smallest(columns, left, right)
        width = self._width()
        cell = np.maximum(cell_keys(points.xyz[left], width), cell_keys(points.xyz[right], width))
        keys: KeyArray = token_cell_keys(word, cell)
        return keys

    def meets(self, columns: Columns, left: IntArray, right: IntArray) -> BoolArray:
        near = within(left, right, self.bound(columns))
        return np.asarray(near & (self._smallest(columns, left, right) != 0))

    def _columns(self, columns: Columns) -> tuple[Tokens, Points]:
        tokens, points = (columns[need] for need in self.needs())
        return tokens, points

    def _width(self) -> float:
        return 2.0 * cell_width(self.metres)

    def _smallest(self, columns: Columns, left: IntArray, right: IntArray) -> KeyArray:
        tokens, _ = self._columns(columns)
        smallest: KeyArray = smallest_shared(
            tokens.code[left],
            tokens.code[right],
            tokens.start,
            tokens.token,
            tokens.hash,
            tokens.share <= self.max_share,
        )
        return smallest
