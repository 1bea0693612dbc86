"""The second pass: the matcher's own first opinion becomes context.

A first matcher scores all candidates. How good a pair is among the candidates of its two
records, by that score, is then evidence for the final matcher. The first matchers are
cross-fitted: what a labelled pair and its rivals are given comes from a matcher that has not
seen the pair, so the final matcher learns from opinions as they will be on new pairs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.comparison.context import Window
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import IntArray
from sameas.core.specs import register
from sameas.kernels.windows import rank_and_margin, scores_by_record
from sameas.labeling import deal_folds, folds_can_teach
from sameas.linker.opinion import Opinion
from sameas.linker.pair_classifier import PairClassifier
from sameas.linker.rivals import Rivals
from sameas.matching import Boosting, FittedMatcher, Matcher
from sameas.matching.parts import part_of, tables_of_parts

if TYPE_CHECKING:
    from sameas.linker.job import Job

__all__ = ["NAMES", "FittedPasses", "SecondPass", "can_fit", "fit_first", "load_matcher"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

#: The columns that the final matcher sees beside comparisons and context.
NAMES = tuple(
    f"first_pass_{part}"
    for part in ("rank_better", "rank_worse", "margin_larger", "margin_smaller")
)
#: Chances stay this far from 0 and 1, so that their log-odds are numbers.
_SURE = 1e-5
#: With fewer training matches the first matchers know too little to be asked.
_FEWEST_MATCHES = 100
_FIRST = Boosting(iterations=150, learning_rate=0.07, leaves=15, columns_per_split=0.3)


@register("second_pass", "second_pass")
@dataclass(frozen=True, slots=True)
class SecondPass:
    """Let a first matcher rank the candidates of each record for the final matcher.

    Parameters
    ----------
    matcher : Matcher
        The first matcher.
    folds : int
        Number of first matchers; each is trained without one fold of the left records.

    Notes
    -----
    Worth its cost (comparisons are computed twice, ``folds`` matchers score every candidate)
    where a record has several plausible candidates: in cross-validation on the training pairs
    of public product sets it gave 1.5 to 2 points of F1, on places nothing.
    """

    matcher: Matcher = _FIRST
    folds: int = 3

    def __post_init__(self) -> None:
        if self.folds < 2:
            raise ArgumentError(f"folds must be at least 2, got {self.folds}.")

    def names(self) -> tuple[str, ...]:
        """Name the columns that are added."""
        return NAMES

    def fold(self, left: IntArray) -> npt.NDArray[np.int64]:
        """Deal left records into folds, by their number alone."""
        return deal_folds(left, self.folds)


@dataclass(frozen=True)
class FittedPasses:
    """First matchers and the final one; what a second pass saves and scores with.

    Attributes
    ----------
    first : tuple of FittedMatcher
    final : FittedMatcher
    """

    first: tuple[FittedMatcher, ...]
    final: FittedMatcher

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the final matcher."""
        return self.final.names

    def score(self, features: Floats, *, names: Sequence[str] | None = None) -> Any:
        """Score rows that hold the columns of the second pass too."""
        return self.final.score(features, names=names)

    def to_tables(self) -> dict[str, pa.Table]:
        """Return the tables of all matchers, under prefixes."""
        first = {f"first_{number}": one for number, one in enumerate(self.first)}
        return tables_of_parts({"final": self.final} | first)

    def describe(self) -> str:
        """Say what was learned."""
        return f"{len(self.first)} first matchers, then: {self.final.describe()}"

    def opinions(self, features: Floats) -> Floats:
        """Return the mean logit of the first matchers, float32[p]."""
        each = [logit(one, features) for one in self.first]
        return np.asarray(np.mean(each, axis=0, dtype=np.float32))

    def window(self, job: Job) -> Window:
        """Gather the first matchers' opinions of all candidates by record."""
        found = job.candidates
        opinion = np.empty(len(found), np.float32)
        job.each_candidate("first pass", lambda features: self.opinions(features), opinion)
        return Window(*scores_by_record(found.left, found.right, opinion, len(job.records)))

    def complete(
        self, features: Floats, left: IntArray, right: IntArray, listed: Bools, window: Window
    ) -> Floats:
        """Add the columns of the second pass to comparisons and context."""
        extra = rank_and_margin(left, right, self.opinions(features), listed, *window[:2])
        return np.hstack([features, extra[:, : len(NAMES)]])


def logit(matcher: FittedMatcher, features: Floats) -> Floats:
    """Return the log-odds of a matcher's scores, bounded, float32[p]."""
    score = np.clip(matcher.score(features), _SURE, 1 - _SURE)
    return np.asarray(np.log(score / (1 - score)), np.float32)


def can_fit(second: SecondPass, left: IntArray, label: Bools) -> bool:
    """Say whether there are matches enough for cross-fitting, in every fold."""
    if int(label.sum()) < _FEWEST_MATCHES:
        return False
    return folds_can_teach(label, second.fold(left), second.folds)


def fit_first(
    job: Job,
    second: SecondPass,
    features: Floats,
    pairs: tuple[IntArray, IntArray, Bools],
    label: Bools,
    train: Bools,
) -> tuple[tuple[FittedMatcher, ...], Floats]:
    """Fit the first matchers and give labelled pairs the columns of the second pass.

    Parameters
    ----------
    job : Job
    second : SecondPass
    features : float32[p, k]
        Comparisons and context of the labelled pairs.
    pairs : (left int32[p], right int32[p], listed bool[p])
    label, train : bool[p]

    Returns
    -------
    first : tuple of FittedMatcher
    extra : float32[p, 4]
        For a training pair by the first matcher that has not seen its left record; for the
        others by the mean of all, as on new pairs.
    """
    left, right, listed = pairs
    names, seed, fold = job.spec.base_names(), job.spec.seed, second.fold(job.number(left))
    first = tuple(
        second.matcher.fit(
            features[train & (fold != number)],
            label[train & (fold != number)],
            names=names,
            seed=seed + number,
        )
        for number in range(second.folds)
    )
    found, records = job.candidates, len(job.records)
    opinions = np.empty((len(found), second.folds), np.float32)
    job.each_candidate(
        "first pass", lambda rows: np.stack([logit(one, rows) for one in first], axis=1), opinions
    )
    own = np.stack([logit(one, features) for one in first], axis=1)
    # What was learned from a labelled pair itself must not make it a stronger rival.
    opinions[job.candidates.places(left[listed], right[listed])] = own[listed]
    extra = np.empty((len(left), len(NAMES)), np.float32)
    for number in range(second.folds + 1):
        if number < second.folds:
            rows = np.flatnonzero(train & (fold == number))
            column, mine = np.ascontiguousarray(opinions[:, number]), own[rows, number]
        else:
            rows = np.flatnonzero(~train)
            column = opinions.mean(axis=1, dtype=np.float32)
            mine = own[rows].mean(axis=1, dtype=np.float32)
        window = scores_by_record(found.left, found.right, column, records)
        columns = rank_and_margin(
            left[rows], right[rows], np.ascontiguousarray(mine), listed[rows], *window
        )
        extra[rows] = columns[:, : len(NAMES)]
    return first, extra


def load_matcher(
    spec: Matcher,
    second: SecondPass | Rivals | Opinion | PairClassifier | None,
    tables: Mapping[str, pa.Table],
) -> FittedMatcher:
    """Read a fitted matcher, of one pass or of two, from its saved tables."""
    if second is None:
        return spec.load(tables)
    if isinstance(second, Rivals | Opinion | PairClassifier):
        return second.load(spec, tables)
    first = tuple(
        second.matcher.load(part_of(tables, f"first_{number}")) for number in range(second.folds)
    )
    return FittedPasses(first, spec.load(part_of(tables, "final")))
