"""The end of a run in pieces: clusters, links, golden records, the run folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.clustering import Clustering, ConnectedComponents, SplitChains
from sameas.core.pair_key import pair_key
from sameas.core.prepared import IntArray
from sameas.kernels.components import connected_components
from sameas.linker.constraints import clusterer_for
from sameas.linker.found import RuleReport, rule_name
from sameas.linker.job import Job
from sameas.linker.pieces.clock import Clock
from sameas.linker.pieces.memory import in_order
from sameas.linker.pieces.store import Store, Tables, open_router, read_sorted
from sameas.linker.result import links_table
from sameas.linker.review import doubtful
from sameas.linker.run_file import RUN_FILE, write_run_file
from sameas.linker.runs import LINKER
from sameas.linker.saving import save_linker
from sameas.records import Records
from sameas.records.write import write_pieces, write_table
from sameas.survivorship import golden_batches, name_columns, record_names

if TYPE_CHECKING:
    from sameas.linker.pieces.run import PieceRun

__all__ = ["Outcome"]

_SLICE = 1_000_000
_GOLDEN = 400_000  # records of the entities that are made at once, if a piece may hold so many
Pairs = tuple[IntArray, IntArray, npt.NDArray[np.float64]]


@dataclass
class Outcome:
    """What comes after the scores.

    Attributes
    ----------
    run : PieceRun
    tables : Tables
    store : Store
    numbers : sequence of int
        The pieces that have scores.
    clock : Clock
    """

    run: PieceRun
    tables: Tables
    store: Store
    numbers: Sequence[int]
    clock: Clock

    def write(self, *, entities: bool) -> None:
        """Write the run folder, with golden records or without."""
        with self.clock.cost("clusters"):
            label, report = self._write_links()
            self._write_clusters(label)
        if entities:
            with self.clock.cost("entities"):
                self._write_entities(label)
        self._write_run(report)

    def _write_links(self) -> tuple[IntArray, dict[str, Any]]:
        """Cluster, write the links, and gather the figures."""
        run, out = self.run, self.run.out
        (out / RUN_FILE).unlink(missing_ok=True)  # it says that the folder is whole
        (out / "review.parquet").unlink(missing_ok=True)  # it may be of another linker
        left, right, score = self._pairs()
        decision = score >= run.threshold
        order = tuple(run.named)
        clusterer = clusterer_for(self._job, run.options, order)
        clustering = clusterer.cluster(left, right, score, decision, self.tables.source_code)
        label = clustering.label
        linked = np.flatnonzero(decision & (label[left] == label[right]))

        def table(rows: npt.NDArray[np.intp]) -> pa.Table:
            return links_table(
                self._job, left[rows], right[rows], score[rows], decision[rows], order
            )

        report = self._report(clustering, len(linked))
        write_table(table(linked), out / "links.parquet")
        write_table(self.tables.quarantine, out / "quarantine.parquet")
        if run.fitted.band is not None:
            found = table(doubtful(score, run.threshold, run.fitted.band))
            write_table(found, out / "review.parquet")
            lower, upper = run.fitted.band
            report["review"] = {"lower": lower, "upper": upper, "pairs": found.num_rows}
        return label, report

    @cached_property
    def _job(self) -> Job:
        """A job whose records have names and nothing else."""
        tables, run = self.tables, self.run
        code = tables.source_code
        named = pa.DictionaryArray.from_arrays(
            pa.array(code), pa.array(tables.sources, pa.string())
        )
        records = Records(
            pa.table({"source": named, "id": tables.ids}), (), tables.sources, code,
            tables.quarantine, tables.ids.type,
        )  # fmt: skip
        spec, budget = run.fitted.spec, run.options.budget
        return Job(spec, records, {}, run.mode, run.engine, budget)

    def _pairs(self) -> Pairs:
        """Return the scored pairs that matter, in the order of (left, right)."""
        run = self.run
        clusterer, joined, lowest = run.fitted.spec.clusterer, None, -np.inf
        if isinstance(clusterer, SplitChains) and run.options.constraints is None:
            joined = self._joined()
        if joined is not None or isinstance(clusterer, ConnectedComponents):
            lowest = min(run.threshold, (run.fitted.band or (run.threshold,))[0])
        parts: list[list[np.ndarray]] = [[], [], []]
        for left, right, score in self._scored():
            kept = ~(score < lowest)
            if joined is not None:  # pairs inside a component count, whatever their score
                kept |= joined[left] == joined[right]
            rows = np.flatnonzero(kept)
            for part, values in zip(parts, (left, right, score), strict=True):
                part.append(np.asarray(values)[rows])
        if not parts[0]:
            return np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0)
        left, right, score = (np.concatenate(part) for part in parts)
        order = np.argsort(pair_key(left, right))
        return left[order], right[order], score[order]

    def _scored(self) -> Iterator[Pairs]:
        """Give the scored pairs, piece by piece."""
        for number in self.numbers:
            table, _ = self.store.read("scores", number)
            left, right, score = (table[name].to_numpy() for name in ("left", "right", "score"))
            yield left, right, score

    def _joined(self) -> IntArray:
        """Return the connected component of each record."""
        ends = [np.zeros((2, 0), np.int32)]
        for left, right, score in self._scored():
            ends.append(np.stack([left, right])[:, score >= self.run.threshold])
        left, right = np.concatenate(ends, axis=1)
        label: IntArray = connected_components(left, right, len(self.tables.source_code))
        return label

    def _report(self, clustering: Clustering, links: int) -> dict[str, Any]:
        """Gather the figures of the run as plain data; as `run_report` does in one piece."""
        tables, run = self.tables, self.run
        code, records = tables.source_code, self._job.records
        reasons = tables.quarantine.group_by(["field", "reason"]).aggregate([([], "count_all")])
        quarantine = sorted(reasons.to_pylist(), key=lambda row: (-row["count_all"], row["reason"]))
        rules = self._rules()

        def name(record: int) -> Any:
            source = pa.array([tables.sources[code[record]]])
            return record_names(source, tables.ids.slice(record, 1))[0].as_py()

        bounds = {source: records.bounds(source) for source in tables.sources}
        return {
            "sources": {source: last - first for source, (first, last) in bounds.items()},
            "records": len(code),
            "mode": run.mode,
            "linker_version": run.fitted.version,
            "threshold": run.threshold,
            "quarantine": quarantine[:50],
            "blocking": [rule.to_dict() for rule in rules],
            "candidates": sum(rule.kept for rule in rules),
            "links": links,
            "clusters": clustering.report.to_dict(key=name),
        }

    def _rules(self) -> list[RuleReport]:
        """Add up what the rules did in all pieces; pairs at a border are looked at twice."""
        rules = self.run.fitted.spec.blocking
        total = [RuleReport(rule_name(rule)) for rule in rules]
        for number in self.numbers:
            _, reports = self.store.read("scores", number)
            for place, found in zip(self.tables.pieces[number].rules, reports, strict=True):
                mine = total[place]
                mine.refused += found["refused"]
                mine.collapsed += found["collapsed"]
                mine.largest_block = max(mine.largest_block, found["largest_block"])
                for item in fields(RuleReport):
                    if item.name not in ("rule", "refused", "collapsed", "largest_block"):
                        value = getattr(mine, item.name) + found[item.name]
                        setattr(mine, item.name, value)
        homeless = sum(p.records for p in self.tables.pieces if p.home and not p.rules)
        for place, mine in enumerate(total):
            if place in self.tables.keyed:
                mine.rows, mine.unreachable = self.tables.keyed[place]
                known, needs = self.tables.codes, rules[place].needs()
                mine.frequent = sum(known[need].frequent for need in needs if need in known)
            else:
                mine.unreachable += homeless
        return total

    def _write_clusters(self, label: IntArray) -> None:
        records = self._job.records.table
        source, ids = records["source"].combine_chunks(), self.tables.ids
        schema = pa.schema([("source", pa.string()), ("id", ids.type), ("entity", pa.string())])
        with write_pieces(self.run.out / "clusters.parquet", schema) as write:
            for begin in range(0, len(label), _SLICE):
                first = pa.array(label[begin : begin + _SLICE])
                entity = record_names(source.take(first), ids.take(first))
                own = source.slice(begin, _SLICE).cast(pa.string())
                write(pa.table([own, ids.slice(begin, _SLICE), entity], schema=schema))
            if not len(label):
                write(schema.empty_table())

    def _write_entities(self, label: IntArray) -> None:
        """Bring the records of each entity together, then make the golden records in order."""
        span = max(1, min(_GOLDEN, len(label), self.run.piece_of(len(label))))
        count = max(1, -(-len(label) // span))
        digest = hashlib.sha256(np.ascontiguousarray(label).data).hexdigest()[:16]
        folder = self.store.folder / f"golden-{digest}-{span}"
        self.clock.stage("entities", 2 * len(label))
        if not folder.exists():
            self._deal(label, (span, count), folder)
        else:
            self.clock.skip("entities", len(label))

        def make(number: int) -> tuple[int, list[pa.Table]]:
            table = read_sorted(folder / f"{number}.arrow")
            record = table["record"].to_numpy()
            own = np.searchsorted(record, label[record]).astype(np.int32)
            records = self.tables.records(table).table
            survivorship = self.run.fitted.spec.survivorship
            return len(record), list(golden_batches(records, own, survivorship))

        made = in_order(self.run.engine.threads, make, range(count))
        for write, table, records in self._written(made):
            write(table)
            self.clock.advance("entities", records)

    def _written(self, made: Iterator[tuple[int, list[pa.Table]]]) -> Iterator[Any]:
        """Open the file with the schema of the first piece."""
        size, tables = next(made)
        schema, file = tables[0].schema, self.run.out / "entities.parquet"
        with write_pieces(file, schema, prefixed=name_columns(schema)) as write:
            yield from ((write, table, size / len(tables)) for table in tables)
            for size, tables in made:
                yield from ((write, table, size / len(tables)) for table in tables)

    def _deal(self, label: IntArray, cut: tuple[int, int], folder: Path) -> None:
        """Deal the records out to as many files as there are spans of labels."""
        span, count = cut
        homes = [number for number, piece in enumerate(self.tables.pieces) if piece.home]
        kinds = [(item.name, item.arrow_type) for item in self.tables.fields]
        schema = pa.schema(
            [("record", pa.int32()), ("source", pa.int32()), ("id", self.tables.ids.type), *kinds]
        )
        with open_router(folder, schema, count) as router:
            for number in homes:
                table = self.tables.piece(number)
                table = table.filter(table["home"]).select(schema.names)
                target = label[table["record"].to_numpy()] // span
                order = np.argsort(target, kind="stable")
                router.write(table.take(pa.array(order)), target[order])
                self.clock.advance("entities", table.num_rows)

    def _write_run(self, report: dict[str, Any]) -> None:
        run = self.run
        save_linker(run.out / LINKER, run.fitted)
        figures = {
            "inputs": run.inputs,
            "pieces": {
                "fingerprint": run._fingerprint,
                "count": len(self.tables.pieces),
                "records": sum(piece.records for piece in self.tables.pieces),
                "costs": self.clock.costs,
            },
            **report,
        }
        write_run_file(run.out, run.fitted, run.fitted.spec, figures)
