import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.blocking import composite
from sameas.core.prepared import Need
from sameas.core.texts import buffers, of_buffers
from sameas.kernels.sounds import sounds_ascii
from sameas.records import derived, prepare
from sameas.records.derived import TAKES, derive, sound


def texts(*values):
    return pa.array(values, pa.large_string())


def test_a_part_knows_what_can_be_taken():
    assert set(TAKES) == set(composite.TAKES)


@pytest.mark.parametrize(
    ("take", "size", "given", "expected"),
    [
        ("value", 0, "anna lee", "anna lee"),
        ("first", 5, "anna lee", "annal"),
        ("last", 7, "0131 556 1234", "5561234"),
        ("first_word", 0, "anna lee", "anna"),
        ("last_word", 0, "anna lee", "lee"),
        ("sorted_words", 0, "lee anna b", "anna b lee"),
        ("year", 0, "31 01 1990", "1990"),
        ("year", 0, "19900131", "1990"),
        ("year", 0, "31 01 90", None),
        ("month_and_day", 0, "19900131", "0131"),
        ("month_and_day", 0, "1990 01 31", "0131"),
        ("month_and_day", 0, "31 01 1990", None),
        ("sound", 2, "meyer", "nr"),
        ("sound", 0, "周杰", "周杰"),
        ("sound", 0, "12", None),
    ],
)
def test_what_is_taken(take, size, given, expected):
    assert derive(texts(given, None), take, size).to_pylist() == [expected, None]


def test_swapped_digits_are_the_same():
    assert len(set(derive(texts("1990 01 02", "1990 02 01"), "digits_sorted").to_pylist())) == 1
    assert derive(texts("none"), "digits_sorted").to_pylist() == [None]


@pytest.mark.parametrize(
    ("one", "other"),
    [("meyer", "maier"), ("philip", "filip"), ("catherine", "kathryn"), ("knight", "nite"),
     ("stephen", "steven"), ("smith", "smyth"), ("jeffrey", "geoffrey"), ("bauer", "baur")],
)  # fmt: skip
def test_names_that_sound_alike(one, other):
    first, second = derive(texts(one, other), "sound").to_pylist()
    assert first == second


def test_nothing_to_derive_from():
    for take in TAKES:
        assert derive(texts(), take, 2).to_pylist() == []
        assert derive(texts(None), take, 2).to_pylist() == [None]


def test_a_frequent_key_is_none():
    records = pa.table(
        {"source": ["s"] * 5, "id": list("abcde"), "name": ["x", "x", "x", "y", "y"]}
    )
    parts = ((("name",), "value", 0, "normalise"),)
    need = Need("key", ("name",), (("at_most", 2), ("parts", parts)))
    code = prepare(records, [need], {})[need].value
    assert (code == 0).tolist() == [True, True, True, False, False]


@settings(deadline=None)
@given(
    st.lists(
        st.lists(
            st.sampled_from(
                [*"abcdeghikmnprstuwxyz7 ", "sch", "tsch", "ght", "sz", "cz", "qu", "ck", "x"]
            ),
            max_size=7,
        ).map("".join),
        min_size=1,
    )
)
def test_english_letters_sound_as_the_rules_say(names):
    quick = of_buffers(*sounds_ascii(*buffers(texts(*names))))
    slow = derived._sound_any(texts(*names)).fill_null("")
    assert quick.to_pylist() == slow.to_pylist()


def test_many_names_sound_as_each_does_alone(monkeypatch):
    names = ["schmidt", "åberg", None, "Quick", "周杰", "", "wright", "12", "xaver"]
    alone = [sound(texts(name)).to_pylist()[0] for name in names]
    monkeypatch.setattr(derived, "_FEW", 0)
    assert sound(texts(*names)).to_pylist() == alone
    assert alone[:3] == ["snt", "åprk", None]
