"""The Fellegi-Sunter matcher: learns from patterns without labels, from labels, or from both."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace

import numpy as np
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, LabelError, check_one_of
from sameas.core.specs import register
from sameas.matching.base import Features, Labels, Weights, check_training
from sameas.matching.fellegi_sunter.alike import shared
from sameas.matching.fellegi_sunter.choice import choose_solution
from sameas.matching.fellegi_sunter.em import Evidence, Fixed, Parameters, maximise, starts
from sameas.matching.fellegi_sunter.kinds import beside_kinds
from sameas.matching.fellegi_sunter.layout import Layout, Patterns
from sameas.matching.fellegi_sunter.levels import Levels
from sameas.matching.fellegi_sunter.model import FittedFellegiSunter, Learning
from sameas.matching.fellegi_sunter.sample import Sample
from sameas.matching.fellegi_sunter.signs import signs, unseen_levels
from sameas.matching.fellegi_sunter.strata import maximise_strata

__all__ = ["FellegiSunter"]

_RANDOM = ("candidates", "random")


@register("matcher", "fellegi_sunter")
@dataclass(frozen=True, slots=True)
class FellegiSunter:
    """Add up what each comparison says: the log-odds of its level among matches.

    Each comparison is cut into levels. m is how often a level occurs among matches, u among
    non-matches; ``log2(m / u)`` is the match weight. Without labels m, u and the share of
    matches are found by expectation maximisation; with labels they are counted.

    Parameters
    ----------
    levels : tuple of Levels
        A linker fills them in by its comparisons when there are none.
    prior : float, optional
        The share of matches, if it is known; else it is learned.
    u : {"candidates", "random"}
        Learned with the rest on the candidate pairs, or taken from random pairs; the prior
        then speaks of all pairs of records, not of the candidates.
    monotone : bool
        The weight may not rise from a level to the next.
    smoothing : float
        Pairs that each comparison is given beforehand, spread over its levels, so that a level
        that was never seen has a finite weight.
    shared : float
        How much of what their fields can tell matches share at least on the whole, 0 to 1. Where
        it is above 0 they are learned from pairs that share still more, and non-matches are of
        several kinds, as households and namesakes are. By default nobody asks.

    Notes
    -----
    Comparisons are taken to be independent of each other among matches and among non-matches;
    give about one a field. Source: Fellegi & Sunter (1969); Winkler (1988) for the iteration;
    term frequencies as in Splink.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> same = random.random(4000) < 0.1
    >>> share = np.where(same, 0.9, 0.1)[:, None]
    >>> equal = random.random((4000, 3)) < share
    >>> names = ("name", "street", "phone")
    >>> matcher = FellegiSunter(tuple(Levels(name, (1.0,)) for name in names))
    >>> layout = Layout(matcher.levels, names)
    >>> patterns = layout.patterns([layout.pack(equal.astype(np.float32))])
    >>> fitted = matcher.learn(Sample(patterns, likely=1000), names=names)
    >>> bool(abs(fitted.prior - same.mean()) < 0.01)
    True
    """

    levels: tuple[Levels, ...] = ()
    prior: float | None = None
    u: str = "candidates"
    monotone: bool = True
    smoothing: float = 1.0
    shared: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "levels", tuple(self.levels))
        for item in self.levels:
            if not isinstance(item, Levels):
                raise ArgumentError(
                    "levels must be a tuple of Levels, such as (Levels('name_equal', (1.0,)),); "
                    f"got one that is {item!r}."
                )
        titles = [item.column for item in self.levels]
        for title in titles:
            if titles.count(title) > 1:
                raise ArgumentError(f"Two levels are called {title!r}; give one another title.")
        if self.prior is not None and not 0 < self.prior < 1:
            raise ArgumentError(f"prior must be above 0 and below 1, got {self.prior}.")
        check_one_of("u", self.u, _RANDOM)
        if not 0 < self.smoothing < np.inf:
            raise ArgumentError(f"smoothing must be a number above 0, got {self.smoothing}.")
        if not 0 <= self.shared <= 1:
            raise ArgumentError(f"shared must be from 0 to 1, got {self.shared}.")

    def columns(self) -> tuple[str, ...]:
        """Name the comparison columns that the levels read."""
        return tuple(dict.fromkeys(name for item in self.levels for name in item.columns()))

    def fit(
        self,
        features: Features,
        labels: Labels,
        *,
        names: tuple[str, ...],
        seed: int,  # noqa: ARG002 - counting needs none
        weights: Weights | None = None,
    ) -> FittedFellegiSunter:
        """Count m, u and the prior in labelled pairs; see `Matcher.fit`."""
        training = check_training(features, labels, names=names, weights=weights)
        layout = self._layout(names)
        mass = np.ones(len(training.labels)) if training.weights is None else training.weights
        packed = layout.pack(training.features)
        parts = [
            layout.patterns([packed[chosen]], [mass[chosen]])
            for chosen in (training.labels, ~training.labels)
        ]
        share = parts[0].pairs / max(parts[0].pairs + parts[1].pairs, 1e-300)
        nothing = Patterns(parts[0].codes[:0], parts[0].count[:0])
        matches, others = (_counts(layout, part) for part in parts)
        evidence = Evidence(nothing, matches, others)
        prior = share if self.prior is None else self.prior
        fixed = self._fixed(layout, prior)
        start = Parameters(np.ones(layout.states), np.ones(layout.states), prior)
        solution = maximise(layout, evidence, fixed, start)
        seen = matches + others
        notes = unseen_levels(layout, seen)
        return self._made(layout, solution.parameters, seen, Learning(notes=notes))

    def learn(self, sample: Sample, *, names: tuple[str, ...]) -> FittedFellegiSunter:
        """Find m, u and the prior by expectation maximisation, labels or not.

        Parameters
        ----------
        sample : Sample
        names : tuple of str
            The comparison columns.

        Returns
        -------
        FittedFellegiSunter
            Its `learning` says what to know before it is trusted.

        Raises
        ------
        LabelError
            If there is no pair to learn from.
        """
        layout = self._layout(names)
        if not sample.candidates.pairs:
            raise LabelError("There are no candidate pairs to learn from: blocking found none.")
        nothing = np.zeros(layout.states)
        evidence = Evidence(
            sample.candidates,
            nothing if sample.matches is None else _counts(layout, sample.matches),
            nothing if sample.others is None else _counts(layout, sample.others),
            sample.outside if self.u == "random" else 0.0,
        )
        fixed = self._fixed(layout, self.prior)
        if self.u == "random":
            fixed = self._from_random(layout, fixed, sample.random)
        apart = sample.strata and self.u != "random"
        solutions = [
            maximise_strata(layout, sample.strata, fixed, start)
            if apart
            else maximise(layout, evidence, fixed, start)
            for start in starts(layout, evidence, fixed, sample.likely, sample.begin)
        ]
        best, alike = choose_solution(layout, solutions), None
        share = shared(layout, sample.candidates, best.parameters.m)
        if self.shared and self.u != "random" and sample.begin is None:
            least, chance = self.shared, sample.chance
            beside = beside_kinds(
                layout, sample.candidates, fixed, best, least=least, chance=chance
            )
            if beside is not None:
                alike, (best, share), solutions = share, beside, [beside[0]]
        seen = _counts(layout, sample.candidates)
        notes = signs(layout, evidence, best, solutions, seen)
        about = Learning(len(best.history), best.converged, notes, share, alike)
        return self._made(layout, best.parameters, seen, about)

    def without(self, names: Set[str]) -> FellegiSunter:
        """Drop the levels on columns that are gone, and frequencies that are gone.

        Parameters
        ----------
        names : set of str
            The columns that are left.
        """
        kept = []
        for item in self.levels:
            lost = set(item.columns()) - names
            if lost and item.frequency is not None and lost <= set(item.frequency):
                kept.append(replace(item, frequency=None))
            elif not lost:
                kept.append(item)
        return replace(self, levels=tuple(kept))

    def without_training(self, names: tuple[str, ...]) -> FittedFellegiSunter:
        """Use the given m, u and prior as they are.

        Raises
        ------
        ArgumentError
            If one of them is not given.
        """
        layout = self._layout(names)
        for item in self.levels:
            if not item.m or not item.u:
                raise ArgumentError(f"The levels of {item.column!r} have no m and u: fit them.")
        if self.prior is None:
            raise ArgumentError("The prior is not given: fit it.")
        fixed = self._fixed(layout, self.prior)
        given = Parameters(fixed.m, fixed.u, self.prior)
        return self._made(layout, given, np.zeros(layout.states), Learning())

    def load(self, tables: Mapping[str, pa.Table]) -> FittedFellegiSunter:
        """Read a fitted matcher; see `Matcher.load`."""
        return FittedFellegiSunter.from_tables(self.levels, tables)

    def _layout(self, names: tuple[str, ...]) -> Layout:
        if not self.levels:
            raise ArgumentError(
                "FellegiSunter has no levels: give levels=(Levels('a_column', (1.0, 0.9)), ...)."
            )
        return Layout(self.levels, names)

    def _fixed(self, layout: Layout, prior: float | None) -> Fixed:
        """Lay out the given m and u; a state that says nothing has 1."""
        parts = []
        for name in ("m", "u"):
            values = np.where(layout.mask("learned"), np.nan, 1.0)
            for number, item in enumerate(self.levels):
                given = getattr(item, name)
                begin = int(layout.first[number])
                values[begin : begin + len(given)] = given
            parts.append(values)
        return Fixed(parts[0], parts[1], prior, self.monotone, self.smoothing)

    def _from_random(self, layout: Layout, fixed: Fixed, random: Patterns | None) -> Fixed:
        if random is None or not random.pairs:
            raise ArgumentError("u='random' needs random pairs, got none.")
        nothing = Patterns(random.codes[:0], random.count[:0])
        zeros = np.zeros(layout.states)
        counted = Evidence(nothing, zeros, _counts(layout, random))
        start = Parameters(zeros, zeros, 0.5)
        held = replace(fixed, prior=0.5, monotone=False)
        return replace(fixed, u=maximise(layout, counted, held, start).parameters.u)

    def _made(
        self, layout: Layout, values: Parameters, seen: Weights, about: Learning
    ) -> FittedFellegiSunter:
        says = layout.mask("learned")
        m, u = (np.where(says, part, 1.0) for part in values[:2])
        prior = float(np.clip(values.prior, 1e-12, 1 - 1e-12))
        return FittedFellegiSunter(layout.names, self.levels, Parameters(m, u, prior), seen, about)


def _counts(layout: Layout, patterns: Patterns) -> Weights:
    """Count the pairs of each state."""
    place = patterns.codes + layout.first[:-1]
    mass = np.repeat(patterns.count, place.shape[1])
    return np.asarray(np.bincount(place.ravel(), mass, minlength=layout.states), np.float64)
