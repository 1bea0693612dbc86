"""The exchange: rows by key, anchors first, batches on block borders; in memory and on disk."""

from pathlib import Path

import numpy as np
import pytest

from sameas.core.errors import RunError
from sameas.engines.duckdb import DuckDBEngine


def rows(count, keys, seed=0):
    rng = np.random.default_rng(seed)
    key = rng.integers(0, keys, count).astype(np.uint64)
    key[: count // 10] += np.uint64(2**62)  # beyond what a signed or shifted key could hold
    record = rng.integers(0, 2**31 - 1, count).astype(np.int32)
    return key, record, rng.random(count) < 0.3


def plain(key, record, visitor):
    return sorted(zip(key.tolist(), visitor.tolist(), record.tolist(), strict=True))


@pytest.mark.parametrize("in_memory", [100, 2_500, 10**8])
@pytest.mark.parametrize(
    ("count", "keys"), [(0, 1), (1, 1), (20_000, 1), (20_000, 40), (9_000, 10**9)]
)
def test_all_rows_come_back_sorted_in_whole_blocks(in_memory, count, keys):
    given = rows(count, keys)
    engine = DuckDBEngine(threads=2, rows_in_memory=in_memory)
    batches = list(engine.exchange(*given))
    found, seen = [], set()
    for batch in batches:
        assert (batch.key.dtype, batch.record.dtype, batch.visitor.dtype) == (
            np.uint64, np.int32, np.bool_,
        )  # fmt: skip
        order = list(zip(batch.key.tolist(), batch.visitor.tolist(), strict=True))
        assert order == sorted(order), "by key, anchors before visitors"
        keys_here = set(batch.key.tolist())
        assert not keys_here & seen, "a block was cut in two"
        seen |= keys_here
        found += plain(*batch[:2], batch.visitor)
    assert sorted(found) == plain(*given)


def test_it_really_goes_by_disk_in_several_batches(monkeypatch):
    spilled = []
    monkeypatch.setattr(
        DuckDBEngine, "_spill", lambda self, *given: spilled.append(len(given[0])) or iter(())
    )
    engine = DuckDBEngine(threads=1, rows_in_memory=10)
    assert list(engine.exchange(*rows(11, 3))) == []
    assert spilled == [11]
    assert len(list(engine.exchange(*rows(10, 3)))) == 1


def test_large_spills_come_in_several_batches():
    engine = DuckDBEngine(threads=2, rows_in_memory=4_096)
    assert len(list(engine.exchange(*rows(20_000, 5_000)))) > 1


def test_the_spill_folder_is_left_empty(tmp_path):
    engine = DuckDBEngine(threads=1, rows_in_memory=10, folder=str(tmp_path))
    assert sum(len(batch.key) for batch in engine.exchange(*rows(5_000, 50))) == 5_000
    assert list(Path(tmp_path).iterdir()) == []


def test_a_spill_that_fails_is_a_run_error():
    engine = DuckDBEngine(threads=1, rows_in_memory=10, memory="1MB")
    with pytest.raises(RunError, match="could not be sorted on disk"):
        list(engine.exchange(*rows(500_000, 10**9)))


@pytest.mark.parametrize("alike", [False, True])
def test_keys_of_all_sizes_are_sorted_though_some_differ_in_their_last_bits_alone(alike):
    key, record, visitor = rows(5_000, 1_000)
    key = key * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(1)
    if alike:
        key[::7] = key[1] ^ np.arange(len(key[::7]), dtype=np.uint64) % np.uint64(3)
    (found,) = DuckDBEngine().exchange(key, record, visitor)
    order = list(zip(found.key.tolist(), found.visitor.tolist(), strict=True))
    assert order == sorted(order)
    assert plain(*found[:2], found.visitor) == plain(key, record, visitor)
