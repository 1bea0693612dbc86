"""What would have changed the verdict: the smallest change of one or two comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.matching import FittedMatcher
from sameas.reporting.explanation import Change, number

__all__ = ["Plausible", "smallest_change"]

Rows = npt.NDArray[np.float32]

_STEPS = 24  # values tried for one column alone
#: Columns of which two are changed together, and values that each of them tries; pairs whose values
#: of all comparisons of a field are tried at once.
_PAIRED_COLUMNS, _PAIRED_STEPS = 8, 12
_DONORS = 64
_MISSING_COSTS = 0.5  # as much as a move over half of the candidates


@dataclass(frozen=True, slots=True)
class Plausible:
    """What comparisons of candidate pairs look like.

    Attributes
    ----------
    names : tuple of str
    sample : float32[n, k]
        Comparisons of a sample of candidates.
    groups : tuple of (label, columns)
        Columns that belong together.
    extra : mapping of column to float, as tuple of pairs
        Values that always count as plausible: the thresholds of rules.
    """

    names: tuple[str, ...]
    sample: Rows
    groups: tuple[tuple[str, tuple[int, ...]], ...]
    extra: tuple[tuple[int, float], ...] = ()

    def values(self, column: int, steps: int) -> npt.NDArray[np.float32]:
        """Return values of a column from the least to the greatest; NaN last if it occurs."""
        cells = self.sample[:, column]
        known = np.unique(cells[np.isfinite(cells)])
        if len(known) > steps:
            known = known[np.round(np.linspace(0, len(known) - 1, steps)).astype(np.int64)]
        more = [value for place, value in self.extra if place == column]
        known = np.unique(np.append(known, np.array(more, np.float32)))
        return np.append(known, np.float32(np.nan)) if np.isnan(cells).any() else known

    def cost(self, column: int, before: float, after: Rows) -> npt.NDArray[np.float64]:
        """Say how far a change goes: the share of the candidates between the two values."""
        known = np.sort(self.sample[:, column][np.isfinite(self.sample[:, column])])
        if not len(known):
            return np.ones(len(after))
        own = np.searchsorted(known, before) / len(known)
        cost = np.abs(np.searchsorted(known, after) / len(known) - own)
        gone = np.isnan(after) != np.isnan(before)
        both = np.isnan(after) & np.isnan(before)
        return np.where(both, 0.0, np.where(gone, _MISSING_COSTS, cost) + 1e-6)


def smallest_change(
    matcher: FittedMatcher, row: Rows, plausible: Plausible, *, threshold: float, decision: bool
) -> Change | None:
    """Search for the smallest plausible change that turns a verdict round.

    One column is changed first; if that is not enough two columns, then all columns of one
    field together, to values that some other candidate pair has. The rest stays as it is.

    Parameters
    ----------
    matcher : FittedMatcher
    row : float32[k]
        What the matcher sees of the pair.
    plausible : Plausible
    threshold : float
    decision : bool
        The verdict as it is.

    Returns
    -------
    Change or None
        None: no such change was found.
    """
    search = _Search(matcher, row, plausible, threshold, decision)
    return search.one() or search.two() or search.group()


@dataclass
class _Search:
    matcher: FittedMatcher
    row: Rows
    plausible: Plausible
    threshold: float
    decision: bool

    def one(self) -> Change | None:
        """Change one column."""
        rows, costs, columns, moves = [], [], [], []
        for column in range(len(self.row)):
            values = self.plausible.values(column, _STEPS)
            changed = np.repeat(self.row[None, :], len(values), axis=0)
            changed[:, column] = values
            rows.append(changed)
            costs.append(self.plausible.cost(column, float(self.row[column]), values))
            columns += [(column,)] * len(values)
            moves.append(len(values))
        every = np.concatenate(rows)
        score = self.matcher.score(every)
        ends = np.concatenate([[0], np.cumsum(moves)[:-1]])
        # What one column alone moves the score by tells which two are worth trying together.
        gain = score if not self.decision else -score
        self.strength = np.maximum.reduceat(gain, ends)
        return self._best(every, score, np.concatenate(costs), columns)

    def two(self) -> Change | None:
        """Change two columns."""
        strong = np.argsort(-self.strength, kind="stable")[:_PAIRED_COLUMNS]
        values = {c: self.plausible.values(c, _PAIRED_STEPS) for c in strong.tolist()}
        cost = {c: self.plausible.cost(c, float(self.row[c]), values[c]) for c in values}
        rows, costs, columns = [], [], []
        for first, second in combinations(sorted(values), 2):
            a, b = (
                side.ravel() for side in np.meshgrid(values[first], values[second], indexing="ij")
            )
            changed = np.repeat(self.row[None, :], len(a), axis=0)
            changed[:, first], changed[:, second] = a, b
            rows.append(changed)
            costs.append(np.add.outer(cost[first], cost[second]).ravel())
            columns += [(first, second)] * len(a)
        if not rows:
            return None
        every = np.concatenate(rows)
        return self._best(every, self.matcher.score(every), np.concatenate(costs), columns)

    def group(self) -> Change | None:
        """Change all columns of one field, to what another candidate pair has there."""
        sample = self.plausible.sample
        if not len(sample):
            return None
        chosen = np.unique(np.linspace(0, len(sample) - 1, _DONORS).astype(np.int64))
        rows, costs, columns = [], [], []
        for _, members in self.plausible.groups:
            changed = np.repeat(self.row[None, :], len(chosen), axis=0)
            changed[:, members] = sample[chosen][:, members]
            rows.append(changed)
            cost = [
                self.plausible.cost(column, float(self.row[column]), changed[:, column])
                for column in members
            ]
            costs.append(np.mean(cost, axis=0))
            columns += [members] * len(chosen)
        every = np.concatenate(rows)
        return self._best(every, self.matcher.score(every), np.concatenate(costs), columns)

    def _best(
        self,
        rows: Rows,
        score: npt.NDArray[np.float64],
        cost: npt.NDArray[np.float64],
        columns: Sequence[tuple[int, ...]],
    ) -> Change | None:
        turned = np.flatnonzero((score >= self.threshold) != self.decision)
        if not len(turned):
            return None
        best = int(turned[np.argmin(cost[turned])])
        names = self.plausible.names
        changes = tuple(
            (names[column], _plain(self.row[column]), _plain(rows[best, column]))
            for column in columns[best]
            if not _same(self.row[column], rows[best, column])
        )
        label = next((name for name, members in self.plausible.groups if members == columns[best]),
                     None) if len(columns[best]) > 2 else None  # fmt: skip
        return Change(changes, float(score[best]), _words(changes, self.decision, label))


def _words(
    changes: Sequence[tuple[str, float | None, float | None]], decision: bool, label: str | None
) -> str:
    verdict = "no match" if decision else "a match"
    said = [
        f"{name} were {'unknown' if after is None else number(after)} "
        f"({'unknown' if before is None else number(before)} now)"
        for name, before, after in changes
    ]
    if label is None:
        return f"{verdict}, if {' and '.join(said)}"
    return f"{verdict}, if {label} compared otherwise: {', '.join(said[:3])}" + (
        f" and {len(said) - 3} more" if said[3:] else ""
    )


def _plain(value: np.float32) -> float | None:
    return None if np.isnan(value) else float(value)


def _same(before: np.float32, after: np.float32) -> bool:
    return bool(before == after or (np.isnan(before) and np.isnan(after)))
