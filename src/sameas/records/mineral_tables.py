"""Readers of two databases of mineral sites, as the U.S. Geological Survey publishes them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.errors import ColumnError, DataError
from sameas.core.optional import require
from sameas.records.geodesy import to_wgs84
from sameas.records.read_csv import read_csv

__all__ = ["has_usmin", "is_mrds", "mrds_table", "read_mrds", "read_usmin"]

_MRDS_KEYS = ("dep_id", "site_name")
_MRDS_COMMODITIES = ("commod1", "commod2", "commod3")
_NUMBERS = ("latitude", "longitude", "shift_accuracy")
_LAYERS = ("Site", "Loc_Pt", "Loc_Poly", "Dep_Model")
_SHAPES = (".shp", ".geojson", ".json", ".dbf", ".csv")


def read_mrds(path: str | os.PathLike[str], *, encoding: str = "utf-8") -> pa.Table:
    """Read the Mineral Resources Data System from its one CSV file.

    Parameters
    ----------
    path : path
        With the columns ``dep_id`` and ``site_name``, and as many as there are of latitude,
        longitude, country, state, county, commod1 to commod3, dep_type, names, ore, gangue.
    encoding : str

    Returns
    -------
    pyarrow.Table
        id, name, other_names, latitude, longitude, country, state_or_province, county,
        commodities, deposit_types, minerals: what the recipe minerals knows, and more.

    Raises
    ------
    ColumnError
        If ``dep_id`` or ``site_name`` is absent.
    """
    table = read_csv(Path(path), columns=None, encoding=encoding).table
    for name in _MRDS_KEYS:
        if name not in table.column_names:
            raise ColumnError.missing(name, table.column_names, table=Path(path).name)
    return mrds_table(table)


def is_mrds(table: pa.Table) -> bool:
    """Say whether a table has the columns by which the file of MRDS is known."""
    return set(_MRDS_KEYS) <= set(table.column_names)


def mrds_table(table: pa.Table) -> pa.Table:
    """Turn the file of MRDS, all texts, into the columns of `read_mrds`."""
    return pa.table(
        {
            "id": _text(table, "dep_id"),
            "name": _text(table, "site_name"),
            "other_names": _listed(table, ["names"], r"\s*[,;|]\s*"),
            "latitude": _number(table, "latitude"),
            "longitude": _number(table, "longitude"),
            "country": _text(table, "country"),
            "state_or_province": _text(table, "state"),
            "county": _text(table, "county"),
            "commodities": _listed(table, _MRDS_COMMODITIES, r"\s*[,;|]\s*"),
            "deposit_types": _listed(table, ["dep_type"], r"\s*[;|]\s*"),
            "minerals": _listed(table, ["ore", "gangue"], r"\s*[,;|]\s*"),
        }
    )


def has_usmin(path: Path) -> bool:
    """Say whether a folder is a geodatabase or holds the layer Site of USMIN as a file."""
    return path.suffix.lower() == ".gdb" or any((path / f"Site{end}").exists() for end in _SHAPES)


def read_usmin(path: str | os.PathLike[str], *, allow_zero_shift: bool = False) -> pa.Table:
    """Read the USMIN deposit database: its tables and layers, joined on ``Site_ID``.

    Parameters
    ----------
    path : path
        A geodatabase (``.gdb``) or GeoPackage with the layers Site, Loc_Pt, Loc_Poly and
        Dep_Model, or a folder with files of these names (shapefile, GeoJSON, dBase, CSV). Only
        Site is needed.
    allow_zero_shift : bool
        As in `to_wgs84`.

    Returns
    -------
    pyarrow.Table
        id, name, state_or_province, latitude, longitude (of Loc_Pt, else of the polygon, else
        as approximated in Site), commodities, deposit_types, geometry (WKT in degrees, WGS 84;
        the polygon where there is one), shift_accuracy (of the shift to WGS 84, metres; null
        where nothing is known of it).

    Raises
    ------
    DataError
        If the layer Site is absent or a layer says no coordinate system.
    MissingExtraError
        Without pyogrio, pyproj and shapely (the extra ``geo``).
    """
    layers = {name: _layer(Path(path), name, allow_zero_shift) for name in _LAYERS}
    site, points, polygons, models = (layers[name] for name in _LAYERS)
    if site is None:
        raise DataError(f"{path} has no layer or file Site; expected {', '.join(_LAYERS)}.")
    if "Site_ID" not in site.column_names:
        raise ColumnError.missing("Site_ID", site.column_names, table="Site")
    key = _text(site, "Site_ID")
    shapes = [_first(key, layer, "geometry") for layer in (polygons, points)]
    latitude, longitude = _number(site, "Approx_Lat"), _number(site, "Approx_Lon")
    for layer in (polygons, points):
        latitude = pc.coalesce(_first(key, layer, "latitude"), latitude)
        longitude = pc.coalesce(_first(key, layer, "longitude"), longitude)
    return pa.table(
        {
            "id": key,
            "name": _text(site, "Site_Name"),
            "state_or_province": _first(key, points, "State"),
            "latitude": latitude,
            "longitude": longitude,
            "commodities": _listed(site, ["Commodity"], r"\s*[,;|]\s*"),
            "deposit_types": _all(key, models, "DpMd_NoNm"),
            "geometry": pc.coalesce(*shapes),
            "shift_accuracy": pc.coalesce(
                *(_first(key, layer, "shift_accuracy") for layer in (points, polygons))
            ),
        }
    )


def _layer(path: Path, name: str, zero: bool) -> pa.Table | None:
    """Read one layer, with latitude, longitude and geometry in WGS 84; None if there is none."""
    pyogrio = require("pyogrio", extra="geo", what="Reading USMIN")
    source, layer = path, name
    if path.is_dir() and path.suffix.lower() != ".gdb":
        files = [
            path / f"{name}{suffix}" for suffix in _SHAPES if (path / f"{name}{suffix}").exists()
        ]
        if not files:
            return None
        if files[0].suffix == ".csv":
            return read_csv(files[0], columns=None, encoding="utf-8").table
        source, layer = files[0], ""
    elif name not in pyogrio.list_layers(path)[:, 0]:
        return None
    facts, table = pyogrio.read_arrow(source, **({"layer": layer} if layer else {}))
    shape = facts["geometry_name"] or "wkb_geometry"
    if facts["geometry_type"] is None or shape not in table.column_names:
        return table
    if not facts["crs"]:
        raise DataError(f"The layer {name} of {path} says no coordinate system.")
    return _placed(table, shape, facts["crs"], zero)


def _placed(table: pa.Table, shape: str, crs: str, zero: bool) -> pa.Table:
    """Turn the geometry of a layer into WGS 84, with a point for each record."""
    shapely = require("shapely", extra="geo", what="Reading USMIN")
    shapes = shapely.from_wkb(np.array(table[shape].to_pylist(), dtype=object))
    inside = shapely.get_coordinates(shapely.force_2d(shapes))
    accuracy = float("nan")
    if len(inside):
        moved = to_wgs84(inside[:, 1], inside[:, 0], crs, allow_zero_shift=zero)
        accuracy = moved.accuracy
        shapes = shapely.set_coordinates(
            shapely.force_2d(shapes), np.stack([moved.longitude, moved.latitude], axis=1)
        )
    point = shapely.point_on_surface(shapes)
    columns: dict[str, Any] = {
        "latitude": pa.array(shapely.get_y(point), from_pandas=True),
        "longitude": pa.array(shapely.get_x(point), from_pandas=True),
        "geometry": pa.array(shapely.to_wkt(shapes, rounding_precision=7), pa.large_string()),
        "shift_accuracy": pa.array(np.full(len(shapes), accuracy), from_pandas=True),
    }
    table = table.drop_columns([shape])
    for name, values in columns.items():
        table = table.append_column(name, values)
    return table


def _column(table: pa.Table | None, name: str) -> pa.Array | None:
    return None if table is None or name not in table.column_names else table[name].combine_chunks()


def _text(table: pa.Table, name: str) -> pa.Array:
    """Return a column as texts; null where it is empty or absent."""
    column = _column(table, name)
    if column is None:
        return pa.nulls(table.num_rows, pa.large_string())
    texts = pc.utf8_trim_whitespace(column.cast(pa.large_string()))
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.large_string()), texts)


def _number(table: pa.Table, name: str) -> pa.Array:
    column = _column(table, name)
    if column is not None and pa.types.is_floating(column.type):
        return column.cast(pa.float64())
    texts = _text(table, name)
    plain = pc.match_substring_regex(texts, r"^[+-]?\d+\.?\d*$")
    return pc.if_else(plain, texts, None).cast(pa.float64())


def _listed(table: pa.Table, names: Sequence[str], between: str) -> pa.Array:
    """Join columns and split them into lists; null where all are empty."""
    parts = [pc.fill_null(_text(table, name), "") for name in names]
    joined = pc.binary_join_element_wise(*parts, pa.scalar(";", pa.large_string()))
    plain = pc.replace_substring_regex(joined, between, ";")
    plain = pc.utf8_trim(pc.replace_substring_regex(plain, ";+", ";"), characters="; ")
    plain = pc.if_else(pc.equal(plain, ""), pa.scalar(None, pa.large_string()), plain)
    return pc.split_pattern(plain, ";").cast(pa.list_(pa.string()))


def _first(key: pa.Array, layer: pa.Table | None, name: str) -> pa.Array:
    """Return the first known value of a layer for each site."""
    values = _column(layer, name)
    kind = pa.float64() if name in _NUMBERS else pa.large_string()
    if layer is None or values is None:
        return pa.nulls(len(key), kind)
    rows = pc.indices_nonzero(pc.is_valid(values))
    place = pc.index_in(key, value_set=_text(layer, "Site_ID").take(rows))
    return values.cast(kind).take(rows).take(place)


def _all(key: pa.Array, layer: pa.Table | None, name: str) -> pa.Array:
    """Return all values of a layer for each site, as lists; null without any."""
    if layer is None or _column(layer, name) is None:
        return pa.nulls(len(key), pa.list_(pa.string()))
    pairs = pa.table({"site": _text(layer, "Site_ID"), "value": _text(layer, name)})
    pairs = pairs.filter(pc.is_valid(pairs["value"])).combine_chunks()
    lists = pairs.group_by("site", use_threads=False).aggregate([("value", "list")])
    place = pc.index_in(key, value_set=lists["site"].combine_chunks())
    return lists["value_list"].combine_chunks().take(place).cast(pa.list_(pa.string()))
