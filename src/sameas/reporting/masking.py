"""Values made unreadable, so that a report can be shown to others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sameas.core.errors import check_one_of
from sameas.reporting.data import ReportData

__all__ = ["MASKS", "mask_report", "mask_value"]

#: "shape": letters become x, digits 9. "hidden": nothing is left.
MASKS = ("shape", "hidden")
_DOTS = "•••"
#: What a plan says of a column with one value quotes it, among the reasons for other columns.
_QUOTES = "every value is the same ("
_KEPT_BACK = "Some columns are ignored; why is left out here, for that quotes a value."


def mask_value(value: Any, mask: str) -> Any:
    """Mask one value of a record.

    Examples
    --------
    >>> mask_value("12 Café Rd.", "shape"), mask_value(55.95, "shape"), mask_value(None, "shape")
    ('99 Xxxx Xx.', '99.99', None)
    >>> mask_value("12 Café Rd.", "hidden")
    '•••'
    """
    if value is None:
        return None
    if mask == "hidden":
        return _DOTS
    if isinstance(value, list | tuple):
        return [mask_value(item, mask) for item in value]
    return "".join(
        "9" if char.isdigit() else "X" if char.isupper() else "x" if char.isalpha() else char
        for char in str(value)
    )


def mask_report(data: ReportData, mask: str) -> ReportData:
    """Mask every value of a record, ids and words about values too; the map is left out.

    Parameters
    ----------
    data : ReportData
    mask : str
        One of `MASKS`.

    Raises
    ------
    ArgumentError
        If it is none of them.
    """
    check_one_of("mask", mask, MASKS)

    def record(side: Mapping[str, Any]) -> dict[str, Any]:
        kept = {"source": side["source"]}
        return kept | {k: mask_value(v, mask) for k, v in side.items() if k != "source"}

    def pair(given: Mapping[str, Any]) -> dict[str, Any]:
        parts = [
            {**part, "words": part["words"].partition(" (")[0] if _plain(part) else part["label"]}
            for part in given["parts"]
        ]
        sides = {side: record(given[side]) for side in ("left", "right")}
        return {**given, **sides, "parts": parts}

    def graph(given: Mapping[str, Any]) -> dict[str, Any]:
        return {**given, "nodes": [record(node) for node in given["nodes"]]}

    return replace(
        data,
        fields=tuple(
            {**field, "examples": [mask_value(value, mask) for value in field["examples"]]}
            for field in data.fields
        ),
        pairs=tuple(map(pair, data.pairs)),
        largest=tuple(map(graph, data.largest)),
        weakest=tuple(map(graph, data.weakest)),
        assumptions=tuple(_KEPT_BACK if _QUOTES in line else line for line in data.assumptions),
        map=None,
    )


def _plain(part: Mapping[str, Any]) -> bool:
    """Say whether the words of a part hold no number of the record itself."""
    return " % apart" not in part["words"]
