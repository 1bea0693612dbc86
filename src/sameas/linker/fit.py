"""What a fit gives: a matcher, a threshold, and what there is to say of them."""

from __future__ import annotations

from typing import Any

from sameas.core.dataclass import dataclass
from sameas.matching import FittedMatcher

__all__ = ["Fit"]


@dataclass(frozen=True, slots=True)
class Fit:
    """What was learned.

    Attributes
    ----------
    matcher : FittedMatcher
    threshold : float
    report : dict
        Where the labels came from, how they were split, and the figures on valid (and on
        test, if the split was made here).
    band : (float, float) or None
        The review band, if the goal asks for one.
    """

    matcher: FittedMatcher
    threshold: float
    report: dict[str, Any]
    band: tuple[float, float] | None = None
