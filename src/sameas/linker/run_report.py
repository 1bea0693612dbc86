"""The report of a run, in its folder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from sameas.core.progress import progress
from sameas.linker.gather import Finished, gather
from sameas.reporting.data import read_report_data, write_report_data
from sameas.reporting.page import report_page

__all__ = ["write_report"]


def write_report(run: Finished, out: Path, state: str) -> None:
    """Write ``report.html`` and its data; data that are there already serve again.

    Parameters
    ----------
    run : Finished
    out : Path
        The run folder.
    state : str
        What the scores and decisions of the run depend on.
    """
    key = hashlib.sha256(f"{state} {run.clustering.report!r}".encode()).hexdigest()[:16]
    data = read_report_data(out)
    if data is None or data.summary.get("key") != key:
        with progress("report", 1):
            data = gather(run, key, _planned(out))
            write_report_data(data, out)
    (out / "report.html").write_text(report_page(data), encoding="utf-8")


def _planned(out: Path) -> tuple[str, ...]:
    """Return what the plan of a run assumed, if it was made by a plan."""
    file = out / "plan.json"
    if not file.exists():
        return ()
    try:
        found = json.loads(file.read_text(encoding="utf-8")).get("assumptions", ())
    except (OSError, ValueError, AttributeError):
        return ()
    return tuple(map(str, found))
