"""Every figure twice: for all labelled pairs, and end to end, blocking included."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.prepared import FloatArray
from sameas.evaluation._inputs import BoolArray, as_bools, as_scores, none_for_nan
from sameas.evaluation.calibration import brier_score, calibration_error
from sameas.evaluation.intervals import Interval, bootstrap
from sameas.evaluation.pairs import PairMetrics, pair_metrics

__all__ = ["Evaluation", "evaluate_scores"]

ALL_PAIRS = "all_pairs"
END_TO_END = "end_to_end"
_TITLES = {ALL_PAIRS: "all labelled pairs", END_TO_END: "end to end"}
_COUNTS = ("true_positives", "false_positives", "false_negatives", "true_negatives")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of scored pairs at one threshold.

    Attributes
    ----------
    all_pairs : PairMetrics
        Of the scores as they are, whether or not blocking would have met the pair.
    end_to_end : PairMetrics or None
        With every pair that blocking misses as a non-match; None if that is not known.
    missed_matches, missed_others : int or None
        Labelled matches and non-matches that blocking misses.
    intervals : mapping of str to mapping of str to Interval
        By ``"all_pairs"`` and ``"end_to_end"``, then by figure; empty if not asked for.
    brier, calibration_error : float
        Of all pairs that have a score; see `brier_score` and `calibration_error`.
    """

    all_pairs: PairMetrics
    end_to_end: PairMetrics | None = None
    missed_matches: int | None = None
    missed_others: int | None = None
    intervals: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)
    brier: float = math.nan
    calibration_error: float = math.nan

    @property
    def threshold(self) -> float:
        """The threshold that every figure was taken at."""
        return self.all_pairs.threshold

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; undefined figures are None."""
        return {
            "threshold": self.threshold,
            "missed_matches": self.missed_matches,
            "missed_others": self.missed_others,
            ALL_PAIRS: self.all_pairs.to_dict(),
            END_TO_END: None if self.end_to_end is None else self.end_to_end.to_dict(),
            "brier": none_for_nan(self.brier),
            "calibration_error": none_for_nan(self.calibration_error),
            "intervals": {
                scope: {name: interval.to_dict() for name, interval in named.items()}
                for scope, named in self.intervals.items()
            },
        }

    def to_text(self) -> str:
        """Return a compact table for the terminal; ``-`` means undefined."""
        scopes = {ALL_PAIRS: self.all_pairs}
        if self.end_to_end is not None:
            scopes[END_TO_END] = self.end_to_end
        rows = [["", *(_TITLES[scope] for scope in scopes)]]
        rows += [
            [name.replace("_", " "), *(f"{getattr(found, name):,}" for found in scopes.values())]
            for name in _COUNTS
        ]
        rows += [
            [
                name.replace("_", " "),
                *(
                    _cell(found.figures()[name], self.intervals.get(scope, {}).get(name))
                    for scope, found in scopes.items()
                ),
            ]
            for name in self.all_pairs.figures()
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(
                text.rjust(width) if place else text.ljust(width)
                for place, (text, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        return "\n".join([*self._heading(), *lines, *self._calibration()])

    def _calibration(self) -> list[str]:
        if math.isnan(self.brier):
            return []
        error = f"expected calibration error {self.calibration_error:.4f}"
        return [f"calibration: Brier score {self.brier:.4f}, {error}"]

    def _heading(self) -> list[str]:
        pairs = self.all_pairs
        matches = pairs.true_positives + pairs.false_negatives
        of_all = "" if math.isnan(pairs.prevalence) else f" ({pairs.prevalence:.1%})"
        lines = [f"threshold {pairs.threshold:g}: {pairs.n:,} pairs, {matches:,} matches{of_all}"]
        if pairs.unscored:
            lines.append(f"{pairs.unscored:,} pairs have no score and count as non-matches")
        if self.missed_matches is not None:
            lines.append(f"blocking misses {self.missed_matches:,} of the matches")
        for named in self.intervals.values():
            levels = {interval.level for interval in named.values()}
            lines += [f"in brackets: {level:.0%} bootstrap interval" for level in sorted(levels)]
            break
        return lines


def evaluate_scores(
    labels: BoolArray,
    scores: FloatArray,
    candidate: BoolArray | None = None,
    *,
    threshold: float,
    betas: Sequence[float] = (0.5, 1.0),
    replicates: int = 0,
    seed: int = 0,
    groups: Any = None,
) -> Evaluation:
    """Evaluate scores for all labelled pairs and end to end.

    Parameters
    ----------
    labels : bool[n]
    scores : float64[n]
        NaN = cannot be scored, counts as a non-match.
    candidate : bool[n], optional
        Would blocking have met the pair. Where it is false, the pair counts end to end as a
        non-match at every threshold, and ranks below every candidate.
    threshold : float
        A pair is accepted if ``score >= threshold``.
    betas : sequence of float
    replicates : int
        Bootstrap replicates for an interval of each figure; 0 for none.
    seed, groups
        As in `bootstrap`.

    Returns
    -------
    Evaluation

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array([True, True, False, False])
    >>> scores = np.array([0.9, 0.8, 0.7, 0.1])
    >>> met = np.array([True, False, True, True])
    >>> print(evaluate_scores(labels, scores, met, threshold=0.75, betas=[1]).to_text())
    threshold 0.75: 4 pairs, 2 matches (50.0%)
    blocking misses 1 of the matches
                       all labelled pairs  end to end
    true positives                      2           1
    false positives                     0           0
    false negatives                     0           1
    true negatives                      2           2
    precision                      1.0000      1.0000
    recall                         1.0000      0.5000
    f1                             1.0000      0.6667
    macro f1                       1.0000      0.7333
    balanced accuracy              1.0000      0.7500
    accuracy                       1.0000      0.7500
    average precision              1.0000      0.7500
    roc auc                        1.0000      0.5000
    gini                           1.0000      0.0000
    calibration: Brier score 0.1375, expected calibration error 0.2750
    """
    labels = as_bools(labels, name="labels")
    scores = as_scores(scores, length=len(labels))
    by_scope = {ALL_PAIRS: scores}
    missed_matches = missed_others = None
    if candidate is not None:
        met = as_bools(candidate, name="candidate", length=len(labels))
        by_scope[END_TO_END] = np.where(met, scores, np.nan)
        missed_matches, missed_others = int((labels & ~met).sum()), int((~labels & ~met).sum())
    known = scores[~np.isnan(scores)]
    shares = len(known) > 0 and 0 <= known.min() <= known.max() <= 1
    found = {
        scope: pair_metrics(labels, values, threshold=threshold, betas=betas)
        for scope, values in by_scope.items()
    }
    intervals = {
        scope: bootstrap(
            labels,
            values,
            threshold=threshold,
            metrics=list(found[scope].figures()),
            replicates=replicates,
            seed=seed,
            groups=groups,
        )
        for scope, values in by_scope.items()
        if replicates > 0
    }
    return Evaluation(
        all_pairs=found[ALL_PAIRS],
        end_to_end=found.get(END_TO_END),
        missed_matches=missed_matches,
        missed_others=missed_others,
        intervals=intervals,
        brier=brier_score(labels, scores) if shares else math.nan,
        calibration_error=calibration_error(labels, scores) if shares else math.nan,
    )


def _cell(value: float, interval: Interval | None) -> str:
    if math.isnan(value):
        return "-"
    if interval is None or math.isnan(interval.low):
        return f"{value:.4f}"
    return f"{value:.4f} [{interval.low:.4f}, {interval.high:.4f}]"
