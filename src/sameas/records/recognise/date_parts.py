"""Which three columns of a table hold the year, the month and the day of one date."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc

from sameas.records.joined import joined_name
from sameas.records.recognise.concepts import words_of
from sameas.records.values import as_strings

__all__ = ["date_parts"]

#: English, German, French, Spanish, Italian, Portuguese and Dutch; what values lie between.
_PARTS = (
    ("year yr yyyy y jahr annee ano anno jaar", 1000, 2200),
    ("month mon mm m monat mois mes mese maand", 1, 12),
    ("day dd d tag jour dia giorno dag", 1, 31),
)
_MOST = 0.8  # of the rows with a value lie there
_ROWS = 20_000  # that are looked at


def date_parts(table: pa.Table, columns: Collection[str]) -> dict[str, str]:
    """Find columns of one table that are called alike but for year, month and day.

    Parameters
    ----------
    table : pyarrow.Table
    columns : collection of str
        Those of its columns that may be taken.

    Returns
    -------
    dict of str to str
        By joined column, what the date is called.

    Examples
    --------
    >>> table = pa.table({"birth_day": [31, 9], "birth_month": [12, 3], "birth_year": [1960, 1987]})
    >>> date_parts(table, table.column_names)
    {'birth_year + birth_month + birth_day': 'birth_date'}
    """
    seen: dict[tuple[str, ...], dict[int, str]] = {}
    for column in columns:
        words = words_of(column)
        for place, word in enumerate(words):
            for part, (known, _, _) in enumerate(_PARTS):
                if word in known.split():
                    called = (*words[:place], "date", *words[place + 1 :])
                    seen.setdefault(called, {}).setdefault(part, column)
    found = {}
    for called, held in seen.items():
        if len(held) == len(_PARTS) and all(_fits(table[held[part]], part) for part in held):
            found[joined_name([held[part] for part in range(len(_PARTS))])] = "_".join(called)
    return found


def _fits(column: pa.ChunkedArray, part: int) -> bool:
    """Say whether most values are such numbers."""
    if pa.types.is_nested(column.type):
        return False
    texts = as_strings(column.slice(0, _ROWS)).drop_null().cast(pa.binary())
    digits = texts.filter(pc.match_substring_regex(texts, r"^ *\d{1,4} *$"))
    numbers = pc.ascii_trim_whitespace(digits.cast(pa.string())).cast(pa.int64()).to_numpy()
    _, least, most = _PARTS[part]
    inside = int(((numbers >= least) & (numbers <= most)).sum())
    return inside >= _MOST * max(len(texts), 1)
