"""Comparisons as a program: rows of numbers that one compiled function goes through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas import comparison as known
from sameas.core.prepared import IntArray
from sameas.kernels.arrays import scratch_table
from sameas.kernels.jaro import common_needed
from sameas.resolver.compiled import pairs
from sameas.resolver.layout import Layout, Unpacked, derived_from

__all__ = ["CompareProgram"]

#: The kind of step of each comparison that is known here, and its threshold if it has one.
_KINDS: dict[type[Any], int] = {
    known.JaroWinkler: pairs.JARO_WINKLER,
    known.CoreWord: pairs.JARO_WINKLER,
    known.Indel: pairs.INDEL,
    known.SetJaccard: pairs.JACCARD,
    known.NumbersInText: pairs.JACCARD,
    known.Equal: pairs.EQUAL,
    known.EqualStates: pairs.STATES,
    known.Siblings: pairs.STATES,
    known.Acronym: pairs.ACRONYM,
    known.Parentage: pairs.PARENTAGE,
    known.TextFrequency: pairs.SPAN,
    known.RelativeFrequency: pairs.SPAN,
    known.Distance: pairs.APART,
    known.SoftTfidf: pairs.SOFT_TFIDF,
    known.UnmatchedWords: pairs.UNMATCHED,
    known.LearnedWords: pairs.LEARNED,
    known.TokenSetRatio: pairs.TOKEN_SET,
    known.TokenOverlap: pairs.OVERLAP,
}
Steps = Sequence[tuple[int, known.Comparison]]


class CompareProgram:
    """Comparisons of packed records.

    Parameters
    ----------
    layout : Layout
        Of the records.
    steps : sequence of (column, comparison)
        Those that are not known here are done by way of columns.
    """

    def __init__(self, layout: Layout, steps: Steps) -> None:
        self.layout = layout
        self.others = [step for step in steps if type(step[1]) not in _KINDS]
        thresholds: dict[float, int] = {}
        rows = []
        for column, item in steps:
            kind = _KINDS.get(type(item))
            if kind is not None:
                places = [_place(layout, need) for need in item.needs()]
                if kind == pairs.LEARNED:
                    places.append(layout.place_of_learned(item.needs()[0]))
                rule = thresholds.setdefault(getattr(item, "threshold", 1.0), len(thresholds))
                rows.append((kind, column, places[0], places[-1], rule))
        rows.sort(key=lambda row: (row[0] < pairs.WORDS, row[3], row[0]))
        self.program = np.array(rows, np.int32).reshape(-1, 5)
        needed = [common_needed(float(each)) for each in thresholds] or [common_needed(1.0)]
        self.rules = np.stack(needed), np.array(list(thresholds) or [1.0])

    def write(
        self, out: npt.NDArray[np.float32], columns: Unpacked, left: IntArray, right: IntArray
    ) -> None:
        """Compare pairs (left < right); write into the columns of `out`."""
        if len(self.program):
            weights, table = columns.weights(), scratch_table()
            pairs.compare_pairs(
                columns.parts, weights, self.program, self.rules, table, left, right, out
            )
        for column, item in self.others:
            for offset, values in enumerate(item.values(columns, left, right)):
                out[:, column + offset] = values


def _place(layout: Layout, need: Any) -> int:
    """Return the first channel or number of what is kept for a need."""
    place = layout.place_of[derived_from(need) or need]
    return int(place.ranges.start if place.kinds else place.fixed.start)
