"""Comparison kernels against rapidfuzz and plain Python; sides, chunks and missing values."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from sameas.kernels import alignment, letters, levels, runs, sets, soft, strings, tokens
from sameas.kernels.arrays import plain
from sameas.records.text_encoding import is_plain

# Without a deadline: the first example compiles.
thorough = settings(deadline=None, max_examples=150)

# Few letters give many common characters; the lengths lie around one word of 64 bits.
LETTERS = st.sampled_from("aaabbcde éßж—")
WORDS = st.text(LETTERS.filter(lambda letter: letter != " "), min_size=1, max_size=12)
LONG_WORDS = st.text(st.sampled_from("abж"), min_size=60, max_size=80)
TEXTS = st.one_of(
    st.text(LETTERS, max_size=24),
    st.text(LETTERS, min_size=58, max_size=70),
    st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=10),
    st.text(st.sampled_from("ab"), min_size=120, max_size=200),
)
NAMES = st.lists(st.one_of(WORDS, WORDS, WORDS, LONG_WORDS), max_size=14, unique=True)
THRESHOLDS = st.one_of(st.floats(-0.1, 1.1), st.sampled_from([0.0, 0.7, 0.8, 0.9, 1.0]))


def as_texts(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    start = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=start[1:])
    return start, np.frombuffer("".join(texts).encode("utf-16-le"), np.uint16)


def as_tokens(names: list[list[str]]) -> tuple[list[str], list[list[int]], tuple[np.ndarray, ...]]:
    vocabulary = sorted({word for name in names for word in name})
    numbers = [sorted(vocabulary.index(word) for word in name) for name in names]
    start = np.zeros(len(names) + 1, np.int64)
    np.cumsum([len(name) for name in numbers], out=start[1:])
    token = np.array([number for name in numbers for number in name], np.int32)
    return vocabulary, numbers, (start, token)


def every_pair(count: int) -> tuple[np.ndarray, np.ndarray]:
    left, right = np.divmod(np.arange((count + 1) ** 2, dtype=np.int32), count + 1)
    return (left - 1).astype(np.int32), (right - 1).astype(np.int32)


def weights(count: int) -> np.ndarray:
    return np.random.default_rng(count).random(count) * 9.0


def hashes(count: int) -> np.ndarray:
    return np.random.default_rng(count).integers(1, 1 << 63, count).astype(np.uint64) * np.uint64(2)


def by_pair(
    left: np.ndarray, right: np.ndarray, reference: Callable[[int, int], float]
) -> np.ndarray:
    pairs = zip(left.tolist(), right.tolist(), strict=True)
    return np.array([math.nan if a < 0 or b < 0 else reference(a, b) for a, b in pairs], np.float32)


@thorough
@given(st.lists(TEXTS, min_size=1, max_size=8, unique=True))
def test_jaro_winkler_equals_rapidfuzz(texts: list[str]) -> None:
    left, right = every_pair(len(texts))
    found = strings.jaro_winkler(left, right, *as_texts(texts))
    expected = by_pair(left, right, lambda a, b: JaroWinkler.similarity(texts[a], texts[b]))
    np.testing.assert_array_equal(found, expected)


@thorough
@given(st.lists(TEXTS, min_size=1, max_size=8, unique=True), THRESHOLDS)
def test_filter_equals_jaro_winkler(texts: list[str], threshold: float) -> None:
    left, right = every_pair(len(texts))
    start, units = as_texts(texts)
    signature = letters.letter_signature(start, units)
    found = strings.jaro_winkler(left, right, start, units)
    borders = np.unique(found[np.isfinite(found)])[:20]
    around = [np.nextafter(borders, np.float32(2)), np.nextafter(borders, np.float32(-2))]
    for limit in [threshold, *np.concatenate([borders, *around]).tolist()]:
        passed = strings.jaro_winkler_at_least(left, right, start, units, signature, limit)
        np.testing.assert_array_equal(passed, found >= limit)


@thorough
@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_letter_signatures_never_count_a_character_that_matches(texts: list[str]) -> None:
    signature = letters.letter_signature(*as_texts(texts))
    for a, mine in zip(texts, signature, strict=True):
        for b, yours in zip(texts, signature, strict=True):
            missing = sum(max(a.count(letter) - b.count(letter), 0) for letter in set(a))
            assert int(np.bitwise_count(mine & ~yours).sum()) <= missing


@thorough
@given(st.lists(TEXTS, min_size=1, max_size=8, unique=True))
def test_indel_ratio_equals_rapidfuzz(texts: list[str]) -> None:
    left, right = every_pair(len(texts))
    found = alignment.indel_ratio(left, right, *as_texts(texts))
    expected = by_pair(left, right, lambda a, b: fuzz.ratio(texts[a], texts[b]) / 100)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@thorough
@given(st.lists(NAMES, min_size=1, max_size=6))
def test_token_set_ratio_equals_rapidfuzz(names: list[list[str]]) -> None:
    vocabulary, numbers, arrays = as_tokens(names)
    joined = [" ".join(vocabulary[number] for number in name) for name in numbers]
    left, right = every_pair(len(names))
    found = alignment.token_set_ratio(left, right, *arrays, *as_texts(vocabulary))
    expected = by_pair(
        left,
        right,
        lambda a, b: (
            fuzz.token_set_ratio(joined[a], joined[b]) / 100 if names[a] and names[b] else math.nan
        ),
    )
    np.testing.assert_allclose(found, expected, atol=1e-6)


def soft_direction(
    mine: list[int], yours: list[int], words: list[str], weight: np.ndarray, threshold: float
) -> float:
    """Sum one direction of Soft TF-IDF, from the definition."""
    total = 0.0
    for token in mine:
        close = [(JaroWinkler.similarity(words[token], words[other]), -other) for other in yours]
        best, other = max(close)
        if best >= threshold:
            total += weight[token] * weight[-other] * best
    return total / float(np.linalg.norm(weight[mine])) / float(np.linalg.norm(weight[yours]))


@thorough
@given(st.lists(NAMES, min_size=1, max_size=5), st.sampled_from([0.5, 0.7, 0.85, 0.9, 1.0]))
def test_soft_tfidf_equals_its_definition(names: list[list[str]], threshold: float) -> None:
    words, numbers, arrays = as_tokens(names)
    weight = weights(len(words))
    left, right = every_pair(len(names))

    def reference(a: int, b: int) -> float:
        if not names[a] or not names[b]:
            return math.nan
        forth = soft_direction(numbers[a], numbers[b], words, weight, threshold)
        back = soft_direction(numbers[b], numbers[a], words, weight, threshold)
        return min((forth + back) / 2, 1.0)

    found = soft.soft_tfidf(left, right, *arrays, weight, *as_texts(words), threshold)
    np.testing.assert_allclose(found, by_pair(left, right, reference), rtol=1e-5, atol=1e-7)


@thorough
@given(st.lists(NAMES, min_size=1, max_size=5), st.sampled_from([0.6, 0.9, 1.0]))
def test_fuzzy_unmatched_equals_its_definition(names: list[list[str]], threshold: float) -> None:
    words, numbers, arrays = as_tokens(names)
    weight = weights(len(words))
    left, right = every_pair(len(names))

    def meets(one: str, two: str) -> bool:
        short, long = sorted((one, two), key=len)
        begins = len(short) >= 3 and long.startswith(short)
        return one == two or begins or JaroWinkler.similarity(one, two) >= threshold

    def alone(a: int, b: int) -> float:
        return sum(
            weight[one]
            for one in numbers[a]
            if not any(meets(words[one], words[two]) for two in numbers[b])
        )

    def either(a: int, b: int, pick: Any) -> float:
        return pick(alone(a, b), alone(b, a)) if names[a] and names[b] else math.nan

    found = soft.fuzzy_unmatched(left, right, *arrays, weight, *as_texts(words), threshold)
    for sums, pick in zip(found, (min, max), strict=True):
        expected = by_pair(left, right, lambda a, b, pick=pick: either(a, b, pick))
        np.testing.assert_allclose(sums, expected, rtol=1e-5)
    begin, token = soft.unmatched_tokens(left, right, *arrays, *as_texts(words), threshold)
    summed = [weight[token[one:two]].sum() for one, two in pairwise(begin)]
    known = ~np.isnan(found[0])
    np.testing.assert_allclose(np.where(known, found[0] + found[1], 0.0), summed, rtol=1e-5)


@thorough
@given(st.lists(NAMES, min_size=1, max_size=6))
def test_token_sets_equal_python_sets(names: list[list[str]]) -> None:
    words, numbers, arrays = as_tokens(names)
    weight, hashed = weights(len(words)), hashes(len(words))
    eligible = np.arange(len(words)) % 3 > 0
    left, right = every_pair(len(names))
    signature = tokens.token_signature(*arrays, hashed)
    shares = tokens.shares_token(left, right, *arrays, signature)
    smallest = tokens.smallest_shared(left, right, *arrays, hashed, eligible)
    overlap = tokens.token_overlap(left, right, *arrays, weight)
    for pair, (a, b) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        if a < 0 or b < 0 or not (names[a] or names[b]):
            assert not shares[pair]
            assert smallest[pair] == 0
            assert all(np.isnan(measure[pair]) for measure in overlap)
            continue
        one, two = set(numbers[a]), set(numbers[b])
        assert shares[pair] == bool(one & two)
        assert smallest[pair] == min((hashed[t] for t in one & two if eligible[t]), default=0)
        alone = sorted([weight[list(one - two)].sum(), weight[list(two - one)].sum()])
        expected = [
            len(one & two) / len(one | two),
            weight[list(one & two)].sum() / weight[list(one | two)].sum(),
            *alone,
        ]
        np.testing.assert_allclose([measure[pair] for measure in overlap], expected, rtol=1e-5)


@thorough
@given(st.lists(st.sets(st.integers(0, 2**64 - 1) | st.integers(0, 9)), min_size=1, max_size=8))
def test_set_jaccard_equals_python_sets(values: list[set[int]]) -> None:
    start = np.cumsum([0, *(len(one) for one in values)])
    value = np.array([item for one in values for item in sorted(one)], np.uint64)
    left, right = every_pair(len(values))

    def reference(a: int, b: int) -> float:
        one, two = values[a], values[b]
        return len(one & two) / len(one | two) if one and two else math.nan

    found = sets.set_jaccard(left, right, start, value)
    np.testing.assert_array_equal(found, by_pair(left, right, reference))


@thorough
@given(
    st.lists(
        st.dictionaries(st.integers(0, 12), st.floats(0.0625, 1.0, width=32), max_size=8),
        min_size=1,
        max_size=8,
    )
)
def test_sparse_cosine_equals_a_dense_product(vectors: list[dict[int, float]]) -> None:
    dense = np.array([[one.get(place, 0.0) for place in range(13)] for one in vectors], np.float32)
    dense /= np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-9)
    start = np.cumsum([0, *(np.count_nonzero(row) for row in dense)])
    index = np.nonzero(dense)[1].astype(np.int32)
    left, right = every_pair(len(vectors))
    found = sets.sparse_cosine(left, right, start, index, dense[dense != 0])
    expected = by_pair(
        left, right, lambda a, b: dense[a] @ dense[b] if vectors[a] and vectors[b] else math.nan
    )
    np.testing.assert_allclose(found, expected, atol=1e-6)


def kernels_on(names: list[list[str]]) -> dict[str, Callable[[Any, Any], Any]]:
    """Return every pair kernel over the same names."""
    words, _, arrays = as_tokens(names)
    texts = as_texts([" ".join(name) for name in names])
    spelling, weight, hashed = as_texts(words), weights(len(words)), hashes(len(words))
    bag, signature = letters.letter_signature(*texts), tokens.token_signature(*arrays, hashed)
    eligible = np.arange(len(words)) % 3 > 0
    return {
        "jaro_winkler": lambda a, b: strings.jaro_winkler(a, b, *texts),
        "at_least": lambda a, b: strings.jaro_winkler_at_least(a, b, *texts, bag, 0.7),
        "indel_ratio": lambda a, b: alignment.indel_ratio(a, b, *texts),
        "token_set_ratio": lambda a, b: alignment.token_set_ratio(a, b, *arrays, *spelling),
        "soft_tfidf": lambda a, b: soft.soft_tfidf(a, b, *arrays, weight, *spelling, 0.7),
        "fuzzy_unmatched": lambda a, b: soft.fuzzy_unmatched(a, b, *arrays, weight, *spelling),
        "shares_token": lambda a, b: tokens.shares_token(a, b, *arrays, signature),
        "smallest_shared": lambda a, b: tokens.smallest_shared(a, b, *arrays, hashed, eligible),
        "token_overlap": lambda a, b: tokens.token_overlap(a, b, *arrays, weight),
        "sparse_cosine": lambda a, b: sets.sparse_cosine(
            a, b, *arrays, weights(len(arrays[1])).astype(np.float32)
        ),
        "set_jaccard": lambda a, b: sets.set_jaccard(a, b, *arrays),
    }


@pytest.mark.parametrize("name", sorted(kernels_on([["a"]])))
@settings(deadline=None, max_examples=40)
@given(names=st.lists(NAMES, min_size=1, max_size=6), seed=st.integers(0, 99))
def test_neither_sides_nor_chunks_matter(name: str, names: list[list[str]], seed: int) -> None:
    kernel = kernels_on(names)[name]
    left, right = every_pair(len(names))
    order = np.random.default_rng(seed).permutation(len(left))
    whole = np.array(kernel(left, right))
    np.testing.assert_array_equal(whole, np.array(kernel(right, left)))
    np.testing.assert_array_equal(whole[..., order], np.array(kernel(left[order], right[order])))
    single = [np.array(kernel(left[row : row + 1], right[row : row + 1])) for row in order]
    np.testing.assert_array_equal(whole[..., order], np.concatenate(single, axis=-1))
    assert np.array(kernel(left[:0], right[:0])).shape[-1] == 0


def plain_run(word: str, text: str) -> int:
    parts = {word[i:j] for i in range(len(word)) for j in range(i + 1, len(word) + 1)}
    return max((len(part) for part in parts if part in text), default=0)


@thorough
@given(st.lists(st.lists(WORDS, max_size=3), min_size=1, max_size=4), st.data())
def test_runs_of_words_in_texts_equal_a_plain_search(names: list[list[str]], data: Any) -> None:
    texts = data.draw(st.lists(TEXTS, min_size=len(names), max_size=len(names)))
    vocabulary, numbers, words = as_tokens(names)
    left, right = every_pair(len(names))
    found = runs.common_runs(
        words, as_texts(vocabulary), as_texts(texts), (left, right, left, right), shortest=3
    )
    for longest, less, more, a, b in zip(*found, left, right, strict=True):
        best = []
        for own, other in ((a, b), (b, a)):
            if own >= 0 and other >= 0:
                long = [w for n in numbers[own] if len(w := vocabulary[n]) >= 3]
                runs_found = [plain_run(word, texts[other]) for word in long]
                if long:
                    shares = [run / len(w) for run, w in zip(runs_found, long, strict=True)]
                    best.append((max(runs_found), max(shares)))
        if not best:
            assert math.isnan(longest)
            continue
        assert longest == max(run for run, _ in best)
        assert less == np.float32(min(share for _, share in best))
        assert more == np.float32(max(share for _, share in best))


@thorough
@given(
    st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=5), max_size=4),
    st.integers(0, 3),
)
def test_pooled_levels_never_rise(shares: list[list[tuple[int, int]]], held: int) -> None:
    """Weights do not rise from a level to the next; all levels together stay what they were."""
    m, u = np.array([pair for level in shares for pair in level], float).reshape(-1, 2).T.copy()
    sizes = np.array([len(each) for each in shares], np.int64)
    first = np.append(0, np.cumsum(sizes)).astype(np.int64)
    free = np.arange(len(m)) >= len(shares[0]) if shares and held == 0 else np.ones(len(m), bool)
    before = m.copy()
    levels.pool_levels(m, plain(u + 0.5, np.float64), free, plain(first, np.int64), sizes)
    for begin, end in pairwise(first):
        if not free[begin:end].all():
            assert (m[begin:end] == before[begin:end]).all()
            continue
        weight = m[begin:end] / (u[begin:end] + 0.5)
        assert (np.diff(weight) <= 1e-9).all()
        assert math.isclose(m[begin:end].sum(), before[begin:end].sum(), abs_tol=1e-9)
        rising = np.diff(before[begin:end] / (u[begin:end] + 0.5)) > 0
        assert rising.any() or np.allclose(m[begin:end], before[begin:end])


@thorough
@given(st.lists(st.none() | st.text(st.sampled_from("a ~\x7f\té"), max_size=4)), st.integers(0, 3))
def test_plain_texts_need_no_cleaning(texts: list[str | None], skipped: int) -> None:
    chunk = pa.array(texts, pa.string()).slice(skipped)
    known = [text for text in texts[skipped:] if text is not None]
    plain = all(text.isascii() and text.isprintable() and text == text.strip() for text in known)
    assert is_plain(chunk) == plain
