"""Which values drawn matches have: no more than records have, whatever sure pairs have.

Where little is known of most records, only those are sure of each other that share a value which
few have, such as a telephone number. All sure pairs have it then, and of most matches it is not
known.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import IntArray
from sameas.linker.planning.sample import Sample

__all__ = ["Presence"]

_MORE = 0.05  # share of the pairs that may have a field beyond what records have
_BITS = 62  # fields that are told apart

Rows = npt.NDArray[np.int64]


class Presence:
    """Records that say of which fields drawn matches have values.

    Whoever lacks a value is thought to lack it in all records, so what follows is the most that
    matches can have, if they are records like any others.

    Parameters
    ----------
    sample : Sample
    matches : int
        How many are drawn.
    """

    def __init__(self, sample: Sample, matches: int) -> None:
        self.sample = sample
        self._matches = matches

    @cached_property
    def _ends(self) -> tuple[IntArray, IntArray]:
        """Records drawn at random: each with one of another table, if tables are linked."""
        rng = np.random.default_rng(2)
        one = rng.integers(0, len(self.sample), self._matches).astype(np.int32)
        if self.sample.group is None:
            return one, one
        source, other = self.sample.group, one.copy()
        for code in np.unique(source[one]):
            mine = source[one] == code
            other[mine] = rng.choice(np.flatnonzero(source != code), int(mine.sum()))
        return one, other

    def records(self, fields: Sequence[str], left: IntArray, right: IntArray) -> IntArray | None:
        """Return records whose gaps matches have, if pairs have more of some fields than these.

        Parameters
        ----------
        fields : sequence of str
        left, right : int32[p]
            The pairs.

        Returns
        -------
        int32[m] or None
            One for each match, of the table that has less.
        """
        one, other = self._ends
        if one is not other:
            share = self._shares(fields)
            source = self.sample.records.source_code
            one = np.where(share[source[one]] <= share[source[other]], one, other)
        for field in fields:
            known = self.sample.known(field)
            if (known[left] & known[right]).mean() > known[one].mean() + _MORE:
                return one
        return None

    def _shares(self, fields: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return how many of the fields a record of each table has on the mean."""
        source = self.sample.records.source_code
        held = np.sum([self.sample.known(field) for field in fields], axis=0)
        return np.bincount(source, held) / np.maximum(np.bincount(source), 1)

    def rows(
        self, fields: Sequence[str], left: IntArray, right: IntArray, records: IntArray
    ) -> Rows:
        """Draw for each record a pair, the numbers of which are returned, that has what it has.

        Parameters
        ----------
        fields : sequence of str
        left, right : int32[p]
            The pairs.
        records : int32[m]
        """
        rng = np.random.default_rng(3)
        held, asked = (np.zeros(len(ends), np.int64) for ends in (left, records))
        for place, field in enumerate(fields[:_BITS]):
            known = self.sample.known(field)
            held |= (known[left] & known[right]).astype(np.int64) << place
            asked |= known[records].astype(np.int64) << place
        drawn = np.zeros(len(records), np.int64)
        for pattern in np.unique(asked):
            mine = asked == pattern
            able = np.flatnonzero((held & pattern) == pattern)
            drawn[mine] = rng.choice(able if len(able) else len(left), int(mine.sum()))
        return drawn
