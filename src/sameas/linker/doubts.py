"""Why trees must not learn from the pairs that are most alike, and what learns instead."""

from __future__ import annotations

from typing import Any, NamedTuple

from sameas.core.errors import LabelError
from sameas.matching.fellegi_sunter import BEYOND

__all__ = ["Doubt", "DoubtError", "Verdict"]

#: How `FellegiSunter` learns where trees must not, by the kind of doubt.
_INSTEAD: dict[str, dict[str, Any]] = {"one kind": {"shared": BEYOND}, "many": {"u": "random"}}


class Doubt(NamedTuple):
    """Why pairs that are alike may not be matches, or not all of them.

    Attributes
    ----------
    why : str
        Goes on after "the pairs most alike".
    kind : {"one kind", "many"}
        They are of one kind, and not one; or records have so many copies that none is ahead.
    faint : bool
        Something speaks for matches: where nothing else finds any, trees are believed.
    """

    why: str
    kind: str = "one kind"
    faint: bool = False


class Verdict(NamedTuple):
    """What is wrong with taking pairs that are alike for matches.

    Attributes
    ----------
    doubt : Doubt or None
        None if they may be matches.
    shift : float
        Added to the log-odds, where too many are taken for matches.
    """

    doubt: Doubt | None = None
    shift: float = 0.0


class DoubtError(LabelError):
    """What trees learned to be alike is not what one thing is; the message says how that shows.

    Attributes
    ----------
    matcher : mapping
        The settings with which `FellegiSunter` learns instead.
    faint : bool
        Where it finds no link, trees are believed.
    """

    def __init__(self, doubt: Doubt) -> None:
        super().__init__(doubt.why)
        self.matcher = _INSTEAD[doubt.kind]
        self.faint = doubt.faint
