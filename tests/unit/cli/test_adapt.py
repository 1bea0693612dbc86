"""``sameas adapt`` writes another linker, and says what it estimated."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from sameas.linker import Linker
from sameas.matching import Boosting


def test_a_saved_linker_is_adapted_and_says_how_common_matches_are(sameas, tmp_path) -> None:
    names = [f"{word} {number}" for number in range(30) for word in ("mill", "oak")]
    table = pa.table({"id": [f"l{n}" for n in range(60)], "name": names})
    other = pa.table({"id": [f"r{n}" for n in range(60)], "name": [f"{name} x" for name in names]})
    rows = [(n, (n + k) % 60, k == 0, ("train", "train", "valid")[n % 3])
            for n in range(60) for k in (0, 1)]  # fmt: skip
    labels = pa.table({
        "left_id": [f"l{a}" for a, *_ in rows], "right_id": [f"r{b}" for _, b, *_ in rows],
        "label": [label for *_, label, _ in rows], "split": [split for *_, split in rows],
    })  # fmt: skip
    for name, one in (("left", table), ("right", other)):
        pq.write_table(one, tmp_path / f"{name}.parquet")
    matcher = Boosting(iterations=10, leaves=4, min_leaf=3, members=1)
    linker = Linker({"name": "name"}, matcher=matcher).fit(table, other, labels=labels)
    linker.save(tmp_path / "model")
    tables = [str(tmp_path / "left.parquet"), str(tmp_path / "right.parquet")]
    ended = sameas("adapt", *tables, "--linker", str(tmp_path / "model"),
                   "--save", str(tmp_path / "there"))  # fmt: skip
    assert ended.code == 0, ended
    adapted = Linker.load(tmp_path / "there")
    assert adapted.version != linker.version
    assert "adapted" in adapted._fitted().report
