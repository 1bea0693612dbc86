"""Bootstrap draws by counts: what is drawn are kinds of pairs, or weights of pairs or groups."""

from __future__ import annotations

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.prepared import FloatArray
from sameas.evaluation._figures import RANKING, ranked_starts, ranking_figure
from sameas.evaluation._inputs import BoolArray, CountArray

__all__ = ["Units", "confusion_draws", "ranking_draws"]

#: Weights held at a time, so that memory does not grow with the replicates.
_CHUNK = 1 << 21


@dataclass(frozen=True, slots=True)
class Units:
    """How often, from which seed, and what is drawn: pairs, or groups (their number per pair)."""

    replicates: int
    seed: int
    groups: tuple[CountArray, int] | None


def confusion_draws(cells: CountArray, kinds: int, units: Units) -> CountArray:
    """Draw counts of the kinds of pairs: int64[replicates, kinds]."""
    if units.groups is None:
        types = np.eye(kinds, dtype=np.int64)
        counts = np.bincount(cells, minlength=kinds)
    else:
        group, total = units.groups
        table = np.bincount(group * kinds + cells, minlength=total * kinds)
        types, counts = np.unique(table.reshape(total, kinds), axis=0, return_counts=True)
    types, counts = types[counts > 0], counts[counts > 0]
    drawn = np.zeros((units.replicates, kinds), dtype=np.int64)
    if len(counts) == 0:
        return drawn
    rng = np.random.default_rng(units.seed)
    share = counts / counts.sum()
    step = max(1, _CHUNK // len(counts))
    for begin in range(0, units.replicates, step):
        rows = min(step, units.replicates - begin)
        weights = rng.multinomial(int(counts.sum()), share, size=rows)
        drawn[begin : begin + rows] = weights @ types
    return drawn


def ranking_draws(
    labels: BoolArray, scores: tuple[FloatArray, ...], units: Units
) -> list[dict[str, FloatArray]]:
    """Draw every figure of the ranking, for each score vector on the same draws."""
    found = [{name: np.full(units.replicates, np.nan) for name in RANKING} for _ in scores]
    if len(labels) == 0:
        return found
    canonical = np.lexsort((labels, *(-score for score in scores)))
    labels = labels[canonical]
    ranked = [ranked_starts(score[canonical]) for score in scores]
    group, total = units.groups if units.groups is not None else (None, len(labels))
    owner = canonical if group is None else group[canonical]
    rng = np.random.default_rng(units.seed)
    step = max(1, _CHUNK // len(labels))
    for begin in range(0, units.replicates, step):
        rows = min(step, units.replicates - begin)
        weights = _uniform_draws(rng, rows, total)
        if group is not None:
            weights = weights[:, owner]
        for (order, starts), figures in zip(ranked, found, strict=True):
            own = weights[:, order]
            matches = np.add.reduceat(own * labels[order], starts, axis=1)
            others = np.add.reduceat(own, starts, axis=1) - matches
            for name, values in figures.items():
                values[begin : begin + rows] = ranking_figure(name, matches, others)
    return found


def _uniform_draws(rng: np.random.Generator, rows: int, total: int) -> CountArray:
    """Draw `total` units with replacement, `rows` times, as weights: int64[rows, total]."""
    picked = rng.integers(0, total, size=(rows, total))
    picked += np.arange(rows)[:, None] * total
    return np.bincount(picked.ravel(), minlength=rows * total).reshape(rows, total)
