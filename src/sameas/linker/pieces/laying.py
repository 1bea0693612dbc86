"""From the user's tables to records in pieces on disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.blocking import KeyRule, PairRule, SharedWord
from sameas.core.prepared import Codes, Need
from sameas.linker.pieces.layout import (
    Keyed,
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
_NOTHING: Keyed = (np.zeros(0, np.uint64), np.zeros(0, np.int32))


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
    codes, words = _keys(scanned, spec.blocking, dict(statistics), advance)
    near = [rule for rule in spec.blocking if reach_of(rule) is not None]
    points = None
    if near:
        (place,) = places_of(near)
        points = points_of(*(scanned.places[name] for name in place))
    records = len(scanned.source_code)
    layout = lay_out(spec.blocking, codes, points, records, most=most, words=words)
    del points, words
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


def _keys(
    scanned: Scanned,
    rules: Sequence[KeyRule | PairRule],
    statistics: dict[str, pa.Table],
    advance: Advance,
) -> tuple[dict[Need, Codes], dict[int, Keyed]]:
    """Compute the keys and the rare words of all records, piece by piece.

    Which keys are frequent counts over all; which words are rare is frozen with the linker.
    """
    needs = key_needs(rules)
    bare = {need: Need(need.kind, need.fields, _without_limit(need)) for need in needs}
    value = {need: np.zeros(len(scanned.source_code), np.uint64) for need in needs}
    wordy = {place: rule for place, rule in enumerate(rules) if isinstance(rule, SharedWord)}
    words: dict[int, list[Keyed]] = {place: [_NOTHING] for place in wordy}
    asked = [*bare.values(), *(need for rule in wordy.values() for need in rule.needs())]
    fields = {name for need in asked for name in need.fields}
    for code, record, columns in scanned.pieces(fields) if asked else ():
        # Which part of a date is the month is known by the source.
        named = pa.array([scanned.sources[code]]).dictionary_encode()
        source = named.take(pa.array(np.zeros(len(record), np.int32)))
        made = prepare(pa.table({"source": source} | columns), asked, statistics)
        for need, simple in bare.items():
            found: Any = made[simple]
            value[need][record] = found.value
        for place, rule in wordy.items():
            key, row, _ = rule.rows(made)
            words[place].append((key, record[row]))
        advance(len(record))
    rows = {place: _joined(parts) for place, parts in words.items()}
    return {need: _limited(array, need) for need, array in value.items()}, rows


def _joined(parts: list[Keyed]) -> Keyed:
    key, record = (np.concatenate(side) for side in zip(*parts, strict=True))
    return key, record


def _limited(value: npt.NDArray[np.uint64], need: Need) -> Codes:
    """Leave out the keys that too many records share."""
    limit = dict(need.options).get("at_most")
    if limit is None:
        return Codes(value)
    rare = without_frequent(value, limit)
    return Codes(rare, int(((value != 0) & (rare == 0)).sum()))


def _without_limit(need: Need) -> tuple[tuple[str, Any], ...]:
    return tuple((name, value) for name, value in need.options if name != "at_most")
