"""What self-training guesses of candidate pairs, and the trees that it learns of the guesses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.errors import LabelError
from sameas.core.pair_key import pair_key
from sameas.labeling import deal_folds
from sameas.linker.competition import NO_RIVALS
from sameas.linker.doubts import Verdict
from sameas.linker.examples import (
    PLAIN,
    examples,
    prior_shift,
    snapped,
    some,
    steps_of,
    sureness,
)
from sameas.linker.exclusivity import measure_exclusivity
from sameas.linker.fold_trees import FoldTrees
from sameas.linker.guesses import (
    directions,
    first_guess,
    guess_of_best,
    middle_cut,
    mutual_best,
    ranks,
)
from sameas.linker.job import Job
from sameas.linker.namesakes import guess_of_namesakes
from sameas.linker.rivals import FittedRivals
from sameas.linker.seats import Seats
from sameas.linker.unsupervised import Believed
from sameas.matching import SelfTraining, TreeEnsemble
from sameas.matching.fellegi_sunter import HALF
from sameas.matching.merging import merge_ensembles

__all__ = ["Learner"]

Floats = npt.NDArray[np.float32]
Wide = npt.NDArray[np.float64]

#: Candidates beyond this many are sampled for the values of columns.
_MOST_VALUES = 20_000
#: With more examples no forest grows beside the boosting: its deep trees would take minutes.
_MOST_FOR_FOREST = 50_000
#: Rounds of guessing and learning, where the user names none.
_ROUNDS = 2


@dataclass
class Learner:
    """The candidates of a job and what is guessed of them.

    Attributes
    ----------
    job : Job
    spec : SelfTraining
    opinion : Believed or None
        What another model thinks of them.
    columns : list of int
        Comparisons that differ from pair to pair; `steps` are values that stand for all of each.
    namesakes : float64[near]
        What the distance of places of one name says, at the least.
    fresh : list of int
        Places in `columns` of those that the first guess was not made of.
    trees : FoldTrees
        Of all folds, as they were learned last.
    """

    job: Job
    spec: SelfTraining
    opinion: Believed | None = None
    first: Wide = field(init=False)
    seats: Seats = field(init=False)
    near: npt.NDArray[np.int64] = field(init=False)
    fold: npt.NDArray[np.int64] = field(init=False)
    columns: list[int] = field(init=False)
    steps: list[Floats] = field(init=False)
    namesakes: Wide = field(init=False)
    fresh: list[int] = field(init=False)
    trees: FoldTrees = field(init=False)

    def __post_init__(self) -> None:
        job, found = self.job, self.job.candidates
        self.first = np.nan_to_num(job.similarities[1].astype(np.float64)).mean(axis=1)
        self.seats = self._seats()
        one, two = ranks(*self.seats.ends(found.left, found.right), self.first)
        self.near = np.flatnonzero(np.minimum(one, two) < self.spec.near)
        self.namesakes = guess_of_namesakes(job, found.left[self.near], found.right[self.near])
        self.fold = deal_folds(found.left, self.spec.folds)
        random = np.random.default_rng(job.spec.seed)
        sample = self.features(some(self.near, _MOST_VALUES, random))
        compared = len(job.spec.base_names()) - len(self.context_names)
        self.columns, self.steps = [], []
        for column in range(compared):
            values = sample[:, column]
            steps = steps_of(values[~np.isnan(values)], self.spec.bins)
            if len(steps) > 1:
                self.columns.append(column)
                self.steps.append(steps)
        if not self.columns:
            raise LabelError("All candidate pairs compare alike: there is nothing to learn from.")
        self.fresh = self._fresh()

    @property
    def competes(self) -> bool:
        """Say whether pairs that share a record are rivals."""
        return self.job.group is not None and not self.many and self._are_two

    @property
    def many(self) -> bool:
        """Say whether the second opinion is that records have several partners.

        Being the best of a record says little then.
        """
        return self.opinion is not None and self.opinion.exclusive == NO_RIVALS

    @property
    def _are_two(self) -> bool:
        return len(np.unique(self.job.records.source_code)) == 2

    @property
    def rounds(self) -> int:
        """Rounds of guessing and learning; one where the guess is a cut or an opinion."""
        if self.job.group is None or self.many:
            return 1
        return self.spec.rounds or _ROUNDS

    def _seats(self) -> Seats:
        """Return the seats of the records: of two tables, the records."""
        return Seats(self.job.records.source_code)

    @property
    def context_names(self) -> tuple[str, ...]:
        """The columns of the context, the last ones."""
        context = self.job.spec.context
        return () if context is None else context.names()

    def _fresh(self) -> list[int]:
        """Return the places of the columns that the first guess was not made of; all if none."""
        context, names = self.job.spec.context, self.job.spec.base_names()
        plain = () if context is None else context.plain()
        first = {name for item in plain for name in item.names()}
        every = range(len(self.columns))
        return [place for place in every if names[self.columns[place]] not in first] or list(every)

    def features(self, rows: npt.NDArray[np.int64]) -> Floats:
        """Compute all columns of some candidates."""
        found = self.job.candidates
        out = np.empty((len(rows), len(self.job.spec.base_names())), np.float32)
        self.job.each_pair("examples", found.left[rows], found.right[rows], np.asarray, out)
        return out

    def guess(self) -> Wide:
        """Guess which near candidates are matches; within one table, those above a cut.

        With a second opinion the guess is the mean of both, and that opinion alone where records
        have several partners and what is alike is not of one kind. Places of one name count at
        least as much as their distance says.
        """
        first = self.first[self.near]
        if self.job.group is None:
            return np.asarray(first > middle_cut(first), np.float64)
        guess = self._of_first()
        if self.opinion is not None:
            alone = self.many and self.opinion.share >= HALF
            said = self.opinion.score[self.near]
            guess = said if alone else (guess + said) / 2
        return np.maximum(guess, self.namesakes)

    def guess_again(self, guess: Wide, crossed: Wide) -> Wide:
        """Return the mean of a guess and of what trees say of the order of candidates.

        A pair that is no longer among the best of its records is what it was at first, unless it
        was the best of both.
        """
        stays = np.where(mutual_best(*self._ends, self.first[self.near]), 0.0, self._of_first())
        exclusive = self._exclusive or self.exclusivity(crossed)
        found = guess_of_best(*self._ends, crossed, len(self.seats), exclusive=exclusive)
        return np.maximum((guess + np.maximum(found, stays)) / 2, self.namesakes)

    def _of_first(self) -> Wide:
        """Guess by the first similarities alone."""
        return first_guess(
            *self._ends, self.first[self.near], len(self.seats), single=self._single,
            exclusive=self._exclusive,
        )  # fmt: skip

    @property
    def _single(self) -> Sequence[bool]:
        """Whether a record on the left and on the right has one partner at most by the mode."""
        return self.job.single if self.competes else (False, False)

    @property
    def _ends(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        found = self.job.candidates
        return self.seats.ends(found.left[self.near], found.right[self.near])

    @property
    def _exclusive(self) -> tuple[float, float] | None:
        return None if self.opinion is None else self.opinion.exclusive

    def teaches(self, guess: Wide) -> bool:
        """Say whether every fold can learn from the others: matches stand in two of them."""
        told = (guess > 0.5) & (sureness(guess) > PLAIN)
        return len(np.unique(self.fold[self.near[told]])) > 1 and guess.min() <= 0.5

    def learn(self, guess: Wide, number: int, *, last: bool) -> tuple[TreeEnsemble, Wide, Wide]:
        """Fit the trees of every fold.

        After the first round the last trees do not see the first similarities: the guesses are
        wrong where these are, and trees that see them learn to be wrong in the same way.

        Returns
        -------
        matcher : TreeEnsemble
            The mean of all folds.
        crossed : float64[near]
            Log-odds of near candidates, each by the trees that have not seen its left record.
        own : float64[p]
            Log-odds by the mean, of all candidates in the last round, of the near ones before.
        """
        job, names = self.job, self.job.spec.base_names()
        seed = job.spec.seed + number * (self.spec.folds + 1)
        rows, label, weight = examples(guess, self.spec.others, np.random.default_rng(seed))
        places = self.fresh if last and number else range(len(self.columns))
        columns = [self.columns[place] for place in places]
        steps = [self.steps[place] for place in places]
        features, fold = (
            snapped(self.features(self.near[rows]), columns, steps),
            self.fold[self.near[rows]],
        )
        chosen = tuple(names[column] for column in columns)
        known = directions(job.spec.comparisons) | dict(self.spec.trees.monotone)
        settings = replace(
            self.spec.trees,
            monotone=tuple((name, known[name]) for name in chosen if known.get(name)),
            forest=self.spec.trees.forest if len(rows) <= _MOST_FOR_FOREST else 0.0,
        )
        parts = []
        for part in range(self.spec.folds):
            rest = fold != part
            if len(np.unique(label[rest])) < 2:
                raise LabelError(
                    f"Of {len(guess):,} candidate pairs only {int((guess > 0.5).sum()):,} are "
                    "guessed to be matches, of too few records to learn from. Give labels, or take "
                    "matcher=FellegiSunter()."
                )
            data, mass = (features[rest], label[rest]), weight[rest]
            parts.append(settings.fit(*data, names=chosen, seed=seed + part, weights=mass))
        asked = None if last else self.near
        each = np.empty((len(job.candidates if last else self.near), self.spec.folds))
        self.trees = FoldTrees(tuple(parts), tuple(columns))
        job.each_candidate("self-training", self.trees.opinions, each, asked)
        near = each[self.near] if last else each
        crossed = np.take_along_axis(near, self.fold[self.near][:, None], axis=1)[:, 0]
        sure, shift = sureness(guess), 0.0
        if self.opinion is not None:
            share = float(sure[guess > 0.5].sum() / max(sure.sum(), 1e-300))
            shift = prior_shift(crossed, share)
        self.trees = replace(self.trees, shift=shift)
        trees = merge_ensembles(parts, names=names)
        trees = replace(trees, baseline=trees.baseline + shift)
        return trees, crossed + shift, each.mean(axis=1) + shift

    def verdict(self, crossed: Wide) -> Verdict:  # noqa: ARG002 - of two tables nobody asks
        """Say what is wrong with taking pairs that are alike for matches."""
        return Verdict()

    def remarks(self, links: float) -> list[str]:  # noqa: ARG002
        """Say what else is to be known of the links."""
        return []

    def exclusivity(self, crossed: Wide) -> tuple[float, float]:
        """Measure how exclusive partners are, where the mode does not settle it."""
        records = len(self.job.records)
        return measure_exclusivity(*self._ends, crossed, records, single=self.job.single)

    def judged(self, matcher: FittedRivals | TreeEnsemble, own: Wide) -> Wide:
        """Return the scores of all candidates, after the competition."""
        if not isinstance(matcher, FittedRivals):
            return _share(own)
        found, window = self.job.candidates, matcher.gather(self.job, own)
        changed = own.copy()
        key = pair_key(found.left, found.right)
        changed[np.searchsorted(key, window.key)] += window.change
        return _share(changed)


def _share(log_odds: Wide) -> Wide:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -700, 700))))
