"""The Spark door: a saved linker on Spark frames, in and out."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sameas.clustering import ConnectedComponents
from sameas.core.errors import ArgumentError, RunError
from sameas.core.tables import QUARANTINE
from sameas.engines.spark import SparkEngine
from sameas.linker.found import RuleReport, rule_name
from sameas.linker.inputs import Options, mode_for, name_tables
from sameas.linker.job import Passes
from sameas.linker.linker import Linker
from sameas.linker.modes import check_mode
from sameas.linker.result import Result, scores_schema
from sameas.linker.saving import FittedLinker, load_linker
from sameas.linker.spark.components import connect
from sameas.linker.spark.golden import make_entities
from sameas.linker.spark.pack import Settings, save_pack
from sameas.linker.spark.pairing import find_pairs
from sameas.linker.spark.planning import plan_routes
from sameas.linker.spark.reading import find_frequent, read_records
from sameas.linker.spark.scoring import score_pairs
from sameas.survivorship import golden_records

__all__ = ["SparkLinker"]

_MODES = ("dedupe", "many", "also-within")


@dataclass(frozen=True)
class _Scored:
    """The stages of a run up to its scores."""

    settings: Settings
    records: Any
    pairs: Any
    scores: Any


class SparkLinker:
    """A fitted linker that works on Spark; scores, clusters and entities are those of `Linker`.

    Parameters
    ----------
    linker : Linker or FittedLinker
    engine : SparkEngine, optional
        By default a Spark on this machine.

    Examples
    --------
    >>> SparkLinker.load("model/", SparkEngine(spark, work="s3://bucket/work"))  # doctest: +SKIP
    >>> result = linker.dedupe(spark.read.parquet("s3://bucket/places"))  # doctest: +SKIP
    >>> result.entities.write.parquet("s3://bucket/entities")  # doctest: +SKIP
    """

    def __init__(self, linker: Linker | FittedLinker, engine: SparkEngine | None = None) -> None:
        fitted = linker._fitted() if isinstance(linker, Linker) else linker
        _check(fitted)
        self.fitted = fitted
        self.engine = engine or SparkEngine()

    @classmethod
    def load(cls, folder: str | os.PathLike[str], engine: SparkEngine | None = None) -> SparkLinker:
        """Read a saved linker."""
        return cls(load_linker(Path(folder)), engine)

    def dedupe(
        self, table: Any, *, threshold: float | None = None, options: Options | None = None
    ) -> Result:
        """Find the duplicates inside one table; see `link`."""
        return self.link(table, mode="dedupe", threshold=threshold, options=options)

    def link(
        self,
        *tables: Any,
        mode: str | None = None,
        threshold: float | None = None,
        options: Options | None = None,
    ) -> Result:
        """Link tables.

        Parameters
        ----------
        *tables : Spark frame, Arrow table, or path of a Parquet folder
            Or one mapping of source name to table, as for `Linker.link`.
        mode, threshold
            As for `Linker.link`.
        options : Options, optional
            Its mapping, id column and budget.

        Returns
        -------
        Result
            Spark frames, without an order of rows. They lie in the work folder.

        Raises
        ------
        RunError
            If the linker needs what Spark does not do; docs/spark.md lists it.
        """
        done = self._scored(tables, mode, threshold, options)
        edges = done.scores.where("kind = 'edges'")
        parts = self.engine.parts_for(done.settings.first[-1])
        roots, rounds = connect(self.engine, edges, parts=parts)
        made = make_entities(self.engine, done.records, roots, done.settings)
        return self._result(done, made, rounds)

    def _scored(
        self,
        tables: Sequence[Any],
        mode: str | None,
        threshold: float | None,
        options: Options | None,
    ) -> _Scored:
        options, named = options or Options(), self._frames(name_tables(tables))
        mode = mode or mode_for(named, self.fitted)
        check_mode(mode)
        if (mode == "dedupe") != (len(named) == 1):
            raise ArgumentError(f"mode {mode!r} does not fit {len(named)} table(s).")
        _check_demands(mode, options)
        engine, spec = self.engine, self.fitted.spec
        cut = self.fitted.threshold if threshold is None else threshold
        settings = Settings(
            save_pack(self.fitted, engine.folder), mode, tuple(sorted(named)), tuple(named),
            threshold=cut, budget=options.budget,
        )  # fmt: skip
        records, settings = read_records(engine, named, spec, options, settings)
        settings = find_frequent(engine, records, settings)
        routing = plan_routes(engine, records, settings)
        pairs = find_pairs(engine, records, settings, routing)
        scores = score_pairs(engine, records, pairs, settings, routing.parts)
        return _Scored(settings, records, pairs, scores)

    def _frames(self, named: Mapping[str, Any]) -> dict[str, Any]:
        """Return tables as Spark frames."""

        def frame(table: Any) -> Any:
            if isinstance(table, str | os.PathLike):
                return self.engine.spark.read.parquet(str(table))
            if isinstance(table, pa.Table):
                return self.engine.spark.createDataFrame(table)
            return table

        return {name: frame(table) for name, table in named.items()}

    def _result(self, done: _Scored, made: Any, rounds: int) -> Result:
        spec, id_type = self.fitted.spec, done.settings.id_type
        keys = {"source": pa.string(), "id": id_type}
        fields = {item.name: item.arrow_type for item in spec.fields}
        nothing = pa.table({name: pa.array([], kind) for name, kind in (keys | fields).items()})
        entities = golden_records(nothing, np.zeros(0, np.int32), spec.survivorship).schema
        clusters = pa.schema([*keys.items(), ("entity", pa.string())])
        return Result(
            links=self._frame(done.scores, "links", scores_schema(id_type)),
            clusters=self._frame(made, "clusters", clusters),
            entities=self._frame(made, "entities", entities),
            quarantine=self._frame(done.records, "quarantine", QUARANTINE),
            report=self._report(done, made, rounds),
        )

    def _frame(self, stage: Any, kind: str, schema: pa.Schema) -> Any:
        pieces = stage.where(f"kind = '{kind}'")
        return self.engine.write_frame(pieces, partial(_cast, schema), schema)

    def _report(self, done: _Scored, made: Any, rounds: int) -> dict[str, Any]:
        """Gather the figures of a run."""
        settings = done.settings
        sizes: dict[int, int] = {}
        for row in made.where("kind = 'sizes'").select("blob").collect():
            for one in _read(row[0]).to_pylist():
                sizes[one["size"]] = sizes.get(one["size"], 0) + one["entities"]
        found = _rows_by_kind(done.scores)
        return {
            "records": settings.first[-1],
            "mode": settings.mode,
            "sources": list(settings.sources),
            "linker_version": self.fitted.version,
            "threshold": settings.threshold,
            "blocking": _rules(done.pairs, self.fitted.spec.blocking),
            "candidates": found.get("scores", 0),
            "links": found.get("links", 0),
            "clusters": {
                "records": settings.first[-1],
                "clusters": sum(sizes.values()),
                "sizes": {str(size): count for size, count in sorted(sizes.items())},
                "rounds": rounds,
            },
        }


def _check(fitted: FittedLinker) -> None:
    """Refuse what needs all records or pairs in one place."""
    spec = fitted.spec
    if isinstance(fitted.matcher, Passes):
        raise RunError(
            "On Spark a linker cannot have a second pass yet: it ranks all candidates twice. Fit "
            "it with second_pass=None."
        )
    if not isinstance(spec.clusterer, ConnectedComponents) or spec.clusterer.oversized != "report":
        raise RunError(
            "On Spark clusters are connected components: clusterer=ConnectedComponents()."
        )


def _check_demands(mode: str, options: Options) -> None:
    """Refuse what is asked of the clusters and needs all matches of a component in one task."""
    if mode not in _MODES or options.unique_sources or options.constraints is not None:
        raise RunError(
            "On Spark clusters are connected components: mode must be one of "
            f"{', '.join(_MODES)}, got {mode!r}; unique_sources and constraints are for one "
            "machine."
        )


def _cast(schema: pa.Schema, table: pa.Table) -> pa.Table:
    return table.select(schema.names).cast(schema)


def _read(blob: bytes) -> pa.Table:
    return pa.ipc.open_stream(bytes(blob)).read_all()


def _rows_by_kind(stage: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for kind, rows in stage.select("kind", "rows").collect():
        found[kind] = found.get(kind, 0) + rows
    return found


def _rules(pairs: Any, rules: Sequence[Any]) -> list[dict[str, Any]]:
    """Add up what each rule did in all parts."""
    total = [RuleReport(rule_name(rule)).to_dict() for rule in rules]
    for one in total:
        del one["unreachable"]  # a part does not know who has a key in another
    for row in pairs.where("kind = 'report'").select("blob").collect():
        for one in json.loads(_read(row[0])["report"][0].as_py()):
            mine = total[one["position"]]
            for name in ("rows", "blocks", "enumerated", "met", "kept", "refused"):
                mine[name] += one[name]
            mine["largest_block"] = max(mine["largest_block"], one["largest_block"])
    return total
