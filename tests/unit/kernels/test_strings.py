"""Jaro-Winkler on texts worth naming."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rapidfuzz.distance import JaroWinkler

from sameas.kernels.arrays import scratch_table
from sameas.kernels.letters import letter_signature
from sameas.kernels.strings import jaro_winkler, jaro_winkler_at_least


def as_texts(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    start = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=start[1:])
    return start, np.frombuffer("".join(texts).encode("utf-16-le"), np.uint16)


def both(one: str, two: str) -> float:
    """Return the similarity of two texts, the same from both sides."""
    first, second = jaro_winkler(np.array([0, 1]), np.array([1, 0]), *as_texts([one, two]))
    assert first == second
    return float(first)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("MARTHA", "MARHTA"),
        ("DIXON", "DICKSONX"),
        ("", ""),
        ("", "a"),
        ("a", "a"),
        ("a", "b"),
        ("a", "ab"),
        ("abc", "cab"),
        ("café ñ", "cafe n"),
        ("東京駅", "東京"),
        ("x" * 64, "x" * 63 + "y"),
        ("x" * 64, "x" * 65),
        ("ab" * 40, "ba" * 50),
        ("starbucks coffee", "starbucks"),
    ],
)
def test_equals_rapidfuzz(one: str, two: str) -> None:
    assert both(one, two) == np.float32(JaroWinkler.similarity(one, two))


def test_names_of_ten_thousand_characters() -> None:
    generator = np.random.default_rng(0)
    one, two = ("".join(generator.choice(list("abcdefgh —"), 10_000)) for _ in range(2))
    for other in (two, one[:-1], "a", one[::-1]):
        assert both(one, other) == np.float32(JaroWinkler.similarity(one, other))


def test_missing_is_neither_zero_nor_passed() -> None:
    start, units = as_texts(["abc", "abd"])
    left, right = np.array([0, -1, -1, 0]), np.array([-1, 1, -1, 0])
    assert np.isnan(jaro_winkler(left, right, start, units)).tolist() == [True, True, True, False]
    signature = letter_signature(start, units)
    passed = jaro_winkler_at_least(left, right, start, units, signature, 0.0)
    assert passed.tolist() == [False, False, False, True]


def test_scratch_is_clean_after_every_mixture_of_lengths() -> None:
    texts = ["a", "b" * 64, "c" * 65, "", "abc" * 30, "déjà vu"]
    start, units = as_texts(texts)
    left, right = (part.ravel() for part in np.indices((6, 6)))
    jaro_winkler(left, right, start, units)
    jaro_winkler_at_least(left, right, start, units, letter_signature(start, units), 0.8)
    assert not scratch_table().any()


def test_memory_mapped_and_strided_arrays_are_taken(tmp_path: Path) -> None:
    start, units = as_texts(["martha", "marhta"])
    np.save(tmp_path / "units.npy", units)
    mapped = np.load(tmp_path / "units.npy", mmap_mode="r")
    pairs = np.array([[0, 1], [1, 0]])
    found = jaro_winkler(pairs[:, 0], pairs[:, 1], start, mapped)
    assert found.dtype == np.float32
    assert found.round(3).tolist() == pytest.approx([0.961, 0.961])


def test_a_threshold_is_compared_in_float32() -> None:
    start, units = as_texts(["martha", "marhta"])
    signature = letter_signature(start, units)
    left, right = np.array([0]), np.array([1])
    exact = jaro_winkler(left, right, start, units)[0]
    for limit in (float(exact), 0.9611111111111111):
        assert jaro_winkler_at_least(left, right, start, units, signature, limit).all()
    above = float(np.nextafter(exact, np.float32(1)))
    assert not jaro_winkler_at_least(left, right, start, units, signature, above).any()
