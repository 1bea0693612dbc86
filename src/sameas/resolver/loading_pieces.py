"""A first load of tables that do not fit into memory: piece by piece, as a run in pieces works."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.errors import ArgumentError
from sameas.core.pair_key import pair_key
from sameas.core.prepared import IntArray
from sameas.kernels.geo import to_xyz
from sameas.linker import Options
from sameas.linker.pieces.run import PieceRun
from sameas.linker.pieces.store import Store as Stages
from sameas.linker.pieces.store import Tables
from sameas.records import prepare
from sameas.resolver.first_load import (
    BATCH,
    First,
    ScoredPairs,
    best_scores,
    write_blocks,
    write_lists,
)
from sameas.resolver.machine import Machine
from sameas.resolver.numbering import neighbours_first
from sameas.store import Transaction

__all__ = ["load_pieces"]

Longs = npt.NDArray[np.int64]


def load_pieces(
    work: Transaction, machine: Machine, tables: Mapping[str, Any], options: Options
) -> tuple[Counter[str], pa.Table]:
    """Put tables into an empty store.

    Parameters
    ----------
    work : Transaction
    machine : Machine
    tables : mapping of source to table
    options : Options
        With `memory`.

    Returns
    -------
    Counter, pyarrow.Table
        "new" records and "created" entities; QUARANTINE.

    Notes
    -----
    Pieces are as large as `memory` lets them be; in addition some 300 bytes a record are in
    memory: numbers, blocks and scored pairs. What is found meanwhile lies in a folder for files
    that are thrown away.
    """
    fitted = machine.fitted
    with tempfile.TemporaryDirectory(prefix="sameas-load-") as folder:
        run = PieceRun(
            tables, fitted, fitted.mode, fitted.threshold, options, {}, Path(folder)
        )  # fmt: skip
        laid, stages, numbers = run.scored()
        if not pa.types.is_string(laid.ids.type) and not pa.types.is_large_string(laid.ids.type):
            raise ArgumentError(
                f"memory= loads tables whose ids are texts; these are {laid.ids.type}. Make them "
                "texts in the tables, or leave out memory=."
            )
        return _Loading(work, machine, laid, stages).write(numbers), laid.quarantine


@dataclass(frozen=True)
class _Loading:
    """Records in pieces, on their way into a store."""

    work: Transaction
    machine: Machine
    laid: Tables
    stages: Stages

    def write(self, numbers: list[int]) -> Counter[str]:
        """Write records, blocks, lists, entities and events."""
        work, machine = self.work, self.machine
        pairs = self._pairs(numbers)
        decision = pairs.score >= machine.threshold
        label = machine.clusterer().cluster(
            pairs.left, pairs.right, pairs.score, decision, self.laid.source_code
        ).label  # fmt: skip
        work.drop_indexes()
        first = First(work, machine.fitted.version, label)
        entities = first.tell(self._keys, best_scores(pairs, label, machine.threshold))
        number = self._write_records(first)
        write_lists(work, machine, pairs, number)
        work.make_indexes()
        work.set_meta("linker", machine.fitted.version)
        return Counter(new=len(number), created=entities)

    def _keys(self, begin: int, end: int) -> tuple[list[str], list[str]]:
        names = self.laid.sources
        source = [names[code] for code in self.laid.source_code[begin:end].tolist()]
        return source, self.laid.ids.slice(begin, end - begin).to_pylist()

    def _pairs(self, numbers: list[int]) -> ScoredPairs:
        """Read the scored pairs of all pieces, in their order."""
        kinds = len(self.machine.spec.context.over) if self.machine.spec.context else 0
        parts: list[list[npt.NDArray[Any]]] = [[] for _ in range(4)]
        firsts = [np.zeros((0, kinds), np.float32)]
        for number in numbers:
            scored, _ = self.stages.read("scores", number)
            found, _ = self.stages.read("candidates", number)
            for part, name in zip(parts, ("left", "right", "rule", "score"), strict=True):
                part.append(np.array(scored[name].to_numpy()))
            first = [found[f"first_{place}"].to_numpy() for place in range(kinds)]
            firsts.append(np.array(first, np.float32).reshape(kinds, -1).T)
        types = (np.int32, np.int32, np.uint8, np.float64)
        left, right, rule, score = (
            np.concatenate([np.zeros(0, kind), *part])
            for kind, part in zip(types, parts, strict=True)
        )
        order = np.argsort(pair_key(left, right))
        every = np.concatenate(firsts)[order]
        return ScoredPairs(left[order], right[order], rule[order], score[order], every)

    def _write_records(self, first: First) -> Longs:
        """Write records piece by piece, neighbours side by side; return their numbers."""
        number = np.zeros(len(self.laid), np.int64)
        following = 1
        keys: list[Longs] = []
        owners: list[Longs] = []
        for place, piece in enumerate(self.laid.pieces):
            if not piece.home:
                continue
            table = self.laid.piece(place)
            table = table.filter(table["home"])
            order = self._order(table)
            for begin in range(0, len(order), BATCH):
                part = table.take(pa.array(order[begin : begin + BATCH]))
                record: IntArray = part["record"].to_numpy()
                number[record] = np.arange(following, following + len(record))
                key, owner = self._write_part(first, following, record, part)
                keys.append(key)
                owners.append(owner)
                following += len(record)
        write_blocks(self.work, keys, owners)
        return number

    def _order(self, table: pa.Table) -> Longs:
        points = self.machine.points
        if points is None:
            return np.arange(len(table))
        return neighbours_first(to_xyz(*(table[name].to_numpy() for name in points.fields)))

    def _write_part(
        self, first: First, begin: int, record: IntArray, part: pa.Table
    ) -> tuple[Longs, Longs]:
        """Write some records with what is prepared of them; return their blocks."""
        machine = self.machine
        records = self.laid.records(part).table
        records = records.set_column(0, "source", records["source"].cast(pa.string()))
        first.add(begin, record, records)
        columns = prepare(records, machine.preparer.needs, dict(machine.fitted.statistics))
        packed = []
        for layout in (machine.thin, machine.whole):
            buffer, start = layout.packed(columns)
            view = buffer.tobytes()
            packed.append([view[a:b] for a, b in pairwise(start.tolist())])
        numbers = np.arange(begin, begin + len(record))
        self.work.add_prepared(numbers.tolist(), *packed)
        key, owner = machine.standing(machine.thin.unpack(packed[0]))
        return key, numbers[owner]
