"""Blocking rules as programs: where a record looks for others, and which of these count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.blocking import (
    AllOf,
    AnyOf,
    ExactKey,
    Filter,
    KeyRule,
    Radius,
    SharedToken,
    SharedTokenNearby,
    SimilarText,
    Within,
)  # fmt: skip
from sameas.core.prepared import IntArray, Need
from sameas.kernels.arrays import scratch_table
from sameas.kernels.geo import cell_width, chord_limit
from sameas.kernels.jaro import common_needed
from sameas.kernels.letters import letter_places
from sameas.resolver.compiled import blocks
from sameas.resolver.layout import Layout, Unpacked, unlimited

__all__ = ["BlockProgram", "Frequent"]

#: The limited values that too many records bear, by need.
Frequent = dict[Need, list[np.uint64]]
_RULES = (Radius, SharedTokenNearby, ExactKey)
_FILTERS = (AllOf, AnyOf, SharedToken, SimilarText, Within)


class BlockProgram:
    """Blocking rules over packed records; `BlockProgram.of` says whether all of them are known.

    Parameters
    ----------
    layout : Layout
        Of what blocking reads.
    rules : sequence of rules by keys
    limited : sequence of Need
        Needs with a limit of records a value.
    """

    def __init__(self, layout: Layout, rules: Sequence[KeyRule], limited: Sequence[Need]) -> None:
        self.layout, self.limited = layout, list(limited)
        self.steps: list[tuple[int, int, int, int, int]] = []
        self.values: list[float] = []
        self.thresholds: dict[float, int] = {}
        self.registers = 1  # the first one holds the pairs that no rule has covered yet
        looking: list[tuple[int, int, int, int]] = []
        numbers: list[tuple[float, float, float]] = []
        fields: list[tuple[int, int]] = []
        for number, rule in enumerate(rules):
            looking.append(self._look(rule, fields))
            metres = getattr(rule, "metres", 0.0)
            wide = 2.0 if isinstance(rule, SharedTokenNearby) else 1.0
            numbers.append((metres, wide * cell_width(metres), getattr(rule, "max_share", 1.0)))
            self._judge(rule, number)
        self.looking = np.array(looking, np.int32).reshape(-1, 4)
        self.numbers = np.array(numbers).reshape(-1, 3)
        self.fields = np.array(fields, np.int32).reshape(-1, 2)
        self.program = np.array(self.steps, np.int32).reshape(-1, 5)
        self.value = np.array(self.values)
        self.needed = np.stack([common_needed(each) for each in self.thresholds or (1.0,)])
        self.letters = letter_places()

    @classmethod
    def of(
        cls, layout: Layout, rules: Sequence[KeyRule], limited: Sequence[Need]
    ) -> BlockProgram | None:
        """Return the program of rules, None if one of them is not known here."""
        if not all(type(rule) in _RULES and _is_known(rule.filter) for rule in rules):
            return None
        return cls(layout, rules, limited)

    def looks(
        self, columns: Unpacked, frequent: Frequent
    ) -> tuple[npt.NDArray[np.int64], IntArray]:
        """Return the blocks in which partners of records may stand: key and record of each."""
        found: tuple[npt.NDArray[np.int64], IntArray] = blocks.find_blocks(
            columns.parts, self.looking, self.numbers, self.fields, self._often(frequent)
        )
        return found

    def covered(
        self, columns: Unpacked, frequent: Frequent, left: IntArray, right: IntArray
    ) -> npt.NDArray[np.uint8]:
        """Return the first rule that covers each pair, 255 for none."""
        found: npt.NDArray[np.uint8] = blocks.judge_pairs(
            columns.parts, self.program, self.value, self.needed, self.letters,
            self._often(frequent), scratch_table(), left, right,
        )  # fmt: skip
        return found

    def _often(self, frequent: Frequent) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
        if not frequent:
            return np.zeros(len(self.limited) + 1, np.int64), np.zeros(0, np.uint64)
        values = [frequent.get(need, []) for need in self.limited]
        start = np.cumsum([0, *map(len, values)])
        return start, np.array([value for each in values for value in each], np.uint64)

    def _look(self, rule: Any, fields: list[tuple[int, int]]) -> tuple[int, int, int, int]:
        if isinstance(rule, ExactKey):
            first = len(fields)
            fields += [self._field(need) for need in rule.needs()]
            return blocks.EQUAL_KEY, first, len(fields), 0
        if isinstance(rule, Radius):
            return blocks.RADIUS, self._place(rule.needs()[0]), 0, 0
        words, points = rule.needs()
        return blocks.WORD_NEARBY, self._place(points), self._place(words), 0

    def _judge(self, rule: Any, number: int) -> None:
        """Add the steps that leave the pairs of a rule in a register, and then note them."""
        own = self._new()
        self._step(blocks.COPY, own, 0)
        if isinstance(rule, ExactKey):
            for need in rule.needs():
                self._step(blocks.EQUAL, own, *self._field(need))
        else:
            needs = rule.needs()
            self._step(blocks.NEAR, own, self._place(needs[-1]), value=chord_limit(rule.metres))
            if isinstance(rule, SharedTokenNearby):
                place = self._place(needs[0])
                self._step(blocks.SHARED_WORD, own, place, value=rule.max_share)
        if rule.filter is not None:
            self._filter(rule.filter, own)
        self._step(blocks.RULE, own, 0, 0, number)

    def _filter(self, item: Any, own: int) -> None:
        """Add the steps that leave in a register what passes a filter."""
        if isinstance(item, AllOf):
            for each in item.filters:
                self._filter(each, own)
        elif isinstance(item, AnyOf):
            passed, rest = self._new(), self._new()
            self._step(blocks.CLEAR, passed)
            for each in item.filters:
                self._step(blocks.WITHOUT, rest, own, passed)
                self._filter(each, rest)
                self._step(blocks.JOIN, passed, rest)
            self._step(blocks.COPY, own, passed)
        else:
            place = self._place(item.needs()[0])
            if isinstance(item, Within):
                self._step(blocks.WITHIN, own, place, value=item.metres)
            elif isinstance(item, SharedToken):
                self._step(blocks.SHARED_WORD, own, place, value=1.0)
            else:
                limit = float(np.float32(item.at_least))
                rule = self.thresholds.setdefault(limit, len(self.thresholds))
                self._step(blocks.SIMILAR, own, place, 0, rule, value=limit)

    def _step(
        self, kind: int, own: int, one: int = 0, other: int = 0, rule: int = 0, value: float = 0.0
    ) -> None:
        self.steps.append((kind, own, one, other, rule))
        self.values.append(value)

    def _new(self) -> int:
        self.registers += 1
        return self.registers - 1

    def _place(self, need: Need) -> int:
        place = self.layout.place_of[need]
        return int(place.ranges.start if place.kinds else place.fixed.start)

    def _field(self, need: Need) -> tuple[int, int]:
        """Return the place of a hash, and the number of its limit."""
        limit = self.limited.index(need) if need in self.limited else -1
        return self._place(unlimited(need)), limit


def _is_known(item: Filter | None) -> bool:
    if isinstance(item, AllOf | AnyOf):
        return all(map(_is_known, item.filters))
    return item is None or type(item) in _FILTERS
