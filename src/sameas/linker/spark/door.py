"""The Spark door: a saved linker on Spark frames, in and out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sameas.clustering import Clusterer, Constraints
from sameas.core.errors import ArgumentError
from sameas.core.tables import QUARANTINE
from sameas.engines.spark import SparkEngine
from sameas.linker.checks import check_threshold
from sameas.linker.constraints import constrained, constrained_pairs, unique_sources
from sameas.linker.estimate import Estimate
from sameas.linker.inputs import Options, mode_for, name_tables, pair_ends
from sameas.linker.linker import Linker
from sameas.linker.modes import check_mode
from sameas.linker.repeats import warn_of_rows
from sameas.linker.result import Result, scored_table, scores_schema
from sameas.linker.saving import FittedLinker, load_linker
from sameas.linker.spark.asking import compete, score_given
from sameas.linker.spark.clusters import cluster_components, graph_of, musts_of, with_cut
from sameas.linker.spark.components import connect
from sameas.linker.spark.estimating import estimate_on_spark
from sameas.linker.spark.figures import run_figures
from sameas.linker.spark.finding import SparkRecords
from sameas.linker.spark.fitting import candidates_of, fit_on_spark
from sameas.linker.spark.golden import make_entities
from sameas.linker.spark.pack import Settings, save_pack
from sameas.linker.spark.planning import plan_routes
from sameas.linker.spark.reading import find_frequent, frames_of, read_records
from sameas.linker.spark.scoring import score_pairs
from sameas.records.frames import like, to_arrow
from sameas.survivorship import golden_records

__all__ = ["SparkLinker"]


@dataclass(frozen=True)
class _Found:
    """The stages of a run up to its candidate pairs, which lie in so many parts."""

    settings: Settings
    records: Any
    pairs: Any
    parts: int


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
        self.fitted = fitted
        self.engine = engine or SparkEngine()

    @classmethod
    def fit(
        cls,
        linker: Linker,
        *tables: Any,
        labels: Any = None,
        mode: str | None = None,
        conflicts: str = "drop",
        options: Options | None = None,
        engine: SparkEngine | None = None,
    ) -> SparkLinker:
        """Fit a linker on Spark tables, as `Linker.fit` does on those of one machine.

        Parameters
        ----------
        linker : Linker
            It is fitted in place, so that it can be saved.
        *tables
            As in `link`.
        labels, mode, conflicts, options
            As in `Linker.fit`; labels may be a Spark frame.
        engine : SparkEngine, optional
        """
        engine = engine or SparkEngine()
        named = frames_of(engine, name_tables(tables))
        labels = labels.toArrow() if hasattr(labels, "toArrow") else labels
        how = (mode, conflicts, options or Options())
        linker.fitted_ = fit_on_spark(engine, linker.spec, named, labels, how)
        return cls(linker, engine)

    @classmethod
    def load(cls, folder: str | os.PathLike[str], engine: SparkEngine | None = None) -> SparkLinker:
        """Read a saved linker."""
        return cls(load_linker(Path(folder)), engine)

    def dedupe(
        self,
        table: Any,
        *,
        threshold: float | None = None,
        out: str | None = None,
        entities: bool = True,
        options: Options | None = None,
    ) -> Result:
        """Find the duplicates inside one table; see `link`."""
        how: dict[str, Any] = {"threshold": threshold, "out": out, "entities": entities}
        return self.link(table, mode="dedupe", options=options, **how)

    def link(
        self,
        *tables: Any,
        mode: str | None = None,
        threshold: float | None = None,
        out: str | None = None,
        entities: bool = True,
        options: Options | None = None,
    ) -> Result:
        """Link tables.

        Parameters
        ----------
        *tables : Spark frame, Arrow table, or path of a Parquet folder
            Or one mapping of source name to table, as for `Linker.link`.
        mode, threshold
            As for `Linker.link`.
        out : str, optional
            A folder, or an address like that of the work folder: workers write ``links``,
            ``clusters``, ``entities``, ``quarantine`` (and ``review``) there, as folders of
            Parquet files. That is cheaper than writing the frames.
        entities : bool
            As for `Linker.link`.
        options : Options, optional
            Its mapping, id column, budget, unique sources and constraints.

        Returns
        -------
        Result
            Spark frames, without an order of rows, of what lies in the work folder.

        Raises
        ------
        RunError
            If the linker needs what Spark does not do; docs/spark.md lists it.
        """
        options = options or Options()
        warn_of_rows(self.fitted.spec)
        found = self._candidates(tables, mode, threshold, options)
        settings, clusterer = found.settings, self._clusterer(found, options)
        settings = replace(settings, graph=graph_of(clusterer), entities=entities)
        engine, parts = self.engine, self.engine.parts_for(settings.first[-1])
        scores = score_pairs(engine, found.records, found.pairs, settings, found.parts)
        musts = musts_of(engine, found.records, clusterer, settings)
        tied = scores if musts is None else scores.unionAll(musts)
        roots, rounds = connect(engine, tied.where("kind = 'edges'"), parts=parts)
        links = scores
        if settings.graph:
            clusterer = with_cut(engine, clusterer, scores)
            links = cluster_components(engine, tied, roots, clusterer, settings, parts)
            roots = links.where("kind = 'edges'")
        made = make_entities(engine, found.records, roots, settings)
        kept = {"links": links, "clusters": made, "quarantine": found.records}
        if entities:
            kept["entities"] = made
        if self.fitted.band is not None:
            kept["review"] = scores
        schemas = self._schemas(settings.id_type)
        if out is not None:
            for name, stage in kept.items():
                cast = partial(_cast, schemas[name])
                pieces = stage.where(f"kind = '{name}'")
                self.engine.write_tables(pieces, cast, schemas[name], f"{out.rstrip('/')}/{name}")
        stages = found.pairs, scores, links, made
        report = run_figures(engine, self.fitted, settings, stages, rounds)
        frames = {name: self._frame(stage, name, schemas[name]) for name, stage in kept.items()}
        return Result(**frames, report=report)

    def score(self, *tables: Any, pairs: Any, options: Options | None = None) -> Any:
        """Score given pairs, whatever blocking says of them.

        Parameters
        ----------
        *tables
            Whole tables, as in `link`.
        pairs : Spark frame, frame or path
            ``left_id`` and ``right_id`` (and ``left_source``, ``right_source``). They pass
            through the driver.
        options : Options, optional

        Returns
        -------
        frame like `pairs`
            As `Linker.score` gives it.

        Raises
        ------
        LabelError
            If an id is unknown.
        """
        remote = hasattr(pairs, "toArrow")
        table, kind = (pairs.toArrow(), None) if remote else to_arrow(pairs)
        found = self._candidates(tables, None, None, options or Options())
        records, settings = self._named(found), found.settings
        ends = [pair_ends(table, records, side, settings.order) for side in ("left", "right")]
        settings = compete(self.engine, found.records, found.pairs, settings, found.parts)
        both = np.minimum(*ends), np.maximum(*ends)
        score, listed = score_given(self.engine, found.records, found.pairs, settings, both)
        out = scored_table(table, self.fitted, score, listed)
        return self.engine.spark.createDataFrame(out) if kind is None else like(out, kind)

    def estimate(
        self, *tables: Any, mode: str | None = None, options: Options | None = None
    ) -> Estimate:
        """Say how much work linking would be, before it runs; see `Estimate`."""
        records, settings = self._records(tables, mode, None, options or Options())
        settings = find_frequent(self.engine, records, settings)
        routing = plan_routes(self.engine, records, settings)
        threads = self.engine.cores
        return estimate_on_spark(self.engine, records, settings, routing, threads=threads)

    def _named(self, found: _Found) -> SparkRecords:
        return SparkRecords(self.engine, found.records, found.settings)

    def _clusterer(self, found: _Found, options: Options) -> Clusterer:
        """Return the clusterer of a run, under the constraints of its options."""
        settings = found.settings
        unique = unique_sources(settings.mode, settings.sources, options, settings.order)
        rules = Constraints(unique)
        if options.constraints is not None:
            given = constrained_pairs(options.constraints, self._named(found), settings.order)
            rules = Constraints(unique, together=given[0], apart=given[1])
            source = settings.source(np.arange(settings.first[-1]))
            rules.check(source, key=lambda record: given[2].get(record, record))
        return constrained(self.fitted.spec.clusterer, settings.mode, rules)

    def _candidates(
        self,
        tables: Sequence[Any],
        mode: str | None,
        threshold: float | None,
        options: Options,
    ) -> _Found:
        """Read the tables and find their candidate pairs."""
        records, settings = self._records(tables, mode, threshold, options)
        settings, pairs, parts = candidates_of(self.engine, records, settings)
        return _Found(settings, records, pairs, parts)

    def _records(
        self,
        tables: Sequence[Any],
        mode: str | None,
        threshold: float | None,
        options: Options,
    ) -> tuple[Any, Settings]:
        """Read the tables; return the records and the settings of the run."""
        check_threshold(threshold)
        named = frames_of(self.engine, name_tables(tables))
        mode = mode or mode_for(named, self.fitted)
        check_mode(mode)
        if (mode == "dedupe") != (len(named) == 1):
            raise ArgumentError(f"mode {mode!r} does not fit {len(named)} table(s).")
        engine, spec = self.engine, self.fitted.spec
        cut = self.fitted.threshold if threshold is None else threshold
        settings = Settings(
            save_pack(self.fitted, engine.folder), mode, tuple(sorted(named)), tuple(named),
            threshold=cut, budget=options.budget,
        )  # fmt: skip
        return read_records(engine, named, spec, options, settings)

    def _schemas(self, id_type: pa.DataType) -> dict[str, pa.Schema]:
        """Return the schemas of the tables of a result."""
        spec = self.fitted.spec
        keys = {"source": pa.string(), "id": id_type}
        fields = {item.name: item.arrow_type for item in spec.fields}
        nothing = pa.table({name: pa.array([], kind) for name, kind in (keys | fields).items()})
        entities = golden_records(nothing, np.zeros(0, np.int32), spec.survivorship).schema
        clusters = pa.schema([*keys.items(), ("entity", pa.string())])
        scores = scores_schema(id_type)
        return {"links": scores, "clusters": clusters, "entities": entities,
                "quarantine": QUARANTINE, "review": scores}  # fmt: skip

    def _frame(self, stage: Any, kind: str, schema: pa.Schema) -> Any:
        pieces = stage.where(f"kind = '{kind}'")
        return self.engine.write_frame(pieces, partial(_cast, schema), schema)


def _cast(schema: pa.Schema, table: pa.Table) -> pa.Table:
    return table.select(schema.names).cast(schema)
