"""Two airport registers kept by different people, and which records mean the same airport.

The records are read from the packages ``airportsdata`` and ``airports-py`` (both MIT), which the
extra ``demo`` installs; sameas ships none of them. What this truth is worth: ``docs/airports.md``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.optional import require

__all__ = ["Airports", "load_airports", "split_by_hash", "true_links"]

#: Column of the result, its type, and the register's own name for it.
_LEFT = (
    ("name", pa.string(), "name"),
    ("city", pa.string(), "city"),
    ("region", pa.string(), "subd"),
    ("country", pa.string(), "country"),
    ("latitude", pa.float64(), "lat"),
    ("longitude", pa.float64(), "lon"),
    ("elevation", pa.float64(), "elevation"),
    ("timezone", pa.string(), "tz"),
    ("icao", pa.string(), "icao"),
    ("iata", pa.string(), "iata"),
)
_RIGHT = (
    ("name", pa.string(), "airport"),
    ("country", pa.string(), "country_code"),
    ("latitude", pa.float64(), "latitude"),
    ("longitude", pa.float64(), "longitude"),
    ("elevation", pa.float64(), "elevation_ft"),
    ("timezone", pa.string(), "time"),
    ("kind", pa.string(), "type"),
    ("icao", pa.string(), "icao"),
    ("iata", pa.string(), "iata"),
)
_Columns = Sequence[tuple[str, pa.DataType, str]]


@dataclass(frozen=True, slots=True)
class Airports:
    """Two registers and the links between them.

    Attributes
    ----------
    left : pyarrow.Table
        ``airportsdata``: id, name, city, region, country, latitude, longitude, elevation,
        timezone, icao, iata.
    right : pyarrow.Table
        ``airports-py``: id, name, country, latitude, longitude, elevation, timezone, kind,
        icao, iata.
    truth : pyarrow.Table
        left_id, right_id: the records with one ICAO code.

    Notes
    -----
    `icao` and `iata` **are** the truth: drop both before the records are compared
    (`without_codes`). Coordinates are decimal degrees, elevations feet, countries
    ISO 3166 alpha-2. Empty texts are null. Rows are in the order of `id`. Nothing is
    corrected: one record on the right has its latitude and longitude swapped.
    """

    left: pa.Table
    right: pa.Table
    truth: pa.Table

    def without_codes(self) -> tuple[pa.Table, pa.Table]:
        """Return left and right without the columns that decide the truth."""
        return self.left.drop_columns(["icao", "iata"]), self.right.drop_columns(["icao", "iata"])


def load_airports() -> Airports:
    """Read both registers from the packages of the extra ``demo``.

    The id of a record is a hash of its content and its source: it is stable for one version of
    a package and reveals no code. Columns with web addresses are left out, since the addresses
    contain the codes; so is the local identifier of American airfields.

    Returns
    -------
    Airports
        28,298 records, 18,771 records and 13,308 links (airportsdata 20260905,
        airports-py 3.1.0). Takes about a second.

    Raises
    ------
    MissingExtraError
        If one of the packages is not installed.

    Examples
    --------
    >>> airports = load_airports()
    >>> airports.truth.column_names
    ['left_id', 'right_id']
    >>> left, right = airports.without_codes()
    >>> [name for name in left.column_names if name not in right.column_names]
    ['city', 'region']
    """
    what = "Reading the airport registers"
    left_register = require("airportsdata", extra="demo", what=what)
    right_register = require("airports.airport_data", extra="demo", what=what)
    left = _table(left_register.load("ICAO").values(), _LEFT, source="airportsdata")
    right = _table(right_register.airports, _RIGHT, source="airports-py")
    return Airports(left, right, true_links(left, right))


def true_links(left: pa.Table, right: pa.Table, *, code: str = "icao") -> pa.Table:
    """Link the records whose code is equal and stands once on each side.

    Parameters
    ----------
    left, right : pyarrow.Table
        With the columns ``id`` and `code`.
    code : str
        The column that decides.

    Returns
    -------
    pyarrow.Table
        left_id, right_id, in the order of left_id.

    Examples
    --------
    >>> left = pa.table({"id": ["a", "b", "c"], "icao": ["LOWW", "EDDF", None]})
    >>> right = pa.table({"id": ["x", "y", "z"], "icao": ["EDDF", "KJFK", None]})
    >>> true_links(left, right).to_pylist()
    [{'left_id': 'b', 'right_id': 'x'}]
    """
    codes = _once(left, code).rename_columns(["left_id", code])
    other = _once(right, code).rename_columns(["right_id", code])
    return codes.join(other, code, join_type="inner").drop_columns([code]).sort_by("left_id")


def split_by_hash(ids: Iterable[str] | pa.ChunkedArray, share: float) -> npt.NDArray[np.bool_]:
    """Draw a share of the records by the hash of their id.

    The draw depends on the id alone, not on the order or the number of records.

    Parameters
    ----------
    ids : iterable of str
        Ids of records.
    share : float
        About which part is drawn, in [0, 1].

    Returns
    -------
    bool[n]
        True where the record is drawn.

    Examples
    --------
    >>> int(split_by_hash((f"record {i}" for i in range(1000)), 0.5).sum())
    504
    """
    if not 0 <= share <= 1:
        raise ArgumentError(f"share must lie between 0 and 1, got {share!r}.")
    texts = ids.to_pylist() if isinstance(ids, pa.Array | pa.ChunkedArray) else list(ids)
    digests = b"".join(hashlib.sha256(text.encode()).digest()[:8] for text in texts)
    return (np.frombuffer(digests, dtype=">u8") >> 11) / 2.0**53 < share


def _once(table: pa.Table, code: str) -> pa.Table:
    """Keep the id and the code of the records whose code no other record bears."""
    table = table.select(["id", code]).filter(pc.is_valid(table[code]))
    counts = table.group_by(code).aggregate([("id", "count"), ("id", "min")])
    return counts.filter(pc.equal(counts["id_count"], 1)).select(["id_min", code])


def _table(rows: Iterable[Mapping[str, Any]], columns: _Columns, *, source: str) -> pa.Table:
    """Turn the rows of a register into a table with an id, in the order of the id."""
    rows = list(rows)
    arrays = {"id": pa.array([_record_id(row, source) for row in rows], pa.string())}
    for name, kind, key in columns:
        clean = _number if pa.types.is_floating(kind) else _text
        arrays[name] = pa.array([clean(row.get(key)) for row in rows], kind)
    return pa.table(arrays).sort_by("id")


def _record_id(row: Mapping[str, Any], source: str) -> str:
    content = json.dumps([source, row], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _text(value: Any) -> str | None:
    return str(value).strip() or None if value is not None else None


def _number(value: Any) -> float | None:
    return None if value is None or value == "" else float(value)
