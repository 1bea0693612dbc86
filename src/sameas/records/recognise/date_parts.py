"""Which three columns of a table hold the year, the month and the day of one date."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from sameas.records.concepts import words_of
from sameas.records.joined import joined_name
from sameas.records.values import as_strings

__all__ = ["date_parts"]

#: English, German, French, Spanish, Italian, Portuguese and Dutch; what values lie between.
_PARTS = (
    ("year yr yyyy y jahr annee ano anno jaar", 1000, 2200),
    ("month mon mm m monat mois mes mese maand", 1, 12),
    ("day dd d tag jour dia giorno dag", 1, 31),
)
_LEAST_LETTERS = 3  # of a part that is written together with what it is a part of: birthyear
_INITIALS = ("y", "m", "d")
_MOST = 0.8  # of the rows with a value lie there
_ROWS = 20_000  # that are looked at


def date_parts(table: pa.Table, columns: Collection[str]) -> dict[str, str]:
    """Find columns of one table that are called alike but for year, month and day.

    The parts may be words of their own, written together (``birthyear``), or initials that
    begin or end a word (``by``, ``bm``, ``bd``; ``yob``, ``mob``, ``dob``).

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
        for part, called in _read(words_of(column)):
            seen.setdefault(called, {}).setdefault(part, column)
    found: dict[str, str] = {}
    taken: set[str] = set()
    for called, held in seen.items():
        if len(held) < len(_PARTS) or not taken.isdisjoint(held.values()):
            continue
        if all(_fits(table[held[part]], part) for part in held):
            found[joined_name([held[part] for part in range(len(_PARTS))])] = "_".join(called)
            taken.update(held.values())
    return found


def _read(words: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Say which part of what date a name may mean, the plainest reading first."""
    for place, word in enumerate(words):
        before, behind = words[:place], words[place + 1 :]
        for part, (known, _, _) in enumerate(_PARTS):
            if word in known.split():
                yield part, (*before, "date", *behind)
            for ending in (k for k in known.split() if len(k) >= _LEAST_LETTERS):
                if word.endswith(ending) and word != ending:
                    yield part, (*before, word.removesuffix(ending), "date", *behind)
        for part, initial in enumerate(_INITIALS):
            if word.endswith(initial) and word != initial:
                yield part, (*before, word[:-1], "date", *behind)
            if word.startswith(initial) and word != initial:
                yield part, (*before, "date", word[1:], *behind)


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
