"""What a model that learned without labels expects of its links, and when that is implausible."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.linker.job import Job
from sameas.matching.fellegi_sunter import HALF

__all__ = ["cost_of_no_rivals", "expected_figures", "of_kinds", "plain_warnings"]

#: Precision or recall below this, or more links a record, is worth a warning.
_DOUBTFUL = 0.5
_LINKS_A_RECORD = 3.0
#: With fewer candidate pairs a few chance likenesses are a pattern.
_FEW = 50


def cost_of_no_rivals(chance: npt.NDArray[np.float64], expected: dict[str, float]) -> str:
    """Say what it costs, by the model itself, that pairs that share a record do not compete.

    Parameters
    ----------
    chance : float64[p]
        Of a match, where they compete.
    expected : dict
        `expected_figures` where they do not.
    """
    with_rivals = expected_figures(chance, 0.5, 1.0)["f1"]
    return (
        "each pair is scored by itself, as a store needs it: the model expects an F1 of "
        f"{expected['f1']:.0%} at the threshold; where pairs that share a record compete it would "
        f"be {with_rivals:.0%}"
    )


def of_kinds(alike: float | None, links: float, *, inside: bool = True) -> list[str]:
    """Say that what is alike is mostly of one kind.

    Parameters
    ----------
    alike : float or None
        How much of what their fields can tell the pairs share that two classes hold apart.
    links : float
    inside : bool
        Records of one table are compared, not those of several with each other.
    """
    if alike is None or alike >= HALF:
        return []
    few = "this table may hold next to no duplicates"
    if not inside:
        few = "these tables may have next to nothing in common"
    return [
        f"pairs that are alike share only {alike:.0%} of what their fields can tell: they are "
        "of one kind (a household, a series, the shops of one address). Matches were looked for "
        f"among those that share nearly all, and there are {links:,.0f} links; {few}. If you "
        "know of some matches, leave out fields in which they differ too (a last visit, notes), or "
        "label pairs"
    ]


def plain_warnings(job: Job, expected: dict[str, float]) -> list[str]:
    """Say when the cut or the number of matches is implausible."""
    notes, pairs = [], len(job.candidates)
    if pairs < _FEW:
        notes.append(
            f"only {pairs:,} candidate pair{'s' * (pairs != 1)}: the weights are hardly more than "
            "guesses, and what the model expects of itself says little; look at every link"
        )
    if not expected["links"]:
        notes.append(
            "no links: the model finds no pair likely; look at the candidates and at the weights"
        )
    elif expected["precision"] < _DOUBTFUL or expected["recall"] < _DOUBTFUL:
        notes.append(
            f"at the threshold the model expects a precision of {expected['precision']:.0%} and a "
            f"recall of {expected['recall']:.0%} only: the cut lies outside the mass of the "
            "scores, or many pairs are doubtful; look at some, or give labels"
        )
    if expected["links"] > _LINKS_A_RECORD * len(job.records):
        notes.append(
            f"{expected['links']:,.0f} links among {len(job.records):,} records: clusters will be "
            "large; a field with few values may count for too much"
        )
    return notes


def expected_figures(
    score: npt.NDArray[np.float64],
    threshold: float,
    scale: float,
    *,
    chance: npt.NDArray[np.float64] | None = None,
) -> dict[str, float]:
    """Return what the model itself expects of the pairs at a threshold.

    The `chance` of a match is the score, if nothing else is said.
    """
    chance = score if chance is None else chance
    taken = score >= threshold
    total, hits = float(chance.sum()), float(chance[taken].sum())
    kept = int(taken.sum())
    return {
        "matches": total * scale,
        "links": kept * scale,
        "precision": hits / max(kept, 1),
        "recall": hits / max(total, 1e-300),
        "f1": 2 * hits / max(kept + total, 1e-300),
    }
