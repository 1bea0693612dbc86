from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.core.errors import ArgumentError, DataError
from sameas.models import LexicalEncoder, Neighbours, Retriever, Sparse, load_encoder
from sameas.models.base import Dense, Embeddings, unit_rows
from sameas.models.distinct import as_texts

ALPHABET = st.text("abc 1é日", max_size=8)


class Letters:
    """A small dense encoder: counts of letters."""

    name, version, fitted = "letters", "1", True

    def fit(self, texts: object) -> "Letters":
        return self

    def encode(self, texts: object) -> Dense:
        values = [text or "" for text in as_texts(texts).to_pylist()]
        counts = [[text.count(letter) for letter in "abc1é日"] for text in values]
        return unit_rows(np.array(counts, np.float32).reshape(-1, 6))

    def save(self, folder: object) -> None:
        raise NotImplementedError


def dense(rows: Embeddings) -> np.ndarray:
    if isinstance(rows, np.ndarray):
        return rows.astype(np.float64)
    out = np.zeros((len(rows), rows.dimensions))
    out[np.repeat(np.arange(len(rows)), np.diff(rows.start)), rows.index] = rows.value
    return out


def brute(encoder: object, keys: list, queries: list, k: int) -> Neighbours:
    left, right = encoder.encode(queries), encoder.encode(keys)
    sparse = isinstance(left, Sparse)
    if sparse:
        used = np.unique(np.concatenate([left.index, right.index]))
        left, right = (
            Sparse(r.start, np.searchsorted(used, r.index), r.value, len(used))
            for r in (left, right)
        )
    left, right = dense(left), dense(right)
    similarity = np.full((len(queries), len(keys)), np.nan)
    for i, one in enumerate(left):
        for j, other in enumerate(right):
            common = (one * other).any() if sparse else one.any() and other.any()
            if common:
                similarity[i, j] = min(1.0, float(np.cumsum(one * other)[-1]))
    similarity = similarity.astype(np.float32)
    index = np.full((len(queries), k), -1)
    best = np.full((len(queries), k), np.nan, np.float32)
    for i in range(len(queries)):
        known = np.flatnonzero(~np.isnan(similarity[i]))
        order = known[np.lexsort((known, -similarity[i, known]))][:k]
        index[i, : len(order)], best[i, : len(order)] = order, similarity[i, order]
    return Neighbours(index, best)


@pytest.mark.parametrize("encoder", [LexicalEncoder(1, 2), Letters()], ids=["sparse", "dense"])
@settings(max_examples=60, deadline=None)
@given(
    keys=st.lists(st.none() | ALPHABET, max_size=30),
    queries=st.lists(st.none() | ALPHABET, max_size=8),
    k=st.integers(1, 5),
)
def test_search_equals_brute_force(encoder: object, keys: list, queries: list, k: int) -> None:
    retriever = Retriever(encoder).fit(keys)
    found = retriever.search(queries, k)
    expected = brute(retriever.encoder, keys, queries, k)
    np.testing.assert_allclose(found.similarity, expected.similarity, atol=1e-6)
    same = found.index == expected.index
    if not same.all():  # only where two cosines differ by a rounding
        gap = np.abs(found.similarity - expected.similarity)[~same]
        rows = np.where(~same)[0]
        for row in rows:
            assert set(np.round(found.similarity[row], 5)) == set(
                np.round(expected.similarity[row], 5)
            )
        assert np.nanmax(gap) < 1e-6
    assert found.index.dtype == np.int32
    assert found.similarity.dtype == np.float32


def words(count: int, seed: int) -> list[str]:
    random = np.random.default_rng(seed)
    parts = ["".join(random.choice(list("abcdefghij"), 4)) for _ in range(200)]
    return [" ".join(random.choice(parts, 3)) for _ in range(count)]


def test_pruned_search_is_exact() -> None:
    keys, queries = words(3000, 1), words(60, 2) + words(10, 1)
    retriever = Retriever("lexical").fit(keys)
    found = retriever.search(queries, 5)
    expected = brute(retriever.encoder, keys, queries, 5)
    np.testing.assert_allclose(found.similarity, expected.similarity, atol=2e-6)
    assert (found.index == expected.index).mean() > 0.99
    assert (found.index[60:, 0] == np.arange(10)).all()


def test_equal_keys_come_by_number_and_case_does_not_matter() -> None:
    retriever = Retriever("lexical").fit(["b b", "Aa", "aa", "AA", "aa"])
    assert retriever.search(["aa"], 3).index.tolist() == [[1, 2, 3]]
    assert retriever.search(["aa"], 6).index.tolist() == [[1, 2, 3, 4, -1, -1]]


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_change_nothing(threads: int) -> None:
    keys = words(500, 3)
    one = Retriever("lexical", threads=1).fit(keys).search(keys, 4)
    more = Retriever("lexical", threads=threads).fit(keys).search(keys, 4)
    np.testing.assert_array_equal(one.index, more.index)


@pytest.mark.parametrize("encoder", [LexicalEncoder(2, 3).fit(words(50, 5)), Letters()])
def test_added_keys_are_found_as_if_fitted(encoder: object) -> None:
    keys = [*words(40, 5), None, "aa"]
    more = ["aa", *words(10, 6), ""]
    whole = Retriever(encoder).fit(keys + more).search(keys, 7)
    grown = Retriever(encoder).fit(keys).add(more)
    assert len(grown) == len(keys) + len(more)
    np.testing.assert_array_equal(whole.index, grown.search(keys, 7).index)


def test_a_saved_retriever_answers_the_same(tmp_path: Path) -> None:
    keys = [*words(40, 5), None]
    retriever = Retriever("lexical").fit(keys)
    retriever.save(tmp_path)
    again = Retriever.load(tmp_path)
    np.testing.assert_array_equal(retriever.search(keys).index, again.search(keys).index)
    np.testing.assert_array_equal(again.add(["zzz"]).search(["zzz"], 1).index, [[41]])
    with pytest.raises(DataError, match="another version"):
        Retriever.load(tmp_path, encoder=load_encoder("lexical"))
    with pytest.raises(DataError, match="no retriever"):
        Retriever.load(tmp_path / "encoder")


def test_errors_name_the_argument() -> None:
    with pytest.raises(ArgumentError, match="fit"):
        Retriever("lexical").search(["a"])
    with pytest.raises(ArgumentError, match="k must"):
        Retriever("lexical").fit(["a"]).search(["a"], 0)
    with pytest.raises(ArgumentError, match="lexical"):
        load_encoder("lexica")
