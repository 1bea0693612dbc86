"""An engine without Spark: the same exchanges over lists, so that tests take milliseconds."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from sameas.blocking import ExactKey, Radius, SharedTokenNearby, SharedWord
from sameas.comparison import Context, Distance, Faded, JaroWinkler, SoftTfidf
from sameas.engines.pieces import each_part, each_piece, from_rows, read_pieces, to_rows
from sameas.linker import Linker
from sameas.matching import Boosting


class Frame:
    """What of Spark's frames is used; blobs are written and read as on Spark."""

    def __init__(self, batches, columns=("part", "kind", "origin", "rows", "place", "blob")):
        self.batches, self.columns = [batch for batch in batches if batch.num_rows], list(columns)

    def where(self, condition):
        sign, kind = re.fullmatch(r"kind (=|!=) '([\w-]+)'", condition).groups()
        chosen = (batch["kind"].to_pylist() for batch in self.batches)
        return Frame(
            batch.filter(pa.array([(one == kind) == (sign == "=") for one in kinds]))
            for batch, kinds in zip(self.batches, chosen, strict=True)
        )

    def select(self, *names):
        names = [name.strip("`") for name in names]
        return Frame([batch.select(names) for batch in self.batches], names)

    def collect(self):
        return [tuple(row.values()) for batch in self.batches for row in batch.to_pylist()]

    def unionAll(self, other):
        return Frame([*self.batches, *other.batches])

    def toArrow(self):
        return pa.Table.from_batches(self.batches)


class LocalEngine:
    """Parts in dicts; `given` keeps what went through each exchange."""

    def __init__(self, parts=3, records_per_part=600, folder=""):
        self.parts, self.records_per_part, self.folder = parts, records_per_part, str(folder)
        self.given, self.cores = [], 2

    def parts_for(self, records):
        return max(self.parts, -(-records // self.records_per_part))

    def each_piece(self, frame, task, *, keep=""):
        return Frame(each_piece(frame.batches, task, self._kept(keep)))

    def each_part(self, frame, task, parts, *, keep=""):
        rows = [batch.slice(row, 1) for batch in frame.batches for row in range(batch.num_rows)]
        rows.sort(key=lambda row: row["part"][0].as_py())
        self.given.append(rows)
        return Frame(each_part(rows, task, self._kept(keep)))

    def collect(self, frame):
        return list(read_pieces(frame.batches))

    def read_frame(self, frame, read):
        return Frame(from_rows(frame.batches, read))

    def write_frame(self, frame, write, schema):
        return SimpleNamespace(toArrow=lambda: _as_table(to_rows(frame.batches, write), schema))

    def _kept(self, name):
        folder = Path(self.folder, f"{name}.pieces") if name and self.folder else None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        return str(folder or "")


def _as_table(batches, schema):
    return pa.Table.from_batches(list(batches), schema=schema)


@pytest.fixture
def local():
    return LocalEngine


@pytest.fixture
def frame():
    """Make a frame of pieces or of a table."""

    def make(given):
        if isinstance(given, pa.Table):
            return Frame(given.to_batches(max_chunksize=500), given.column_names)
        return Frame(from_rows(["rows"], lambda _: given))

    return make


FIELDS = {"name": "name", "latitude": "latitude", "longitude": "longitude", "phone": "phone"}
BLOCKING = (
    Radius(300.0),
    SharedTokenNearby("name", 1500.0),
    ExactKey(("phone",), form="digits", at_most=5),
    SharedWord(("name",), max_share=0.02),
)
PAIR = [("left_source", "ascending"), ("left_id", "ascending"),
        ("right_source", "ascending"), ("right_id", "ascending")]  # fmt: skip


def make_table(count, seed=1, *, whole=False):
    """Names of few words over a few kilometres; phones that many share; nulls; odd letters."""
    rng = np.random.default_rng(seed)
    words = np.array(["blue", "mill", "Café", "北京", "São", "oak", "straße", "No 1", "x", "🍕"])
    names = [" ".join(rng.choice(words, rng.integers(1, 4))) for _ in range(count)]
    names = [f"{name} {n % 211}" if n % 9 else None for n, name in enumerate(names)]
    place = 45 + rng.random((count, 2)) * 0.08
    place[::50] = np.nan
    phones = [None if n % 3 else f"+33 1 {n % 17:02d} 00 00 00" for n in range(count)]
    order = rng.permutation(count)
    ids = pa.array(order if whole else [f"é{n:05d}" for n in order])
    return pa.table({"id": ids, "name": names, "latitude": place[:, 0].tolist(),
                     "longitude": place[:, 1].tolist(), "phone": phones})  # fmt: skip


def make_linker(blocking=BLOCKING, **settings):
    fitted = Linker(
        FIELDS, blocking=blocking,
        comparisons=(JaroWinkler("name"), SoftTfidf("name"), Distance()),
        context=Context((Faded(SoftTfidf("name")),)), second_pass=None,
        matcher=Boosting(iterations=10, leaves=5, min_leaf=5, members=1), **settings,
    )  # fmt: skip
    left = make_table(400, seed=7)
    rng = np.random.default_rng(0)
    ids = left["id"].to_pylist()
    pairs = rng.integers(0, 400, (600, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    labels = pa.table({"left_id": [ids[n] for n in pairs[:, 0]],
                       "right_id": [ids[n] for n in pairs[:, 1]],
                       "label": [(a * b) % 3 == 0 for a, b in pairs.tolist()]})  # fmt: skip
    return fitted.fit(left, labels=labels, conflicts="drop")


def assert_same(got, expected):
    links, wanted = (one.sort_by(PAIR) for one in (got.links.toArrow(), expected.links))
    assert links.drop_columns("score").equals(wanted.cast(links.schema).drop_columns("score"))
    np.testing.assert_allclose(links["score"], wanted["score"], rtol=0, atol=1e-9)
    for name, keys in (("clusters", ["source", "id"]), ("entities", ["entity"])):
        by = [(key, "ascending") for key in keys]
        found, other = getattr(got, name).toArrow(), getattr(expected, name)
        assert found.sort_by(by).equals(other.cast(found.schema).sort_by(by)), name
    for figure in ("candidates", "links", "records"):
        assert got.report[figure] == expected.report[figure]
    kept = [rule["kept"] for rule in got.report["blocking"]]
    assert kept == [rule["kept"] for rule in expected.report["blocking"]]


@pytest.fixture(scope="session")
def table():
    return make_table


@pytest.fixture(scope="session")
def make():
    return make_linker


@pytest.fixture(scope="session")
def linker():
    return make_linker()


@pytest.fixture(scope="session")
def same():
    return assert_same
