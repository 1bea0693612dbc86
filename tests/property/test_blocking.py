"""Every blocking rule, and every union of rules, equals brute force over all pairs.

The oracle is plain Python on the raw records: haversine, sets of words, bisected geohashes,
rapidfuzz. It shares no code with the package.
"""

import math
from fractions import Fraction
from itertools import combinations
from unittest import mock

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import JaroWinkler

from sameas.blocking import (
    AllOf,
    AnyOf,
    ExactKey,
    Geohash,
    Key,
    Part,
    Radius,
    SharedToken,
    SharedTokenNearby,
    SharedWord,
    SimilarText,
    TextNeighbours,
    Within,
    covers,
)
from sameas.engines.duckdb import DuckDBEngine
from sameas.linker import blocks as module
from sameas.linker.candidates import find_candidates
from sameas.linker.found import Budget
from sameas.records import prepare

quick = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
BORDERLINE = None
EARTH = 6_371_008.8
WORDS = ("blue", "door", "cafe", "mill", "star", "gym", "bluedoor", "caffe")
RADII = (1.0, 60.0, 3_000.0, 250_000.0, 5e6, 2e7)
SPECIAL = st.sampled_from(
    [(90.0, 0.0), (90.0, 77.0), (-90.0, -180.0), (-90.0, 33.0), (0.0, 180.0), (0.0, -180.0),
     (0.0, 0.0), (45.0, 180.0), (45.0, -179.9999), (89.9999, 179.9), (89.9999, -0.1),
     (0.0, -0.00001), (-0.00001, 0.0), (55.95, -3.19)]
)  # fmt: skip


@st.composite
def places(draw):
    if draw(st.integers(0, 9)) == 0:
        return None, None
    if draw(st.booleans()):
        latitude, longitude = draw(SPECIAL)
    else:
        latitude, longitude = draw(st.floats(-90, 90)), draw(st.floats(-180, 180))
    step = draw(st.sampled_from((0.0, 1e-5, 3e-4, 0.01, 1.0)))
    latitude += step * draw(st.floats(-1, 1))
    longitude += step * draw(st.floats(-1, 1))
    longitude = (longitude + 180.0) % 360.0 - 180.0 if abs(longitude) > 180 else longitude
    return max(-90.0, min(90.0, latitude)), longitude


@st.composite
def tables(draw, sources=1, most=14):
    rows = []
    for number in range(draw(st.integers(0, most))):
        latitude, longitude = draw(places())
        words = draw(st.lists(st.sampled_from(WORDS), max_size=3, unique=True))
        row = {
            "source": "abc"[draw(st.integers(0, sources - 1))], "id": f"{number:03d}",
            "name": " ".join(words) or None, "latitude": latitude, "longitude": longitude,
            "phone": draw(st.sampled_from((None, "131 5", "0131-5", "77", "x"))),
        }  # fmt: skip
        rows.append(row)
    return sorted(rows, key=lambda row: (row["source"], row["id"]))


simple_filters = st.one_of(
    st.builds(SimilarText, st.just("name"), st.sampled_from((0.5, 0.7, 0.85, 1.0))),
    st.just(SharedToken("name")),
    st.builds(Within, st.sampled_from(RADII)),
)
filters = st.one_of(
    st.none(),
    simple_filters,
    st.builds(AnyOf, st.tuples(simple_filters, simple_filters)),
    st.builds(AllOf, st.tuples(simple_filters, simple_filters)),
)
PARTS = (
    Part("name"), Part("name", "first", 2), Part("name", "last", 3), Part("name", "first_word"),
    Part("name", "last_word"), Part(("name", "phone"), "sorted_words"),
    Part("phone", "digits_sorted"), Part("phone", form="digits"),
)  # fmt: skip
key_rules = st.one_of(
    st.builds(Radius, st.sampled_from(RADII), filter=filters),
    st.builds(Geohash, st.integers(1, 10), st.booleans(), filter=filters),
    st.builds(ExactKey, st.just(("phone",)), st.just("digits"), filter=filters),
    st.builds(
        ExactKey, st.just(("name", "phone")), filter=filters, at_most=st.sampled_from((None, 2, 3))
    ),
    st.builds(
        SharedTokenNearby, st.just("name"), st.sampled_from(RADII),
        st.sampled_from((0.2, 0.5, 1.0)), filter=filters,
    ),
    st.builds(
        SharedWord, st.sampled_from((("name",), ("name", "phone"))),
        st.sampled_from((0.2, 0.5, 1.0)), filter=filters,
    ),
    st.builds(
        Key, st.lists(st.sampled_from(PARTS), min_size=1, max_size=2, unique=True).map(tuple),
        filter=filters, at_most=st.sampled_from((None, 2, 3)),
    ),
)  # fmt: skip


# The oracle.


def haversine(a, b):
    one, two = math.radians(a["latitude"]), math.radians(b["latitude"])
    turn = math.radians(b["longitude"] - a["longitude"])
    part = math.sin((two - one) / 2) ** 2
    part += math.cos(one) * math.cos(two) * math.sin(turn / 2) ** 2
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(part)))


def near(a, b, metres):
    if a["latitude"] is None or b["latitude"] is None:
        return False
    apart = haversine(a, b)
    slack = 1.0 if apart > 1.9e7 else 1e-6 + 1e-9 * metres
    return BORDERLINE if abs(apart - metres) <= slack else apart <= metres


def both(*parts):
    if any(part is False for part in parts):
        return False
    return BORDERLINE if any(part is BORDERLINE for part in parts) else True


def either(*parts):
    if any(part is True for part in parts):
        return True
    return BORDERLINE if any(part is BORDERLINE for part in parts) else False


def words_of(row):
    return set((row["name"] or "").split())


def cell(row, precision):
    """Bisect longitude and latitude in turn, as the definition of a geohash does."""
    bounds = {"longitude": [-180.0, 180.0], "latitude": [-90.0, 90.0]}
    place = {"longitude": 0, "latitude": 0}
    for bit in range(5 * precision):
        axis = ("longitude", "latitude")[bit % 2]
        low, high = bounds[axis]
        middle = (low + high) / 2
        upper = row[axis] >= middle
        place[axis] = 2 * place[axis] + upper
        bounds[axis] = [middle, high] if upper else [low, middle]
    return place["latitude"], place["longitude"]


def same_cell(rule, a, b):
    if a["latitude"] is None or b["latitude"] is None:
        return False
    for row in (a, b):  # rounding may put a point beside an edge in either cell
        for axis, span in (("latitude", 180), ("longitude", 360)):
            parts = 2 ** (5 * rule.precision // 2 + (axis == "longitude") * rule.precision % 2)
            place = (Fraction(row[axis]) + span // 2) / span * parts
            if 0 < abs(place - round(place)) < 1e-7:
                return BORDERLINE
    (row_a, column_a), (row_b, column_b) = cell(a, rule.precision), cell(b, rule.precision)
    wide = 2 ** math.ceil(5 * rule.precision / 2)
    columns = abs(column_a - column_b)
    if rule.neighbours:
        columns = min(columns, wide - columns)
    reach = 1 if rule.neighbours else 0
    return abs(row_a - row_b) <= reach and columns <= reach


def form_of(rule, value):
    if rule.form == "digits" and value is not None:
        value = "".join(c for c in value if c.isdigit()).lstrip("0")
    elif value is not None:
        value = " ".join(value.replace("-", " ").split())
    return value or None


def key_of(rule, row, rows):
    values = []
    for field in rule.fields:
        value = form_of(rule, row[field])
        bearers = sum(form_of(rule, other[field]) == value for other in rows)
        values.append(None if rule.at_most is not None and bearers > rule.at_most else value)
    return None if None in values else tuple(values)


def part_of(part, row):
    texts = [form_of(part, row[field]) for field in part.fields]
    text = " ".join(item for item in texts if item)
    compact, words = text.replace(" ", ""), text.split()
    taken = {
        "value": text, "first": compact[: part.size], "last": compact[-part.size or None :],
        "first_word": words[0] if words else "", "last_word": words[-1] if words else "",
        "sorted_words": " ".join(sorted(words)),
        "digits_sorted": "".join(sorted(c for c in text if c.isdigit())),
    }  # fmt: skip
    return taken[part.take] or None


def joined_key(rule, row, rows):
    def whole(other):
        parts = tuple(part_of(part, other) for part in rule.parts)
        return None if None in parts else parts

    mine = whole(row)
    frequent = rule.at_most is not None and sum(whole(o) == mine for o in rows) > rule.at_most
    return None if frequent else mine


def rare_words(rule, row, rows):
    """The words of the fields together that few enough of the records bear."""

    def words(other):
        return {
            word for name in rule.fields for word in (other[name] or "").replace("-", " ").split()
        }

    documents = sum(bool(words(other)) for other in rows)
    return {w for w in words(row) if sum(w in words(o) for o in rows) / documents <= rule.max_share}


def passes(rule, a, b):
    match rule:
        case None:
            return True
        case SimilarText():
            if a["name"] is None or b["name"] is None:
                return False
            return JaroWinkler.similarity(a["name"], b["name"]) >= rule.at_least
        case SharedToken():
            return bool(words_of(a) & words_of(b))
        case Within():
            return near(a, b, rule.metres)
        case AnyOf():
            return either(*(passes(item, a, b) for item in rule.filters))
        case AllOf():
            return both(*(passes(item, a, b) for item in rule.filters))


def meets(rule, a, b, rows):
    match rule:
        case Radius():
            return near(a, b, rule.metres)
        case Geohash():
            return same_cell(rule, a, b)
        case ExactKey():
            key = key_of(rule, a, rows)
            return key is not None and key == key_of(rule, b, rows)
        case Key():
            key = joined_key(rule, a, rows)
            return key is not None and key == joined_key(rule, b, rows)
        case SharedWord():
            return bool(rare_words(rule, a, rows) & rare_words(rule, b, rows))
        case SharedTokenNearby():
            documents = sum(row["name"] is not None for row in rows)
            rare = [
                word for word in words_of(a) & words_of(b)
                if sum(word in words_of(row) for row in rows) / documents <= rule.max_share
            ]  # fmt: skip
            return both(bool(rare), near(a, b, rule.metres))


def brute_force(rules, rows, *, across):
    """Return (pairs with their first rule, pairs at the edge of a radius)."""
    found, unsure = {}, set()
    for a, b in combinations(range(len(rows)), 2):
        if across and rows[a]["source"] == rows[b]["source"]:
            continue
        for number, rule in enumerate(rules):
            verdict = both(
                meets(rule, rows[a], rows[b], rows), passes(rule.filter, rows[a], rows[b])
            )
            if verdict is BORDERLINE:
                unsure.add((a, b))
                break
            if verdict:
                found[a, b] = number
                break
    return found, unsure


# The code under test.

SCHEMA = pa.schema(
    [("source", pa.string()), ("id", pa.string()), ("name", pa.string()),
     ("latitude", pa.float64()), ("longitude", pa.float64()), ("phone", pa.string())]
)  # fmt: skip


def prepared(rules, rows):
    needs = [need for rule in rules for need in rule.needs()]
    needs += [need for rule in rules if rule.filter for need in rule.filter.needs()]
    return prepare(pa.Table.from_pylist(rows, schema=SCHEMA), needs, {})


def groups(rows, across):
    if not across:
        return None
    return np.array(["abc".index(row["source"]) for row in rows], np.int32)


def run(rules, rows, *, across=False, engine=None, **options):
    columns = prepared(rules, rows)
    engine = engine or DuckDBEngine(threads=1)
    return find_candidates(
        columns, rules, len(rows), group=groups(rows, across), engine=engine, **options
    )


def pairs(found):
    listed = list(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert len(set(listed)) == len(listed), "a pair stands twice"
    assert listed == sorted(listed)
    assert all(left < right for left, right in listed)
    return dict(zip(listed, found.rule.tolist(), strict=True))


def agrees(found, expected, unsure):
    found = {pair: rule for pair, rule in found.items() if pair not in unsure}
    assert found == expected


@quick
@given(tables(), key_rules)
def test_a_rule_equals_brute_force(rows, rule):
    agrees(pairs(run([rule], rows)), *brute_force([rule], rows, across=False))


@quick
@given(tables(sources=3), key_rules)
def test_a_rule_across_sources_equals_brute_force(rows, rule):
    agrees(pairs(run([rule], rows, across=True)), *brute_force([rule], rows, across=True))


def test_a_rule_that_is_given_twice_finds_nothing_more():
    rows = [
        {"source": "a", "id": str(n), "name": "x", "latitude": None, "longitude": None,
         "phone": "1"} for n in range(3)
    ]  # fmt: skip
    rule = ExactKey(("phone",))
    found = run([rule, rule], rows)
    assert pairs(found) == {(0, 1): 0, (0, 2): 0, (1, 2): 0}
    assert [report.kept for report in found.reports] == [3, 0]


@quick
@given(tables(sources=2), st.lists(key_rules, min_size=2, max_size=4), st.booleans())
def test_a_union_equals_brute_force_and_names_the_first_rule(rows, rules, across):
    found = pairs(run(rules, rows, across=across))
    agrees(found, *brute_force(rules, rows, across=across))


@quick
@given(tables(sources=2), key_rules, st.booleans())
def test_covers_says_exactly_what_a_rule_emits(rows, rule, across):
    columns, group = prepared([rule], rows), groups(rows, across)
    everything = np.array(list(combinations(range(len(rows)), 2)), np.int32).reshape(-1, 2)
    left, right = np.ascontiguousarray(everything.T)
    said = covers(rule, columns, left, right)
    if group is not None:
        said &= group[left] != group[right]
    emitted = pairs(run([rule], rows, across=across))
    assert {(int(a), int(b)) for a, b in everything[said]} == set(emitted)
    assert np.array_equal(covers(rule, columns, right, left), covers(rule, columns, left, right))


@settings(parent=quick, max_examples=15)
@given(tables(sources=2), st.lists(key_rules, min_size=1, max_size=3), st.booleans(), st.data())
def test_order_threads_chunks_and_engine_do_not_matter(rows, rules, across, data):
    plain = pairs(run(rules, rows, across=across))
    for threads in (2, 4):
        engine = DuckDBEngine(threads=threads)
        assert pairs(run(rules, rows, across=across, engine=engine)) == plain
    with mock.patch.object(module, "_CHUNK", 3), mock.patch.object(module, "_BATCH", 2):
        small = DuckDBEngine(threads=2)
        assert pairs(run(rules, rows, across=across, engine=small)) == plain
    spilling = DuckDBEngine(threads=2, rows_in_memory=4)
    assert pairs(run(rules, rows, across=across, engine=spilling)) == plain
    order = data.draw(st.permutations(range(len(rows))))
    moved = pairs(run(rules, [rows[place] for place in order], across=across))
    back = {tuple(sorted((order[a], order[b]))): rule for (a, b), rule in moved.items()}
    assert back == plain


@settings(parent=quick, max_examples=15)
@given(
    tables(sources=2), key_rules, st.integers(1, 3), st.booleans(), st.booleans(), st.integers(0, 1)
)
def test_lists_of_neighbours_come_last_and_repeat_nothing(rows, rule, k, across, filtered, place):
    lister = TextNeighbours(("name",), k=k, filter=SharedToken("name") if filtered else None)
    alone = pairs(run([lister], rows, across=across))
    keyed = pairs(run([rule], rows, across=across))
    rules = [lister, rule] if place else [rule, lister]
    expected = dict.fromkeys(alone, rules.index(lister)) | dict.fromkeys(keyed, rules.index(rule))
    assert pairs(run(rules, rows, across=across)) == expected
    twice = pairs(run([lister, TextNeighbours(("name",), k=k + 1)], rows, across=across))
    assert {pair for pair, number in twice.items() if number == 0} == set(alone)


@quick
@given(tables(sources=2), st.lists(key_rules, min_size=1, max_size=3), st.booleans())
def test_the_budget_takes_whole_blocks_and_later_rules_see_them(rows, rules, across):
    """A pair in a refused block belongs to the next rule that would emit it."""
    budget = Budget(pairs_per_block=2, collapse_from=None)  # a rule alone sees fewer columns differ
    alone = [pairs(run([rule], rows, across=across, budget=budget)) for rule in rules]
    expected = {}
    for number, found in reversed(list(enumerate(alone))):
        expected |= dict.fromkeys(found, number)
    whole = run(rules, rows, across=across, budget=budget)
    assert pairs(whole) == expected
    for rule, report, found in zip(rules, whole.reports, alone, strict=True):
        free = run([rule], rows, across=across)
        assert (free.reports[0].enumerated - report.enumerated) == sum(
            block["pairs"] for block in report.refused
        )
        assert set(found) <= set(pairs(free))
        if not report.refused:
            assert len(found) == len(free)
        for block in report.refused:
            assert block["pairs"] > 2
            assert 0 <= block["member"] < len(rows)


@quick
@given(tables(), key_rules)
def test_unreachable_records_are_counted(rows, rule):
    placeless = sum(row["latitude"] is None for row in rows)
    match rule:
        case ExactKey():
            expected = sum(key_of(rule, row, rows) is None for row in rows)
        case Key():
            expected = sum(joined_key(rule, row, rows) is None for row in rows)
        case SharedWord():
            expected = sum(not rare_words(rule, row, rows) for row in rows)
        case SharedTokenNearby():
            documents = sum(row["name"] is not None for row in rows)
            share = {
                word: sum(word in words_of(row) for row in rows) / max(documents, 1)
                for word in WORDS
            }
            expected = sum(
                row["latitude"] is None
                or all(share[word] > rule.max_share for word in words_of(row))
                for row in rows
            )
        case _:
            expected = placeless
    assert run([rule], rows).reports[0].unreachable == expected


@pytest.mark.parametrize("metres", [1.0, 100.0, 3e4, 2e6, 1.9e7, 2.1e7])
def test_clusters_everywhere_on_the_sphere(metres):
    """More records than Hypothesis draws, around the poles, the antimeridian and zero."""
    rng = np.random.default_rng(int(metres))
    centres = [(90, 0), (-90, 0), (0, 180), (60, -180), (0, 0), (-30, 0), (12, 100)]
    rows = []
    for latitude, longitude in centres:
        spread = min(np.degrees(metres / EARTH), 60) * rng.normal(size=(12, 2))
        for number, (north, east) in enumerate(spread):
            where = latitude + north, longitude + east
            where = np.clip(where[0], -90, 90), (where[1] + 180) % 360 - 180
            row = {"source": "a", "id": f"{len(rows)}-{number}", "name": "x", "phone": None}
            rows.append(row | {"latitude": float(where[0]), "longitude": float(where[1])})
    agrees(pairs(run([Radius(metres)], rows)), *brute_force([Radius(metres)], rows, across=False))
    rule = SharedTokenNearby("name", metres)
    agrees(pairs(run([rule], rows)), *brute_force([rule], rows, across=False))
