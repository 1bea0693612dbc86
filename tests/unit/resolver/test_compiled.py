"""Programs over packed records give exactly what rules and comparisons give over columns."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.blocking import (
    AllOf,
    AnyOf,
    ExactKey,
    Geohash,
    Radius,
    SharedToken,
    SharedTokenNearby,
    SimilarText,
    Within,
    covers,
)
from sameas.blocking.lookup import looks
from sameas.comparison import EqualStates, NumberDifference, RelativeFrequency
from sameas.core.prepared import Codes
from sameas.core.tables import LEARNED_WORDS
from sameas.recipes.places import places_spec
from sameas.records import collect, prepare
from sameas.records.preparations.texts import hashes
from sameas.resolver.compiled import BlockProgram, CompareProgram
from sameas.resolver.compiled.comparing import _KINDS
from sameas.resolver.layout import Layout, unlimited
from sameas.resolver.machine import _mixed

WORDS = ("blue", "door", "cafe", "café", "old", "mill", "starbucks", "x" * 70, "7", "12a", "ltd")
ALIKE = SimilarText("name", 0.7)
RULES = (
    Radius(250.0, filter=AnyOf((SharedToken("name"), ALIKE))),
    SharedTokenNearby("name", 900.0, max_share=0.4, filter=AnyOf((
        SimilarText("name", 0.85), AllOf((Within(600.0), SimilarText("address", 0.6))),
    ))),
    ExactKey(("homepage",), form="url", filter=ALIKE, at_most=4),
    ExactKey(("phone", "postal_code"), form="digits"),
    SharedTokenNearby("address", 400.0),
)  # fmt: skip


def make(rows):
    """Prepare rows of places; the first eighty frozen words are theirs too."""
    spec = places_spec(silver=None)
    more = (EqualStates("homepage", "url"), RelativeFrequency("name"), NumberDifference("latitude"))
    comparisons = (*spec.comparisons, *more)
    table = {
        "id": [str(n) for n in range(len(rows))],
        "name": [" ".join(row["name"]) or None for row in rows],
        "address": [" ".join(row["address"]) or None for row in rows],
        "latitude": [row["place"][0] for row in rows],
        "longitude": [row["place"][1] for row in rows],
        "postal_code": [row["code"] for row in rows],
        "phone": [row["phone"] for row in rows],
        "homepage": [row["site"] for row in rows],
        "labels": [row["name"][:2] for row in rows],
        "parent_id": [row["parent"] for row in rows],
    }
    compared = [need for item in comparisons for need in item.needs()]
    met = [need for rule in RULES for need in rule.needs()]
    met += [need for rule in RULES if rule.filter is not None for need in rule.filter.needs()]
    spelled = pa.array(WORDS, pa.large_string())
    weight = np.linspace(-2, 3, len(WORDS))
    taught = pa.table([WORDS, hashes(spelled), weight], schema=LEARNED_WORDS)
    statistics = {"learned_words-name": taught}
    needs = (*compared, *met, *Layout([*compared, *met], {}).kept)
    columns = prepare(collect({"a": table}, spec.fields).table, needs, statistics)
    documents = {
        need: int(statistics[need.slug].schema.metadata[b"documents"])
        for need in needs
        if need.kind == "tokens"
    }
    whole, thin = Layout(compared, documents, statistics), Layout(met, documents)
    packed = [layout.unpack(list(layout.pack(columns))) for layout in (thin, whole)]
    return comparisons, (thin, whole), packed


row = st.fixed_dictionaries({
    "name": st.lists(st.sampled_from(WORDS), max_size=4, unique=True),
    "address": st.lists(st.sampled_from(WORDS), max_size=3),
    "place": st.sampled_from(
        [(None, None), *((55.9 + n * 0.0021, -3.2 + n % 3 * 0.004) for n in range(8)), (-90, 180)]
    ),
    "code": st.sampled_from([None, "11", "22"]),
    "phone": st.sampled_from([None, "0131 496 0001", "0131 496 0002"]),
    "site": st.sampled_from([None, "http://a.org", "https://www.a.org/", "b.org/menu"]),
    "parent": st.sampled_from([None, "0", "1", "2"]),
})  # fmt: skip
rows = st.lists(row, min_size=2, max_size=9)


def pairs(count):
    left, right = np.triu_indices(count, 1)
    return left.astype(np.int32), right.astype(np.int32)


@settings(max_examples=60, deadline=None)
@given(rows=rows)
def test_comparisons_are_the_same_to_the_last_bit(rows):
    comparisons, (_, layout), (_, columns) = make(rows)
    left, right = pairs(len(rows))
    begin = np.cumsum([0, *(len(item.names()) for item in comparisons)])
    found = np.full((len(left), begin[-1]), -7, np.float32)
    program = CompareProgram(layout, list(zip(begin.tolist(), comparisons, strict=False)))
    assert [item for _, item in program.others] == [NumberDifference("latitude")]
    assert {type(item) for item in comparisons} - set(_KINDS) == {NumberDifference}
    program.write(found, columns, left, right)
    for first, item in zip(begin.tolist(), comparisons, strict=False):
        for offset, values in enumerate(item.values(columns, left, right)):
            wanted = np.asarray(values).astype(np.float32)
            np.testing.assert_array_equal(found[:, first + offset], wanted, str(item))


@settings(max_examples=60, deadline=None)
@given(rows=rows, frequent=st.booleans())
def test_rules_look_and_judge_the_same(rows, frequent):
    _, (layout, _), (columns, _) = make(rows)
    limited = RULES[2].needs()[0]
    often = {}
    value = columns[unlimited(limited)].value
    if frequent and value.any():
        often = {limited: [value[value.nonzero()[0][0]]]}
        value = np.where(value == often[limited][0], 0, value)
    columns[limited] = Codes(value)
    program = BlockProgram.of(layout, RULES, (limited,))
    key, record = program.looks(columns, often)
    ours = list(zip(key.tolist(), record.tolist(), strict=True))
    theirs = []
    for number, rule in enumerate(RULES):
        found, record = looks(rule, columns)
        theirs += zip(_mixed(found, number).tolist(), record.tolist(), strict=True)
    assert sorted(ours) == sorted(theirs)
    left, right = pairs(len(rows))
    wanted = np.full(len(left), 255)
    for number, rule in reversed(list(enumerate(RULES))):
        wanted[covers(rule, columns, left, right)] = number
    np.testing.assert_array_equal(program.covered(columns, often, left, right), wanted)


def test_each_rule_covers_something_in_these_tests():
    rng = np.random.default_rng(1)
    some = [
        {
            "name": list(rng.choice(WORDS, 2, replace=False)),
            "address": list(rng.choice(WORDS, 2)),
            "place": (55.9 + n * 0.0005, -3.2),
            "code": "11", "phone": f"0131 496 000{n % 9}", "site": f"{n % 13}.org", "parent": None,
        }
        for n in range(60)
    ]  # fmt: skip
    _, (layout, _), (columns, _) = make(some)
    program = BlockProgram.of(layout, RULES, (RULES[2].needs()[0],))
    found = program.covered(columns, {}, *pairs(60))
    assert set(found.tolist()) == {0, 1, 2, 3, 4, 255}


@pytest.mark.parametrize("rule", [Geohash(6), Radius(9.0, filter=AnyOf((Geohash(6),)))])
def test_rules_that_are_not_known_go_the_way_of_columns(rule):
    assert BlockProgram.of(Layout((), {}), (rule,), ()) is None
