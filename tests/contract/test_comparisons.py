"""Every comparison keeps these promises, whatever it measures."""

import json
import math

import numpy as np
import pyarrow as pa
import pytest

import sameas.comparison as comparison_room
import sameas.linker  # prepares vectors
from sameas.comparison import (
    Acronym,
    AliasSimilarity,
    BestAlias,
    CodeInText,
    Context,
    CoreWord,
    CrosswiseNames,
    DateDifference,
    DateSimilarity,
    Distance,
    EditDistance,
    EmbeddingCosine,
    Equal,
    EqualStates,
    Faded,
    FullName,
    Indel,
    JaroWinkler,
    LearnedWords,
    MissingSides,
    NgramCosine,
    NumberDifference,
    NumbersInText,
    Parentage,
    PersonName,
    PhoneSimilarity,
    QuantitySimilarity,
    RelativeFrequency,
    SetContainment,
    SetJaccard,
    ShapeComparison,
    Siblings,
    SoftTfidf,
    Swapped,
    TextFrequency,
    TokenOverlap,
    TokenSetRatio,
    UnmatchedWords,
    WordCosine,
    column_names,
    compare,
    fill,
)
from sameas.core.errors import ArgumentError
from sameas.core.specs import from_dict, registered, spec_name, to_dict
from sameas.records import prepare

assert comparison_room
assert sameas.linker
UNIT, COUNT, OPEN = (0.0, 1.0), (1.0, math.inf), (0.0, math.inf)
STATES = "states"
#: Missing where neither side has a code, or a side has no wording at all.
EITHER = "a code on either side"
GIVEN_SHARES = RelativeFrequency("name", (("x", 0.4), ("bdc", 0.1)))

#: Comparison, its ranges by column, the fields without which it is missing (or STATES, EITHER, or
#: a tuple: one field a column).
CASES = [
    (JaroWinkler("name"), [UNIT], ["name"]),
    (JaroWinkler("phone", form="digits"), [UNIT], ["phone"]),
    (Indel("name"), [UNIT], ["name"]),
    (CoreWord("name"), [UNIT], ["name"]),
    (CoreWord("name", latitude=None, longitude=None), [UNIT], ["name"]),
    (SoftTfidf("name"), [UNIT], ["name"]),
    (SoftTfidf("address", form="street"), [UNIT], ["street"]),
    (SoftTfidf("name", threshold=0.5), [UNIT], ["name"]),
    (TokenSetRatio("name"), [UNIT], ["name"]),
    (TokenOverlap("name"), [UNIT, UNIT, OPEN, OPEN], ["name"]),
    (UnmatchedWords("name"), [OPEN, OPEN], ["name"]),
    (LearnedWords("name"), [OPEN], ["name"]),  # no word weighs anything before a fit
    (NgramCosine(("name",)), [UNIT], ["name"]),
    (NgramCosine(("name", "address"), 3, 5), [UNIT], ["either"]),
    (NgramCosine(("name",), 3, 4, form="words_with_digits"), [UNIT], ["codes"]),
    (WordCosine(("name",)), [UNIT], ["name"]),
    (WordCosine(("name", "address"), ("address",)), [UNIT], ["either"]),
    (SetJaccard("labels"), [UNIT], ["labels"]),
    (SetContainment("labels"), [UNIT, OPEN], ["labels"]),
    (BestAlias(("name", "address")), [UNIT, UNIT, UNIT, OPEN, OPEN, OPEN], ["either"]),
    (AliasSimilarity(("name", "address")), [UNIT], ["either"]),
    (NumbersInText("address"), [UNIT], ["numbers"]),
    (NumbersInText("name", form="words_with_digits"), [UNIT], ["codes"]),
    (Equal("name"), [UNIT], ["name"]),
    (Equal("phone", form="digits"), [UNIT], ["phone"]),
    (Acronym("name"), [UNIT], ["name"]),
    (NumberDifference("size"), [OPEN, (0.0, 2.0)], ["size"]),
    (TextFrequency("name"), [COUNT, COUNT], ["name"]),
    (Distance(), [(0.0, 2.01e7)], ["place"]),
    (ShapeComparison("shape"), [(0.0, 5e7), UNIT, UNIT], ["shape"]),
    (Faded(SoftTfidf("name")), [UNIT], ["name", "place"]),
    (PhoneSimilarity("phone"), [UNIT], ["phone"]),
    (PhoneSimilarity("phone", region="GB"), [UNIT], ["phone"]),
    (QuantitySimilarity("weight"), [UNIT], ["weight"]),
    (FullName("name"), [UNIT], ["name"]),
    (PersonName("given", "surname"), [UNIT], ["person"]),
    (CrosswiseNames("given", "surname"), [UNIT, UNIT], ("given", "surname")),
    (Equal("name", form="latin"), [UNIT], ["name"]),
    (JaroWinkler("name", form="organisation"), [UNIT], ["name"]),
    (SoftTfidf("name", form="latin"), [UNIT], ["name"]),
    (Equal("site", form="registered_domain"), [UNIT], ["site"]),
    (Equal("email", form="email"), [UNIT], ["email"]),
    (JaroWinkler("email", form="email_local"), [UNIT], ["email"]),
    (DateSimilarity("born"), [UNIT], ["born"]),
    (DateDifference("born"), [OPEN, OPEN, (0.0, 8.0), UNIT], ["born"]),
    (EqualStates("homepage", form="url"), [UNIT] * 3, STATES),
    (Swapped("given", "surname"), [UNIT], ["both names"]),
    (Parentage("parent"), [UNIT] * 4, STATES),
    (Siblings("parent"), [UNIT] * 3, STATES),
    (MissingSides("name"), [UNIT] * 3, STATES),
    (RelativeFrequency("name"), [UNIT, UNIT], ["name"]),
    (GIVEN_SHARES, [UNIT, UNIT], ["name"]),
    (EditDistance("name"), [OPEN], ["name"]),
    (EditDistance("name", swaps=True), [OPEN], ["name"]),
    (EmbeddingCosine(("name",), form="normalise"), [UNIT], ["name"]),
    (CodeInText(("name", "phone"), shortest=3), [OPEN, UNIT, UNIT], EITHER),
]
every_comparison = pytest.mark.parametrize(
    ("comparison", "ranges", "parts"),
    [pytest.param(*case, id=f"{spec_name(case[0])}-{case[0].names()[0]}") for case in CASES],
)
SCHEMA = pa.schema(
    [("source", pa.string()), ("id", pa.string()), ("name", pa.string()), ("address", pa.string()),
     ("phone", pa.string()), ("homepage", pa.string()), ("labels", pa.list_(pa.string())),
     ("size", pa.float64()), ("latitude", pa.float64()), ("longitude", pa.float64()),
     ("parent", pa.string()), ("born", pa.string()),
     ("email", pa.string()), ("site", pa.string()),
     ("weight", pa.string()), ("given", pa.string()), ("surname", pa.string()),
     ("shape", pa.string())]
)  # fmt: skip
NAMES = [
    None, "Blue Door Café", "blue door cafe", "The Blue Door", "BDC", "門 青い", "🍕 Pizza №5",
    "!!", "Sony NP-FD1", "np fd1", "x", "Ἀθῆναι", "word " * 300, "a" * 1_000, "Blue Door Cafe 2",
    "é", "e",
]  # fmt: skip


MORE = {
    "born": [None, "1987-03-09", "9/3/1987", "25.12.1990", "19901225", "Sep 3 1987", "n/a"],
    "email": [None, "Jo.Doe+x@gmail.com", "jodoe@gmail.com", "jo@x.org", "no address"],
    "weight": [None, "1.5 kg", "1500g", "2 lb", "-3", "0", "heavy"],
    "given": [None, "Bob", "Robert", "R.", "Мария", "John Paul", "Smith", "ab " * 20],
    "surname": [None, "Smith", "Smyth", "Paul Smith", "Maria", "Bob", "O'Brien", "c" * 80],
    "shape": [
        None,
        None,
        "POINT (-3 55)",
        "POLYGON ((-3 55, -2.9 55, -2.9 55.1, -3 55.1, -3 55))",
        "POLYGON ((-2.95 55, -2.8 55, -2.8 55.1, -2.95 55.1, -2.95 55))",
        "LINESTRING (179 10, -179 11)",
    ],
    "site": [None, "http://www.shop.example.co.uk/x", "example.co.uk", "b.org", "localhost"],
}


def records(count=60, seed=0, *, empty=False):
    rng, other = np.random.default_rng(seed), np.random.default_rng((seed, 1))

    def pick(values, rng=rng):
        return None if empty else values[int(rng.integers(len(values)))]

    rows = []
    for number in range(count):
        placed = not empty and rng.random() < 0.8
        row = {
            "source": "ab"[2 * number // count], "id": f"{number:03d}", "name": pick(NAMES),
            "address": pick([None, "12 High St", "12a high street", "Rua 5", "7", "Ø vej"]),
            "phone": pick([None, "+44 1", "0044 1", "n/a", "131"]),
            "homepage": pick([None, "http://a.b/", "a.b", "c.d/x"]),
            "labels": pick([None, [], ["a"], ["a", "B"], ["b", "a", "a"], ["ç"]]),
            "size": pick([None, 0.0, -3.5, 4.0, 1e300, -1e308]),
            "parent": pick([None, "000", "001", "059"]),
        }  # fmt: skip
        row |= {"name": None, "address": None} if number == 7 else {}
        row["latitude"] = [90.0, -90.0, 55.0, 55.001, 0.0][int(rng.integers(5))] if placed else None
        row["longitude"] = [180.0, -180.0, -3.0, 0.0][int(rng.integers(4))] if placed else None
        row |= {name: pick(values, other) for name, values in MORE.items()}
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def all_pairs(count):
    left, right = np.triu_indices(count, 1)
    return left.astype(np.int32), right.astype(np.int32)


def values(comparison, table, left, right, statistics=None):
    columns = prepare(table, comparison.needs(), {} if statistics is None else statistics)
    return compare(columns, [comparison], left, right)


def test_every_registered_comparison_is_here():
    assert {spec_name(case[0]) for case in CASES} == set(registered("comparison"))


def test_columns_of_all_have_names_of_their_own():
    again = [CASES[4][0], CASES[7][0], PhoneSimilarity("phone", region="GB"), GIVEN_SHARES]
    specs = [case[0] for case in CASES if case[0] not in again]
    names = column_names(specs)
    assert len(set(names)) == len(names)


@every_comparison
def test_turns_into_json_and_back(comparison, ranges, parts):
    again = from_dict(json.loads(json.dumps(to_dict(comparison))))
    assert again == comparison
    assert hash(again) == hash(comparison)
    assert again.names() == comparison.names()
    assert again.needs() == comparison.needs()


@every_comparison
def test_one_array_a_name_within_the_range(comparison, ranges, parts):
    table, (left, right) = records(), all_pairs(60)
    columns = prepare(table, comparison.needs(), {})
    arrays = comparison.values(columns, left, right)
    assert len(arrays) == len(comparison.names()) == len(ranges) == len(set(comparison.names()))
    for array, (low, high) in zip(arrays, ranges, strict=True):
        assert array.shape == left.shape
        known = array[~np.isnan(array)]
        assert len(known)
        assert known.min() >= low
        assert known.max() <= high + 1e-6
    assert np.isfinite(compare(columns, [comparison], left, right)).any()
    assert not np.isinf(compare(columns, [comparison], left, right)).any()


@every_comparison
def test_swapping_changes_no_bit(comparison, ranges, parts):
    table, (left, right) = records(), all_pairs(60)
    columns = prepare(table, comparison.needs(), {})
    one, two = (compare(columns, [comparison], *ends) for ends in ((left, right), (right, left)))
    np.testing.assert_array_equal(one, two)


@every_comparison
def test_chunks_do_not_matter(comparison, ranges, parts):
    table, (left, right) = records(), all_pairs(60)
    columns = prepare(table, comparison.needs(), {})
    whole = compare(columns, [comparison], left, right)
    cut = [
        compare(columns, [comparison], left[first : first + 97], right[first : first + 97])
        for first in range(0, len(left), 97)
    ]
    np.testing.assert_array_equal(np.concatenate(cut), whole)
    none = np.zeros(0, np.int32)
    assert compare(columns, [comparison], none, none).shape == (0, len(comparison.names()))


def present(row, part):
    text = {"name": row["name"], "phone": row["phone"]}
    match part:
        case "name":
            return any(c.isalnum() for c in text["name"] or "")
        case "phone":
            return any(c.isdigit() for c in text["phone"] or "")
        case "street":
            return any(not any(c.isdigit() for c in w) for w in (row["address"] or "").split())
        case "numbers":
            return any(c.isdigit() for c in row["address"] or "")
        case "codes":
            return any(c.isdigit() for c in row["name"] or "")
        case "either":
            return present(row, "name") or row["address"] is not None
        case "labels":
            return bool(row["labels"])
        case "size":
            return row["size"] is not None
        case "born":
            return row["born"] not in (None, "n/a")
        case "email":
            return "@" in (row["email"] or "")
        case "person":
            return row["given"] is not None or row["surname"] is not None
        case "given" | "surname":
            return row[part] is not None
        case "both names":
            return row["given"] is not None and row["surname"] is not None
        case "weight":
            return any(c.isdigit() for c in row["weight"] or "")
        case "site":
            return "." in (row["site"] or "")
        case "place":
            return row["latitude"] is not None
        case "shape":
            return row["shape"] is not None or row["latitude"] is not None


def coded(row):
    words = f"{row['name'] or ''} {row['phone'] or ''}".split()
    kept = ["".join(c for c in word if c.isalnum()) for word in words]
    return any(len(word) >= 3 and any(c.isdigit() for c in word) for word in kept)


@every_comparison
def test_missing_exactly_where_a_side_is_missing(comparison, ranges, parts):
    table, (left, right) = records(), all_pairs(60)
    missing = np.isnan(values(comparison, table, left, right))
    if parts == STATES:
        assert not missing.any(), "missing is a state of its own"
        return
    rows = table.to_pylist()
    if isinstance(parts, tuple):  # one a column
        known = np.array([[present(row, part) for part in parts] for row in rows])
        np.testing.assert_array_equal(missing, ~(known[left] & known[right]))
        return
    if parts == EITHER:
        known = np.array([coded(row) for row in rows])
        worded = np.array([present(row, "name") or present(row, "phone") for row in rows])
        expected = ~((known[left] | known[right]) & worded[left] & worded[right])
    else:
        known = np.array([all(present(row, part) for part in parts) for row in rows])
        expected = ~(known[left] & known[right])
    assert expected.any()
    for column in missing.T:
        np.testing.assert_array_equal(column, expected)


@every_comparison
def test_states_are_one_of_several(comparison, ranges, parts):
    if parts == STATES:
        found = values(comparison, records(), *all_pairs(60))
        assert (found.sum(axis=1) == 1).all()
        assert (found.sum(axis=0) > 0).all()


@every_comparison
@pytest.mark.parametrize("count", [0, 1, 5])
def test_columns_without_any_value_will_do(comparison, ranges, parts, count):
    table, (left, right) = records(count, empty=True), all_pairs(count)
    found = values(comparison, table, left, right)
    assert found.shape == (len(left), len(comparison.names()))
    if parts == STATES:
        assert (found[:, -1] == 1).all()
    else:
        assert np.isnan(found).all()


@every_comparison
def test_order_of_rows_does_not_matter(comparison, ranges, parts):
    table, (left, right) = records(), all_pairs(60)
    order = np.random.default_rng(1).permutation(60)
    place = np.argsort(order).astype(np.int32)
    whole = values(comparison, table, left, right)
    if spec_name(comparison) == "parentage":  # its columns follow the order of records
        return
    moved = values(comparison, table.take(pa.array(order)), place[left], place[right])
    np.testing.assert_array_equal(moved, whole)


@every_comparison
def test_frozen_statistics_give_the_same_values_on_a_part_of_the_table(comparison, ranges, parts):
    table, frozen = records(), {}
    left, right = all_pairs(20)
    whole = values(comparison, table, left, right, frozen)
    before = dict(frozen)
    part = values(comparison, table.slice(0, 20), left, right, frozen)
    np.testing.assert_array_equal(part, whole)
    assert frozen.keys() == before.keys()
    assert all(frozen[name] is before[name] for name in before), "nothing was learnt again"
    values(comparison, records(empty=True), left, right, frozen)
    values(comparison, records(seed=5), left, right, frozen)
    assert all(frozen[name] is before[name] for name in before)


@every_comparison
def test_prepared_columns_may_be_read_only(comparison, ranges, parts):
    table, (left, right) = records(12), all_pairs(12)
    columns = prepare(table, comparison.needs(), {})
    writable = compare(columns, [comparison], left, right)
    for column in columns.values():
        for name in column.__slots__:
            array = getattr(column, name)
            if isinstance(array, np.ndarray) and array.flags.owndata:
                array.flags.writeable = False
    np.testing.assert_array_equal(compare(columns, [comparison], left, right), writable)


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(ArgumentError, match="name_equal"):
        column_names([Equal("name"), Equal("name", form="url")])


def test_context_is_symmetric_and_survives_missing_values():
    context = Context((SoftTfidf("name"), Faded(JaroWinkler("name"))))
    table, (left, right) = records(), all_pairs(60)
    columns = prepare(table, context.needs(), {})
    some = np.arange(0, len(left), 3)
    _, first = context.similarities(columns, left[some], right[some])
    windows = context.windows(left[some], right[some], first, 60)
    listed = np.isin(np.arange(len(left)), some)
    plain, every = context.similarities(columns, left, right)
    _, mirrored = context.similarities(columns, right, left)
    one = context.values(left, right, every, listed, windows)
    two = context.values(right, left, mirrored, listed, windows)
    assert one.shape == (len(left), len(context.names()))
    np.testing.assert_array_equal(one, two)
    assert (np.isnan(one[:, 0]) == np.isnan(every[:, 0])).all()
    np.testing.assert_array_equal(plain, compare(columns, context.plain(), left, right))
    np.testing.assert_array_equal(every, compare(columns, context.over, left, right))


def test_third_records_are_columns_of_the_context_wherever_all_candidates_are_known():
    plain = Context((SoftTfidf("name"), Faded(JaroWinkler("name"))))
    context = Context(plain.over, thirds=True)
    table, (left, right) = records(), all_pairs(60)
    columns = prepare(table, context.needs(), {})
    _, first = context.similarities(columns, left, right)
    windows = context.windows(left, right, first, 60)
    listed = np.ones(len(left), bool)
    found = context.values(left, right, first, listed, windows)
    assert found.shape == (len(left), len(context.names()))
    without = plain.values(left, right, first, listed, windows)
    shared = [context.names().index(name) for name in plain.names()]
    np.testing.assert_array_equal(found[:, shared], without)
    square = np.zeros((60, 60), np.float32)
    square[left, right] = square[right, left] = np.nan_to_num(first[:, 0])
    best = np.array(
        [np.minimum(square[a], square[b]).max() for a, b in zip(left, right, strict=True)]
    )
    third = context.names().index("name_soft_tfidf_third")
    np.testing.assert_array_equal(found[:, third], best)
    own = square[left, right]
    margin = context.names().index("name_soft_tfidf_third_margin")
    np.testing.assert_array_equal(found[:, margin], own - best)
    bare = tuple(window._replace(neighbours=None) for window in windows)
    with pytest.raises(ArgumentError, match="thirds=False"):
        context.values(left, right, first, listed, bare)


def test_chosen_and_known_columns_are_filled_in_and_others_left_alone():
    table, (left, right) = records(), all_pairs(20)
    comparisons = (JaroWinkler("name"), TokenOverlap("name"), SoftTfidf("name"))
    needs = [need for item in comparisons for need in item.needs()]
    columns = prepare(table, needs, {})
    every = compare(columns, comparisons, left, right)
    out = np.full_like(every, 7)
    known = [(SoftTfidf("name"), np.arange(len(left), dtype=np.float32))]
    fill(out, columns, comparisons, left, right, chosen=comparisons[1:], known=known)
    np.testing.assert_array_equal(out[:, 1:-1], every[:, 1:-1])
    np.testing.assert_array_equal(out[:, -1], known[0][1])
    assert (out[:, 0] == 7).all()
