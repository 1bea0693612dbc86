"""The cascade: a cheap score first, the matcher only where that leaves a doubt.

Most candidate pairs are plainly no match. A small matcher over the context and the cheap
comparisons says so; the dear comparisons and the matcher are computed for the others alone.
Its cut is chosen so that hardly any pair that the matcher would call a match is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.comparison import Comparison, fill
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, SavedLinkerError
from sameas.core.prepared import IntArray
from sameas.core.specs import register, spec_name
from sameas.labeling import deal_folds, folds_can_teach
from sameas.matching import Boosting, FittedMatcher, Matcher
from sameas.matching.base import saved_table
from sameas.matching.parts import part_of, tables_of_parts

if TYPE_CHECKING:
    from sameas.linker.job import Job

__all__ = ["CUT", "Cascade", "FittedCascade", "can_cascade", "fit_cascade"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]

#: One row: the score of the first matcher from which the final one is asked.
CUT = pa.schema([pa.field("cut", pa.float64(), nullable=False)])

#: With fewer of either verdict among the training pairs, no cut can be trusted.
_FEWEST = 100
#: The cut is at most this share of the threshold, so a pair below it is never a match.
_OF_THRESHOLD = 0.5
_FIRST = Boosting(
    iterations=30, learning_rate=0.2, leaves=12, depth=4, min_leaf=20, columns_per_split=1.0
)


@register("cascade", "cascade")
@dataclass(frozen=True, slots=True)
class Cascade:
    """Score cheaply first, and fully only where that leaves a doubt.

    A pair whose first score is below the cut keeps that score. The cut is at most half the fitted
    threshold, so such a pair is no match; a run with a threshold below the cut warns.

    Parameters
    ----------
    later : tuple of Comparison
        The dear ones among the linker's comparisons; they are computed where there is doubt.
    matcher : Matcher
        The first matcher. It learns what the final one decides, without the columns of `later`.
    loss : float
        Largest share of the final matcher's matches that may fall below the cut, counted on
        train and valid pairs by first matchers that have not seen them.
    margin : float
        The cut is this share of what `loss` allows, for new pairs are not the labelled ones.
    folds : int
        Number of first matchers for counting; each is trained without one fold of the left
        records.

    Examples
    --------
    >>> scores = np.array([0.4, 0.6, 0.8, 0.9])
    >>> Cascade(loss=0.25, margin=0.5).cut(scores, threshold=0.7)
    0.3
    >>> Cascade(loss=0.25, margin=0.5).cut(scores, threshold=0.2)
    0.1
    """

    later: tuple[Comparison, ...] = ()
    matcher: Matcher = _FIRST
    loss: float = 0.001
    margin: float = 0.5
    folds: int = 3

    def __post_init__(self) -> None:
        object.__setattr__(self, "later", tuple(self.later))
        if not 0 <= self.loss < 1:
            raise ArgumentError(f"loss must be a share in [0, 1), got {self.loss}.")
        if not 0 < self.margin <= 1:
            raise ArgumentError(f"margin must be in (0, 1], got {self.margin}.")
        if self.folds < 2:
            raise ArgumentError(f"folds must be at least 2, got {self.folds}.")

    def check(self, comparisons: Sequence[Comparison], *, context: bool) -> None:
        """Raise if `later` is not among the comparisons, or leaves nothing for the first look."""
        for item in self.later:
            if item not in comparisons:
                known = ", ".join(spec_name(each) for each in comparisons)
                raise ArgumentError(
                    f"The cascade computes {item!r} later, which is not among the linker's "
                    f"comparisons ({known}). Give a cascade over these, or say cascade=None."
                )
        if not context and all(item in self.later for item in comparisons):
            raise ArgumentError(
                "The cascade computes all comparisons later and there is no context: nothing is "
                "left to look at first. Take a comparison out of `later`, or say cascade=None."
            )

    def without(
        self, comparisons: Sequence[Comparison], names: Sequence[str], *, context: bool
    ) -> Cascade | None:
        """Keep what is left with these comparisons; None if there is nothing to look at first."""
        later = tuple(item for item in self.later if item in comparisons)
        if not context and len(later) == len(comparisons):
            return None
        first = self.matcher
        first = first.without(set(names)) if isinstance(first, Boosting) else first
        return replace(self, later=later, matcher=first)

    def hidden(self, names: Sequence[str]) -> list[int]:
        """Return the positions of the columns that come later."""
        return [names.index(name) for item in self.later for name in item.names()]

    def cut(self, scores: Scores, *, threshold: float) -> float:
        """Choose the cut from the first scores of pairs that the final matcher calls matches."""
        allowed = int(self.loss * len(scores))
        lowest = float(np.sort(scores)[allowed]) if len(scores) else 0.0
        return min(self.margin * lowest, _OF_THRESHOLD * max(threshold, 0.0))

    def load(self, matcher: Matcher, tables: Mapping[str, pa.Table]) -> FittedCascade:
        """Read what `FittedCascade.to_tables` wrote.

        Raises
        ------
        SavedLinkerError
            If a table is missing or damaged.
        """
        head = saved_table(tables, "cut", CUT).to_pylist()
        if len(head) != 1 or not 0 <= head[0]["cut"] <= 1:
            raise SavedLinkerError("Table 'cut' of the saved cascade must hold one share.")
        first = self.matcher.load(part_of(tables, "first"))
        final = matcher.load(part_of(tables, "final"))
        return FittedCascade(self, first, final, head[0]["cut"])


@dataclass(frozen=True)
class FittedCascade:
    """A first matcher, its cut and the final matcher; what a cascade saves and scores with.

    Attributes
    ----------
    spec : Cascade
    first, final : FittedMatcher
        Both have the same columns; the first one does not look at those that come later.
    cut : float
    """

    spec: Cascade
    first: FittedMatcher
    final: FittedMatcher
    cut: float

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of both matchers."""
        return self.final.names

    def score(self, features: Floats, *, names: Sequence[str] | None = None) -> Scores:
        """Score rows that hold all columns; equal to `score_pairs`."""
        score = self._first_score(features)
        doubt = np.flatnonzero(score >= self.cut)
        score[doubt] = self.final.score(features[doubt], names=names)
        return score

    def below(self, features: Floats) -> Bools:
        """Say which rows keep the score of the first matcher."""
        return np.asarray(self._first_score(features) < self.cut)

    def _first_score(self, features: Floats) -> Scores:
        return np.asarray(self.first.score(_hide(features, self.spec.hidden(self.names))))

    def score_pairs(
        self, job: Job, left: IntArray, right: IntArray, listed: Bools, rows: slice | None
    ) -> Scores:
        """Score pairs (left < right) of a job, computing the later columns where needed.

        If they are the candidates `rows`, their first similarities are there already.
        """
        features = job.features(left, right, listed, rows, later=self.spec.later)
        score = np.asarray(self.first.score(features))
        doubt = np.flatnonzero(score >= self.cut)
        if len(doubt):
            whole = features[doubt]
            ends = left[doubt], right[doubt]
            fill(whole, job.columns, job.spec.comparisons, *ends, chosen=self.spec.later)
            score[doubt] = self.final.score(whole)
        return score

    def to_tables(self) -> dict[str, pa.Table]:
        """Return the tables of both matchers, under prefixes, and the cut."""
        tables = tables_of_parts({"first": self.first, "final": self.final})
        return tables | {"cut": pa.table([[self.cut]], schema=CUT)}

    def describe(self) -> str:
        """Say what was learned."""
        return (
            f"a cascade: {self.first.describe()}\n"
            f"from the score {self.cut:.4g} on: {self.final.describe()}"
        )


def can_cascade(cascade: Cascade, left: IntArray, decision: Bools) -> bool:
    """Say whether there are enough matches and others among the training pairs, in every fold."""
    matches = int(decision.sum())
    if min(matches, len(decision) - matches) < _FEWEST:
        return False
    return folds_can_teach(decision, deal_folds(left, cascade.folds), cascade.folds)


def fit_cascade(
    cascade: Cascade,
    final: FittedMatcher,
    features: Floats,
    decision: Bools,
    left: IntArray,
    parts: Mapping[str, Bools],
    *,
    threshold: float,
    seed: int,
) -> tuple[FittedCascade, dict[str, Any]]:
    """Fit the first matcher and choose the cut.

    Parameters
    ----------
    cascade : Cascade
    final : FittedMatcher
    features : float32[p, k]
        Comparisons and context of the labelled pairs.
    decision : bool[p]
        Whether the final matcher calls them matches.
    left : int32[p]
    parts : mapping of str to bool[p]
        Which pairs are "train" and "valid", and others that are counted for the report.
    threshold : float
        Of the final matcher.
    seed : int

    Returns
    -------
    fitted : FittedCascade
    report : dict
        The cut; for each part the pairs, the share below the cut, the final matcher's matches,
        and how many of them are lost. First scores of training pairs are cross-fitted.
    """
    known = _hide(features, cascade.hidden(final.names))
    train = parts["train"]

    def learn(rows: Bools, seed: int) -> FittedMatcher:
        return cascade.matcher.fit(known[rows], decision[rows], names=final.names, seed=seed)

    first = learn(train, seed)
    score = np.asarray(first.score(known))
    fold = deal_folds(left, cascade.folds)
    for number in range(cascade.folds):
        mine = train & (fold == number)
        score[mine] = learn(train & (fold != number), seed + 1 + number).score(known[mine])
    chosen = decision & (train | parts["valid"])
    cut = cascade.cut(score[chosen], threshold=threshold)
    report: dict[str, Any] = {"cut": cut}
    for name, rows in parts.items():
        below = score[rows] < cut
        report[name] = {
            "pairs": int(rows.sum()),
            "below": float(below.mean()) if len(below) else 0.0,
            "matches": int(decision[rows].sum()),
            "lost": int((below & decision[rows]).sum()),
        }
    return FittedCascade(cascade, first, final, cut), report


def _hide(features: Floats, columns: Sequence[int]) -> Floats:
    """Return the features with some columns missing."""
    known = np.array(features, np.float32)
    known[:, columns] = np.nan
    return known
