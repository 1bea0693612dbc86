"""A linker that learned without labels gives the same in pieces as in one piece."""

from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sameas.blocking import ExactKey, Radius, SharedWord
from sameas.core.errors import ArgumentError
from sameas.datasets.persons import generate_persons
from sameas.datasets.places import generate_places
from sameas.linker import Linker, Options, plan_tables
from sameas.linker.pieces import run as pieces_run
from sameas.linker.pieces.rivals import Contest
from sameas.linker.pieces.work import Worker
from sameas.linker.rivals import FittedRivals, Rivals
from sameas.matching import Boosting, SelfTraining

TABLES = ("links", "clusters", "entities", "quarantine")
ORDER = [("left", "ascending"), ("right", "ascending")]

FIELDS = {"name": "name", "latitude": "latitude", "longitude": "longitude",
          "address": "address", "phone": "phone"}  # fmt: skip
RULES = (SharedWord(("name",), max_share=0.002), ExactKey(("phone",)), Radius(250.0),
         SharedWord(("name", "address"), max_share=0.005))  # fmt: skip


#: Few trees: what is asked here is whether scores are equal, not how good they are.
FEW = SelfTraining(Boosting(iterations=20, leaves=8, columns_per_split=0.3), folds=2)


@cache
def tables_of(kind):
    table = generate_places(2_400, seed=4)
    names = {"one": ("a",), "two": ("a", "b"), "three": ("a", "b", "c")}[kind]
    step = -(-len(table) // len(names))
    return {name: table.slice(n * step, step) for n, name in enumerate(names)}


@cache
def learned(kind):
    return Linker(FIELDS, blocking=RULES, matcher=FEW).fit(tables_of(kind)).fitted_


def linker_of(kind):
    linker = Linker(FIELDS, blocking=RULES, matcher=FEW)
    linker.fitted_ = learned(kind)
    return linker


@pytest.fixture
def both_ways(tmp_path, monkeypatch):
    """Runs in one piece and in small ones."""

    def run(linker, tables, most, **how):
        monkeypatch.setattr(pieces_run, "records_a_piece", lambda *_, **__: most)
        link = linker.dedupe if len(tables) == 1 else linker.link
        found = tables["a"] if len(tables) == 1 else tables
        one = link(found, out=tmp_path / "one", report=False, **how)
        options = Options(memory="4GB", threads=2)
        some = link(found, out=tmp_path / "some", options=options, **how)
        assert some.report["pieces"]["count"] > 15
        return one, some

    return run


def scores_in_one_piece(folder, name="one"):
    (file,) = (folder / name / "stages").glob("scores-*.parquet")
    table = pq.read_table(file, partitioning=None)
    return table.replace_schema_metadata(None).sort_by(ORDER)


def scores_in_pieces(folder):
    files = (folder / "some" / "stages").glob("*/scores/*.arrow")
    tables = [pa.ipc.open_file(file).read_all().replace_schema_metadata(None) for file in files]
    return pa.concat_tables(tables).sort_by(ORDER)


@pytest.mark.parametrize("kind", ["one", "two"])
def test_scores_by_themselves_are_the_same(tmp_path, both_ways, kind):
    tables = tables_of(kind)
    linker = Linker(FIELDS, blocking=RULES, matcher=FEW, rivals=False).fit(tables)
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


@pytest.mark.parametrize("kind", ["one", "two", "three"])
def test_rivals_of_all_pieces_compete(tmp_path, both_ways, kind):
    tables = tables_of(kind)
    linker = linker_of(kind)
    matcher = linker.fitted_.matcher
    trees = matcher.first if isinstance(matcher, FittedRivals) else matcher
    shares = {"one": (0.6,), "two": (0.3, 0.8), "three": (0.7, 0.7, 0.7)}[kind]
    linker.fitted_ = replace(
        linker.fitted_, matcher=FittedRivals(trees, shares),
        spec=replace(linker.fitted_.spec, second_pass=Rivals()),
    )  # fmt: skip
    one, some = both_ways(linker, tables, most=300)
    whole = scores_in_one_piece(tmp_path)
    assert scores_in_pieces(tmp_path).equals(whole)
    alone = replace(
        linker.fitted_, matcher=trees, spec=replace(linker.fitted_.spec, second_pass=None)
    )
    linker.fitted_ = alone
    link = linker.dedupe if kind == "one" else linker.link
    link(tables["a"] if kind == "one" else tables, out=tmp_path / "alone", report=False)
    moved = np.abs(
        whole["score"].to_numpy() - scores_in_one_piece(tmp_path, "alone")["score"].to_numpy()
    )
    assert (moved > 0.05).sum() > 10, "competition changes scores, so equal ones mean something"
    for name in TABLES:
        assert getattr(some, name).equals(getattr(one, name)), name


def test_what_was_learned_in_two_tables_changes_nothing_in_one(tmp_path, both_ways):
    linker = linker_of("two")
    assert isinstance(linker.fitted_.matcher, FittedRivals)
    both_ways(linker, tables_of("one"), most=300)
    assert scores_in_pieces(tmp_path).equals(scores_in_one_piece(tmp_path))


@pytest.mark.parametrize("dying", ["own", "judge"])
def test_a_run_that_dies_goes_on_where_it_was(tmp_path, both_ways, monkeypatch, dying):
    tables = tables_of("two")
    linker = linker_of("two")
    room, honest, seen = {"own": Worker, "judge": Contest}[dying], {}, []
    for owner, name in ((Worker, "own"), (Contest, "judge")):
        honest[name] = getattr(owner, name)

    def dies(self, *arguments, **more):
        if len(seen) == 4:
            raise KeyboardInterrupt
        seen.append(1)
        honest[dying](self, *arguments, **more)

    monkeypatch.setattr(room, dying, dies)
    with pytest.raises(KeyboardInterrupt):
        both_ways(linker, tables, most=300)
    count = len(list((tmp_path / "some" / "stages").glob("*/own/*.arrow")))
    assert count >= 3 if dying == "own" else count > 15
    again = []

    def counts(self, *arguments, **more):
        again.append(1)
        honest["own"](self, *arguments, **more)

    monkeypatch.setattr(Worker, "own", counts)
    monkeypatch.setattr(Contest, "judge", honest["judge"])
    both_ways(linker, tables, most=300)
    assert len(again) < 40 - count if dying == "own" else not again
    assert scores_in_pieces(tmp_path).equals(scores_in_one_piece(tmp_path))
    assert not list((tmp_path / "some" / "stages").glob("*/own/*.arrow"))


def test_too_many_rivals_for_a_memory_are_refused_by_name():
    contest = Contest(FittedRivals(None, (1.0, 1.0)), np.array([10**6, 10**6]))
    contest.check("3GB", 20_000_000)
    with pytest.raises(ArgumentError, match=r"at least 8\.1 GB.*--no-rivals"):
        contest.check("3GB", 100_000_000)
    Contest(FittedRivals(None, (1.0,)), np.array([10**6, 10**6])).check("3GB", 100_000_000)


def test_a_plan_of_persons_with_keys_of_dates(both_ways):
    table = generate_persons(2_000, seed=2)
    plan = plan_tables({"a": table})
    assert any(getattr(part, "form", "") == "date" for rule in plan.blocking
               for part in getattr(rule.rule, "parts", ()))  # fmt: skip
    one, some = both_ways(plan.linker(), {"a": table}, most=300)
    assert one.links.num_rows > 200
    scores = [result.links["score"].to_numpy() for result in (one, some)]
    np.testing.assert_allclose(*scores, rtol=0, atol=1e-9)
    assert some.links.drop_columns("score").equals(one.links.drop_columns("score"))
    for name in ("clusters", "entities", "quarantine"):
        assert getattr(some, name).equals(getattr(one, name)), name
