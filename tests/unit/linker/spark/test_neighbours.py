"""Rules by nearest neighbours on Spark: the lists of one machine, whatever the shards."""

import pytest

from sameas.blocking import NearestNeighbors, Radius, SharedTokenNearby, TextNeighbours
from sameas.blocking.filters import Within
from sameas.linker.spark import SparkLinker, neighbours

RULES = {
    "text": (TextNeighbours(("name",), k=4),),
    "encoder": (NearestNeighbors(("name",), k=3),),
    "both, after others": (
        Radius(300.0),
        TextNeighbours(("name",), k=3, filter=Within(3000.0)),
        SharedTokenNearby("name", 1500.0),
        NearestNeighbors(("name",), k=2, at_least=0.5),
    ),
}


@pytest.mark.parametrize("which", RULES)
@pytest.mark.parametrize("shard", [1_000, 70])
def test_dedupe(make, local, frame, table, same, tmp_path, monkeypatch, which, shard):
    monkeypatch.setattr(neighbours, "_SHARD", shard)
    linker, given = make(RULES[which]), table(260)
    expected = linker.dedupe(given, threshold=0.4)
    assert all(rule["kept"] > 5 for rule in expected.report["blocking"])
    same(SparkLinker(linker, local(2, 60, tmp_path)).dedupe(frame(given), threshold=0.4), expected)


@pytest.mark.parametrize("shard", [1_000, 50])
def test_two_tables(make, local, frame, table, same, tmp_path, monkeypatch, shard):
    monkeypatch.setattr(neighbours, "_SHARD", shard)
    linker = make(RULES["text"])
    named = {"b": table(150, seed=2), "a": table(100, seed=3)}
    frames = {name: frame(each) for name, each in named.items()}
    expected = linker.link(named, mode="many", threshold=0.4)
    got = SparkLinker(linker, local(2, 60, tmp_path)).link(frames, mode="many", threshold=0.4)
    same(got, expected)
