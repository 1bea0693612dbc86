"""The figures of a run on Spark, added up from what every part says of itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sameas.engines.spark import SparkEngine
from sameas.linker.found import RuleReport, rule_name
from sameas.linker.saving import FittedLinker
from sameas.linker.spark.pack import Settings

__all__ = ["run_figures"]


def run_figures(
    engine: SparkEngine,
    fitted: FittedLinker,
    settings: Settings,
    stages: tuple[Any, Any, Any, Any],
    rounds: int,
) -> dict[str, Any]:
    """Gather the figures of a run from the small tables that its stages leave.

    Parameters
    ----------
    engine : SparkEngine
    fitted : FittedLinker
    settings : Settings
    stages : frames
        Candidate pairs, scores, links, and clusters with their entities.
    rounds : int
        How many the connected components took.
    """
    pairs, scores, links, made = stages
    sizes: dict[int, int] = {}
    for one in _rows(engine, made, "sizes"):
        sizes[one["size"]] = sizes.get(one["size"], 0) + one["entities"]
    counts = _rows_by_kind(scores)
    report: dict[str, Any] = {
        "records": settings.first[-1],
        "mode": settings.mode,
        "sources": list(settings.sources),
        "linker_version": fitted.version,
        "threshold": settings.threshold,
        "blocking": _rules(engine, pairs, fitted.spec.blocking),
        "candidates": counts.get("scores", 0),
        "links": _rows_by_kind(links).get("links", 0),
        "clusters": {
            "records": settings.first[-1],
            "clusters": sum(sizes.values()),
            "sizes": {str(size): count for size, count in sorted(sizes.items())},
            "rounds": rounds,
        },
    }
    for one in _rows(engine, links, "figures"):
        for name, value in one.items():
            report["clusters"][name] = report["clusters"].get(name, 0) + value
    if fitted.band is not None:
        lower, upper = fitted.band
        review = counts.get("review", 0)
        report["review"] = {"lower": lower, "upper": upper, "pairs": review}
    return report


def _rows(engine: SparkEngine, stage: Any, kind: str) -> list[dict[str, Any]]:
    """Return the rows of all small tables of one kind."""
    pieces = engine.collect(stage.where(f"kind = '{kind}'"))
    return [one for piece in pieces for one in piece.table.to_pylist()]


def _rows_by_kind(stage: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for kind, rows in stage.select("kind", "rows").collect():
        found[kind] = found.get(kind, 0) + rows
    return found


def _rules(engine: SparkEngine, pairs: Any, rules: Sequence[Any]) -> list[dict[str, Any]]:
    """Add up what each rule did in all parts."""
    total = [RuleReport(rule_name(rule)).to_dict() for rule in rules]
    for one in total:
        del one["unreachable"]  # a part does not know who has a key in another
    for said in _rows(engine, pairs, "report"):
        for one in json.loads(said["report"]):
            mine = total[one["position"]]
            for name in ("rows", "blocks", "enumerated", "met", "kept", "refused"):
                mine[name] += one[name]
            mine["largest_block"] = max(mine["largest_block"], one["largest_block"])
            mine["index"] = one["index"] or mine["index"]
    return total
