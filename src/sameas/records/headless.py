"""Whether the first line of a text table names its columns, or is a record already."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

__all__ = ["is_record"]

#: Share of a column's values that look like a cell of the first line, from which it is a value.
_ALIKE = 0.5
_LONG = 5  # digits of a number that is no year, no count, no place in a row
_DIGITS = 3  # of a date, a telephone number, a code; names of columns have fewer: id1, line_2


def is_record(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Say whether a first line looks like the rows that follow it.

    A cell speaks for it that other rows have too in its column, or that holds three digits or an
    ``@`` and is written as most values of its column are. A third of the cells that are not empty
    have to, two at least, and one that is not a bare number: a wide table may have years for
    names.

    Parameters
    ----------
    first : sequence of str
        The cells of the first line.
    rows : sequence of sequence of str
        Some of the rows below; those that repeat the first line say nothing, for files that
        were put one behind the other have several headers.

    Examples
    --------
    >>> rows = [["Ann Lee", "alee@x.org", "Bath"], ["Bo Hall", "bo@y.org", "York"]]
    >>> is_record(["Cy May", "cm@z.org", "York"], rows), is_record(["name", "email", "city"], rows)
    (True, False)
    """
    others = [row for row in rows if len(row) == len(first) and list(row) != list(first)]
    if not others:
        return False
    speaking = [
        cell
        for place, cell in enumerate(first)
        if cell.strip() and _is_value(cell.strip(), [row[place].strip() for row in others])
    ]
    told = sum(bool(cell.strip()) for cell in first)
    return len(speaking) >= max(2, told / 3) and not all(cell.isdigit() for cell in speaking)


def _is_value(cell: str, values: Sequence[str]) -> bool:
    if cell in values:
        return True
    digits = sum(letter.isdigit() for letter in cell)
    if "@" not in cell and digits < (_LONG if cell.isdigit() else _DIGITS):
        return False
    shapes = Counter(_shape(value) for value in values if value)
    return shapes[_shape(cell)] > _ALIKE * shapes.total()


def _shape(text: str) -> str:
    """Write digits as 0 and words as a: dates, codes, addresses of e-mail have few such forms."""
    letters = re.sub(r"[^\W\d_]+", "a", text)
    return re.sub(r"\d", "0", letters) if text.isdigit() else re.sub(r"\d+", "0", letters)
