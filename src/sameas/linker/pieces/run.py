"""A run in pieces, from tables to entities, each piece of each stage kept in the run folder."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import sameas
from sameas.blocking import SharedWord
from sameas.comparison.context import Window
from sameas.core.addresses import is_address
from sameas.engines.base import Engine
from sameas.engines.duckdb import DuckDBEngine
from sameas.linker.inputs import Options
from sameas.linker.modes import check_mode
from sameas.linker.pieces.clock import Clock
from sameas.linker.pieces.laying import lay_tables
from sameas.linker.pieces.layout import key_needs, reach_of
from sameas.linker.pieces.memory import in_order, records_a_piece
from sameas.linker.pieces.outcome import Outcome
from sameas.linker.pieces.rivals import Contest, contest_of
from sameas.linker.pieces.store import Store, Tables
from sameas.linker.pieces.work import Worker
from sameas.linker.result import KeptResult
from sameas.linker.saving import FittedLinker
from sameas.records.frames import to_arrow
from sameas.records.scan import Scanned, scan

__all__ = ["PieceRun"]

logger = logging.getLogger(__name__)


@dataclass
class PieceRun:
    """One job that is carried to its end piece by piece.

    Parameters
    ----------
    named : mapping of str to table
    fitted : FittedLinker
    mode : str
    threshold : float
    options : Options
        With `memory`.
    inputs : dict
        Where the tables came from, for ``run.json``.
    out : Path
        The run folder.
    most : int, optional
        Records of a piece; by the memory by default.
    """

    named: Mapping[str, Any]
    fitted: FittedLinker
    mode: str
    threshold: float
    options: Options
    inputs: dict[str, Any]
    out: Path
    most: int | None = None

    def __post_init__(self) -> None:
        check_mode(self.mode)
        contest_of(self.fitted.matcher, np.zeros(0, np.int32), self.mode)
        key_needs(self.fitted.spec.blocking)

    def finish(self, *, entities: bool = True) -> KeptResult:
        """Run all stages, with golden records or without; resume what is there already."""
        golden = self.out / "entities.parquet"
        done = self._finished()
        if not entities:
            golden.unlink(missing_ok=True)
        if done is not None and golden.exists() == entities:
            return done
        with closing(Clock(self.mode)) as clock:
            tables, store, numbers = self._scored(clock)
            Outcome(self, tables, store, numbers, clock).write(entities=entities)
        for stage in ("records", "candidates", "golden-*"):
            store.remove(stage)
        (store.folder / "records.json").unlink(missing_ok=True)
        return KeptResult.read(self.out)

    def scored(self) -> tuple[Tables, Store, list[int]]:
        """Find and score all pairs, and leave them in the run folder: for a store of entities.

        Returns
        -------
        Tables, Store, list of int
            The records by piece; where "candidates" and "scores" lie; the pieces that have them.
        """
        with closing(Clock(self.mode)) as clock:
            return self._scored(clock)

    def _scored(self, clock: Clock) -> tuple[Tables, Store, list[int]]:
        store = Store(self.out / "stages" / f"pieces-{self._fingerprint}")
        store.folder.mkdir(parents=True, exist_ok=True)
        tables = store.tables(key_needs(self.fitted.spec.blocking), self.fitted.spec.fields)
        if tables is None:
            with clock.cost("records"):
                tables = self._lay(store, clock)
        clock.know(len(tables))
        worker = Worker(tables, store, self.fitted, self.mode, self._single, self.options.budget)
        numbers = [n for n, piece in enumerate(tables.pieces) if piece.rules]
        self._each("candidates", numbers, worker.candidates, (tables, store, clock))
        if all(store.has("scores", number) for number in numbers):
            return tables, store, numbers
        contest = contest_of(self.fitted.matcher, tables.source_code, self.mode)
        if contest is not None:
            contest.check(self.options.memory, _kept(store, numbers))
        with clock.cost("windows"):
            windows = self._windows(store, numbers, len(tables))
        stage, work = "scores", partial(worker.scores, windows=windows)
        if contest is not None:
            stage, work = "own", partial(worker.own, windows=windows, rivals=contest.rivals)
        self._each(stage, numbers, work, (tables, store, clock))
        del windows, work
        if contest is not None:
            with clock.cost("rivals"):
                self._compete(contest, store, numbers)
        return tables, store, numbers

    def _compete(self, contest: Contest, store: Store, numbers: Sequence[int]) -> None:
        """Let the pairs of all pieces compete, and write the scores of those that lack them."""
        window = contest.settle(store, numbers)
        open_ = [number for number in numbers if not store.has("scores", number)]
        for _ in in_order(self.engine.threads, lambda n: contest.judge(store, n, window), open_):
            pass
        store.remove("own")

    def piece_of(self, records: int) -> int:
        """Return how many of so many records a piece may hold."""
        words = sum(isinstance(rule, SharedWord) for rule in self.fitted.spec.blocking)
        memory, threads = self.options.memory or "", self.engine.threads
        return self.most or records_a_piece(memory, records, threads, words=words)

    @property
    def engine(self) -> Engine:
        """The engine of the options."""
        return self.options.make_engine()

    @property
    def _single(self) -> Engine:
        """The same engine with one thread, for the work on one piece."""
        engine = self.engine
        return replace(engine, threads=1) if isinstance(engine, DuckDBEngine) else engine

    def _lay(self, store: Store, clock: Clock) -> Tables:
        spec = self.fitted.spec
        scanned = self._scan()
        records = len(scanned.source_code)
        clock.know(records)
        clock.advance("read", records)
        twice = any(reach_of(rule) is None for rule in spec.blocking)
        clock.stage("lay", records * (1 + twice))
        return lay_tables(
            scanned, spec, self.fitted.statistics, store, most=self.piece_of(records),
            advance=lambda count: clock.advance("lay", count),
        )  # fmt: skip

    def _scan(self) -> Scanned:
        spec = self.fitted.spec
        return scan(
            self.named, spec.fields, id_column=self.options.id_column,
            mapping=self.options.mapping,
            required={field.name for field in spec.fields} - set(spec.optional),
        )  # fmt: skip

    def _each(
        self,
        stage: str,
        numbers: Sequence[int],
        work: Callable[[int], None],
        at_hand: tuple[Tables, Store, Clock],
    ) -> None:
        """Do the work of a stage on all pieces that lack it, the largest first."""
        tables, store, clock = at_hand
        size = {number: tables.pieces[number].records for number in numbers}
        told = "scores" if stage == "own" else stage
        clock.stage(told, sum(size.values()))
        done = {number for number in numbers if store.has(stage, number)}
        done |= {number for number in numbers if store.has("scores", number)}
        open_ = [number for number in numbers if number not in done]
        clock.skip(told, sum(size[number] for number in done))

        def one(number: int) -> int:
            work(number)
            return number

        open_.sort(key=lambda number: -size[number])
        with clock.cost(told):
            for number in in_order(self.engine.threads, one, open_):
                clock.advance(told, size[number])
                pa.default_memory_pool().release_unused()

    def _windows(self, store: Store, numbers: Sequence[int], records: int) -> tuple[Window, ...]:
        """Gather the first similarities of all candidates by record."""
        context = self.fitted.spec.context
        if context is None:
            return ()
        tables = [store.read("candidates", number)[0] for number in numbers]
        pairs = pa.concat_tables(
            [each.replace_schema_metadata(None).select(_window_columns(each)) for each in tables]
        )
        del tables
        left, right = (np.array(pairs[name].to_numpy()) for name in ("left", "right"))
        over = range(len(context.over))
        first = np.stack([pairs[f"first_{place}"].to_numpy() for place in over], axis=1)
        del pairs
        return context.windows(left, right, np.ascontiguousarray(first), records)

    @cached_property
    def _fingerprint(self) -> str:
        """Hash inputs, linker, mode and version of the program."""
        digest = hashlib.sha256()
        options = self.options
        about = (
            sameas.__version__, self.fitted.version, self.mode, repr(options.budget),
            repr(options.mapping), repr(options.id_column), self.most or options.memory,
            self.engine.threads,
        )  # fmt: skip
        digest.update(json.dumps(about).encode())
        for name in sorted(self.named):
            digest.update(name.encode())
            _hash_table(self.named[name], digest)
        return digest.hexdigest()[:16]

    def _finished(self) -> KeptResult | None:
        """Return the result if this very run is finished already."""
        file = self.out / "run.json"
        if not file.exists():
            return None
        content = json.loads(file.read_text(encoding="utf-8"))
        same = content.get("pieces", {}).get("fingerprint") == self._fingerprint
        if not same or content.get("threshold") != self.threshold:
            return None
        logger.info("resuming: %s is finished", self.out)
        return KeptResult.read(self.out)


def _kept(store: Store, numbers: Sequence[int]) -> int:
    """Count the candidate pairs of all pieces."""
    return sum(rule["kept"] for n in numbers for rule in store.about("candidates", n))


def _window_columns(pairs: pa.Table) -> list[str]:
    return [name for name in pairs.column_names if not name.startswith(("plain", "rule"))]


def _hash_table(table: Any, digest: Any) -> None:
    if not isinstance(table, str | os.PathLike) or is_address(str(table)):
        for batch in to_arrow(table)[0].combine_chunks().to_batches():
            for column in batch.columns:
                for buffer in column.buffers():
                    digest.update(memoryview(buffer) if buffer is not None else b"-")
        return
    path = Path(str(table).partition("::")[0])
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    for file in files:
        if file.is_file():
            digest.update(file.name.encode())
            with file.open("rb") as handle:
                while block := handle.read(1 << 24):
                    digest.update(block)
