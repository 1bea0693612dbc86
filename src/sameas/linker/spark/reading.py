"""Step 1 on Spark: the user's frames become records, sorted by source and id, and numbered."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import Codes
from sameas.core.tables import QUARANTINE
from sameas.engines.parquet import find_parquet
from sameas.engines.pieces import Piece, cut
from sameas.engines.spark import SparkEngine
from sameas.linker.inputs import Options
from sameas.linker.spark.pack import Settings, limited
from sameas.linker.spark.support import refusal
from sameas.linker.spec import LinkerSpec
from sameas.records import collect
from sameas.records.columns import find_columns, mapping_of
from sameas.records.identifiers import as_id_type, clean_ids
from sameas.records.joined import parts_of
from sameas.records.quarantine import Notes
from sameas.records.values import as_strings, is_text

__all__ = ["find_frequent", "frames_of", "read_records"]

_SAMPLE = 256  # ids a batch of rows


@dataclass(frozen=True, slots=True)
class _Source:
    """How the rows of one source become records."""

    name: str
    id_column: str
    columns: dict[str, str]


def frames_of(engine: SparkEngine, named: Mapping[str, Any]) -> dict[str, Any]:
    """Return tables as Spark frames: paths are read, Arrow tables are sent."""

    def frame(table: Any) -> Any:
        if isinstance(table, str | os.PathLike):
            found = find_parquet(str(table))
            return engine.spark.read.parquet(str(table)) if found is None else found
        if isinstance(table, pa.Table):
            return engine.spark.createDataFrame(table)
        return table

    return {name: frame(table) for name, table in named.items()}


def read_records(
    engine: SparkEngine,
    named: Mapping[str, Any],
    spec: LinkerSpec,
    options: Options,
    settings: Settings,
) -> tuple[Any, Settings]:
    """Read, clean, sort and number the records of all sources.

    Returns
    -------
    stage : frame of pieces
        "records": by part, in the order of the numbers; "quarantine".
    settings : Settings
        They now know the type of the ids and the first number of each part.
    """
    if options.id_column is None:
        raise refusal("numbers of rows as ids")
    sources = {name: _source(name, named, spec, options) for name in settings.sources}
    cuts, whole = _survey(engine, named, sources)
    settings = replace(settings, whole=whole)
    raw: Any = None
    begin, begins = 0, []
    for name, source in sources.items():
        begins.append(begin)
        columns = [p for c in source.columns.values() for p in parts_of(c, named[name].columns)]
        frame = named[name].select(*_quoted(columns))
        edges = cuts[name]
        sent = engine.read_frame(frame, partial(_send, source, edges, begin, settings.id_type))
        raw = sent if raw is None else raw.unionAll(sent)
        begin += len(edges) + 1
    clean = partial(_clean, spec, sources, settings.id_type)
    stage = engine.each_part(raw, clean, begin, keep="records")
    rows = [0] * begin
    for row in stage.where("kind = 'records'").select("part", "rows").collect():
        rows[row[0]] += row[1]
    first = tuple(int(number) for number in np.cumsum([0, *rows]))
    if first[-1] > np.iinfo(np.int32).max:
        raise ArgumentError(f"A run takes at most 2,147,483,647 records, got {first[-1]:,}.")
    return stage, replace(settings, first=first, starts=(*(first[at] for at in begins), first[-1]))


def _source(name: str, named: Mapping[str, Any], spec: LinkerSpec, options: Options) -> _Source:
    mapping = mapping_of(name, options.mapping, sources=sorted(named), fields=spec.fields)
    required = {item.name for item in spec.fields} - set(spec.optional)
    columns = find_columns(
        named[name].columns, spec.fields, id_column=options.id_column, mapping=mapping,
        required=required, table=name,
    )  # fmt: skip
    return _Source(name, columns["id"], columns)


def _quoted(columns: Iterable[str]) -> list[str]:
    """Return names as Spark reads them, dots and all, each once."""
    return ["`" + name.replace("`", "``") + "`" for name in dict.fromkeys(columns)]


def _survey(
    engine: SparkEngine, named: Mapping[str, Any], sources: Mapping[str, _Source]
) -> tuple[dict[str, pa.Array], bool]:
    """Look at the ids: are all whole numbers, and where to cut each source into parts."""
    seen: Any = None
    for place, (name, source) in enumerate(sources.items()):
        ids = named[name].select(*_quoted([source.id_column]))
        looked = engine.read_frame(ids, partial(_look, place, name))
        seen = looked if seen is None else seen.unionAll(looked)
    looked = engine.collect(seen)
    whole = all(piece.kind != "text" for piece in looked)
    total = sum(piece.origin for piece in looked)
    per_part = -(-total // engine.parts_for(total)) if total else 1
    id_type = pa.int64() if whole else pa.string()
    cuts = {}
    for place, name in enumerate(sources):
        mine = [piece for piece in looked if piece.part == place]
        ids = [as_id_type(piece.table["id"].combine_chunks(), id_type) for piece in mine]
        parts = max(1, -(-sum(piece.origin for piece in mine) // per_part))
        sample = pa.concat_arrays(ids) if ids else pa.array([], id_type)
        cuts[name] = _quantiles(sample, parts)
    return cuts, whole


def _look(place: int, name: str, batch: pa.RecordBatch) -> Iterator[Piece]:
    column = pa.chunked_array([batch.column(0)])
    ids = clean_ids(column, notes=Notes(), table=name)
    known = ids.drop_null()
    if len(known):
        kind = "whole" if pa.types.is_integer(ids.type) else "text"
        some = np.arange(0, len(known), max(1, len(known) // _SAMPLE))
        yield Piece(place, kind, len(known), pa.table({"id": known.take(pa.array(some))}))


def _quantiles(sample: pa.Array, parts: int) -> pa.Array:
    ordered = sample.take(pc.sort_indices(sample))
    edges = np.linspace(0, len(ordered), parts + 1)[1:-1].astype(np.int64)
    return pc.unique(ordered.take(pa.array(edges[edges < len(ordered)])))


def _send(
    source: _Source, edges: pa.Array, begin: int, id_type: pa.DataType, batch: pa.RecordBatch
) -> Iterator[Piece]:
    """Send rows to the part of their id; rows without one go to the first."""
    table = pa.table(batch)
    column = table[source.id_column]
    ids = as_id_type(clean_ids(column, notes=Notes(), table=source.name), id_type)
    if pa.types.is_string(id_type) and not is_text(column.type):
        place = table.schema.get_field_index(source.id_column)
        table = table.set_column(place, source.id_column, as_strings(column))
    part = _place(ids, edges)
    for number in np.unique(part).tolist():
        chosen = table.take(pa.array(np.flatnonzero(part == number)))
        yield from cut(begin + number, source.name, chosen)


def _place(ids: pa.Array, edges: pa.Array) -> npt.NDArray[np.int64]:
    """Return how many edges are not above each id; 0 where it is null."""
    if not len(edges):
        return np.zeros(len(ids), np.int64)
    both = pa.concat_arrays([edges, ids])
    order = pc.sort_indices(
        pa.table({"id": both, "row": np.arange(len(both))}),
        sort_keys=[("id", "ascending"), ("row", "ascending")],
    ).to_numpy()
    before = np.empty(len(both), np.int64)
    before[order] = np.cumsum(order < len(edges))
    missing = pc.is_null(ids).to_numpy(zero_copy_only=False)
    return np.where(missing, 0, before[len(edges) :])


def _clean(
    spec: LinkerSpec,
    sources: Mapping[str, _Source],
    id_type: pa.DataType,
    part: int,
    pieces: list[Piece],
) -> Iterator[Piece]:
    """Collect the rows of one part: all rows of an id are here."""
    source = sources[pieces[0].kind]
    table = pa.concat_tables(piece.table for piece in pieces)
    records = collect({source.name: table}, spec.fields, mapping=source.columns)
    found = records.table.set_column(0, "source", records.table["source"].cast(pa.string()))
    place = found.schema.get_field_index("id")
    found = found.set_column(place, "id", as_id_type(found["id"].combine_chunks(), id_type))
    yield from cut(part, "records", found)
    if records.quarantine.num_rows:
        row = QUARANTINE.get_field_index("row")
        unknown = pa.nulls(records.quarantine.num_rows, pa.int64())
        yield from cut(part, "quarantine", records.quarantine.set_column(row, "row", unknown))


def find_frequent(engine: SparkEngine, stage: Any, settings: Settings) -> Settings:
    """Find the values that more records bear than a key with ``at_most`` allows."""
    needs = limited(settings.pack.fitted.spec.needs())
    if not needs:
        return settings
    counted = engine.each_piece(
        stage.where("kind = 'records'"), partial(_count, settings, needs, engine.parts)
    )
    summed = engine.each_part(counted, partial(_sum, needs), engine.parts)
    frequent: dict[str, list[npt.NDArray[np.uint64]]] = {need.slug: [] for need in needs}
    for piece in engine.collect(summed):
        frequent[piece.kind].append(piece.table["value"].to_numpy())
    nothing = [np.zeros(0, np.uint64)]
    return replace(
        settings,
        frequent={slug: np.sort(np.concatenate(nothing + each)) for slug, each in frequent.items()},
    )


def _count(
    settings: Settings, needs: tuple[Any, ...], parts: int, _: int, pieces: list[Piece]
) -> Iterator[Piece]:
    free = replace(settings, frequent={need.slug: np.zeros(0, np.uint64) for need in needs})
    columns = settings.pack.prepare(pieces[0].table, needs, free)
    for need in needs:
        column = columns[need]
        assert isinstance(column, Codes)
        value, count = np.unique(column.value[column.value != 0], return_counts=True)
        part = (value % np.uint64(parts)).astype(np.int64)
        for number in np.unique(part).tolist():
            mine = part == number
            yield from cut(
                number, need.slug, pa.table({"value": value[mine], "count": count[mine]})
            )


def _sum(needs: tuple[Any, ...], part: int, pieces: list[Piece]) -> Iterator[Piece]:
    for need in needs:
        counts = [piece.table for piece in pieces if piece.kind == need.slug]
        if not counts:
            continue
        total = pa.concat_tables(counts).group_by("value").aggregate([("count", "sum")])
        limit = dict(need.options)["at_most"]
        frequent = total.filter(pc.greater(total["count_sum"], limit))
        yield from cut(part, need.slug, frequent.select(["value"]))
