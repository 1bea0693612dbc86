"""Signs that a model learned without labels cannot be trusted, in plain words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sameas.matching.fellegi_sunter.em import Evidence, Parameters, Solution, posterior
from sameas.matching.fellegi_sunter.layout import Layout

__all__ = ["IDENTIFIED", "signs", "telling", "unseen_levels"]

#: A comparison whose best weight is below this tells matches and non-matches hardly apart.
_INFORMATIVE = 0.5
#: With fewer comparisons that tell, the shares cannot be found from the data alone.
IDENTIFIED = 3
#: Solutions whose objective differs by less than this per pair fit equally well.
_AS_GOOD = 1e-4
#: Fewer expected matches than this are none: one likely pair alone is one.
_NONE = 0.5
_SHOWN = 5


def unseen_levels(layout: Layout, seen: npt.NDArray[np.float64]) -> tuple[str, ...]:
    """Name the levels that no pair of the fit bore: their weights are guesses."""
    found = []
    for number, item in enumerate(layout.levels):
        begin = int(layout.first[number])
        words = item.words()
        found += [words[n] for n in range(item.levels) if seen[begin + n] == 0]
    if not found:
        return ()
    rest = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    which = ", ".join(found[:_SHOWN])
    return (f"never seen in the fit, so the weight is a guess: {which}{rest}",)


def signs(
    layout: Layout,
    evidence: Evidence,
    best: Solution,
    solutions: Sequence[Solution],
    seen: npt.NDArray[np.float64],
) -> tuple[str, ...]:
    """Say what to know before the scores are trusted.

    Parameters
    ----------
    layout : Layout
    evidence : Evidence
    best : Solution
        The one that is taken.
    solutions : sequence of Solution
        From all starting values.
    seen : float64[s]
        Pairs of each state.
    """
    notes = list(unseen_levels(layout, seen))
    if not best.converged:
        notes.append(
            f"not converged after {len(best.history)} iterations: the weights were still moving"
        )
    count = evidence.patterns.count
    match = count * posterior(layout, evidence.patterns, best.parameters)
    matches, pairs = float(match.sum()), float(count.sum())
    if matches < _NONE:
        notes.append(
            "no matches found: no group of pairs is clearly more alike than chance would make it. "
            "Perhaps the tables have no common records, or blocking brings none together, or the "
            "fields hold other things than their kinds say"
        )
    elif matches > 0.95 * pairs:
        notes.append(
            f"{matches / pairs:.0%} of the candidate pairs are taken for matches: the two groups "
            "may be something else than matches and non-matches; blocking may be too narrow"
        )
    notes += _telling(layout, best, seen)
    notes += _other_answers(layout, evidence, best, solutions, matches)
    return tuple(notes)


def telling(
    layout: Layout, parameters: Parameters, seen: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Say which comparisons tell matches and non-matches apart, by levels that were seen.

    Parameters
    ----------
    layout : Layout
    parameters : Parameters
    seen : float64[s]
        Pairs of each state.

    Returns
    -------
    bool[c]
    """
    m = np.where(seen > 0, parameters.m, 0.0)
    ratio = np.maximum(parameters.m, 1e-300) / parameters.u
    weight = np.where(layout.mask("learned"), np.abs(np.log2(ratio)), 0.0)
    first = layout.first[:-1]
    apart = np.add.reduceat(m * weight, first) / np.maximum(np.add.reduceat(m, first), 1e-300)
    return np.asarray(apart >= _INFORMATIVE)


def _telling(layout: Layout, best: Solution, seen: npt.NDArray[np.float64]) -> list[str]:
    """Say when too few comparisons tell matches and non-matches apart."""
    tells = telling(layout, best.parameters, seen)
    few = int(tells.sum())
    if few >= IDENTIFIED:
        return []
    names = [item.column for item, tell in zip(layout.levels, tells, strict=True) if tell]
    which = f" ({', '.join(names)})" if names else ""
    return [
        f"only {few} of {len(tells)} comparisons tell matches from non-matches{which}; with "
        "fewer than three the shares cannot be found from the data alone: give more fields, "
        "labels, or the prior"
    ]


def _other_answers(
    layout: Layout,
    evidence: Evidence,
    best: Solution,
    solutions: Sequence[Solution],
    matches: float,
) -> list[str]:
    """Say when other starting values lead to an answer that fits as well but differs."""
    count = evidence.patterns.count
    for other in solutions:
        if best.objective - other.objective > _AS_GOOD * float(count.sum()):
            continue
        found = float((count * posterior(layout, evidence.patterns, other.parameters)).sum())
        if abs(found - matches) > 0.1 * max(matches, found, 1.0):
            return [
                f"not identified: another answer, with {found:,.0f} instead of {matches:,.0f} "
                "matches, fits the data as well"
            ]
    return []
