"""What a run makes besides links, clusters and quarantine, as far as it is asked for."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Parts"]


class Parts(NamedTuple):
    """The parts of a run that can be left out.

    Attributes
    ----------
    report : bool
        ``report.html`` and ``report.json``.
    entities : bool
        Golden records.
    stages : bool
        Candidates and scores, from which a repeated call resumes.
    """

    report: bool = True
    entities: bool = True
    stages: bool = True
