"""The fitted form of a Fellegi-Sunter matcher: weights of levels, and how they were learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import SavedLinkerError
from sameas.kernels.levels import gather_weights, sum_weights
from sameas.matching.base import (
    COLUMNS,
    Features,
    Weights,
    check_features,
    read_columns,
    saved_table,
)
from sameas.matching.contributions import Contributions
from sameas.matching.fellegi_sunter.em import Parameters
from sameas.matching.fellegi_sunter.layout import Layout
from sameas.matching.fellegi_sunter.levels import Levels

__all__ = ["LEARNING", "WEIGHTS", "FittedFellegiSunter", "Learning"]

#: One row a state of a comparison: its probability among matches (m) and among non-matches (u),
#: the pairs of the fit that bore it. A state that says nothing has m = u = 1.
WEIGHTS = pa.schema(
    [
        pa.field("comparison", pa.string(), nullable=False),
        pa.field("state", pa.string(), nullable=False),
        pa.field("m", pa.float64(), nullable=False),
        pa.field("u", pa.float64(), nullable=False),
        pa.field("pairs", pa.float64(), nullable=False),
    ]
)

#: One row: the share of matches, and how the fit went.
LEARNING = pa.schema(
    [
        pa.field("prior", pa.float64(), nullable=False),
        pa.field("iterations", pa.int64(), nullable=False),
        pa.field("converged", pa.bool_(), nullable=False),
        pa.field("notes", pa.list_(pa.string()), nullable=False),
    ]
)

#: So far shares may be from 1 together.
_ROUNDED = 0.01


@dataclass(frozen=True, slots=True)
class Learning:
    """How a fit went.

    Attributes
    ----------
    iterations : int
        0 when nothing was iterated: labels, or given values.
    converged : bool
    notes : tuple of str
        What to know before the scores are trusted, in words.
    share : float or None
        How much of what their fields can tell matches share, where no labels were given; it is
        not saved.
    alike : float or None
        The same of the pairs that two classes would have taken for matches, where matches were
        looked for beside several kinds; it is not saved.
    """

    iterations: int = 0
    converged: bool = True
    notes: tuple[str, ...] = ()
    share: float | None = None
    alike: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FittedFellegiSunter:
    """Match weights of levels, that add up.

    The score is the probability whose log-odds (base 2) are those of the prior plus one weight
    a comparison, ``log2(m / u)``, with the adjustment for rare values where there is one.

    Attributes
    ----------
    names : tuple of str
        The comparison columns.
    levels : tuple of Levels
    parameters : Parameters
        m and u of every state of all comparisons in turn, and the prior.
    seen : float64[s]
        Pairs of the fit in each state.
    learning : Learning
    """

    names: tuple[str, ...]
    levels: tuple[Levels, ...]
    parameters: Parameters
    seen: npt.NDArray[np.float64]
    learning: Learning = Learning()
    _layout: Layout = field(init=False, repr=False)
    _weight: Weights = field(init=False, repr=False)

    def __post_init__(self) -> None:
        layout = Layout(self.levels, self.names)
        m, u, _ = self.parameters
        object.__setattr__(self, "_layout", layout)
        object.__setattr__(self, "_weight", np.where(layout.mask("learned"), np.log2(m / u), 0.0))

    @property
    def comparisons(self) -> tuple[str, ...]:
        """The columns of `weights`: one title a comparison."""
        return tuple(item.column for item in self.levels)

    @property
    def prior(self) -> float:
        """The share of matches among the pairs that the model speaks of."""
        return self.parameters.prior

    @property
    def prior_weight(self) -> float:
        """The log-odds of the prior, base 2: where the weights begin."""
        return float(np.log2(self.prior) - np.log2(1 - self.prior))

    def score(self, features: Features, *, names: Sequence[str] | None = None) -> Weights:
        """Score pairs; see `FittedMatcher.score`. About 5 ns a pair and comparison."""
        return _chances(self._total(check_features(features, self.names, names=names)))

    def log_odds(self, features: Features) -> Weights:
        """Return the natural log-odds of the scores, float64[n]; they do not end at certainty."""
        return np.asarray(self._total(check_features(features, self.names)) * np.log(2))

    def part(self, known: Sequence[str], besides: Sequence[str] = ()) -> FittedFellegiSunter:
        """Return the model of the levels that some columns suffice for, and others alone do not."""

        def within(item: Levels, names: Sequence[str]) -> bool:
            return {*item.columns(), *(item.frequency or ())} <= set(names)

        kept = [within(item, known) and not within(item, besides) for item in self.levels]
        states = np.repeat(kept, np.diff(self._layout.first))
        m, u, prior = self.parameters
        levels = tuple(item for item, keep in zip(self.levels, kept, strict=True) if keep)
        parameters = Parameters(m[states], u[states], prior)
        return FittedFellegiSunter(self.names, levels, parameters, self.seen[states], self.learning)

    def bits(self, features: Features) -> Weights:
        """Return the sum of the weights of pairs, log2, without that of the prior."""
        return np.asarray(self._total(check_features(features, self.names)) - self.prior_weight)

    def highest(self) -> float:
        """Return the most that the weights of a pair can add up to, log2."""
        total = 0.0
        for number, item in enumerate(self.levels):
            first, last = self._layout.first[number : number + 2]
            total += float(self._weight[first:last].max())
            if item.frequency is not None:
                rare = np.log2(self.parameters.u[first] / item.frequency_floor)
                total += max(item.frequency_weights, default=0.0) * max(float(rare), 0.0)
        return total

    def expected_fall(self) -> float:
        """Return by how much a non-match is expected to stay below `highest`, log2."""
        learned = self._layout.mask("learned")
        return self.highest() - float((self.parameters.u * self._weight)[learned].sum())

    def log_odds_of(self, codes: npt.NDArray[np.uint8]) -> Weights:
        """Return natural log-odds by the states of pairs; no value is known to be rare."""
        return np.asarray(self._sum(codes) * np.log(2))

    def score_of(self, codes: npt.NDArray[np.uint8]) -> Weights:
        """Score pairs by their states, as `score` does where no value is known to be rare."""
        return _chances(self._sum(codes))

    def _sum(self, codes: npt.NDArray[np.uint8]) -> Weights:
        total: Weights = sum_weights(codes, self._layout.first, self._weight, self.prior_weight)
        return total

    def _total(self, rows: Features) -> Weights:
        """Add up prior and weights, log2."""
        codes = self._layout.codes(rows)
        total = self._sum(codes)
        for number, item in enumerate(self.levels):
            if item.frequency is not None:
                total += self._rarity(rows, codes[:, number], number)
        return total

    def weights(self, features: Features, *, names: Sequence[str] | None = None) -> Weights:
        """Return what each comparison says of each pair: log2 of m / u, adjusted.

        Returns
        -------
        float64[n, c]
            Columns as in `comparisons`. With `prior_weight` they add up to the log-odds (base 2)
            of the score.
        """
        rows = check_features(features, self.names, names=names)
        codes = self._layout.codes(rows)
        out: Weights = gather_weights(codes, self._layout.first, self._weight)
        for number, item in enumerate(self.levels):
            if item.frequency is not None:
                out[:, number] += self._rarity(rows, codes[:, number], number)
        return out

    def contributions(self, features: Features) -> Contributions:
        """Share the match weights among the comparison columns; see `Explains`."""
        values = np.zeros((len(features), len(self.names)))
        weights = self.weights(features)
        for number, item in enumerate(self.levels):
            values[:, self.names.index(item.columns()[0])] += weights[:, number]
        return Contributions(self.names, self.prior_weight, values, "log2", "the prior")

    def states(self, features: Features) -> npt.NDArray[np.uint8]:
        """Return the state of each pair in each comparison, uint8[n, c]; see `words`."""
        return self._layout.codes(check_features(features, self.names))

    def words(self) -> tuple[tuple[str, ...], ...]:
        """Say in words what the states of each comparison mean."""
        return tuple(item.words() for item in self.levels)

    def _rarity(self, rows: Features, code: npt.NDArray[np.uint8], number: int) -> Weights:
        """Return what rare values add and common ones take away."""
        item = self.levels[number]
        assert item.frequency is not None
        less, more = (rows[:, self.names.index(name)] for name in item.frequency)
        share = np.maximum(np.where(code == 0, less, more), np.float32(item.frequency_floor))
        part = np.zeros(256)
        part[: len(item.frequency_weights)] = item.frequency_weights
        u = self.parameters.u[self._layout.first[number]]
        with np.errstate(invalid="ignore"):
            gain = part[code] * np.log2(u / share.astype(np.float64))
        return np.where(np.isnan(share), 0.0, gain)

    def to_tables(self) -> dict[str, pa.Table]:
        """Return the tables WEIGHTS, LEARNING and COLUMNS."""
        titles = [item.column for item in self.levels for _ in range(item.states)]
        states = [word for item in self.levels for word in item.words()]
        m, u, prior = self.parameters
        about = self.learning
        rows = [[prior], [about.iterations], [about.converged], [list(about.notes)]]
        return {
            "weights": pa.table([titles, states, m, u, self.seen], schema=WEIGHTS),
            "learning": pa.table(rows, schema=LEARNING),
            "columns": pa.table([list(self.names)], schema=COLUMNS),
        }

    @classmethod
    def from_tables(
        cls, levels: tuple[Levels, ...], tables: Mapping[str, pa.Table]
    ) -> FittedFellegiSunter:
        """Read back what `to_tables` wrote.

        Raises
        ------
        SavedLinkerError
            If a table is missing or does not fit the levels.
        """
        table = saved_table(tables, "weights", WEIGHTS)
        head: list[dict[str, Any]] = saved_table(tables, "learning", LEARNING).to_pylist()
        m, u, seen = (np.array(table[name].to_numpy()) for name in ("m", "u", "pairs"))
        titles = [item.column for item in levels for _ in range(item.states)]
        sound = (m > 0) & (u > 0) & np.isfinite(m) & np.isfinite(u)
        if len(head) != 1 or titles != table["comparison"].to_pylist() or not sound.all():
            raise SavedLinkerError(
                "The saved matcher is damaged: its weights do not fit its levels."
            )
        about = head[0]
        learning = Learning(about["iterations"], about["converged"], tuple(about["notes"]))
        return cls(read_columns(tables), levels, Parameters(m, u, about["prior"]), seen, learning)

    def brief(self) -> str:
        """Return the prior and, comparison by comparison, the range of its weights."""
        lines = [self._first_line()]
        for number, item in enumerate(self.levels):
            begin = int(self._layout.first[number])
            high, low = self._weight[begin], self._weight[begin + item.levels - 1]
            lines.append(f"  {high:+6.1f} to {low:+6.1f} bits  {item.column}")
        return "\n".join(lines)

    def describe(self) -> str:
        """Return the prior, the weights as a table, and what to know."""
        lines = [self._first_line()]
        width = max((len(word) for item in self.levels for word in item.words()), default=0)
        lines.append(f"  {'level':<{width}}  {'m':>8}  {'u':>9}  {'weight':>7}")
        m, u, _ = self.parameters
        for number, item in enumerate(self.levels):
            for place, word in enumerate(item.words()[: item.learned]):
                at = int(self._layout.first[number]) + place
                lines.append(
                    f"  {word:<{width}}  {m[at]:8.4f}  {u[at]:9.3g}  {self._weight[at]:+7.2f}"
                )
        shares = np.where(self._layout.mask("learned"), m, 0.0)
        if (np.abs(np.add.reduceat(shares, self._layout.first[:-1]) - 1) > _ROUNDED).any():
            lines.append("m is u times what a level says: the weights were found together")
        return "\n".join([*lines, *(f"note: {note}" for note in self.learning.notes)])

    def _first_line(self) -> str:
        how = "without iterations"
        if self.learning.iterations:
            ended = "converged" if self.learning.converged else "not converged"
            how = f"{self.learning.iterations} iterations, {ended}"
        return f"Fellegi-Sunter: prior {self.prior:.3g}, {how}"


def _chances(total: Weights) -> Weights:
    """Turn log-odds, base 2, into chances."""
    return np.asarray(1 / (1 + np.exp2(-np.clip(total, -1000, 1000))))
