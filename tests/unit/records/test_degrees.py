"""Coordinates as people and programs write them."""

import pyarrow as pa
import pytest

from sameas.records import collect
from sameas.records.degrees import coordinate_part, degrees_of


@pytest.mark.parametrize(
    "text",
    [
        "55,9819; -3,1950", "55,9819 -3,1950", "(55,9819; -3,1950)", "55,9819, -3,1950",
        "55,9819,-3,1950", '{"type":"Point","coordinates":[-3.195,55.9819]}',
        '{"coordinates": [ -3.195, 55.9819, 12.0 ], "type": "Point"}',
        "55°58'54.84\"N 3°11'42\"W", "55° 58′ 54,84″ N, 3° 11′ 42″ W", "N 55° 58.914' W 3° 11.7'",
        "55°58'54.84''n;3°11'42''w",
    ],
)  # fmt: skip
def test_both_in_one_text(text):
    both = pa.chunked_array([[text]])
    found = [float(coordinate_part(both, part)[0].as_py()) for part in ("latitude", "longitude")]
    assert found == pytest.approx([55.9819, -3.195])


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("55.98°", 55.98), ("-3.195 °", -3.195), ("33.9° S", -33.9), ("W 3.5", -3.5), ("0.5e", 0.5),
        ("55,9819", 55.9819), ("-3,195", -3.195), ("3°12'", 3.2), ("-3° 12′ 36″", -3.21),
        ("S 12º 30'", -12.5), ("12.5", 12.5), ("", None), ("unknown", None), ("55 58 55", None),
        ("3'12", None), ("12 m", None),
    ],
)  # fmt: skip
def test_one_coordinate(text, degrees):
    assert degrees_of(pa.array([text]), "latitude")[0].as_py() == (
        degrees if degrees is None else pytest.approx(degrees)
    )


def test_a_short_decimal_comma_is_one_where_the_column_has_long_ones():
    """Alone "51,5" may be two whole numbers."""
    assert degrees_of(pa.array(["51,5"]), "latitude").to_pylist() == [None]
    assert degrees_of(pa.array(["51,5", "48,137", None]), "latitude").to_pylist() == [
        51.5, 48.137, None,
    ]  # fmt: skip


def test_columns_with_a_decimal_comma_are_read():
    table = {"id": [1, 2], "lat": ["55,98196", "48,1"], "lon": ["-3,195", "11,575"]}
    records = collect({"a": table}, {"lat": "latitude", "lon": "longitude"})
    assert records.table["lat"].to_pylist() == [55.98196, 48.1]
    assert records.table["lon"].to_pylist() == [-3.195, 11.575]
    assert records.quarantine.num_rows == 0
