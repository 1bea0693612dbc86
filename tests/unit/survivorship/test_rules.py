import datetime as dt
import json
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from sameas.core.specs import from_dict, to_dict
from sameas.survivorship import First, Longest, Median, Medoid, MostFrequent, Survivorship, Union
from sameas.survivorship.rules import Rule

NAN = float("nan")


def pick(rule, *columns, start):
    arrays = [
        pa.array(column) if not isinstance(column, pa.Array) else column for column in columns
    ]
    return rule.pick(arrays, np.array(start)).tolist()


def test_most_frequent_value():
    assert pick(MostFrequent(), ["a", "b", "b", "c", None, "c"], start=[0, 3, 6]) == [1, 3]


def test_most_frequent_ties_go_to_the_longest_text_then_to_the_first_record():
    assert pick(MostFrequent(), ["ab", "abc", "abd", "x", "y"], start=[0, 3, 5]) == [1, 3]


def test_most_frequent_counts_characters_not_bytes():
    assert pick(MostFrequent(), ["éé", "abc"], start=[0, 2]) == [1]


@pytest.mark.parametrize(
    "values",
    [
        pa.array([5, 7, 7]),
        pa.array([5.0, 7.0, 7.0]),
        pa.array([False, True, True]),
        pa.array([dt.date(2020, 1, 1), dt.date(2021, 1, 1), dt.date(2021, 1, 1)]),
        pa.array(["x", "y", "y"]).dictionary_encode(),
        pa.array(["x", "y", "y"], pa.large_string()),
    ],
)
def test_most_frequent_of_other_types(values):
    assert MostFrequent().accepts(values.type)
    assert pick(MostFrequent(), values, start=[0, 3]) == [1]


def test_longest_text():
    assert pick(Longest(), ["a", "abc", "abd", None], start=[0, 3, 4]) == [1, -1]


def test_first_record_that_has_a_value():
    assert pick(First(), [None, "b", "c"], start=[0, 3]) == [1]


def test_first_of_the_most_trusted_source():
    sources = ["osm", "fsq", "yelp", "here", "osm", "yelp"]
    values = ["a", None, "c", "d", "e", "f"]
    assert pick(First(("fsq", "yelp")), values, sources, start=[0, 3, 6]) == [2, 5]
    assert pick(First(("nobody",)), values, sources, start=[0, 3, 6]) == [0, 3]


def test_median_is_the_value_of_a_member():
    assert pick(Median(), [1, 100, 5, 2, 1], start=[0, 3, 5]) == [2, 4]


@pytest.mark.parametrize(
    "values",
    [
        [2**53 + 1, 2**53, 2**53 + 2],
        [2.0, 1.0, 3.0],
        [Decimal("2.5"), Decimal("1.5"), Decimal("3.5")],
        [dt.date(2020, 1, 2), dt.date(2020, 1, 1), dt.date(2020, 1, 3)],
        [dt.datetime(2020, 1, 2), dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 3)],
        [dt.time(2), dt.time(1), dt.time(3)],
        [dt.timedelta(2), dt.timedelta(1), dt.timedelta(3)],
    ],
)
def test_median_of_numbers_dates_and_times(values):
    assert Median().accepts(pa.array(values).type)
    assert pick(Median(), values, start=[0, 3]) == [0]


def test_medoid_is_one_record_with_both_coordinates():
    latitude = [47.0, 47.1, None, 60.0, 10.0, None]
    longitude = [8.0, 8.0, 8.0, 8.0, None, 5.0]
    assert pick(Medoid(), latitude, longitude, start=[0, 4, 6]) == [1, -1]


def test_medoid_across_the_antimeridian():
    assert pick(Medoid(), [0.0, 0.0, 0.0], [179.0, -179.9, 170.0], start=[0, 3]) == [0]


@pytest.mark.parametrize("rule", [MostFrequent(), Longest(), First(), Median(), Medoid()])
def test_without_values_or_clusters_nothing_is_chosen(rule):
    empty = pa.array([None, None], pa.string() if isinstance(rule, Longest) else pa.float64())
    columns = [empty] * len(rule.reads("x"))
    assert isinstance(rule, Rule)
    assert pick(rule, *columns, start=[0, 2]) == [-1]
    assert pick(rule, *(column[:0] for column in columns), start=[0]) == []


@pytest.mark.parametrize("rule", [MostFrequent(), First(), Median()])
def test_nan_is_no_value(rule):
    assert pick(rule, [NAN, NAN, 3.0], start=[0, 3]) == [2]


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        (MostFrequent(), pa.list_(pa.string())),
        (Longest(), pa.float64()),
        (Median(), pa.string()),
        (Medoid(), pa.string()),
        (Union(), pa.struct([("a", pa.int64())])),
    ],
)
def test_types_that_do_not_fit(rule, kind):
    assert not rule.accepts(kind)


def test_survivorship_turns_into_json_and_back():
    rules = Survivorship(
        {"name": Longest(), "latitude": Medoid(), "phone": First(("osm", "fsq"))}, default=First()
    )
    assert from_dict(json.loads(json.dumps(to_dict(rules)))) == rules
