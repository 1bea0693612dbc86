"""Indel ratios on texts worth naming."""

from __future__ import annotations

import numpy as np
import pytest
from rapidfuzz import fuzz

from sameas.kernels.alignment import indel_ratio, token_set_ratio
from sameas.kernels.arrays import scratch_table


def as_texts(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    start = np.cumsum([0, *(len(text) for text in texts)])
    return start, np.frombuffer("".join(texts).encode("utf-16-le"), np.uint16)


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 128, 129, 10_000])
@pytest.mark.parametrize("other_size", [0, 1, 64, 65, 10_000])
def test_any_length(size: int, other_size: int) -> None:
    generator = np.random.default_rng(size + other_size)
    texts = ["".join(generator.choice(list("abc—"), count)) for count in (size, other_size)]
    pair = np.array([0, 1])
    found = indel_ratio(pair, pair[::-1], *as_texts(texts))
    assert found.tolist() == pytest.approx([fuzz.ratio(*texts) / 100] * 2, abs=1e-6)
    assert not scratch_table().any()


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("golden lion", "golden lion pub"),
        ("golden lion", "lion hotel"),
        ("golden", "blue"),
        ("a" * 70 + " b", "a" * 80 + " b"),
        ("café " + " ".join("abcdefghij"), "cafe " + " ".join("jihgfedcba")),
        (" ".join(f"w{number}" for number in range(400)), "w1 z " + "y" * 90),
    ],
)
def test_token_set_ratio_equals_rapidfuzz(one: str, two: str) -> None:
    words = sorted({*one.split(), *two.split()})
    lists = [sorted({words.index(word) for word in name.split()}) for name in (one, two)]
    start, token = np.cumsum([0, *map(len, lists)]), np.concatenate(lists)
    pair = np.array([0, 1])
    found = token_set_ratio(pair, pair[::-1], start, token, *as_texts(words))
    assert found.tolist() == pytest.approx([fuzz.token_set_ratio(one, two) / 100] * 2, abs=1e-6)
    assert not scratch_table().any()


def test_missing_is_nan() -> None:
    left, right = np.array([0, -1, 0]), np.array([-1, 0, 0])
    assert np.isnan(indel_ratio(left, right, *as_texts(["a"]))).tolist() == [True, True, False]
    start, token = np.array([0, 1]), np.array([0])
    found = token_set_ratio(left, right, start, token, *as_texts(["a"]))
    assert np.isnan(found).tolist() == [True, True, False]
