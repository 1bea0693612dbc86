"""Every verb reads the vectors that an earlier run has made."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sameas.frames import aggregate, classify, cluster, dedupe, merge, similarity
from sameas.models.base import Dense, unit_rows
from sameas.models.cache import cache_folder
from sameas.models.distinct import as_texts


class Counting:
    """A dense encoder that counts what it is asked."""

    name, version, fitted = "counting", "1", True

    def __init__(self) -> None:
        self.asked: list[str] = []

    def fit(self, texts: object) -> "Counting":
        return self

    def encode(self, texts: object) -> Dense:
        values = [text or "" for text in as_texts(texts).to_pylist()]
        self.asked += values
        rows = [[text.count(letter) for letter in "abcdefgh"] for text in values]
        return unit_rows(np.array(rows, np.float32).reshape(-1, 8))

    def save(self, folder: object) -> None:
        raise NotImplementedError


LEFT = {"a": ["ab", "abc", "de", "ab", None, "fgh"], "x": ["ab", "b", "c", "d", "e", "f"]}
RIGHT = {"a": ["abc", "ed", "hgf", "gh"]}
VERBS: dict[str, Callable[[Any], Any]] = {
    "merge": lambda model: merge(LEFT, RIGHT, on="a", model=model),
    "merge one-to-one": lambda model: merge(LEFT, RIGHT, on="a", model=model, k="one-to-one"),
    "aggregate": lambda model: aggregate(LEFT, RIGHT, on="a", model=model),
    "cluster": lambda model: cluster(LEFT, on="a", model=model),
    "dedupe": lambda model: dedupe(LEFT, on="a", model=model),
    "classify": lambda model: classify(LEFT, ["ab", "gh"], on="a", model=model),
    "similarity": lambda model: similarity(LEFT, left="a", right="x", model=model),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_second_run_encodes_nothing(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = VERBS[verb](Counting()).to_pylist()
    monkeypatch.setenv("SAMEAS_CACHE", str(tmp_path / "cache"))
    first, second = Counting(), Counting()
    assert VERBS[verb](first).to_pylist() == VERBS[verb](second).to_pylist() == plain
    assert len(first.asked) == len(set(first.asked)) > 2
    assert second.asked == []
    assert list((tmp_path / "cache").iterdir())


def test_nothing_is_kept_when_it_is_off_or_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMEAS_CACHE", "off")
    assert cache_folder() is None
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SAMEAS_CACHE", str(tmp_path / "file" / "below"))
    assert cache_folder() is None
    monkeypatch.delenv("SAMEAS_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    assert cache_folder() == tmp_path / "home" / "sameas"
    assert (tmp_path / "home" / "sameas").stat().st_mode & 0o077 == 0
