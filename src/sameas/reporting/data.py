"""What a report shows, gathered in one place: plain data that JSON can hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from sameas.core.dataclass import dataclass
from sameas.core.errors import RunError

__all__ = ["REPORT_FILE", "ReportData", "read_report_data", "write_report_data"]

#: The file of a run folder that `sameas report` draws from.
REPORT_FILE = "report.json"


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything that a report shows. None or empty: the section is left out.

    Attributes
    ----------
    title : str
    summary : dict
        ``mode``, ``sources`` (records of each), ``records``, ``candidates``, ``links``,
        ``entities``, ``threshold``, ``linker_version``, ``sameas``, ``key`` (of the run).
    funnel : tuple of dict
        ``label``, ``count``, ``note``: records, blocks, pairs, matches, entities.
    rules : tuple of dict
        What each blocking rule did, as in ``run.json``.
    fields : tuple of dict
        ``name``, ``kind``, ``filled`` (share of the records of each source), ``examples``.
    fit : dict
        What `fit` reported: labels, split, figures, threshold note, notes, matcher.
    importance : dict or None
        ``scale``, ``baseline``, ``pairs``, ``groups``: mean size of the contributions.
    weights : tuple of dict
        Match weights: ``comparison``, ``state``, ``m``, ``u``, ``weight``, ``pairs``.
    curve : dict or None
        ``recall`` and ``precision``, ``point`` (recall, precision at the threshold), ``of``.
    calibration : dict or None
        ``predicted``, ``observed``, ``pairs`` by bin, and ``brier``, ``error`` if known.
    histogram : dict or None
        ``counts`` of scores in equal bins from 0 to 1.
    review : tuple of float or None
        The review band: from the lower to the upper threshold.
    map : dict or None
        ``points`` (latitude, longitude), ``links`` (two of each), ``total``.
    pairs : tuple of dict
        Explained pairs, as of `Explanation.to_dict`, by falling score.
    sizes : dict of str to int
        How many entities have each number of records.
    largest, weakest : tuple of dict
        Clusters as graphs: ``size``, ``nodes``, ``edges`` (from, to, score), ``weakest``.
    quarantine : tuple of dict
        ``field``, ``reason``, ``count``.
    assumptions : tuple of str
    """

    title: str
    summary: Mapping[str, Any]
    funnel: tuple[Mapping[str, Any], ...] = ()
    rules: tuple[Mapping[str, Any], ...] = ()
    fields: tuple[Mapping[str, Any], ...] = ()
    fit: Mapping[str, Any] | None = None
    importance: Mapping[str, Any] | None = None
    weights: tuple[Mapping[str, Any], ...] = ()
    curve: Mapping[str, Any] | None = None
    calibration: Mapping[str, Any] | None = None
    histogram: Mapping[str, Any] | None = None
    review: tuple[float, float] | None = None
    map: Mapping[str, Any] | None = None
    pairs: tuple[Mapping[str, Any], ...] = ()
    sizes: Mapping[str, int] | None = None
    largest: tuple[Mapping[str, Any], ...] = ()
    weakest: tuple[Mapping[str, Any], ...] = ()
    quarantine: tuple[Mapping[str, Any], ...] = ()
    assumptions: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> ReportData:
        """Read what `to_dict` gave; keys that this version does not know are left out."""
        known = {item.name: item for item in fields(cls)}
        given = {key: value for key, value in content.items() if key in known}
        for key, value in given.items():
            if isinstance(value, list):
                given[key] = tuple(value)
        return cls(**given)


def write_report_data(data: ReportData, folder: Path) -> None:
    """Keep the data of a report in the run folder, whole or not at all."""
    text = json.dumps(data.to_dict(), ensure_ascii=False, default=str, separators=(",", ":"))
    part = folder / f".{REPORT_FILE}.part"
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(folder / REPORT_FILE)


def read_report_data(folder: Path) -> ReportData | None:
    """Read the data of a report from a run folder; None if there is none.

    Raises
    ------
    RunError
        If the file is damaged.
    """
    file = folder / REPORT_FILE
    if not file.exists():
        return None
    try:
        return ReportData.from_dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise RunError(f"{file} is damaged: {error}. Run again to write it anew.") from error
