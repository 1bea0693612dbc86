"""A linker that learned without labels gives the same in pieces as in one piece."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sameas.blocking import ExactKey, Radius, SharedWord
from sameas.datasets.places import generate_places
from sameas.linker import Linker, Options
from sameas.linker.pieces import run as pieces_run
from sameas.matching import SelfTraining

TABLES = ("links", "clusters", "entities", "quarantine")
ORDER = [("left", "ascending"), ("right", "ascending")]

FIELDS = {"name": "name", "latitude": "latitude", "longitude": "longitude",
          "address": "address", "phone": "phone"}  # fmt: skip
RULES = (SharedWord(("name",), max_share=0.002), ExactKey(("phone",)), Radius(250.0),
         SharedWord(("name", "address"), max_share=0.005))  # fmt: skip


def tables_of(kind):
    table = generate_places(2_400, seed=4)
    names = {"one": ("a",), "two": ("a", "b"), "three": ("a", "b", "c")}[kind]
    step = -(-len(table) // len(names))
    return {name: table.slice(n * step, step) for n, name in enumerate(names)}


@pytest.fixture
def both_ways(tmp_path, monkeypatch):
    """Runs in one piece and in small ones."""

    def run(linker, tables, most, **how):
        monkeypatch.setattr(pieces_run, "records_a_piece", lambda *_: most)
        link = linker.dedupe if len(tables) == 1 else linker.link
        found = tables["a"] if len(tables) == 1 else tables
        one = link(found, out=tmp_path / "one", report=False, **how)
        options = Options(memory="4GB", threads=2)
        some = link(found, out=tmp_path / "some", options=options, **how)
        assert some.report["pieces"]["count"] > 15
        return one, some

    return run


def scores_in_one_piece(folder):
    (file,) = (folder / "one" / "stages").glob("scores-*.parquet")
    table = pq.read_table(file, partitioning=None)
    return table.replace_schema_metadata(None).sort_by(ORDER)


def scores_in_pieces(folder):
    files = (folder / "some" / "stages").glob("*/scores/*.arrow")
    tables = [pa.ipc.open_file(file).read_all().replace_schema_metadata(None) for file in files]
    return pa.concat_tables(tables).sort_by(ORDER)


@pytest.mark.parametrize("kind", ["one", "two"])
def test_scores_by_themselves_are_the_same(tmp_path, both_ways, kind):
    tables = tables_of(kind)
    linker = Linker(FIELDS, blocking=RULES, matcher=SelfTraining(), rivals=False).fit(tables)
    one, some = both_ways(linker, tables, most=300)
    assert one.links.num_rows > 100
    assert scores_in_pieces(tmp_path).equals(scores_in_one_piece(tmp_path))
    for name in TABLES:
        assert getattr(some, name).equals(getattr(one, name)), name
    for rule, other in zip(some.report["blocking"], one.report["blocking"], strict=True):
        assert (rule["rule"], rule["kept"]) == (other["rule"], other["kept"])
    found = [
        [(rule["rows"], rule["unreachable"]) for rule in run.report["blocking"][:2]]
        for run in (some, one)
    ]
    assert found[0] == found[1]
