"""MRDS and USMIN in the layouts in which they are published, and their coordinates."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError, ColumnError, DataError
from sameas.kernels.shapes import compare_shapes
from sameas.records.geodesy import to_wgs84
from sameas.records.mineral_tables import read_mrds, read_usmin
from sameas.records.shifted import in_wgs84
from sameas.records.sites import site_name

pyogrio = pytest.importorskip("pyogrio")
shapely = pytest.importorskip("shapely")
pytest.importorskip("pyproj")

MRDS = (
    "dep_id,url,mrds_id,mas_id,site_name,latitude,longitude,region,country,state,county,com_type,"
    "commod1,commod2,commod3,oper_type,dep_type,prod_size,dev_stat,ore,gangue,names\n"
    '10000001,http://x,,,Eagle Mine,39.5,-117.2,NA,United States,Nevada,Nye,M,"Tungsten, Gold",'
    'Silver,,Underground,"Skarn, W; Vein",S,Prospect,Scheelite,"Garnet, Quartz","Old Eagle, Ajax"\n'
    "10000002,http://x,,,,bad,,NA,United States,,,M,,,,,,,,,,\n"
)
SITES = {"Site_ID": ["NV1", "AK2", "CA3"], "Site_Name": ["Eagle", "Bear", "Fox"],
         "Commodity": ["tungsten, gold", None, "tin"], "Approx_Lat": [39.5, 65.0, 37.0],
         "Approx_Lon": [-117.2, -150.0, -118.0]}  # fmt: skip
MODELS = {"Site_ID": ["NV1", "NV1", "CA3"], "DpMd_NoNm": ["14a W skarn", "22c Vein", None]}
SQUARE = "POLYGON ((-118 37, -117.9 37, -117.9 37.1, -118 37.1, -118 37))"


def write(path, layer, columns, shapes=None, crs="EPSG:4269", kind="Point", driver=None, **more):
    fields = [np.array(values, dtype=object) for values in columns.values()]
    geometry = None
    if shapes is not None:
        geometry = shapely.to_wkb(shapely.from_wkt(shapes))
        more |= {"crs": crs, "geometry_type": kind}
    pyogrio.raw.write(path, geometry, fields, list(columns), layer=layer, driver=driver, **more)


def layers():
    return {
        "Site": (SITES, None, None),
        "Dep_Model": (MODELS, None, None),
        "Loc_Pt": ({"Site_ID": ["NV1"], "State": ["Nevada"]}, ["POINT (-117.25 39.55)"], "Point"),
        "Loc_Poly": ({"Site_ID": ["CA3"], "Poly_ID": ["p"]}, [SQUARE], "Polygon"),
    }


def check(found):
    assert found["id"].to_pylist() == ["NV1", "AK2", "CA3"]
    assert found["name"].to_pylist() == ["Eagle", "Bear", "Fox"]
    assert found["state_or_province"].to_pylist() == ["Nevada", None, None]
    np.testing.assert_allclose(found["latitude"].to_numpy(), [39.55, 65.0, 37.05], atol=1e-3)
    np.testing.assert_allclose(found["longitude"].to_numpy(), [-117.25, -150, -117.95], atol=1e-3)
    assert found["commodities"].to_pylist() == [["tungsten", "gold"], None, ["tin"]]
    assert found["deposit_types"].to_pylist() == [["14a W skarn", "22c Vein"], None, None]
    accuracy = found["shift_accuracy"].to_pylist()
    assert accuracy[1] is None, "only approximated in Site"
    assert 0 <= accuracy[0] <= 10
    kinds = [text and text.split(" ")[0] for text in found["geometry"].to_pylist()]
    assert kinds[:2] == ["POINT", None]
    assert kinds[2] in ("POLYGON", "MULTIPOLYGON")


def test_mrds_from_its_csv(tmp_path):
    path = tmp_path / "mrds.csv"
    path.write_text(MRDS, encoding="utf-8")
    found = read_mrds(path).to_pylist()
    assert found[0]["id"] == "10000001"
    assert found[0]["other_names"] == ["Old Eagle", "Ajax"]
    assert found[0]["commodities"] == ["Tungsten", "Gold", "Silver"]
    assert found[0]["minerals"] == ["Scheelite", "Garnet", "Quartz"]
    assert (found[0]["latitude"], found[0]["longitude"]) == (39.5, -117.2)
    assert [found[1][name] for name in ("name", "latitude", "commodities")] == [None] * 3
    path.write_text("dep_id,name\n1,a\n", encoding="utf-8")
    with pytest.raises(ColumnError, match="site_name"):
        read_mrds(path)


@pytest.mark.parametrize(("name", "driver"), [("usmin.gdb", "OpenFileGDB"), ("usmin.gpkg", "GPKG")])
def test_usmin_from_one_database(tmp_path, name, driver):
    path = tmp_path / name
    for layer, (columns, shapes, kind) in layers().items():
        more = {"append": True} if path.exists() else {}
        write(path, layer, columns, shapes, kind=kind, driver=driver, **more)
    check(read_usmin(path))


@pytest.mark.parametrize(
    ("suffix", "driver"), [(".shp", "ESRI Shapefile"), (".geojson", "GeoJSON")]
)
def test_usmin_from_a_folder_of_files(tmp_path, suffix, driver):
    for layer, (columns, shapes, kind) in layers().items():
        if shapes is None:
            from pyarrow.csv import write_csv

            write_csv(pa.table(columns), tmp_path / f"{layer}.csv")
        else:
            crs = "EPSG:4326" if suffix == ".geojson" else "EPSG:4269"
            write(tmp_path / f"{layer}{suffix}", layer, columns, shapes, crs, kind, driver)
    check(read_usmin(tmp_path))


def test_a_folder_without_sites_is_refused(tmp_path):
    with pytest.raises(DataError, match="no layer or file Site"):
        read_usmin(tmp_path)


def test_nad_27_moves_a_point_in_alaska_by_more_than_100_metres():
    moved = to_wgs84([61.2, np.nan], [-149.9, np.nan], "EPSG:4267")
    assert 100 < moved.largest < 250
    assert 0 < moved.accuracy <= 50
    assert "NAD27" in moved.how
    assert np.isnan(moved.latitude[1])
    same = to_wgs84([61.2], [-149.9], "EPSG:4326")
    assert (same.largest, same.accuracy, same.latitude[0]) == (0, 0, 61.2)


def test_a_zero_shift_is_refused_unless_allowed():
    nowhere = "+proj=longlat +ellps=clrk66 +no_defs"
    with pytest.raises(DataError, match="allow_zero_shift=True"):
        to_wgs84([61.2], [-149.9], nowhere)
    allowed = to_wgs84([61.2], [-149.9], nowhere, allow_zero_shift=True)
    assert np.isnan(allowed.accuracy)
    with pytest.raises(ArgumentError, match="EPSG:0"):
        to_wgs84([1.0], [1.0], "EPSG:0")


def test_shapes_are_compared_pair_by_pair():
    left = ["POINT (-117 39)", SQUARE, "POINT (179.999 0)", None]
    right = ["POINT (-117 39.01)", "POINT (-117.95 37.05)", "POINT (-179.999 0)", SQUARE]
    found = compare_shapes(left, right)
    np.testing.assert_allclose(found["distance"], [1111.95, 0, 222.39, np.nan], rtol=1e-4)
    assert found["contained"][:3].tolist() == [0, 1, 0]
    assert np.isnan(found["overlap"]).all()
    half = compare_shapes([SQUARE], [SQUARE.replace("-117.9 ", "-117.8 ")])
    np.testing.assert_allclose(half["overlap"], [0.5])
    swapped = compare_shapes(right, left)
    np.testing.assert_allclose(swapped["distance"], found["distance"])


@pytest.mark.parametrize(
    "name", ["Unknown", "Unnamed Prospect", "Gravel Pit", "Unknown - Zn/Pb", "#2"]
)
def test_placeholders_are_no_names(name):
    assert site_name(pa.array([name])).to_pylist() == [None]


def test_rows_of_a_table_are_shifted_from_their_own_system():
    table = pa.table(
        {
            "id": ["ardf", "mrds", "none", "lost"],
            "crs": ["EPSG:4267", "EPSG:4326", None, "EPSG:4267"],
            "latitude": [61.2, 61.2, 61.2, None],
            "longitude": [-149.9, -149.9, -149.9, None],
        }
    )
    found = in_wgs84(table).to_pydict()
    apart = abs(found["longitude"][0] + 149.9) * 111_000 * np.cos(np.radians(61.2))
    assert 80 < apart < 250
    assert found["longitude"][1:] == [-149.9, -149.9, None]
    assert found["shift_accuracy"][0] > 0
    assert found["shift_accuracy"][1:3] == [0, 0]
    assert found["crs"] == ["EPSG:4326", "EPSG:4326", None, "EPSG:4326"]
    with pytest.raises(ColumnError, match="latitude"):
        in_wgs84(table.drop_columns(["latitude"]))
