"""A linker that learned without labels and without rivals goes online, with the scores of a run."""

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sameas.blocking import Radius, SharedWord
from sameas.core.errors import ArgumentError
from sameas.datasets.places import generate_places
from sameas.linker import Linker, Options, plan_tables
from sameas.linker.bounded import floor_for
from sameas.matching import (
    Boosting,
    FellegiSunter,
    FittedFellegiSunter,
    SelfTraining,
    TreeEnsemble,
)
from sameas.resolver import Resolver, load_tables
from sameas.resolver.edges import read_lists

FIELDS = {"name": "name", "latitude": "latitude", "longitude": "longitude", "address": "address"}
#: Few trees: what is asked here is whether scores are equal, not how good they are.
FEW = SelfTraining(Boosting(iterations=20, leaves=8, columns_per_split=0.3), folds=2)
RULES = Radius(250.0), SharedWord(("name",), max_share=0.003)


def tables_of(count, *, both):
    table = generate_places(count, seed=4).select(["id", *FIELDS])
    half = count // 2
    return {"a": table.slice(0, half), "b": table.slice(half)} if both else {"a": table}


@cache
def learned(matcher, *, both):
    tables = tables_of(1_600, both=both)
    return Linker(FIELDS, blocking=RULES, matcher=matcher, rivals=False).fit(tables)


def scores_of_a_run(linker, tables, folder):
    linker.link(tables, out=folder) if len(tables) > 1 else linker.dedupe(tables, out=folder)
    (file,) = (folder / "stages").glob("scores-*.parquet")
    found = pq.read_table(file, partitioning=None)
    keys = [(name, id) for name in sorted(tables) for id in sorted(tables[name]["id"].to_pylist())]
    ends = ([keys[n] for n in found[side].to_pylist()] for side in ("left", "right"))
    return dict(zip(zip(*ends, strict=True), found["score"].to_pylist(), strict=True))


def scores_of_a_store(resolver):
    with resolver.store.read() as work:
        key = {row.record: (row.source, row.id) for row in work.every_record()}
        edges = read_lists(work.edges(key), resolver.machine.edge)
    ends = ([key[n] for n in side.tolist()] for side in (edges.owner, edges.other))
    found = zip(zip(*ends, strict=True), edges.entry["score"].tolist(), strict=True)
    return {pair: score for pair, score in found if pair[0] < pair[1]}


def farthest(found, wanted, linker):
    """How far scores are apart; how low those of sure non-matches are, a run does not ask."""
    fitted = linker.fitted_
    floor = floor_for(fitted.matcher, fitted.spec.clusterer, fitted.threshold)
    assert found.keys() == wanted.keys()
    return max(abs(max(found[pair], floor) - max(wanted[pair], floor)) for pair in wanted)


@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("matcher", [FEW, FellegiSunter()])
def test_a_store_has_the_scores_of_a_run(tmp_path, both, matcher):
    tables = tables_of(1_600, both=both)
    fitted = learned(matcher, both=both)
    kind = TreeEnsemble if isinstance(matcher, SelfTraining) else FittedFellegiSunter
    assert isinstance(fitted.fitted_.matcher, kind)
    fitted.save(tmp_path / "model")
    linker = Linker.load(tmp_path / "model")
    assert linker.version == fitted.version
    wanted = scores_of_a_run(linker, tables, tmp_path / "run")
    assert sum(score >= linker.threshold for score in wanted.values()) > 100
    for memory in (None, "1GB"):
        with Resolver(linker.fitted_, tmp_path / f"{memory}.db") as resolver:
            options = Options(threads=1, memory=memory)
            load_tables(linker.fitted_, resolver.store, tables, options=options)
            found = scores_of_a_store(resolver)
            assert farthest(found, wanted, linker) <= 1e-9
            assert resolver.check().problems == ()


def test_one_record_at_a_time_has_the_scores_of_a_run(tmp_path):
    tables = tables_of(300, both=True)
    linker = learned(FEW, both=True)
    wanted = scores_of_a_run(linker, tables, tmp_path / "run")
    rows = [(name, row) for name, table in tables.items() for row in table.to_pylist()]
    with Resolver(linker.fitted_, tmp_path / "x.db") as resolver:
        for place in np.random.default_rng(0).permutation(len(rows)):
            source, row = rows[place]
            resolver.put({name: row[name] for name in FIELDS}, source=source, id=row["id"])
        found = scores_of_a_store(resolver)
    assert farthest(found, wanted, linker) <= 1e-9


def test_a_store_names_the_setting_where_pairs_compete(tmp_path):
    linker = Linker(FIELDS, blocking=RULES, matcher=FEW).fit(tables_of(1_600, both=True))
    with pytest.raises(ArgumentError, match="rivals=False"):
        Resolver(linker.fitted_, tmp_path / "x.db")


def test_products_that_a_plan_blocks_by_keys_go_into_a_store(tmp_path):
    random = np.random.default_rng(1)
    kinds = ["lamp", "chair", "drill", "radio", "kettle", "mixer", "camera", "phone"]
    left, right = {}, {}
    for side, table in (("l", left), ("r", right)):
        table["id"] = [f"{side}{n:03d}" for n in range(240)]
        table["title"] = [
            f"{random.choice(['new', 'the', 'best'])} {kinds[n % 8]} {kinds[n * 5 % 7]} "
            f"{chr(97 + n % 26)}{n * 37 % 1009}"
            for n in range(240)
        ]
        table["price"] = [float(10 + n % 90) for n in range(240)]
    plan = plan_tables(left, right, by_keys=True)
    linker = plan.linker(rivals=False).fit(left, right, options=plan.options())
    tables = {name: pa.table(table) for name, table in (("left", left), ("right", right))}
    wanted = scores_of_a_run(linker, tables, tmp_path / "run")
    assert sum(score >= linker.threshold for score in wanted.values()) > 200
    with Resolver(linker.fitted_, tmp_path / "x.db") as resolver:
        load_tables(linker.fitted_, resolver.store, tables, options=Options(threads=1))
        assert farthest(scores_of_a_store(resolver), wanted, linker) <= 1e-9
        asked = resolver.match({"title": left["title"][5], "price": 15.0}, source="new", id="x")
        assert asked.candidates[0].id in ("l005", "r005")
    with_neighbours = plan_tables(left, right)
    linker = with_neighbours.linker(rivals=False).fit(left, right, options=plan.options())
    with pytest.raises(ArgumentError, match="by_keys=True"):
        Resolver(linker.fitted_, tmp_path / "y.db")
