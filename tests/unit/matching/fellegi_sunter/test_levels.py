"""Levels, cases, missing states, the rarity of values."""

from dataclasses import replace

import numpy as np
import pytest

from sameas.core.errors import ArgumentError, ColumnError
from sameas.matching import Case, Condition, FellegiSunter, Levels
from sameas.matching.fellegi_sunter import Layout

NAN = np.nan


def test_the_kernel_agrees_with_the_plain_way():
    random = np.random.default_rng(0)
    features = random.random((500, 3)).astype(np.float32)
    features[random.random(features.shape) < 0.2] = NAN
    features[:, 2] = np.isnan(features[:, 1]) & (random.random(500) < 0.5)
    names = ("alike", "apart", "both")
    levels = (
        Levels("alike", (0.9, 0.5, 0.1)),
        Levels("apart", (0.1, 0.5), direction="<=", sides="both"),
    )
    codes = Layout(levels, names).codes(features)
    for number, item in enumerate(levels):
        np.testing.assert_array_equal(codes[:, number], item.codes(features, names))
    assert set(codes[:, 1]) == {0, 1, 2, 3, 4}


def test_cases_are_asked_in_turn():
    swapped = Levels(
        "names",
        cases=(
            Case("equal", (Condition("first", "==", 1), Condition("last", "==", 1))),
            Case("swapped", (Condition("crossed", ">=", 0.9),)),
        ),
    )
    rows = np.float32([[1, 1, 0], [1, 0, 1], [0, 0, 0], [NAN, NAN, NAN], [1, NAN, NAN]])
    names = ("first", "last", "crossed")
    assert swapped.codes(rows, names).tolist() == [0, 1, 2, 3, 2]
    assert swapped.words() == ("equal", "swapped", "none of these", "missing")
    np.testing.assert_array_equal(
        Layout((swapped,), names).codes(rows)[:, 0], swapped.codes(rows, names)
    )


def given(item, **settings):
    names = tuple(dict.fromkeys(item.columns()))
    return FellegiSunter((item,), prior=0.5, **settings).without_training(names)


def test_missing_says_nothing_or_what_was_learned():
    neutral = given(Levels("a", (1.0,), m=(0.9, 0.1), u=(0.1, 0.9)))
    own = given(Levels("a", (1.0,), missing="level", m=(0.6, 0.1, 0.3), u=(0.1, 0.8, 0.1)))
    rows = np.float32([[NAN], [1.0]])
    assert neutral.score(rows)[0] == 0.5
    assert own.score(rows)[0] == pytest.approx(0.75)
    assert own.weights(rows)[0, 0] == pytest.approx(np.log2(3))


def test_missing_on_one_side_and_on_both_are_two_states():
    item = Levels(
        "a", (1.0,), missing="level", sides="both", m=(0.5, 0.1, 0.1, 0.3), u=(0.1, 0.5, 0.3, 0.1)
    )
    weights = given(item).weights(np.float32([[NAN, 0], [NAN, 1]]))[:, 0]
    np.testing.assert_allclose(weights, np.log2([1 / 3, 3]))


def test_agreeing_on_a_rare_value_says_more():
    item = Levels(
        "a", (1.0, 0.9), frequency=("less", "more"), frequency_weights=(1.0, 0.5),
        frequency_floor=0.001, m=(0.8, 0.1, 0.1), u=(0.01, 0.09, 0.9),
    )  # fmt: skip
    rows = np.float32(
        [[1, 0.0025, 0.0025], [1, 0.04, 0.04], [1, NAN, NAN], [0.9, 0.0001, 0.04], [0, 0.1, 0.1],
         [1, 1e-6, 1e-6]]
    )  # fmt: skip
    base = np.log2([80, 80, 80, 1 / 0.9, 1 / 9, 80])
    gain = given(item).weights(rows)[:, 0] - base
    np.testing.assert_allclose(gain, [2, -2, 0, -1, 0, np.log2(10)], atol=1e-5)


def test_levels_on_columns_that_are_gone():
    matcher = FellegiSunter((Levels("a", (1.0,), frequency=("less", "more")), Levels("b", (1.0,))))
    left = matcher.without({"a", "less"})
    assert [item.column for item in left.levels] == ["a"]
    assert left.levels[0].frequency is None


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"thresholds": ()}, "thresholds or cases"),
        ({"thresholds": (0.5, 0.9)}, "must fall"),
        ({"thresholds": (0.9, 0.5), "direction": "<="}, "must rise"),
        ({"thresholds": (0.9,), "direction": ">"}, "direction must be"),
        ({"thresholds": (0.9,), "missing": "zero"}, "missing must be"),
        ({"thresholds": (0.9,), "m": (0.5,)}, "2 probabilities"),
        ({"thresholds": (0.9,), "m": (0.9, 0.9)}, "sum of at most 1"),
        ({"thresholds": (0.9,), "frequency_weights": (2.0,)}, "frequency_weights"),
        ({"thresholds": (0.9,), "frequency_floor": 0.0}, "frequency_floor"),
        ({"thresholds": (0.9,), "labels": ("one",)}, "labels expected"),
    ],
)
def test_wrong_settings(settings, word):
    with pytest.raises(ArgumentError, match=word):
        Levels("name", **settings)


def test_a_column_that_is_not_there():
    with pytest.raises(ColumnError, match="Did you mean 'name'"):
        Layout((Levels("nmae", (1.0,)),), ("name",))


def test_too_many_patterns():
    names = tuple(f"c{n}" for n in range(40))
    with pytest.raises(ArgumentError, match="more patterns than 64 bits"):
        Layout(tuple(Levels(name, (1.0, 0.5)) for name in names), names)


def test_shares_that_are_none_are_called_so():
    """Weights of several classes come as m and u of which m need not add up to 1."""
    item = Levels("name", (1.0,), m=(0.9, 0.1), u=(0.1, 0.9))
    fitted = FellegiSunter((item,), prior=0.5).without_training(("name",))
    assert "the weights were found together" not in fitted.describe()
    other = replace(fitted, parameters=fitted.parameters._replace(m=fitted.parameters.m * 3))
    assert "m is u times what a level says" in other.describe()
