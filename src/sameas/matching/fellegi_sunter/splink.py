"""Read a model that Splink has saved as JSON."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sameas.core.dataclass import dataclass
from sameas.core.errors import DataError
from sameas.matching.conditions import Condition
from sameas.matching.fellegi_sunter.levels import Case, Levels
from sameas.matching.fellegi_sunter.spec import FellegiSunter
from sameas.matching.fellegi_sunter.splink_sql import Reading, is_null, read_condition

__all__ = ["SplinkModel", "read_splink"]

logger = logging.getLogger(__name__)
_OPERATORS = {"equal": "==", "local_equal": "==", "swapped": "==", "jaro_winkler": ">=",
              "local_jaro_winkler": ">=", "edits": "<=", "edits_and_swaps": "<=", "days": "<=",
              "difference": "<="}  # fmt: skip
#: No value is taken to be rarer than this where the model does not say.
_FLOOR = 1e-4


@dataclass(frozen=True, slots=True)
class SplinkModel:
    """What a Splink model says, in our terms.

    Attributes
    ----------
    matcher : FellegiSunter
        Levels with m and u where the model has them, and the prior.
    measures : tuple of (tuple of str, str) pairs
        The fields and the measure of each comparison column that the levels read: those of
        `splink_sql.Reading`, and "share" (the relative frequency).
    """

    matcher: FellegiSunter
    measures: tuple[tuple[tuple[str, ...], str], ...]


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
        Jaro-Winkler at least, (Damerau-)Levenshtein at most, dates and numbers so far apart at
        most, the local part of e-mail addresses, two fields that changed places, null, else, and
        several of them with AND.

    Notes
    -----
    Texts are normalised before they are compared (case, accents, white space), which Splink
    leaves to the user. Levels that were not trained are learned. Splink's prior speaks of all
    pairs of records, so u belongs to random pairs. The levels of one comparison are adjusted by
    the frequencies of one field; where Splink adjusts others by a second field, that is left out
    and a warning says so.

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
    measures: dict[tuple[tuple[str, ...], str], None] = {}
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


def _comparison(
    title: str, rows: list[Mapping[str, Any]]
) -> tuple[Levels, list[tuple[tuple[str, ...], str]]]:
    """Read one comparison: its levels, and the columns that they need."""
    known = [row for row in rows if not _is_null(title, row)]
    if not known or str(known[-1].get("sql_condition", "")).strip().upper() != "ELSE":
        raise DataError(f"Splink comparison {title!r}: the last level must be ELSE.")
    cases, read = [], list[tuple[tuple[str, ...], str]]()
    for row in known[:-1]:
        readings = _readings(title, str(row.get("sql_condition", "")))
        read += [(item.fields, item.measure) for item in readings]
        label = str(row.get("label_for_charts") or row["sql_condition"])
        cases.append(Case(label, tuple(_condition(item) for item in readings)))
    frequency = _frequency(title, known[:-1])
    read += [((str(frequency["of"]),), "share")] if frequency else []
    last = str(known[-1].get("label_for_charts") or "else")
    levels = Levels(
        title,
        cases=tuple(cases),
        labels=(*(case.label for case in cases), last),
        m=_probabilities(known, "m_probability"),
        u=_probabilities(known, "u_probability"),
        **frequency.get("settings", {}),
    )
    return levels, read


def _frequency(title: str, rows: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Read by which field levels are adjusted, and how much each of them; none is empty."""
    columns = [row.get("tf_adjustment_column") for row in rows]
    fields = list(dict.fromkeys(str(column) for column in columns if column))
    if not fields:
        return {}
    if fields[1:]:
        logger.warning(
            "Splink comparison %r: the term frequencies of %s are left out, those of %s count",
            title, ", ".join(fields[1:]), fields[0],
        )  # fmt: skip
    shares = [
        float(row.get("tf_adjustment_weight", 1.0)) if column == fields[0] else 0.0
        for row, column in zip(rows, columns, strict=True)
    ]
    floors = [row.get("tf_minimum_u_value") for row in rows]
    settings = {
        "frequency": (f"{fields[0]}_share_less", f"{fields[0]}_share_more"),
        "frequency_weights": tuple(shares),
        "frequency_floor": float(next((floor for floor in floors if floor), _FLOOR)),
    }
    return {"of": fields[0], "settings": settings}


def _is_null(title: str, row: Mapping[str, Any]) -> bool:
    if not row.get("is_null_level"):
        return False
    text = str(row.get("sql_condition", ""))
    if not is_null(text):
        raise _unreadable(title, text)
    return True


def _readings(title: str, text: str) -> tuple[Reading, ...]:
    found = read_condition(text)
    if not found:
        raise _unreadable(title, text)
    return found


def _condition(item: Reading) -> Condition:
    """Return the condition on the column that the comparison of `from_splink` gives."""
    field, measure = "_".join(item.fields), item.measure
    if measure.startswith("local_"):
        field, measure = ("" if field == "email" else f"{field}_") + "email", measure
    return Condition(f"{field}_{measure}", _OPERATORS[item.measure], item.value)


def _unreadable(title: str, text: str) -> DataError:
    return DataError(
        f"Splink comparison {title!r}: the condition {text!r} cannot be read. Those that can: "
        "equal, jaro_winkler_similarity at least, levenshtein or damerau_levenshtein at most, "
        "dates or numbers so far apart at most, the part of an e-mail address before the @, two "
        "fields that changed places, several of these with AND, null, ELSE. Take the comparison "
        "out of the model, or write its Levels by hand."
    )


def _probabilities(rows: list[Mapping[str, Any]], key: str) -> tuple[float, ...]:
    """Return the probabilities of all levels, or none if one is not trained."""
    values = [row.get(key) for row in rows]
    known = [float(value) for value in values if isinstance(value, int | float) and value > 0]
    return tuple(known) if len(known) == len(values) else ()
