"""A run in pieces gives what a run in one piece gives, however small the pieces are."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sameas.blocking import ExactKey, Geohash, Radius, SimilarText, TextNeighbours
from sameas.clustering import SplitChains
from sameas.core.errors import ArgumentError
from sameas.core.prepared import Codes, Need
from sameas.datasets.places import generate_places, write_places
from sameas.linker import Linker, Options
from sameas.linker.pieces import PieceRun, records_a_piece
from sameas.linker.pieces.clock import Clock
from sameas.linker.pieces.layout import lay_out, points_of, reach_of
from sameas.linker.pieces.memory import in_order
from sameas.recipes import places
from sameas.records.scan import scan

TABLES = ("links", "clusters", "entities", "quarantine")


@pytest.fixture(scope="module")
def fitted():
    spec = places().spec
    spec = replace(spec, matcher=replace(spec.matcher, iterations=20, members=1))
    return Linker(spec).fit(generate_places(6_000, seed=2))


def in_pieces(linker, tables, out, most=700, threads=2, mode="dedupe", **options):
    given = Options(memory="4GB", threads=threads, **options)
    named = tables if isinstance(tables, dict) else {"table": tables}
    return PieceRun(
        named, linker.fitted_, mode, linker.threshold, given, {}, out, most=most
    ).finish()  # fmt: skip


def other_rules(linker, blocking):
    other = Linker(replace(linker.fitted_.spec, blocking=blocking))
    other.fitted_ = replace(linker.fitted_, spec=other.spec)
    return other


def scored(folder):
    """All scored pairs of a run folder, in the order of (left, right)."""
    stages = folder / "stages"
    whole = list(stages.glob("scores-*.parquet"))
    if whole:
        table = pq.read_table(whole[0], partitioning=None)
    else:
        files = stages.glob("*/scores/*.arrow")
        table = pa.concat_tables(
            pa.ipc.open_file(file).read_all().replace_schema_metadata(None) for file in files
        )
    return table.replace_schema_metadata(None).sort_by(
        [("left", "ascending"), ("right", "ascending")]
    )


@pytest.mark.parametrize("most", [600, 100_000])
def test_pieces_change_nothing(fitted, tmp_path, most):
    path = tmp_path / "places.parquet"
    write_places(path, 6_000, seed=3)
    one = fitted.dedupe(path, out=tmp_path / "one", report=False)
    some = in_pieces(fitted, path, tmp_path / "some", most)
    for name in TABLES:
        assert getattr(some, name).equals(getattr(one, name)), name
    assert scored(tmp_path / "some").equals(scored(tmp_path / "one"))
    for name in ("records", "sources", "candidates", "links", "clusters", "quarantine"):
        assert some.report[name] == one.report[name]
    kept = [rule["kept"] for rule in some.report["blocking"]]
    assert kept == [rule["kept"] for rule in one.report["blocking"]]
    assert some.report["blocking"][2] == one.report["blocking"][2]
    count = some.report["pieces"]["count"]
    assert (count == 2) == (most == 100_000)
    assert count < 40


def test_without_golden_records(fitted, tmp_path):
    table = generate_places(2_000, seed=3)
    options = Options(memory="4GB", threads=1)
    whole = fitted.dedupe(table, out=tmp_path / "whole", options=options)
    out = tmp_path / "some"
    bare = fitted.dedupe(table, out=out, entities=False, options=options)
    assert bare.entities is None
    assert "entities" not in bare.report["pieces"]["costs"]
    for name in ("links", "clusters", "quarantine"):
        assert getattr(bare, name).equals(getattr(whole, name)), name
    asked = fitted.dedupe(table, out=out, options=options)
    assert asked.entities.equals(whole.entities), "a finished run makes them when it is asked to"
    fitted.dedupe(table, out=out, entities=False, options=options)
    assert not (out / "entities.parquet").exists()
    with pytest.raises(ArgumentError, match="leave out stages=False"):
        fitted.dedupe(table, out=out, stages=False, options=options)


@pytest.mark.parametrize("constraints", [None, {"constraint": ["must", "cannot"]}])
def test_chains_are_cut_by_pairs_below_the_threshold_too(fitted, tmp_path, constraints):
    table = generate_places(3_000, seed=3)
    if constraints is not None:  # a pair that lies in no component of matches
        ids = table["id"].to_pylist()
        ends = {"left_id": [ids[5], ids[7]], "right_id": [ids[9], ids[11]]}
        constraints = pa.table(constraints | ends)
    other = Linker(replace(fitted.fitted_.spec, clusterer=SplitChains(level=0.6)))
    other.fitted_ = replace(fitted.fitted_, spec=other.spec, threshold=0.2)
    options = Options(constraints=constraints)
    one = other.dedupe(table, out=tmp_path / "one", report=False, options=options)
    assert one.report["clusters"]["dropped"] > 0
    some = in_pieces(other, table, tmp_path / "some", constraints=constraints)
    for name in TABLES:
        assert getattr(some, name).equals(getattr(one, name)), name


def test_a_table_with_faults(fitted, tmp_path):
    table = generate_places(1_500, seed=5)
    rows = np.arange(1_500)
    rows[[10, 20]] = rows[[11, 21]]  # two exact duplicates
    table = table.take(pa.array(rows))
    ids = table["id"].to_pylist()
    ids[30], ids[40] = ids[31], None  # one id of two rows, one missing
    names = table["name"].to_pylist()
    names[:4] = [None, " ", "two\nlines", "名前 ☕"]
    latitude = table["latitude"].to_pylist()
    latitude[50], latitude[51] = None, 99.0
    for name, values in (("id", ids), ("name", names), ("latitude", latitude)):
        table = table.set_column(table.column_names.index(name), name, [values])
    one = fitted.dedupe(table, out=tmp_path / "one", report=False)
    some = in_pieces(fitted, table, tmp_path / "some", most=200)
    assert one.quarantine.num_rows > 5
    for name in TABLES:
        assert getattr(some, name).equals(getattr(one, name)), name


def test_several_tables(fitted, tmp_path):
    table = generate_places(3_000, seed=6)
    tables = {"osm": table.slice(0, 1_400), "yelp": table.slice(1_400)}
    for mode in ("many", "one-to-one", "also-within"):
        one = fitted.link(tables, mode=mode, out=tmp_path / f"one {mode}", report=False)
        some = in_pieces(fitted, tables, tmp_path / f"some {mode}", mode=mode)
        for name in TABLES:
            assert getattr(some, name).equals(getattr(one, name)), (mode, name)


@pytest.mark.parametrize("preset", ["geohash", "neighbours", "radius"])
def test_presets(fitted, tmp_path, preset):
    linker = other_rules(fitted, places(preset).spec.blocking)
    table = generate_places(2_000, seed=3)
    one = linker.dedupe(table, report=False)
    some = in_pieces(linker, table, tmp_path / "some", most=300)
    for name in TABLES:
        assert getattr(some, name).equals(getattr(one, name)), name


def test_public_door_and_a_repeated_call(fitted, tmp_path):
    table = generate_places(2_000, seed=3)
    one = fitted.dedupe(table)
    options = Options(memory="4GB")
    some = fitted.dedupe(table, out=tmp_path, options=options)
    assert some.entities.equals(one.entities)
    assert repr(some) == repr(one)
    assert not list((tmp_path / "stages").glob("*/records"))
    assert some.review is None
    before = (tmp_path / "entities.parquet").stat().st_mtime_ns
    again = fitted.dedupe(table, out=tmp_path, options=options)
    assert (tmp_path / "entities.parquet").stat().st_mtime_ns == before
    assert again.report == some.report
    strict = fitted.dedupe(table, out=tmp_path, options=options, threshold=0.9)
    assert strict.links.equals(fitted.dedupe(table, threshold=0.9).links)
    assert strict.report["pieces"]["costs"].keys() >= {"records", "clusters", "entities"}


def test_resumes_at_the_last_piece(fitted, tmp_path, monkeypatch):
    from sameas.linker.pieces.work import Worker

    table = generate_places(2_000, seed=3)
    honest, seen = Worker.scores, []

    def dies(self, number, windows):
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append(number)
        honest(self, number, windows)

    monkeypatch.setattr(Worker, "scores", dies)
    with pytest.raises(KeyboardInterrupt):
        in_pieces(fitted, table, tmp_path, most=300, threads=1)
    monkeypatch.setattr(Worker, "scores", honest)
    folder = next((tmp_path / "stages").iterdir())
    before = {file: file.stat().st_mtime_ns for file in folder.glob("scores/*.arrow")}
    assert len(before) == 2
    some = in_pieces(fitted, table, tmp_path, most=300, threads=1)
    assert {file: file.stat().st_mtime_ns for file in before} == before
    assert "records" not in some.report["pieces"]["costs"]
    assert some.links.equals(fitted.dedupe(table).links)


@pytest.mark.skipif(os.name == "nt", reason="kill -9")
def test_killed_and_started_again(fitted, tmp_path):
    path, saved = tmp_path / "places.parquet", tmp_path / "linker"
    write_places(path, 3_000, seed=3)
    fitted.save(saved)
    program = (
        "import sys; from sameas import Linker; from sameas.linker import Options;"
        "Linker.load(sys.argv[1]).dedupe(sys.argv[2], out=sys.argv[3],"
        " options=Options(memory='4GB', threads=1))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(saved), str(path), str(tmp_path / "run")]
    )
    stages, end = tmp_path / "run" / "stages", time.monotonic() + 60
    while not list(stages.glob("*/candidates/*.arrow")) and time.monotonic() < end:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "run" / "run.json").exists()
    some = fitted.dedupe(
        path, out=tmp_path / "run", options=Options(memory="4GB", threads=1)
    )  # fmt: skip
    one = fitted.dedupe(path)
    for name in TABLES:
        assert getattr(some, name).equals(getattr(one, name)), name


def test_boxes_hold_all_that_lie_within_reach():
    rng = np.random.default_rng(0)
    latitude = np.concatenate([rng.uniform(89.9, 90, 300), rng.normal(0, 0.02, 700)])
    longitude = np.concatenate([rng.uniform(-180, 180, 300), 180 + rng.normal(0, 0.02, 700)])
    longitude = (longitude + 180) % 360 - 180
    latitude[::50] = np.nan
    points = points_of(latitude, longitude)
    key = Need("codes", ("homepage",), (("form", "url"),))
    codes = {key: Codes(rng.integers(0, 300, 1_000).astype(np.uint64))}
    rules = (Radius(500.0), ExactKey(("homepage",), form="url"))
    layout = lay_out(rules, codes, points, 1_000, most=100)
    rows, piece = layout.targets(np.arange(1_000, dtype=np.int32))
    inside = [set(rows[piece == n].tolist()) for n in range(len(layout.pieces))]
    assert [len(each) for each in inside] == [found.records for found in layout.pieces]
    xyz = points.xyz
    apart = np.linalg.norm(xyz[:, None] - xyz[None], axis=2)
    for left, right in np.argwhere(apart <= 500.0):
        assert right in inside[layout.home[left]]
    value = codes[key].value
    keyed = [each for each, found in zip(inside, layout.pieces, strict=True) if not found.home]
    for left, right in np.argwhere((value[:, None] == value[None]) & (value != 0)[:, None]):
        assert left == right or sum(left in each and right in each for each in keyed) == 1
    assert layout.keyed[1] == (int((value != 0).sum()), int((value == 0).sum()))


def test_reach():
    assert reach_of(ExactKey(("phone",))) is None
    cell = reach_of(Geohash(6))
    assert 1_300 < cell < 1_400
    assert reach_of(Geohash(6, neighbours=True)) == 2 * cell


def test_what_cannot_run_in_pieces(fitted, tmp_path):
    fresh = Options(memory="4GB")
    with pytest.raises(ArgumentError, match="give out="):
        fitted.dedupe(generate_places(100), options=fresh)
    with pytest.raises(ArgumentError, match="does not fit 2 table"):
        fitted.dedupe({"a": generate_places(9), "b": generate_places(9)}, out=tmp_path,
                      options=fresh)  # fmt: skip
    other = other_rules(fitted, (TextNeighbours(("name",)),))
    with pytest.raises(ArgumentError, match="cannot be run in pieces"):
        other.dedupe(generate_places(100), out=tmp_path, options=fresh)
    two = (Radius(9.0), Radius(9.0, latitude="lat", filter=SimilarText("name")))
    from sameas.linker.pieces.layout import places_of

    with pytest.raises(ArgumentError, match="read several positions"):
        places_of(two)


@pytest.mark.parametrize(
    ("memory", "match"), [("much", "such as '10GB'"), ("1..5GB", "such as"), ("3GB", "at least")]
)
def test_memory(memory, match):
    with pytest.raises(ArgumentError, match=match):
        records_a_piece(memory, 28_000_000, 2)


def test_in_order_ends_with_the_error():
    assert list(in_order(3, lambda item: item * 2, range(10))) == list(range(0, 20, 2))

    def fails(item):
        if item == 4:
            raise ValueError("four")
        return item

    with pytest.raises(ValueError, match="four"):
        list(in_order(2, fails, range(50)))


def test_the_remaining_time_counts_all_stages(caplog):
    caplog.set_level("INFO", logger="sameas")
    clock = Clock("dedupe")
    clock.know(1_000)
    clock.skip("read", 1_000)  # 1.5 of the 29 units of a record, by an earlier run
    clock.stage("scores", 500)
    clock._begun -= 60.0
    clock._told -= 100.0
    clock.advance("scores", 100)  # 1.7 units in a minute: 25.8 are left
    clock.close()
    assert "scores: 11 % done, about 15.2 min left" in caplog.text


def test_a_scan_reads_as_collect_does(tmp_path):
    from sameas.records import Field, collect

    fields = (Field("name", "name"), Field("labels", "set"), Field("latitude", "latitude"),
              Field("longitude", "longitude"))  # fmt: skip
    table = generate_places(900, seed=1)
    for part in range(3):
        pq.write_table(table.slice(part * 300, 300), tmp_path / f"{part}.parquet")
    whole = collect({"table": table}, fields)
    scanned = scan({"table": tmp_path}, fields)
    assert scanned.ids.equals(whole.table["id"].combine_chunks())
    parts = list(scanned.pieces([field.name for field in fields], keep_notes=True))
    found = pa.concat_tables(
        pa.table({"record": record, **columns}) for _, record, columns in parts
    ).sort_by("record")
    assert (
        found.select([1, 2, 3, 4]).to_pylist()
        == whole.table.select(found.column_names[1:]).to_pylist()
    )
    assert scanned.quarantine().equals(whole.quarantine)
