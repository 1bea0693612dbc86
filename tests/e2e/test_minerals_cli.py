"""Two published databases of mineral sites, as files in their own layouts, on the command line."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

pyogrio = pytest.importorskip("pyogrio")
shapely = pytest.importorskip("shapely")
pytest.importorskip("pyproj")

FIRST = ("Raven", "Juniper", "Ajax", "Ohio", "Hollow", "Silver Bow", "Yellow Pine", "Bonanza")
SECOND = ("Queen", "Boy", "Chief", "Ridge", "Spring", "Star", "Hope", "Giant", "Lily")
HEAD = (
    "dep_id", "url", "mrds_id", "mas_id", "site_name", "latitude", "longitude", "region", "country",
    "state", "county", "com_type", "commod1", "commod2", "commod3", "oper_type", "dep_type",
    "prod_size", "dev_stat", "ore", "gangue", "names",
)  # fmt: skip


def sameas(*arguments: object) -> str:
    command = [sys.executable, "-m", "sameas", *(str(argument) for argument in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def write_both(folder: Path, driver: str, name: str) -> None:
    """Write 72 sites as USMIN (polygons) and as MRDS (points), the same number in both keys."""
    random = np.random.default_rng(4)
    places = random.uniform((37, -119), (41, -115), (72, 2))
    names = [f"{first} {second}" for first in FIRST for second in SECOND]
    keys = np.array([f"U{number}" for number in range(72)], object)
    commodity = np.array([("tungsten", "gold, silver", "tin")[k % 3] for k in range(72)], object)
    shapes = shapely.to_wkb(shapely.buffer(shapely.points(places[:, 1], places[:, 0]), 0.004))
    usmin = folder / name
    if driver == "ESRI Shapefile":
        usmin.mkdir()
        columns = {"Site_ID": keys, "Site_Name": np.array(names, object), "Commodity": commodity}
        with (usmin / "Site.csv").open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows([list(columns), *zip(*columns.values(), strict=True)])
        pyogrio.raw.write(usmin / "Loc_Poly.shp", shapes, [keys], ["Site_ID"], driver=driver,
                          crs="EPSG:4326", geometry_type="Polygon")  # fmt: skip
    else:
        fields = [keys, np.array(names, object), commodity]
        pyogrio.raw.write(usmin, None, fields, ["Site_ID", "Site_Name", "Commodity"], layer="Site",
                          driver=driver)  # fmt: skip
        pyogrio.raw.write(usmin, shapes, [keys], ["Site_ID"], layer="Loc_Poly", driver=driver,
                          crs="EPSG:4326", geometry_type="Polygon", append=True)  # fmt: skip
    with (folder / "mrds.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, HEAD)
        writer.writeheader()
        for k, (place, name) in enumerate(zip(places, names, strict=True)):
            near = place + random.normal(0, 0.003, 2)
            writer.writerow({"dep_id": f"M{k}", "site_name": f"{name} Mine", "latitude": near[0],
                             "longitude": near[1], "commod1": ("Tungsten", "Gold", "Tin")[k % 3],
                             "state": "Nevada", "names": "Old Workings"})  # fmt: skip


@pytest.mark.parametrize(
    ("driver", "name"), [("OpenFileGDB", "usmin.gdb"), ("ESRI Shapefile", "usmin")]
)
def test_usmin_and_mrds_are_linked_as_they_are_published(
    tmp_path: Path, driver: str, name: str
) -> None:
    write_both(tmp_path, driver, name)
    run = tmp_path / "run"
    sameas("link", tmp_path / name, tmp_path / "mrds.csv", "--recipe", "minerals", "--out", run)
    links = pq.read_table(run / "links.parquet").to_pylist()
    right = [link["left_id"][1:] == link["right_id"][1:] for link in links]
    assert len(links) > 50
    assert np.mean(right) > 0.9
    assert {link["left_id"][0] for link in links} == {"U"}


def test_labels_teach_the_recipe_on_both_layouts_and_areas_take_part(tmp_path: Path) -> None:
    write_both(tmp_path, "OpenFileGDB", "usmin.gdb")
    rows = [(f"U{a}", f"M{b}", int(a == b)) for a in range(72) for b in range(a, min(a + 6, 72))]
    with (tmp_path / "pairs.csv").open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([("left_id", "right_id", "label"), *rows])
    model = tmp_path / "model"
    sameas("fit", tmp_path / "usmin.gdb", tmp_path / "mrds.csv", "--recipe", "minerals",
           "--labels", tmp_path / "pairs.csv", "--save", model)  # fmt: skip
    spec = json.loads((model / "linker.json").read_text(encoding="utf-8"))
    assert "shape_comparison" in json.dumps(spec)
    sameas("dedupe", tmp_path / "mrds.csv", "--linker", model, "--out", tmp_path / "run")
    assert (tmp_path / "run" / "clusters.parquet").exists()
