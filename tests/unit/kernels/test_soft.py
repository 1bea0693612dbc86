"""Soft TF-IDF and unmatched weights on names worth naming."""

from __future__ import annotations

import numpy as np
import pytest
from rapidfuzz.distance import JaroWinkler

from sameas.kernels.arrays import scratch_table
from sameas.kernels.soft import fuzzy_unmatched, soft_tfidf


def prepare(*names: str) -> tuple[np.ndarray, ...]:
    """Return start, token, weight, spelling_start and spelling_units, all weights 1."""
    lists = [name.split() for name in names]
    words = sorted({word for name in lists for word in name})
    start = np.cumsum([0, *(len(set(name)) for name in lists)])
    token = [number for name in lists for number in sorted({words.index(word) for word in name})]
    spelling_start = np.cumsum([0, *(len(word) for word in words)])
    units = np.frombuffer("".join(words).encode("utf-16-le"), np.uint16)
    return start, np.array(token, np.int32), np.ones(len(words)), spelling_start, units


def similarity(one: str, two: str, threshold: float = 0.9) -> float:
    """Return Soft TF-IDF of two names, the same from both sides."""
    pair = np.array([0, 1])
    first, second = soft_tfidf(pair, pair[::-1], *prepare(one, two), threshold)
    assert first == second
    return float(first)


def test_equal_names_are_one_and_unlike_names_zero() -> None:
    assert similarity("golden lion", "lion golden") == pytest.approx(1.0)
    assert similarity("golden lion", "blue bakery") == 0.0


def test_a_misspelt_token_counts_with_its_similarity() -> None:
    close = JaroWinkler.similarity("bakery", "bakerry")
    assert close > 0.9
    assert similarity("blue bakery", "blue bakerry") == pytest.approx((1 + close) / 2)


def test_a_token_may_be_close_to_one_that_has_its_equal() -> None:
    close = JaroWinkler.similarity("cafe", "cafes")
    forth, back = (1 + close) / 2**0.5, 1 / 2**0.5
    assert similarity("cafe cafes", "cafe") == pytest.approx(min((forth + back) / 2, 1.0))


def test_the_threshold_is_inclusive() -> None:
    close = JaroWinkler.similarity("bakery", "bakerry")
    assert similarity("bakery", "bakerry", close) > 0
    assert similarity("bakery", "bakerry", close + 1e-9) == 0


def test_missing_and_weightless_names_are_nan() -> None:
    start, token, weight, *spelling = prepare("golden lion", "lion")
    left, right = np.array([0, -1, 0]), np.array([-1, 1, 1])
    found = soft_tfidf(left, right, start, token, weight * 0, *spelling)
    assert np.isnan(found).all()
    small, large = fuzzy_unmatched(left, right, start, token, weight, *spelling)
    assert np.isnan(small).tolist() == [True, True, False]
    assert (small[2], large[2]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("one", "two", "small", "large"),
    [
        ("res", "restaurant", 0, 0),
        ("re", "restaurant", 1, 1),
        ("golden lion pub", "golden lyon", 1, 2),
        ("golden lion pub", "golden lionn", 0, 1),
        ("st james church", "saint james", 1, 2),
        ("x" * 70, "x" * 90, 0, 0),
    ],
)
def test_unmatched_tokens(one: str, two: str, small: float, large: float) -> None:
    pair = np.array([0, 1])
    found = fuzzy_unmatched(pair, pair[::-1], *prepare(one, two))
    assert np.array(found).tolist() == [[small, small], [large, large]]


def test_bad_input_of_ten_thousand_characters() -> None:
    generator = np.random.default_rng(0)
    letters = generator.choice(list("abcdefgh"), 10_000)
    one = "".join(letters)
    many = " ".join("".join(letters[place : place + 5]) for place in range(0, 5_000, 5))
    close = JaroWinkler.similarity(one, one[:-3])
    assert similarity(one, one[:-3]) == pytest.approx(close)
    assert 0.0 <= similarity(many, many[300:] + " " + one) <= 1.0
    assert not scratch_table().any()
