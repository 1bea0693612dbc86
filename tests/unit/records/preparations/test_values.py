"""Codes, acronyms, frequencies, vectors, numbers, places, sets, references; normal forms."""

import math
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from sameas.core.prepared import Need
from sameas.records import normalise, prepare
from sameas.records.preparations.texts import hashes


def table(**columns):
    count = len(next(iter(columns.values())))
    fixed = {"source": ["s"] * count, "id": [str(number) for number in range(count)]}
    return pa.table(fixed | columns)


def column(need, frozen=None, **columns):
    return prepare(table(**columns), [need], {} if frozen is None else frozen)[need]


def same(values):
    """Group equal codes: a number a group, None for missing."""
    seen = {}
    return [seen.setdefault(int(value), len(seen)) if value else None for value in values]


@pytest.mark.parametrize(
    ("form", "texts", "groups"),
    [
        ("normalise", ["Café X", "cafe  x!", "cafex", None, "?"], [0, 0, 1, None, None]),
        ("digits", ["+44 (0)131", "440131", "n/a", "0440131", None], [0, 0, None, 0, None]),
        ("url", ["http://www.A.b/", "a.b", "a.b/c?d", "a.b/c", None], [0, 0, 1, 1, None]),
        ("postal_code", ["EH9 1QW", "eh91qw", "-", "EH9", None], [0, 0, None, 1, None]),
    ],
)
def test_codes_are_equal_where_normal_forms_are(form, texts, groups):
    assert same(column(Need("codes", ("x",), (("form", form),)), x=texts).value) == groups


def test_several_fields_are_joined_and_one_alone_is_enough():
    codes = column(Need("codes", ("a", "b")), a=["x", "x", None, None], b=["y z", None, "x", None])
    assert same(codes.value) == [0, 1, 1, None]


def test_acronyms_are_initials_of_at_least_two_words():
    texts = ["Sony Youth House Area", "SYHA", "s.y.h.a.", "Sony", "Élan vital", None]
    initials = column(Need("acronym", ("x",)), x=texts).value
    compact = column(Need("compact", ("x",)), x=["syha", "sony", "s y h a", "ev", None, "?"]).value
    assert initials[0] == compact[0] == compact[2] == initials[2]
    assert initials[4] == compact[3]
    assert initials[[1, 3, 5]].tolist() == [0, 0, 0]
    assert compact[4] == compact[5] == 0


def test_frequency_counts_records_with_the_text_and_is_frozen():
    frozen, need = {}, Need("frequency", ("x",))
    found = column(need, frozen, x=["A", "a!", "b", None, "a"]).value
    np.testing.assert_array_equal(found, [3, 3, 1, np.nan, 3])
    later = column(need, frozen, x=["a", "new", "new", None]).value
    np.testing.assert_array_equal(later, [3, 1, 1, np.nan])


def test_vectors_have_length_1_and_the_weights_of_plain_python():
    texts = ["abc abc", "abd", None, "abc abc", "x"]
    vectors = column(Need("vectors", ("x",), (("low", 2), ("high", 3))), x=texts)
    for code in set(vectors.code.tolist()) - {-1}:
        value = vectors.value[vectors.start[code] : vectors.start[code + 1]]
        assert float((value.astype(float) ** 2).sum()) == pytest.approx(1, abs=1e-6)

    def grams(text):
        padded = f" {text} "
        return Counter(padded[b : b + n] for n in (2, 3) for b in range(len(padded) - n + 1))

    known = [text for text in texts if text]
    frequency = Counter(gram for text in known for gram in grams(text))
    weight = {
        gram: math.log(5 / (1 + sum(gram in grams(t) for t in known))) + 0.1 for gram in frequency
    }

    def vector(text):
        raw = {g: (1 + math.log(n)) * weight[g] for g, n in grams(text).items()}
        length = math.sqrt(sum(v * v for v in raw.values()))
        return sorted(v / length for v in raw.values())

    for record, text in enumerate(texts):
        if text:
            code = vectors.code[record]
            found = sorted(vectors.value[vectors.start[code] : vectors.start[code + 1]].tolist())
            assert found == pytest.approx(vector(text), abs=1e-6)
    assert vectors.code[2] == -1


def test_word_vectors_have_length_1():
    vectors = column(Need("word_vectors", ("x",)), x=["a b c", "a", None, "a b"])
    for code in set(vectors.code.tolist()) - {-1}:
        value = vectors.value[vectors.start[code] : vectors.start[code + 1]]
        assert float((value.astype(float) ** 2).sum()) == pytest.approx(1, abs=1e-6)


def test_sets_are_distinct_normalised_and_may_be_missing():
    lists = [["Bar", "café"], ["CAFE", "bar", "bar"], [], None, ["!!"], [None, "bar"]]
    sets = column(Need("sets", ("x",)), x=pa.array(lists, pa.list_(pa.string())))
    held = [
        sets.value[a:b].tolist() for a, b in zip(sets.start[:-1], sets.start[1:], strict=True)
    ]  # fmt: skip
    assert [len(values) for values in held] == [2, 2, 0, 0, 0, 1]
    assert held[0] == held[1] == sorted(held[0])
    assert set(held[5]) < set(held[0])


def test_references_name_records_of_the_same_source():
    records = pa.table(
        {"source": pa.array(["a", "a", "b"]).dictionary_encode(), "id": pa.array([1, 2, 1]),
         "parent": ["2", None, "2"]}
    )  # fmt: skip
    needs = Need("identity", ()), Need("reference", ("parent",))
    columns = prepare(records, needs, {})
    own, parent = (columns[need].value for need in needs)
    assert len(set(own.tolist())) == 3
    assert parent[0] == own[1]
    assert parent[1] == 0
    assert parent[2] not in own.tolist(), "b has no record 2"


def test_numbers_and_places():
    number = column(Need("number", ("x",)), x=[1.5, None, -2.0]).value
    np.testing.assert_array_equal(number, [1.5, np.nan, -2.0])
    points = column(Need("points", ("x", "y")), x=[0.0, None, 90.0], y=[90.0, None, 5.0])
    np.testing.assert_allclose(points.xyz[[0, 2]] / 6_371_008.8, [[0, 1, 0], [0, 0, 1]], atol=1e-12)
    assert np.isnan(points.xyz[1]).all()


def test_slugs_of_different_needs_differ():
    """Statistics are kept by slug: ("a-b",) and ("a", "b") must not share them."""
    frozen = {}
    records = table(**{"a": ["x"], "b": ["y"], "a-b": ["z"]})
    needs = Need("frequency", ("a", "b")), Need("frequency", ("a-b",))
    prepare(records, needs, frozen)
    assert len(frozen) == 2
    long = [Need("text", ("x" * 500 + end,)).slug for end in "ab"]
    assert len(set(long)) == 2
    assert max(map(len, long)) <= 200


@pytest.mark.parametrize("form", ["normalise", "digits", "url", "compact", "words_with_digits"])
def test_forms_do_not_depend_on_how_many_texts_there_are(form):
    """Above some size a kernel takes over; it must say the same."""
    rng = np.random.default_rng(0)
    letters = list("abcXYZ 019 .,-'`&+/!?\t#_~^é門")
    texts = ["".join(rng.choice(letters, rng.integers(0, 12))) for _ in range(25_000)]
    plain = [text for text in texts if text.isascii()]
    plain += ["%", "a'b", "&", "++", " & ", "A&B", "O'Brien's", "`", None, "_", "~", "\x1f", "\x7f"]
    for values in (texts, plain * 3):
        function = getattr(normalise, form)
        whole = function(pa.array(values)).to_pylist()
        parts = [
            value for first in range(0, len(values), 5_000)
            for value in function(pa.array(values[first : first + 5_000])).to_pylist()
        ]  # fmt: skip
        assert whole == parts


def test_words_with_digits_drop_words_of_every_script():
    texts = pa.array(["Café NP-FD1 門 青い 4.2", "Ἀθῆναι", "a b c", "9", None, "ä1 ö", "x  y2\tz"])
    assert normalise.words_with_digits(texts).to_pylist() == [
        "npfd1 42", None, None, "9", None, "ä1", "y2",
    ]  # fmt: skip


def test_a_missing_text_has_the_hash_of_the_empty_one_whatever_lies_under_it():
    ends, letters = np.array([0, 2, 3], np.int32), np.frombuffer(b"abc", np.uint8)
    second_is_null = np.array([0b01], np.uint8)
    parts = [pa.py_buffer(part) for part in (second_is_null, ends, letters)]
    texts = pa.Array.from_buffers(pa.string(), 2, parts)
    assert texts.to_pylist() == ["ab", None]
    assert hashes(texts).tolist() == hashes(pa.array(["ab", ""])).tolist()


def test_texts_of_several_fields_are_told_apart_as_if_they_were_written_out():
    first = ["a", "a b", None, None, "a", "A", None]
    second = ["b c", "c", "a b c", None, None, "", "x"]
    made = column(Need("text", ("first", "second")), first=first, second=second)
    assert made.code.tolist() == [0, 0, 0, -1, 1, 1, 2]
    assert len(made.start) == 4
