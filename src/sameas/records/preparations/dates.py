"""Preparation of dates: year, month and day, in the order that a source writes them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.prepared import Need
from sameas.core.prepared_values import Dates
from sameas.records.dates import DateTexts, day_numbers, read_dates
from sameas.records.normalise import normalise
from sameas.records.preparations.workspace import (
    Counted,
    Distinct,
    Workspace,
    counts,
    preparation,
)

__all__ = ["dates_as_words"]


@preparation("dates")
class _Dates(Counted):
    """Year, month and day of each record.

    Frozen is whether a source writes the month first (3/25/1987): what more of the records
    say whose date can be read in one way only. A source without such records, or a new one,
    follows the others; without any, the day is first.
    """

    def count(self, workspace: Workspace, need: Need) -> pa.Table:
        """Count the votes for the day first less those for the month first."""
        distinct, read = _read(workspace, need)
        source = pc.dictionary_encode(workspace.field("source").cast(pa.string()))
        present = distinct.code >= 0
        votes = np.bincount(
            source.indices.to_numpy(zero_copy_only=False)[present],
            read.vote[distinct.code[present]],
            minlength=len(source.dictionary),
        )
        return counts(int(present.sum()), source=source.dictionary, count=votes.astype(np.int64))

    def freeze(self, need: Need, counted: pa.Table) -> pa.Table:
        votes = counted["count"].to_numpy()
        decided = votes != 0
        names = counted["source"].combine_chunks().filter(pa.array(decided))
        table = pa.table({"source": names, "month_first": votes[decided] < 0})
        others = pa.table({"source": pa.nulls(1, pa.string()), "month_first": [votes.sum() < 0]})
        return pa.concat_tables([table.sort_by("source"), others])

    def transform(self, workspace: Workspace, need: Need, statistics: pa.Table | None) -> Dates:
        assert statistics is not None
        distinct, read = _read(workspace, need)
        parts = np.append(read.parts, np.zeros((1, 3), np.int32), axis=0)
        numbers = np.append(day_numbers(read.parts), np.nan)
        turned = parts[:, [0, 2, 1]]
        turned_numbers = np.append(day_numbers(turned[:-1]), np.nan)
        turn = np.append(read.either, False)[distinct.code] & _month_first(workspace, statistics)
        return Dates(
            np.where(turn[:, None], turned[distinct.code], parts[distinct.code]),
            np.where(turn, turned_numbers[distinct.code], numbers[distinct.code]),
        )


def _read(workspace: Workspace, need: Need) -> tuple[Distinct, DateTexts]:
    distinct = workspace.distinct(need.fields, "as_is")
    return workspace.once(("dates", need.fields), lambda: (distinct, read_dates(distinct.values)))


def _month_first(workspace: Workspace, statistics: pa.Table) -> npt.NDArray[np.bool_]:
    """Say for each record whether its source writes the month first."""
    known = statistics.column("source").combine_chunks().cast(pa.string())
    place = pc.index_in(workspace.field("source").cast(pa.string()), value_set=known)
    order = statistics.column("month_first").to_numpy()
    found: npt.NDArray[np.bool_] = order[
        pc.fill_null(place, len(known) - 1).to_numpy(zero_copy_only=False)
    ]
    return found


def dates_as_words(workspace: Workspace, field: str) -> Distinct:
    """Return dates as three words, year, month and day, however a source writes them.

    Which number is the month makes no difference to a set of words; what is no date stays as it is.
    """
    distinct, read = _read(workspace, Need("dates", (field,)))
    numbers = read.parts.astype(np.int64) @ np.array([10_000, 100, 1])
    plain = pc.utf8_lpad(pa.array(numbers).cast(pa.large_string()), 8, "0")
    words = pc.replace_substring_regex(plain, r"^(\d{4})(\d\d)(\d\d)$", r"\1 \2 \3")
    known = pa.array(read.parts.all(axis=1))
    return Distinct(distinct.code, pc.if_else(known, words, normalise(distinct.values)))
