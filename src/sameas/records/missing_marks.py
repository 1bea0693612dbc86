"""Words that programs write into CSV for a missing value: NA of R, NaN of pandas, NULL of SQL."""

from __future__ import annotations

import logging

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["without_marks"]

logger = logging.getLogger(__name__)

_MARKS = ("NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null", "\\N", "None")
#: Share of the rows, and their number, from which it is one: some people are called Null, and NA
#: is Namibia.
_OFTEN, _TIMES = 0.05, 3


def without_marks(table: pa.Table, *, name: str) -> pa.Table:
    """Take the values of columns of text that only say that there is none out, and tell of it.

    A mark is one where it stands in at least 5 % of the rows of a column, and in three of them.

    Examples
    --------
    >>> table = pa.table({"middle": ["NA", "Ann", "NA", "NA"], "state": ["NA", "NY", "CA", "NC"]})
    >>> without_marks(table, name="people.csv")["middle"].to_pylist()
    [None, 'Ann', None, None]
    """
    marks = pa.array(_MARKS)
    for place, column in enumerate(table.column_names):
        held = pc.is_in(table[column], value_set=marks)
        least = max(_OFTEN * len(held), _TIMES)
        if (pc.sum(held).as_py() or 0) < least:
            continue
        found = pc.value_counts(table[column].filter(held)).to_pylist()
        meant = sorted(item["values"] for item in found if item["counts"] >= least)
        if not meant:
            continue
        gone = pc.is_in(table[column], value_set=pa.array(meant))
        cleaned = pc.if_else(gone, pa.scalar(None, table[column].type), table[column])
        table = table.set_column(place, column, cleaned)
        logger.info("%s: %s of %r is taken for a missing value", name, ", ".join(meant), column)
    return table
