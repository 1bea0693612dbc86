import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import DataError
from sameas.models import load_encoder
from sameas.models.base import Dense, unit_rows
from sameas.models.cache import CachedEncoder, EmbeddingCache
from sameas.models.distinct import as_texts


class Counting:
    """A dense encoder that counts what it is asked."""

    name, version, fitted = "counting", "1", True

    def __init__(self) -> None:
        self.asked = 0

    def fit(self, texts: object) -> "Counting":
        return self

    def encode(self, texts: object) -> Dense:
        values = [text or "" for text in as_texts(texts).to_pylist()]
        self.asked += len(values)
        rows = [[text.count("a"), text.count("b"), len(text)] for text in values]
        return unit_rows(np.array(rows, np.float32).reshape(-1, 3))

    def save(self, folder: object) -> None:
        raise NotImplementedError


def test_a_second_run_encodes_nothing(tmp_path: Path) -> None:
    texts = ["ab", None, "b", "ab", "日本"]
    first = load_encoder(Counting(), cache=tmp_path)
    rows = first.encode(texts)
    assert first.encoder.asked == 3
    second = load_encoder(Counting(), cache=tmp_path)
    np.testing.assert_array_equal(second.encode(texts), rows)
    assert second.encoder.asked == 0
    assert second.counts == {"read": 3, "computed": 0}
    mixed = second.encode(["x", "ab", "y"])
    np.testing.assert_array_equal(mixed, Counting().encode(["x", "ab", "y"]))
    assert second.encoder.asked == 2


def test_another_version_has_another_file(tmp_path: Path) -> None:
    CachedEncoder.over(Counting(), tmp_path).encode(["a"])
    changed = Counting()
    changed.version = "2"
    CachedEncoder.over(changed, tmp_path).encode(["a"])
    assert changed.asked == 1


def test_texts_with_one_hash_stay_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sameas.models.cache._hashes", lambda texts: np.zeros(len(texts), np.int64))
    cache = EmbeddingCache(tmp_path, "1")
    cache.put(pa.array(["a", "b"]), np.array([[1, 0], [0, 1]], np.float32))
    rows, known = cache.get(pa.array(["b", "c"]))
    assert known.tolist() == [True, False]
    assert rows.tolist() == [[0, 1]]


WRITER = """
import sys, numpy as np, pyarrow as pa
from pathlib import Path
from sameas.models.cache import EmbeddingCache
cache = EmbeddingCache(Path(sys.argv[1]), "1")
for number in range(int(sys.argv[2]), 10**9):
    names = pa.array([f"{number}-{row}" for row in range(50)])
    cache.put(names, np.full((50, 4), number, np.float32))
    print(number, flush=True)
    if number >= int(sys.argv[3]):
        break
"""


def test_killed_and_concurrent_writers_leave_whole_rows(tmp_path: Path) -> None:
    def start(first: int, last: int) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", WRITER, str(tmp_path), str(first), str(last)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    with start(0, 10**9) as killed, start(10**6, 10**6 + 10) as other:
        assert killed.stdout is not None
        done = [killed.stdout.readline() for _ in range(5)]
        killed.kill()
        assert other.wait() == 0
    assert done[-1].strip() == "4"
    cache = EmbeddingCache(tmp_path, "1")
    wanted = [f"{n}-{row}" for n in [0, 3, *range(10**6, 10**6 + 11)] for row in range(50)]
    rows, known = cache.get(pa.array(wanted))
    assert known.all()
    assert (rows == np.array([int(name.split("-")[0]) for name in wanted])[:, None]).all()
    assert len(cache) % 50 == 0


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path, "1")
    cache.path.write_bytes(b"no database at all" * 100)
    with pytest.raises(DataError, match="delete it"):
        cache.get(pa.array(["a"]))
