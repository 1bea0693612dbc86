"""Gather what the report of a run shows, from samples where a count would cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

import sameas
from sameas.clustering import Clustering
from sameas.core.prepared import FloatArray, IntArray
from sameas.linker.explain import Explainer
from sameas.linker.job import Job
from sameas.linker.saving import FittedLinker
from sameas.linker.strands import cluster_graphs
from sameas.matching.contributions import contributions_of
from sameas.records import Records
from sameas.reporting.data import ReportData

__all__ = ["Finished", "field_rows", "funnel_rows", "gather"]

_BINS = 40
_AT_ONCE = 65_536  # scores, so that they stay in the cache
_MAP_POINTS, _MAP_LINKS = 3000, 2000
_IMPORTANCE_NODES = 3_000_000  # tree nodes times pairs, so that it takes about half a second
_IMPORTANCE_PAIRS = 256
_EXAMPLES = 2


@dataclass
class Finished:
    """A run at its end.

    Attributes
    ----------
    job : Job
    fitted : FittedLinker
    threshold : float
    order : tuple of str
        Sources as the user gave them.
    score : float64[p]
        Of all candidates.
    linked : int64[l]
        The candidates that became links.
    clustering : Clustering
    report : dict
        The figures of ``run.json``.
    """

    job: Job
    fitted: FittedLinker
    threshold: float
    order: tuple[str, ...]
    score: FloatArray
    linked: npt.NDArray[np.int64]
    clustering: Clustering
    report: dict[str, Any]


def gather(run: Finished, key: str, planned: tuple[str, ...] = ()) -> ReportData:
    """Gather the data of a report.

    Parameters
    ----------
    run : Finished
    key : str
        What the report depends on; kept in its summary.
    planned : tuple of str
        What the plan of the run assumed.
    """
    job, fitted, found = run.job, run.fitted, run.job.candidates
    explainer = Explainer(job, fitted.matcher, run.threshold)
    report, fit = run.report, fitted.report
    left, right = found.left[run.linked], found.right[run.linked]
    largest, weakest = cluster_graphs(
        job.records, run.clustering, (left, right, run.score[run.linked])
    )
    summary = {
        name: report[name]
        for name in ("mode", "sources", "records", "candidates", "links", "threshold",
                     "linker_version")
    }  # fmt: skip
    summary |= {
        "entities": report["clusters"]["clusters"],
        "sameas": sameas.__version__,
        "key": key,
    }
    matches = int((run.score >= run.threshold).sum())
    return ReportData(
        title=f"{' and '.join(run.order)}: {report['links']:,} link{'s' * (report['links'] != 1)}",
        summary=summary,
        funnel=funnel_rows(report, matches),
        rules=tuple(report["blocking"]),
        fields=field_rows(job.records),
        fit=fit,
        importance=_importance(run, explainer),
        weights=_weights(explainer),
        curve=fit.get("curve"),
        calibration=_calibration(fit),
        histogram=_histogram(run.score),
        review=_review(fit, report),
        map=_map(job.records, left, right),
        pairs=_pairs(run, explainer),
        sizes=report["clusters"]["sizes"],
        largest=largest,
        weakest=weakest,
        quarantine=tuple(
            {"field": row["field"], "reason": row["reason"], "count": row["count_all"]}
            for row in report["quarantine"]
        ),
        assumptions=(*report["assumptions"], *planned),
    )


def funnel_rows(report: dict[str, Any], matches: int) -> tuple[dict[str, Any], ...]:
    """Return the funnel from records to entities, with the counts of the tables."""
    clusters, rules = report["clusters"], report["blocking"]
    joined = sum(count for size, count in clusters["sizes"].items() if int(size) > 1)
    blocks = sum(rule["blocks"] for rule in rules)
    looked = sum(rule["enumerated"] for rule in rules)
    keyed = blocks > 0  # neighbours meet without a key
    met = "inside the blocks" if keyed else "that blocking rules bring together"
    wordings = report.get("wordings")
    once = f"{wordings:,} different ones, each compared once" if wordings else ""
    more = ", and rows that repeat another one" if wordings else ""
    rows = [
        ("records", report["records"], once),
        *([("blocks", blocks, "records that share a key; a pair may stand in several")] * keyed),
        ("pairs looked at", looked, met),
        ("candidate pairs", report["candidates"], "kept by the filters of the blocking"),
        ("matches", matches, f"candidate pairs with a score of {report['threshold']:.4g} or more"),
        ("links", report["links"], f"matches that the clustering kept{more}"),
        ("entities", clusters["clusters"], f"{joined:,} of them with two records or more"),
    ]
    return tuple({"label": label, "count": count, "note": note} for label, count, note in rows)


def field_rows(records: Records) -> tuple[dict[str, Any], ...]:
    """Return how complete each field is in each source."""
    some = np.unique(np.linspace(0, max(len(records) - 1, 0), 12).astype(np.int64))
    sample = records.table.take(some[: len(records)])
    rows = []
    for field in records.fields:
        filled = {}
        for source in records.sources:
            first, last = records.bounds(source)
            column = records.table[field.name].slice(first, last - first)
            filled[source] = 1 - column.null_count / max(len(column), 1)
        known = [value for value in sample[field.name].to_pylist() if value not in (None, [])]
        examples = [value for n, value in enumerate(known) if value not in known[:n]][:_EXAMPLES]
        rows.append(
            {"name": field.name, "kind": field.kind, "filled": filled, "examples": examples}
        )
    return tuple(rows)


def _histogram(score: FloatArray) -> dict[str, Any] | None:
    if not len(score):
        return None
    counts = np.zeros(_BINS, np.int64)
    for first in range(0, len(score), _AT_ONCE):
        some = np.nan_to_num(score[first : first + _AT_ONCE])
        place = np.minimum((some * _BINS).astype(np.int64), _BINS - 1)
        counts += np.bincount(place, minlength=_BINS)
    return {"counts": counts.tolist()}


def _importance(run: Finished, explainer: Explainer) -> dict[str, Any] | None:
    """Return the mean size of the contributions over matches and non-matches alike."""
    if not len(run.score):
        return None
    nodes = len(getattr(explainer.final, "feature", ()))
    half = int(np.clip(_IMPORTANCE_NODES // max(nodes, 1), 16, _IMPORTANCE_PAIRS)) // 2
    matches = np.flatnonzero(run.score >= run.threshold)
    others = np.flatnonzero(run.score < run.threshold)
    chosen = np.sort(np.concatenate([_spread(matches, half), _spread(others, half)]))
    found = run.job.candidates
    left, right = found.left[chosen], found.right[chosen]
    rows = run.job.seen(explainer.matcher, left, right, np.ones(len(left), bool))
    shares = contributions_of(explainer.final, rows)
    if shares is None:
        return None
    size = np.abs(shares.values).mean(axis=0)
    groups = [
        {
            "label": label,
            "mean": float(np.abs(shares.values[:, list(members)].sum(axis=1)).mean()),
            "columns": [[shares.names[column], float(size[column])] for column in members],
        }
        for label, members in explainer.groups
    ]
    groups.sort(key=lambda group: -float(group["mean"]))  # type: ignore[arg-type]
    return {
        "scale": shares.scale, "baseline": shares.start, "pairs": len(rows), "groups": groups,
    }  # fmt: skip


def _weights(explainer: Explainer) -> tuple[dict[str, Any], ...]:
    """Return the match weights of a Fellegi-Sunter matcher."""
    table = explainer.final.to_tables().get("weights")
    if table is None or not {"comparison", "state", "m", "u"} <= set(table.column_names):
        return ()
    rows = table.to_pylist()
    return tuple(row | {"weight": float(np.log2(row["m"] / row["u"]))} for row in rows)


def _calibration(fit: dict[str, Any]) -> dict[str, Any] | None:
    found = fit.get("calibration")
    known = isinstance(found, dict) and {"predicted", "observed"} <= found.keys()
    return dict(found) if known and found is not None else None


def _review(fit: dict[str, Any], report: dict[str, Any]) -> tuple[float, float] | None:
    band = report.get("review") or fit.get("review") or fit.get("review_band")
    if isinstance(band, dict):
        band = [band.get("lower"), band.get("upper")]
    if not isinstance(band, list | tuple) or len(band) != 2 or None in band:
        return None
    return float(band[0]), float(band[1])


def _map(records: Records, left: IntArray, right: IntArray) -> dict[str, Any] | None:
    """Return where some records and some links lie, to about a metre."""
    kinds = {field.kind: field.name for field in records.fields}
    if not {"latitude", "longitude"} <= kinds.keys():
        return None
    place = np.stack(
        [
            records.table[kinds[kind]].combine_chunks().to_numpy(zero_copy_only=False)
            for kind in ("latitude", "longitude")
        ],
        axis=1,
    ).astype(np.float64)
    known = np.flatnonzero(np.isfinite(place).all(axis=1))
    if not len(known):
        return None
    points = place[_spread(known, _MAP_POINTS)].round(5)
    links = np.hstack([place[left], place[right]])
    links = links[np.isfinite(links).all(axis=1)]
    some = links[_spread(np.arange(len(links)), _MAP_LINKS)].round(5)
    return {"points": points.tolist(), "links": some.tolist(), "total": len(links)}


def _pairs(run: Finished, explainer: Explainer) -> tuple[dict[str, Any], ...]:
    """Explain a dozen pairs, from the surest match over the doubtful to the surest non-match."""
    score, found = run.score, run.job.candidates
    if not len(score):
        return ()
    decided = score >= run.threshold
    chosen: list[int] = []
    for rows in (np.flatnonzero(decided), np.flatnonzero(~decided)):
        some = _spread(rows, 4096)
        some = some[np.argsort(-score[some], kind="stable")]
        ends = np.unique(np.linspace(0, max(len(some) - 1, 0), 4).astype(int))[: len(some)]
        chosen += some[ends].tolist()
        gap = np.abs(score[rows] - run.threshold)
        if len(gap):
            chosen += rows[np.argpartition(gap, min(2, len(gap) - 1))[:2]].tolist()
    every = np.unique(np.array(chosen, np.int64))
    every = every[np.lexsort((every, -score[every]))]
    explained = explainer.explain(found.left[every], found.right[every], run.order)
    return tuple(pair.to_dict() for pair in explained)


def _spread(rows: npt.NDArray[Any], most: int) -> npt.NDArray[Any]:
    """Return some of the rows, evenly."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]
