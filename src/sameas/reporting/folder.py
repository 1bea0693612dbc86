"""The data of a report from a run folder, and the figures of an evaluation beside it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from sameas.core.errors import RunError, path_hint
from sameas.reporting.data import ReportData, read_report_data

__all__ = ["read_run", "report_of", "with_evaluation"]

_CURVE_POINTS = 200


def read_run(folder: Path) -> dict[str, Any]:
    """Read ``run.json`` of a run folder.

    Raises
    ------
    RunError
        If it is absent or damaged: the folder holds no finished run.
    """
    file = folder / "run.json"
    if not file.exists():
        near = "" if folder.exists() else path_hint(folder)
        raise RunError(f"{folder} holds no finished run: there is no run.json in it.{near}")
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"{file} is damaged: {error}.") from error
    return content


def report_of(folder: Path) -> ReportData:
    """Return what a report of a run shows.

    A run without ``report.json`` has its figures only: no sample pairs, map or graphs.
    """
    content = read_run(folder)
    kept = read_report_data(folder)
    if kept is not None:
        return kept
    clusters = content["clusters"]
    names = ("mode", "sources", "records", "candidates", "links", "threshold", "linker_version",
             "sameas")  # fmt: skip
    funnel = (
        ("records", content["records"]), ("candidate pairs", content["candidates"]),
        ("links", content["links"]), ("entities", clusters["clusters"]),
    )  # fmt: skip
    return ReportData(
        title=f"{' and '.join(content['sources'])}: {content['links']:,} links",
        summary={name: content[name] for name in names} | {"entities": clusters["clusters"]},
        funnel=tuple({"label": label, "count": count, "note": ""} for label, count in funnel),
        rules=tuple(content["blocking"]),
        fit=content.get("fit"),
        curve=(content.get("fit") or {}).get("curve"),
        sizes=clusters["sizes"],
        quarantine=tuple(
            {"field": row["field"], "reason": row["reason"], "count": row["count_all"]}
            for row in content["quarantine"]
        ),
    )


def with_evaluation(
    data: ReportData,
    *,
    figures: str | os.PathLike[str] | None = None,
    curves: str | os.PathLike[str] | None = None,
) -> ReportData:
    """Add what `sameas evaluate` wrote: its figures (JSON) and its curves (a folder).

    Raises
    ------
    RunError
        If a file is absent or holds something else.
    """
    try:
        if figures is not None:
            content = json.loads(Path(figures).read_text(encoding="utf-8"))
            measured = content.get("end_to_end") or content["all_pairs"]
            point = [measured["recall"], measured["precision"]]
            fit = {**(data.fit or {}), "evaluated": measured}
            curve = data.curve and {**data.curve, "point": point}
            data = replace(data, fit=fit, curve=curve)
        if curves is not None:
            data = replace(data, curve=_curve(Path(curves), data))
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise RunError(
            f"{figures or curves} cannot be read ({error}); expected what `sameas evaluate` "
            "writes with --json and --curves."
        ) from error
    return data


def _curve(folder: Path, data: ReportData) -> dict[str, Any]:
    """Read precision against recall, thinned out, end to end where that is known."""
    file = folder / "precision_recall_end_to_end.csv"
    table = pacsv.read_csv(file if file.exists() else folder / "precision_recall.csv")
    rows = np.unique(np.linspace(0, table.num_rows - 1, _CURVE_POINTS).astype(np.int64))
    thin = table.select(["recall", "precision"]).take(rows).to_pydict()
    measured = (data.fit or {}).get("evaluated")
    point = [measured["recall"], measured["precision"]] if measured else None
    return {**thin, "point": point, "of": "the evaluated labels"}
