"""Which of several solutions is about matches, and not about something that pairs share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sameas.matching.fellegi_sunter.em import Solution
from sameas.matching.fellegi_sunter.layout import Layout

__all__ = ["choose_solution"]

#: From this weight in bits on, full agreement in a comparison speaks for a match.
_SPEAKS = 0.25


def choose_solution(layout: Layout, solutions: Sequence[Solution]) -> Solution:
    """Take the likeliest solution, unless another one is told by more comparisons.

    Where most candidate pairs are of one household, two classes fit best if one of them is
    "the same household": then agreement in address and phone speaks, and agreement in the given
    name says nothing. Records of one thing are alike in everything. So a solution goes
    before a likelier one if all comparisons that speak in that one speak in it too, and
    others besides.

    Parameters
    ----------
    layout : Layout
    solutions : sequence of Solution
        At least one.
    """
    ranked = sorted(solutions, key=lambda found: -found.objective)
    best = ranked[0]
    for other in ranked[1:]:
        mine, theirs = _speaking(layout, best), _speaking(layout, other)
        if (theirs | ~mine).all() and (theirs & ~mine).any():
            best = other
    return best


def _speaking(layout: Layout, solution: Solution) -> npt.NDArray[np.bool_]:
    """Return in which comparisons full agreement speaks for a match."""
    m, u = (part[layout.first[:-1]] for part in solution.parameters[:2])
    return np.asarray(m > u * 2**_SPEAKS)
