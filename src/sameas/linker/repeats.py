"""Rows that repeat another one of their table in every field are one record, and share its entity.

A list of mentions, orders or visits holds the same wording hundreds of times. Their pairs say
nothing, blocks of one wording are too large for a key, and copies look as if they never differed.
So each wording is compared once. At the end its other rows get its entity, unless another thing
could well have the same wording by chance: a common name and nothing else tells too little. Across
tables all rows of a wording have its links.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.prepared import FloatArray, IntArray
from sameas.linker.inputs import Options, pair_ends
from sameas.records import Records
from sameas.records.contents import column_hashes

if TYPE_CHECKING:
    from sameas.linker.job import Job
    from sameas.linker.spec import LinkerSpec
    from sameas.reporting import Explanation

__all__ = ["Repeats", "compared_once", "warn_of_rows"]

logger = logging.getLogger(__name__)

_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, eq=False)
class Repeats:
    """All rows of a table, and which record each is.

    Attributes
    ----------
    records : Records
        Every row.
    record : int32[rows]
        The number of its wording, in the order of their first rows.
    first : int32[wordings]
        The first row of each.
    """

    records: Records
    record: IntArray
    first: IntArray

    @classmethod
    def of(cls, records: Records) -> Repeats:
        """Find the rows that are equal in every field, and of one source.

        Examples
        --------
        >>> from sameas.records import collect
        >>> table = {"id": [1, 2, 3], "name": ["Inn", "Bar", "Inn"]}
        >>> Repeats.of(collect({"a": table}, {"name": "name"})).record.tolist()
        [0, 1, 0]
        """
        code = records.source_code.astype(np.uint64)
        for field in records.fields:
            code = code * _MIX + column_hashes(records.table[field.name])
        _, first, again = np.unique(code, return_index=True, return_inverse=True)
        order = np.argsort(first)
        number = np.empty(len(order), np.int32)
        number[order] = np.arange(len(order), dtype=np.int32)
        return cls(records, number[again], first[order].astype(np.int32))

    def distinct(self) -> Records:
        """Return each wording once, by its first row."""
        table, code = self.records.table, self.records.source_code
        return replace(
            self.records, table=table.take(pa.array(self.first)), source_code=code[self.first]
        )

    def named(
        self, explanations: Sequence[Explanation], pairs: pa.Table, order: tuple[str, ...]
    ) -> tuple[Explanation, ...]:
        """Give explanations of wordings the ids of the rows that were asked for.

        Parameters
        ----------
        explanations : sequence of Explanation
        pairs : pyarrow.Table
            As they were asked for.
        order : tuple of str
            Sources as the user gave them.
        """
        ends = (pair_ends(pairs, self.records, side, order) for side in ("left", "right"))
        return tuple(
            self._named(said, int(one), int(other))
            for said, one, other in zip(explanations, *ends, strict=True)
        )

    def _named(self, said: Explanation, one: int, other: int) -> Explanation:
        """Give one explanation the ids of two rows, each on the side of its wording."""
        ids, first = self.records.table["id"], int(self.first[self.record[one]])
        source = self.records.sources[self.records.source_code[one]]
        if (said.left["source"], said.left["id"]) != (source, ids[first].as_py()):
            one, other = other, one
        same = self.record[one] == self.record[other]
        return replace(
            said,
            left={**said.left, "id": ids[one].as_py()},
            right={**said.right, "id": ids[other].as_py()},
            candidate=said.candidate or bool(same),  # rows of one wording need not meet
        )

    def chance_of_copy(self) -> FloatArray:
        """Return the chance that a row of the wording of each record is that very thing.

        A row repeats an earlier one either because it is a copy, as the share of such rows says,
        of any thing alike; or because another thing happens to have all its values, as if fields
        were independent. What is missing tells nothing.

        Examples
        --------
        >>> from sameas.records import collect
        >>> names, cities = ["Ann", "Ann", "Ann", "Zoe", "Ada", "Ada"], ["a", "a", "b", *"aaa"]
        >>> table = {"id": range(6), "name": names, "city": cities}
        >>> repeats = Repeats.of(collect({"a": table}, {"name": "name", "city": "category"}))
        >>> repeats.chance_of_copy().round(2).tolist()
        [0.5, 1.0, 0.5, 0.5]
        """
        things, rows = len(self.first), len(self.record)
        by_chance = np.full(things, float(things))
        told = np.zeros(things, np.bool_)
        table = self.distinct().table
        for field in self.records.fields:
            known = ~table[field.name].is_null().to_numpy(zero_copy_only=False)
            others = _others_alike(column_hashes(table[field.name])[known])
            by_chance[known] *= others / max(len(others), 1)
            told |= known
        copies = (rows - things) / max(things, 1)
        return np.where(told, copies / np.maximum(copies + by_chance, 1e-300), 0.0)


def _others_alike(code: npt.NDArray[np.uint64]) -> FloatArray:
    """Return how many others have the value of each; below one for values that are there once.

    A value seen once is one of many that are hardly ever seen twice: how often, those seen twice
    tell (Good and Turing).
    """
    _, place, count = np.unique(code, return_inverse=True, return_counts=True)
    once, twice = (count == 1).sum(), (count == 2).sum()
    return np.where(count == 1, min(1.0, 2 * twice / max(once, 1)), count - 1.0)[place]


def compared_once(job: Job, options: Options | None = None) -> Job:
    """Return the job of the wordings of a table, if its linker is to compare each once.

    Where the user says which rows belong together, or how many may, each keeps its own place.
    """
    said = options is not None and (options.constraints is not None or options.unique_sources)
    if not job.spec.distinct or job.mode not in ("dedupe", "many") or said:
        return job
    repeats = Repeats.of(job.records)
    return replace(job, records=repeats.distinct(), repeats=repeats)


def warn_of_rows(spec: LinkerSpec) -> None:
    """Say that rows which repeat others are compared one by one, where that is so."""
    if spec.distinct:
        logger.warning(
            "Here every row is compared by itself, also those that repeat another one in every "
            "field, and keys that too many of them share are left out: give each such row once, "
            "and give the others its entity afterwards."
        )
