from pathlib import Path

import numpy as np
import pytest

from sameas.core.errors import ArgumentError
from sameas.models import Retriever
from sameas.models.base import unit_rows
from sameas.models.cell_index import CellIndex
from sameas.models.index import DenseIndex, share_found
from sameas.models.lexical import LexicalEncoder
from sameas.models.sparse_index import SparseIndex


def clouds(count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(size=(40, 16))
    return unit_rows(centres[random.integers(0, 40, count)] + random.normal(size=(count, 16)) / 2)


def test_cells_reach_the_recall_on_queries_they_have_not_seen(tmp_path: Path) -> None:
    keys, queries = clouds(4000, 1), clouds(300, 2)
    index = CellIndex.build(keys, recall=0.99)
    assert index.recall >= 0.99
    assert index.probes < len(index.centres)
    exact = DenseIndex(keys).search(queries, 10)
    found = index.search(queries, 10)
    assert share_found(found.index, exact.index) >= 0.98
    index.save(tmp_path)
    again = CellIndex.load(tmp_path).search(queries, 10, threads=2)
    np.testing.assert_array_equal(found.index, again.index)
    np.testing.assert_array_equal(found.similarity, again.similarity)


def test_all_cells_give_the_exact_result() -> None:
    keys, queries = clouds(500, 1), clouds(40, 2)
    index = CellIndex.build(keys, recall=1.0, queries=queries)
    exact = DenseIndex(keys).search(queries, 5)
    found = index.search(queries, 5)
    assert share_found(found.index, exact.index) == 1.0
    np.testing.assert_array_equal(found.similarity, exact.similarity)


def test_cells_grow() -> None:
    keys, more = clouds(900, 1), clouds(50, 3)
    index = CellIndex.build(keys, recall=1.0).add(more)
    found = index.search(more, 1)
    np.testing.assert_array_equal(found.index[:, 0], np.arange(900, 950))


def test_blocks_of_products_meet_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    keys, queries = clouds(300, 1), clouds(50, 2)
    whole = DenseIndex(keys).search(queries, 7)
    monkeypatch.setattr("sameas.models.index._KEYS", 64)
    monkeypatch.setattr("sameas.models.index._ENTRIES", 64 * 16)
    pieces = DenseIndex(keys).search(queries, 7, threads=2)
    np.testing.assert_array_equal(whole.index, pieces.index)
    np.testing.assert_array_equal(whole.similarity, pieces.similarity)


def test_a_budget_is_chosen_by_measured_recall(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(4)
    parts = ["".join(random.choice(list("abcdefghij"), 4)) for _ in range(100)]
    texts = [" ".join(random.choice(parts, 3)) for _ in range(3000)]
    rows = LexicalEncoder().fit(texts).encode(texts)
    monkeypatch.setattr("sameas.models.sparse_index._EXACT", 100)
    monkeypatch.setattr("sameas.models.sparse_index._BUDGETS", (100, 2000, 4000))
    exact = SparseIndex.build(rows)
    index = exact.within(0.95, threads=1)
    assert index.budget in (2000, 4000)
    assert 0.95 <= index.recall <= 1.0
    assert "recall" in index.kind
    best = exact.search(rows, 1, threads=1)
    found = index.search(rows, 1, threads=1)
    np.testing.assert_array_equal(found.similarity, best.similarity)  # each finds itself
    assert exact.within(None, threads=1).budget == 0


def test_the_retriever_says_what_it_does() -> None:
    report = Retriever("lexical").fit(["a", "a", None]).report
    assert (report["keys"], report["distinct"], report["recall"]) == (3, 1, 1.0)
    with pytest.raises(ArgumentError, match="approximate"):
        Retriever("lexical", index="approximat")
    with pytest.raises(ArgumentError, match="recall"):
        Retriever("lexical", recall=0)
