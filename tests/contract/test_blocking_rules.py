"""Every blocking rule and filter keeps these promises; what they emit: tests/property."""

import json

import numpy as np
import pyarrow as pa
import pytest

from sameas.blocking import (
    AllOf,
    AnyOf,
    Evidence,
    ExactKey,
    Geohash,
    Key,
    KeyRule,
    NearestNeighbors,
    NoSeries,
    Part,
    Radius,
    SharedToken,
    SharedTokenNearby,
    SharedWord,
    SimilarText,
    SimilarWording,
    TextNeighbours,
    Within,
    covers,
)
from sameas.core.errors import ArgumentError
from sameas.core.specs import from_dict, registered, spec_name, to_dict
from sameas.engines.duckdb import DuckDBEngine
from sameas.linker.candidates import find_candidates
from sameas.records import prepare

FILTERS = [
    SimilarText("name", 0.8), SharedToken("name"), Within(700.0),
    SimilarWording(("name", "phone"), 0.3),
    Evidence((Part("name", "first", 3), Part("name", "last_word"), Part("phone")),
             (2.0, 0.5), (-1.0, -0.5), 0.0),
    NoSeries("name", (("blue", "old"), ("door", "dor"))),
    AnyOf((SharedToken("name"), SimilarText("name"))), AllOf((Within(9e6), AnyOf((Within(5.0),)))),
]  # fmt: skip
RULES = [
    Radius(900.0), Geohash(4), Geohash(5, neighbours=True), ExactKey(("name",)),
    ExactKey(("name", "phone"), at_most=20), SharedTokenNearby("name", 5_000.0, 0.5),
    TextNeighbours(("name", "phone"), k=3), NearestNeighbors(("name", "phone"), k=3),
    SharedWord(("name", "phone"), 0.4),
    SharedTokenNearby(("name", "phone"), 900.0, form="site_name"),
    TextNeighbours(("name",), k=3, form="site_name"),
    Key((Part("name", "first", 4), Part("phone", form="digits")), at_most=20),
]  # fmt: skip
RULES.append(SharedWord(("name",), 0.9, filter=FILTERS[3]))
RULES += [type(rule)(**{**{k: getattr(rule, k) for k in rule.__slots__}, "filter": FILTERS[6]})
          for rule in RULES if rule.filter is None]  # fmt: skip
every_rule = pytest.mark.parametrize("rule", RULES, ids=repr)
every_filter = pytest.mark.parametrize("filter_", FILTERS, ids=repr)


def records(count=40, *, empty=False):
    rng = np.random.default_rng(0)
    names = [None, "blue door", "blue dor", "old mill 7", "old mill 8", "門 door", "x" * 900]
    return pa.table(
        {
            "source": pa.array(["a"] * count, pa.string()),
            "id": pa.array([f"{n:03d}" for n in range(count)], pa.string()),
            "name": pa.array(
                [None if empty else names[rng.integers(7)] for _ in range(count)], pa.string()
            ),
            "phone": pa.array(
                [None if empty else f"0{rng.integers(3)}" for _ in range(count)], pa.string()
            ),
            "latitude": pa.array([None if empty else 55 + rng.random() / 50 for _ in range(count)],
                                 pa.float64()),
            "longitude": pa.array([None if empty else rng.random() / 50 for _ in range(count)],
                                  pa.float64()),
        }
    )  # fmt: skip


def columns_of(rule, table):
    needs = [*rule.needs(), *(rule.filter.needs() if getattr(rule, "filter", None) else ())]
    return prepare(table, needs, {})


def emitted(rule, columns, count):
    found = find_candidates(columns, [rule], count, group=None, engine=DuckDBEngine(threads=2))
    return list(zip(found.left.tolist(), found.right.tolist(), strict=True)), found.reports[0]


def test_every_registered_rule_and_filter_is_here():
    assert {spec_name(rule) for rule in RULES} == set(registered("blocking"))
    assert {spec_name(item) for item in FILTERS} == set(registered("filter"))


@pytest.mark.parametrize("spec", [*RULES, *FILTERS], ids=repr)
def test_turns_into_json_and_back(spec):
    again = from_dict(json.loads(json.dumps(to_dict(spec))))
    assert again == spec
    assert again.needs() == spec.needs()
    assert hash(again) == hash(spec)


@every_rule
@pytest.mark.parametrize("count", [0, 1, 9])
def test_nothing_to_go_by_gives_no_pairs(rule, count):
    pairs, report = emitted(rule, columns_of(rule, records(count, empty=True)), count)
    assert pairs == []
    if isinstance(rule, KeyRule):
        assert report.unreachable == count


@every_rule
def test_pairs_are_distinct_oriented_and_some(rule):
    pairs, report = emitted(rule, columns_of(rule, records()), 40)
    assert pairs
    assert pairs == sorted(set(pairs))
    assert all(left < right for left, right in pairs)
    assert report.kept == len(pairs) <= report.met <= report.enumerated


@every_rule
def test_a_rule_by_keys_covers_what_it_emits_and_owns_each_pair_once(rule):
    if not isinstance(rule, KeyRule):
        return
    columns = columns_of(rule, records())
    pairs, _ = emitted(rule, columns, 40)
    left, right = (side.astype(np.int32) for side in np.triu_indices(40, 1))
    said = covers(rule, columns, left, right)
    assert list(zip(left[said].tolist(), right[said].tolist(), strict=True)) == pairs
    rows = rule.rows(columns)
    assert rows.key.dtype == np.uint64
    assert rows.key.max() < 2**63
    block = rule.block(columns, left, right)
    assert np.array_equal(block, rule.block(columns, right, left) * said + block * ~said)
    at = {}
    for key, record in zip(rows.key.tolist(), rows.record.tolist(), strict=True):
        at.setdefault(key, set()).add(record)
    for pair, key in zip(pairs, block[said].tolist(), strict=True):
        assert set(pair) <= at[key], "both records stand in the block that owns the pair"
    refused = covers(rule, columns, left, right, np.unique(block[said])[:1])
    assert np.array_equal(refused, said & (block != np.unique(block[said])[0]))


@every_filter
def test_a_filter_is_symmetric_and_missing_passes_only_what_keeps_out(filter_):
    table = records()
    columns = prepare(table, filter_.needs(), {})
    left, right = (side.astype(np.int32) for side in np.triu_indices(40, 1))
    kept = filter_.keep(columns, left, right)
    assert kept.dtype == np.bool_
    assert 0 < kept.sum() < len(kept) or filter_ == FILTERS[-1]
    assert np.array_equal(kept, filter_.keep(columns, right, left))
    none = np.zeros(0, np.int32)
    assert filter_.keep(columns, none, none).shape == (0,)
    blank = prepare(records(40, empty=True), filter_.needs(), {})
    passed = filter_.keep(blank, left, right)
    assert passed.all() if isinstance(filter_, NoSeries) else not passed.any()


def test_names_of_a_series_are_kept_apart_and_other_pairs_are_not():
    names = [
        "Cup 1998",
        "Cup 1999",
        "cup '98",
        "Cup 98/99",
        "Henry VII",
        "Henry VIII",
        "Cup",
        "7",
        None,
    ]
    rule = NoSeries("name")
    columns = prepare(pa.table({"source": ["a"] * 9, "id": list("abcdefghi"), "name": names}),
                      rule.needs(), {})  # fmt: skip
    left, right = (side.astype(np.int32) for side in np.triu_indices(9, 1))
    apart = ~rule.keep(columns, left, right)
    assert list(zip(left[apart].tolist(), right[apart].tolist(), strict=True)) == [
        (0, 1), (1, 2), (4, 5)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "make",
    [
        lambda: Radius(0), lambda: Radius(float("nan")), lambda: Geohash(0), lambda: Geohash(11),
        lambda: ExactKey(()), lambda: ExactKey("name"), lambda: ExactKey(("name",), at_most=1),
        lambda: SharedTokenNearby("name", -1), lambda: SharedTokenNearby("name", 5, max_share=0),
        lambda: TextNeighbours(("name",), k=0), lambda: TextNeighbours("name"),
        lambda: SimilarText("name", 1.1), lambda: SimilarWording(("name",), 1.1),
        lambda: SimilarWording("name"), lambda: Part("name", "frist"), lambda: Part(()),
        lambda: Part("name", "first"), lambda: Part("name", "sound", -1), lambda: Key(()),
        lambda: Key("name"), lambda: Key((Part("name"),), at_most=1),
        lambda: SharedWord("name"), lambda: SharedWord(("name",), 0),
    ],
)  # fmt: skip
def test_impossible_settings_are_refused(make):
    with pytest.raises(ArgumentError, match="must"):
        make()
