"""Areas are compared as areas; a record without one is the point of its coordinates."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.comparison import ShapeComparison, compare
from sameas.records import prepare

pytest.importorskip("shapely")
SQUARE = "POLYGON ((-118 37, -117.9 37, -117.9 37.1, -118 37.1, -118 37))"
HALF_EAST = "POLYGON ((-117.95 37, -117.85 37, -117.85 37.1, -117.95 37.1, -117.95 37))"
ROWS = [
    (SQUARE, None, None), (HALF_EAST, 0.0, 0.0), (None, 37.05, -117.97), (None, 37.05, -117.8),
    (None, None, None), (None, 37.05, -117.8), ("no shape", None, None),
]  # fmt: skip


def found(left, right):
    columns = ("geometry", "latitude", "longitude")
    table = pa.table({name: list(values) for name, values in zip(columns, zip(*ROWS, strict=True),
                                                                 strict=True)})  # fmt: skip
    count = len(ROWS)
    table = table.append_column("source", pa.array(["s"] * count))
    table = table.append_column("id", pa.array([str(k) for k in range(count)]))
    spec = ShapeComparison("geometry")
    columns = prepare(table, spec.needs(), {})
    ends = (np.array(side, np.int32) for side in (left, right))
    return compare(columns, [spec], *ends)


def test_polygons_overlap_and_hold_points():
    two, inside, outside = found([0, 0, 0], [1, 2, 3])
    assert two[0] == 0
    np.testing.assert_allclose(two[1:], [1 / 3, 0], atol=1e-3)
    np.testing.assert_array_equal(inside, [0, 0, 1])
    np.testing.assert_allclose(outside, [8_870, 0, 0], rtol=0.01)  # from the eastern edge


def test_the_shape_goes_before_the_coordinates_and_without_either_nothing_is_said():
    assert found([1], [3])[0, 0] < 5_000, "not at 0, 0"
    assert np.isnan(found([0, 4, 0], [4, 5, 6])).all()
    np.testing.assert_array_equal(found([3], [5])[0], [0, 0, 1])
