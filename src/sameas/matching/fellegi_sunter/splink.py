"""Read a model that Splink has saved as JSON."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sameas.core.errors import DataError
from sameas.matching.conditions import Condition
from sameas.matching.fellegi_sunter.levels import Case, Levels
from sameas.matching.fellegi_sunter.spec import FellegiSunter

__all__ = ["SplinkModel", "read_splink"]

_FIELD = r'["`\[]?(?P<field>\w+?)_l["`\]]?'
_OTHER = r'["`\[]?(?P<other>\w+?)_r["`\]]?'
_PAIR = rf"\(\s*{_FIELD}\s*,\s*{_OTHER}\s*\)"
#: Conditions that can be read: the measure, and how they are written.
_KINDS = (
    ("equal", re.compile(rf"{_FIELD}\s*=\s*{_OTHER}", re.I)),
    ("jaro_winkler", re.compile(
        rf"jaro_?winkler(?:_similarity|_sim)?\s*{_PAIR}\s*>=\s*(?P<value>[\d.]+)", re.I)),
    ("edits_and_swaps", re.compile(
        rf"damerau_levenshtein\s*{_PAIR}\s*<=\s*(?P<value>[\d.]+)", re.I)),
    ("edits", re.compile(rf"levenshtein\s*{_PAIR}\s*<=\s*(?P<value>[\d.]+)", re.I)),
)  # fmt: skip
_NULL = re.compile(rf"{_FIELD}\s+IS\s+NULL\s+OR\s+{_OTHER}\s+IS\s+NULL", re.I)
_OPERATORS = {"equal": "==", "jaro_winkler": ">=", "edits": "<=", "edits_and_swaps": "<="}


@dataclass(frozen=True, slots=True)
class SplinkModel:
    """What a Splink model says, in our terms.

    Attributes
    ----------
    matcher : FellegiSunter
        Levels with m and u where the model has them, and the prior.
    measures : tuple of (str, str) pairs
        The field and the measure of each comparison column that the levels read: "equal",
        "jaro_winkler", "edits", "edits_and_swaps", "share" (the relative frequency).
    """

    matcher: FellegiSunter
    measures: tuple[tuple[str, str], ...]


def read_splink(source: str | os.PathLike[str] | Mapping[str, Any]) -> SplinkModel:
    """Read the JSON that Splink's ``save_model_to_json`` writes (versions 3 to 5).

    Parameters
    ----------
    source : path or mapping
        The file, or its content.

    Returns
    -------
    SplinkModel

    Raises
    ------
    DataError
        Naming the comparison and the condition that cannot be read. Those that can: equal,
        Jaro-Winkler at least, (Damerau-)Levenshtein at most, null, else.

    Notes
    -----
    Texts are normalised before they are compared (case, accents, white space), which Splink
    leaves to the user. Levels that were not trained are learned. Splink's prior speaks of all
    pairs of records, so u belongs to random pairs.

    Examples
    --------
    >>> sql = '"city_l" = "city_r"'
    >>> equal = {"sql_condition": sql, "m_probability": 0.9, "u_probability": 0.1}
    >>> other = {"sql_condition": "ELSE", "m_probability": 0.1, "u_probability": 0.9}
    >>> city = {"output_column_name": "city", "comparison_levels": [equal, other]}
    >>> read_splink({"comparisons": [city]}).matcher.levels[0].m
    (0.9, 0.1)
    """
    content = _content(source)
    found: list[Levels] = []
    measures: dict[tuple[str, str], None] = {}
    for place, comparison in enumerate(content["comparisons"]):
        title = str(comparison.get("output_column_name") or f"comparison {place + 1}")
        levels, read = _comparison(title, comparison.get("comparison_levels", []))
        found.append(levels)
        measures.update(dict.fromkeys(read))
    prior = content.get("probability_two_random_records_match")
    matcher = FellegiSunter(
        tuple(found), prior=None if prior is None else float(prior), u="random", monotone=False
    )
    return SplinkModel(matcher, tuple(measures))


def _content(source: str | os.PathLike[str] | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(source, Mapping):
        content: Any = source
    else:
        try:
            content = json.loads(Path(source).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(f"{source} cannot be read as a Splink model: {error}.") from error
    if not isinstance(content, Mapping) or not content.get("comparisons"):
        raise DataError(
            "This is no Splink model: it has no list 'comparisons'. Save it in Splink by "
            "linker.misc.save_model_to_json."
        )
    return content


def _comparison(title: str, rows: list[Mapping[str, Any]]) -> tuple[Levels, list[tuple[str, str]]]:
    """Read one comparison: its levels, and the columns that they need."""
    cases, read, frequency, shares, floor = [], list[tuple[str, str]](), None, list[float](), 1e-4
    known = [row for row in rows if not _is_null(title, row)]
    if not known or str(known[-1].get("sql_condition", "")).strip().upper() != "ELSE":
        raise DataError(f"Splink comparison {title!r}: the last level must be ELSE.")
    for row in known[:-1]:
        field, measure, value = _condition(title, str(row.get("sql_condition", "")))
        read.append((field, measure))
        label = str(row.get("label_for_charts") or row["sql_condition"])
        cases.append(Case(label, (Condition(f"{field}_{measure}", _OPERATORS[measure], value),)))
        column = row.get("tf_adjustment_column")
        shares.append(float(row.get("tf_adjustment_weight", 1.0)) if column else 0.0)
        if column:
            frequency = (f"{column}_share_less", f"{column}_share_more")
            read.append((str(column), "share"))
            floor = float(row.get("tf_minimum_u_value") or floor)
    last = str(known[-1].get("label_for_charts") or "else")
    levels = Levels(
        title,
        cases=tuple(cases),
        labels=(*(case.label for case in cases), last),
        m=_probabilities(known, "m_probability"),
        u=_probabilities(known, "u_probability"),
        frequency=frequency,
        frequency_weights=tuple(shares) if frequency else (1.0,),
        frequency_floor=floor,
    )
    return levels, read


def _is_null(title: str, row: Mapping[str, Any]) -> bool:
    if not row.get("is_null_level"):
        return False
    text = str(row.get("sql_condition", ""))
    if not _NULL.fullmatch(text.strip()):
        raise _unreadable(title, text)
    return True


def _condition(title: str, text: str) -> tuple[str, str, float]:
    """Read the SQL of one level: the field, the measure, the threshold."""
    for measure, pattern in _KINDS:
        match = pattern.fullmatch(text.strip())
        if match and match["field"] == match["other"]:
            value = 1.0 if measure == "equal" else float(match["value"])
            return match["field"], measure, value
    raise _unreadable(title, text)


def _unreadable(title: str, text: str) -> DataError:
    return DataError(
        f"Splink comparison {title!r}: the condition {text!r} cannot be read. Those that can: "
        "equal, jaro_winkler_similarity at least, levenshtein or damerau_levenshtein at most, "
        "null, ELSE. Take the comparison out of the model, or write its Levels by hand."
    )


def _probabilities(rows: list[Mapping[str, Any]], key: str) -> tuple[float, ...]:
    """Return the probabilities of all levels, or none if one is not trained."""
    values = [row.get(key) for row in rows]
    known = [float(value) for value in values if isinstance(value, int | float) and value > 0]
    return tuple(known) if len(known) == len(values) else ()
