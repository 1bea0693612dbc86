"""Rivals: a pair is less likely where one of its records has a better partner.

A pairwise model does not know that a record mostly has one partner in another table, or one copy
in its own. Whether that is so is measured: where a plausible pair has lost one of its records to
a sure partner, how often is the other record taken too? In product catalogues nearly always,
among places with several entries rarely.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.pair_key import pair_key
from sameas.core.prepared import IntArray
from sameas.core.specs import register
from sameas.linker.contest import SURE, WEAK, Window, as_chance, competing
from sameas.linker.seats import Seats
from sameas.matching import FittedFellegiSunter, FittedMatcher, Matcher
from sameas.matching.base import check_features, saved_table
from sameas.matching.contributions import Contributions

if TYPE_CHECKING:
    from sameas.linker.job import Job

__all__ = ["FittedRivals", "Rivals"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Wide = npt.NDArray[np.float64]

#: The column that the other candidates of both records add.
NAME = "rivals"
EXCLUSIVITY = pa.schema([pa.field("share", pa.float64(), nullable=False)])
_ROWS = 1 << 20


@register("second_pass", "rivals")
@dataclass(frozen=True, slots=True)
class Rivals:
    """Weigh the other candidates of both records of a pair, as far as partners are exclusive.

    For as many tables as it was learned on; elsewhere it changes nothing.
    """

    def names(self) -> tuple[str, ...]:
        """Name the column that is added."""
        return (NAME,)

    def load(self, spec: Matcher, tables: Mapping[str, pa.Table]) -> FittedRivals:
        """Read what `FittedRivals.to_tables` wrote."""
        share = saved_table(tables, "exclusivity", EXCLUSIVITY)["share"].to_pylist()
        return FittedRivals(spec.load(tables), tuple(share))


@dataclass(frozen=True)
class FittedRivals:
    """A fitted matcher, and how exclusive partners are.

    Attributes
    ----------
    first : FittedMatcher
        Scores a pair by itself.
    exclusive : tuple of floats, one a table
        How far a record of each table has only one partner in any other, 0 to 1; within the one
        table that it was learned in; the same for all of more than two.
    """

    first: FittedMatcher
    exclusive: tuple[float, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the first matcher, and the one of the rivals."""
        return (*self.first.names, NAME)

    def score(self, features: Floats, *, names: Sequence[str] | None = None) -> Wide:
        """Score rows that hold the column of the rivals (log-odds, base e) too."""
        first = None if names is None else tuple(names)[:-1]
        rows = np.ascontiguousarray(features)
        check_features(rows[:, :-1], self.first.names, names=first)
        return self.judged(self.opinion(rows[:, :-1]), rows[:, -1])

    def weights(self, features: Floats) -> Wide:
        """Return the weights of the first matcher and, last, that of the rivals (base 2)."""
        rows = np.ascontiguousarray(features)
        own: Any = self.first
        return np.hstack([own.weights(rows[:, :-1]), rows[:, -1:] / np.log(2)])

    def contributions(self, features: Floats) -> Contributions:
        """Share the log-odds of pairs among the columns; see `Explains`."""
        rows = np.ascontiguousarray(features)
        own: Any = self.first
        found = own.contributions(rows[:, :-1])
        unit = np.log(2) if found.scale == "log2" else 1.0
        values = np.hstack([found.values, rows[:, -1:] / unit])
        return Contributions(self.names, found.base, values, found.scale, found.baseline)

    def to_tables(self) -> dict[str, pa.Table]:
        """Return the tables of the first matcher, and EXCLUSIVITY."""
        shares = pa.table([list(self.exclusive)], schema=EXCLUSIVITY)
        return self.first.to_tables() | {"exclusivity": shares}

    def describe(self) -> str:
        """Say what was learned."""
        said = f"{self.first.describe()}\nrivals: a record "
        if len(self.exclusive) == 1:
            return f"{said}has one partner only to {self.exclusive[0]:.0%}"
        one, *_, two = self.exclusive
        if len(self.exclusive) > 2:
            return f"{said}has one partner only in each other table to {one:.0%}"
        of_first = f"{said}of the first table has one partner only to {one:.0%}"
        return f"{of_first}, one of the second to {two:.0%}"

    @property
    def rivals(self) -> FittedRivals:
        """The matcher whose candidates compete."""
        return self

    def own(self, job: Job) -> Wide:
        """Return the log-odds of every candidate by itself."""
        own = np.empty(len(job.candidates), np.float64)
        job.each_candidate("rivals", self.opinion, own)
        return own

    def window(self, job: Job) -> Window:
        """Let the candidates compete."""
        return self.gather(job, self.own(job))

    def gather(self, job: Job, own: Wide) -> Window:
        """Let the candidates compete by their own log-odds."""
        sizes = np.bincount(job.records.source_code)
        if job.group is None:
            sizes = sizes.sum(keepdims=True)
        return self.settle(job.candidates.left, job.candidates.right, own, sizes)

    def settle(
        self, left: IntArray, right: IntArray, own: Wide, sizes: npt.NDArray[np.int64]
    ) -> Window:
        """Let pairs compete, of as many tables as it was learned in; of others nobody does."""
        seats = Seats.of(sizes)
        nothing = np.zeros(len(seats))
        if len(sizes) != len(self.exclusive):
            still = np.zeros(seats.tables**2)
            return Window(np.zeros(0, np.int64), np.zeros(0), seats, still, nothing, nothing)
        own = np.clip(own, -SURE, SURE)
        strong = own > WEAK
        if not strong.all():
            left, right, own = left[strong], right[strong], own[strong]
        partner, shift, pull = competing(seats, left, right, own, sizes)
        chance, key = as_chance(partner), pair_key(left, right)
        one, two = seats.ends(left, right)
        taken = nothing + np.bincount(one, chance, len(nothing))
        taken += np.bincount(two, chance, len(nothing))
        change = np.empty(len(own))
        for begin in range(0, len(own), _ROWS):
            rows = slice(begin, begin + _ROWS)
            others = (taken[side[rows]] - chance[rows] for side in (one, two))
            change[rows] = self._change(own[rows], partner[rows], *others)
        return Window(key, change, seats, shift, pull, taken)

    def complete(
        self, features: Floats, left: IntArray, right: IntArray, listed: Bools, window: Window
    ) -> Floats:
        """Add the column of the rivals to comparisons and context."""
        change = self.changes(self.opinion(features), left, right, listed, window)
        return np.hstack([features, change[:, None]])

    def opinion(self, features: Floats) -> Wide:
        """Return the log-odds of pairs by themselves."""
        return _opinion(self.first, features)

    def judged(self, own: Wide, change: Floats) -> Wide:
        """Return the scores of pairs, from their own log-odds and what the rivals change."""
        return as_chance(own + change)

    def scores(self, own: Wide, left: IntArray, right: IntArray, window: Window) -> Wide:
        """Return the scores of candidates, from their own log-odds and how all have competed."""
        out = np.empty(len(own))
        for begin in range(0, len(own), _ROWS):
            rows = slice(begin, begin + _ROWS)
            listed = np.ones(len(own[rows]), bool)
            change = self.changes(own[rows], left[rows], right[rows], listed, window)
            out[rows] = self.judged(own[rows], change)
        return out

    def changes(
        self, own: Wide, left: IntArray, right: IntArray, listed: Bools, window: Window
    ) -> Floats:
        """Say how far the rivals change the log-odds of pairs."""
        one, two = window.seats.ends(left, right)
        shift = window.shift[window.seats.between(left, right)]
        partner = own + shift - np.log1p(window.pull[one]) - np.log1p(window.pull[two])
        change = self._change(own, partner, window.taken[one], window.taken[two])
        if len(window.key):
            key = pair_key(left, right)
            place = np.minimum(np.searchsorted(window.key, key), len(window.key) - 1)
            known = listed & (window.key[place] == key)
            change[known] = window.change[place[known]]
        else:
            change[:] = 0.0
        return change.astype(np.float32)

    def _change(self, own: Wide, partner: Wide, left: Wide, right: Wide) -> Wide:
        """Let a pair stand as partners, or beside partners where these are not exclusive.

        All in log-odds: of the pair alone, of the two as partners, and what is added; `left`
        and `right` are the chances that each record has another partner.
        """
        one, two = self.exclusive[0], self.exclusive[-1]  # one share for all of several tables
        stays = (1 - one * np.clip(left, 0, 1)) * (1 - two * np.clip(right, 0, 1))
        stays = np.maximum(stays, 1e-9)
        beside = own + np.log(stays) - np.log1p(np.exp(np.minimum(own, SURE)) * (1 - stays))
        return np.asarray(np.maximum(partner, beside) - own)


def _opinion(matcher: FittedMatcher, features: Floats) -> Wide:
    """Return the log-odds of a matcher, within what is as good as certain."""
    if isinstance(matcher, FittedFellegiSunter):
        return np.clip(matcher.log_odds(features), -SURE, SURE)
    score, tiny = matcher.score(features), float(np.exp(-SURE))
    return np.asarray(np.log(np.maximum(score, tiny)) - np.log(np.maximum(1 - score, tiny)))
