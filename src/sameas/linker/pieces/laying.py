"""From the user's tables to records in pieces on disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.prepared import Codes, Need
from sameas.linker.pieces.layout import (
    key_needs,
    lay_out,
    places_of,
    points_of,
    reach_of,
)
from sameas.linker.pieces.store import Store, Tables, open_router
from sameas.linker.spec import LinkerSpec
from sameas.records import prepare
from sameas.records.preparations.keys import without_frequent
from sameas.records.scan import Scanned

__all__ = ["lay_tables"]

Advance = Callable[[float], None]


def lay_tables(
    scanned: Scanned,
    spec: LinkerSpec,
    statistics: Mapping[str, pa.Table],
    store: Store,
    *,
    most: int,
    advance: Advance,
) -> Tables:
    """Write every record into the pieces in which it is at home or meets others.

    Parameters
    ----------
    scanned : Scanned
    spec : LinkerSpec
    statistics : mapping of str to pyarrow.Table
    store : Store
    most : int
        Records of a piece.
    advance : function
        Is told of records read: each is once for its keys, once for all fields.
    """
    needs = key_needs(spec.blocking)
    codes = _codes(scanned, needs, dict(statistics), advance)
    near = [rule for rule in spec.blocking if reach_of(rule) is not None]
    points = None
    if near:
        (place,) = places_of(near)
        points = points_of(*(scanned.places[name] for name in place))
    layout = lay_out(spec.blocking, codes, points, len(scanned.source_code), most=most)
    del points
    fields = scanned.fields
    schema = pa.schema([
        ("record", pa.int32()), ("home", pa.bool_()), ("source", pa.int32()),
        ("id", scanned.ids.type), *((item.name, item.arrow_type) for item in fields),
    ])  # fmt: skip
    names = [item.name for item in fields]
    with open_router(store.tables_folder(), schema, len(layout.pieces)) as router:
        for _, record, columns in scanned.pieces(names, keep_notes=True):
            rows, piece = layout.targets(record)
            own = layout.home[record][rows] == piece
            taken = record[rows]
            arrays = [
                pa.array(taken), pa.array(own), pa.array(scanned.source_code[taken]),
                scanned.ids.take(pa.array(taken)),
                *(columns[name].take(pa.array(rows)) for name in names),
            ]  # fmt: skip
            router.write(pa.table(arrays, schema=schema), piece)
            advance(len(record))
    tables = Tables(
        store.tables_folder(), layout.pieces, layout.keyed, codes, scanned.ids,
        scanned.source_code, scanned.sources, fields, scanned.quarantine(),
    )  # fmt: skip
    store.keep(tables)
    return tables


def _codes(
    scanned: Scanned, needs: Sequence[Need], statistics: dict[str, pa.Table], advance: Advance
) -> dict[Need, Codes]:
    """Compute the keys of all records, piece by piece; what is frequent counts over all."""
    bare = {need: Need(need.kind, need.fields, _without_limit(need)) for need in needs}
    value = {need: np.zeros(len(scanned.source_code), np.uint64) for need in needs}
    fields = {name for need in needs for name in need.fields}
    for _, record, columns in scanned.pieces(fields) if needs else ():
        made = prepare(pa.table(columns), bare.values(), statistics)
        for need, simple in bare.items():
            found: Any = made[simple]
            value[need][record] = found.value
        advance(len(record))
    return {need: _limited(array, need) for need, array in value.items()}


def _limited(value: npt.NDArray[np.uint64], need: Need) -> Codes:
    """Leave out the keys that too many records share."""
    limit = dict(need.options).get("at_most")
    if limit is None:
        return Codes(value)
    rare = without_frequent(value, limit)
    return Codes(rare, int(((value != 0) & (rare == 0)).sum()))


def _without_limit(need: Need) -> tuple[tuple[str, Any], ...]:
    return tuple((name, value) for name, value in need.options if name != "at_most")
