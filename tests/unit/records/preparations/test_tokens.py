"""Words: sets, frequencies, streets, house numbers, the core word; against plain Python."""

import math
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError, ColumnError
from sameas.core.prepared import Need
from sameas.records import prepare

NAMES = ["Blue Door Cafe", "blue door", None, "!!", "cafe CAFE cafe", "12 door", "blue door cafe"]


def table(**columns):
    count = len(next(iter(columns.values())))
    fixed = {"source": ["s"] * count, "id": [str(number) for number in range(count)]}
    return pa.table(fixed | columns)


def column(need, records=None, frozen=None, **columns):
    records = table(**columns) if records is None else records
    return prepare(records, [need], {} if frozen is None else frozen)[need]


def spellings(tokens):
    units, start = tokens.spelling_units, tokens.spelling_start
    return ["".join(map(chr, units[first:last])) for first, last in pairwise(start)]


def words_of(tokens, record):
    code = tokens.code[record]
    if code < 0:
        return None
    vocabulary = spellings(tokens)
    return [vocabulary[t] for t in tokens.token[tokens.start[code] : tokens.start[code + 1]]]


def test_tokens_are_sorted_sets_with_frequencies():
    tokens = column(Need("tokens", ("name",)), name=NAMES)
    expected = [
        ["blue", "cafe", "door"], ["blue", "door"], None, None, ["cafe"], ["12", "door"],
        ["blue", "cafe", "door"],
    ]  # fmt: skip
    assert [words_of(tokens, record) for record in range(7)] == expected
    assert spellings(tokens) == sorted(spellings(tokens))
    documents = 5  # records with a text
    for word, weight, share in zip(spellings(tokens), tokens.weight, tokens.share, strict=True):
        records = sum(word in (words or ()) for words in expected)
        assert weight == pytest.approx(math.log((1 + documents) / (1 + records)) + 0.1)
        assert share == records / documents


def test_words_of_several_fields_are_those_of_the_joined_text():
    titles = ["red", None, "door", None, "Cafe 12", "blue 12", "red"]
    joined = [" ".join(filter(None, pair)) or None for pair in zip(NAMES, titles, strict=True)]
    several = column(Need("tokens", ("name", "title")), name=NAMES, title=titles)
    one = column(Need("tokens", ("name",)), name=joined)
    assert spellings(several) == spellings(one)
    assert np.array_equal(several.weight, one.weight)
    for record in range(len(NAMES)):
        assert words_of(several, record) == words_of(one, record)
    assert several.code[3] == one.code[3] == -1


def test_unseen_words_count_as_frequency_0_and_seen_ones_keep_theirs():
    frozen, need = {}, Need("tokens", ("name",))
    before = column(need, frozen=frozen, name=NAMES)
    after = column(need, frozen=frozen, name=["door novel", "door", "door"])
    assert dict(zip(spellings(after), after.weight, strict=True)) == {
        "door": before.weight[spellings(before).index("door")], "novel": math.log(6) + 0.1,
    }  # fmt: skip
    share = dict(zip(spellings(after), after.share, strict=True))
    assert share == {"door": 0.8, "novel": 0.0}
    both = [tokens.hash[spellings(tokens).index("door")] for tokens in (before, after)]
    assert both[0] == both[1]


def test_streets_lose_numbers_and_abbreviations():
    need = Need("tokens", ("address",), (("form", "street"),))
    tokens = column(need, address=["12a High St.", "High Street", "12", None, "N. Main Rd 5b"])
    found = [words_of(tokens, record) for record in range(5)]
    assert found == [["high", "street"], ["high", "street"], None, None, ["main", "north", "road"]]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ((), [{"1", "3"}, {"12a"}, set(), set()]),
        ((("form", "words_with_digits"),), [{"13"}, {"12a"}, set(), set()]),
    ],
)  # fmt: skip
def test_numbers_in_a_text(form, expected):
    texts = ["1-3 High Street", "12a Río ñandú", "Ñandú 門", None]
    sets = column(Need("numbers_in", ("address",), form), address=texts)
    assert np.diff(sets.start).tolist() == [len(numbers) for numbers in expected]
    codes = column(Need("codes", ("word",)), word=["1", "3", "12a", "13"])
    known = dict(zip(codes.value.tolist(), ["1", "3", "12a", "13"], strict=True))
    for record, numbers in enumerate(expected):
        held = sets.value[sets.start[record] : sets.start[record + 1]]
        assert {known[value] for value in held.tolist()} == numbers
        assert held.tolist() == sorted(held.tolist())


def core_words(names, places=None, frozen=None):
    fields, columns = ("name",), {"name": names}
    if places is not None:
        columns["latitude"], columns["longitude"] = (
            list(axis) for axis in zip(*places, strict=True)
        )
        fields = ("name", "latitude", "longitude")
    texts = column(Need("core_word", fields), frozen=frozen, **columns)
    ends = [(texts.start[code], texts.start[code + 1]) for code in texts.code]
    return [
        None if code < 0 else "".join(map(chr, texts.units[first:last]))
        for code, (first, last) in zip(texts.code, ends, strict=True)
    ]


def test_the_core_word_is_the_rarest_ties_by_spelling():
    names = ["cafe zebra", "cafe apple", "cafe", None, "zebra apple cafe", "?"]
    assert core_words(names) == ["zebra", "apple", "cafe", None, "apple", None]


HERE, THERE = (55.0, -3.0), (10.0, 20.0)


def test_a_localised_word_is_pruned_there_and_only_there():
    """ "Leith" is in every name of one cell and nowhere else; it is rarer than "museum"."""
    museums = [f"museum {n % 10}" for n in range(80)]
    local = ["leith museum", "leith museum", "leith museum"]
    names = [*local, *museums, "leith museum"]
    places = [HERE] * 3 + [(-40.0 + n, 3.0 * n) for n in range(80)] + [THERE]
    found = core_words(names, places)
    assert found[:3] == ["museum"] * 3
    assert found[-1] == "leith", "elsewhere it is the rarest word"
    assert core_words(names)[:3] == ["leith"] * 3, "without places nothing is localised"
    nowhere = core_words(names[:-1] + ["leith museum"], places[:-1] + [(None, None)])
    assert nowhere[-1] == "leith"


def test_when_every_word_is_localised_the_rarest_stays():
    names = ["leith port"] * 3 + ["port leith harbour"] + [f"x{n} y" for n in range(60)] + ["port"]
    places = [HERE] * 4 + [(-40.0 + n, 3.0 * n) for n in range(60)] + [THERE]
    assert core_words(names, places)[:4] == ["leith", "leith", "leith", "harbour"]


def test_localised_words_are_frozen():
    frozen = {}
    names = ["leith museum"] * 3 + [f"museum {n % 10}" for n in range(80)]
    places = [HERE] * 3 + [(-40.0 + n, 3.0 * n) for n in range(80)]
    core_words(names, places, frozen)
    assert core_words(["leith museum"], [HERE], frozen) == ["museum"]
    assert core_words(["leith museum"], [THERE], frozen) == ["leith"]
    assert core_words([None], [HERE], frozen) == [None]


def test_an_unknown_preparation_form_or_field_is_named():
    with pytest.raises(ArgumentError, match=r"'tokns'.*Did you mean 'tokens'"):
        column(Need("tokns", ("name",)), name=["x"])
    with pytest.raises(ArgumentError, match=r"'digts'.*Did you mean 'digits'"):
        column(Need("codes", ("name",), (("form", "digts"),)), name=["x"])
    with pytest.raises(ColumnError, match="'nmae'"):
        column(Need("tokens", ("nmae",)), name=["x"])
