"""Labels find their scores: by id, in the rows of the label table."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sameas.cli._aligned import align
from sameas.core.errors import ArgumentError, ColumnError, DataError, LabelError
from sameas.records.write import write_table

SCORES = {
    "left_id": ["a", "b", "c", "a"],
    "right_id": ["x", "y", "z", "z"],
    "score": [0.9, 0.2, 0.7, 0.4],
    "candidate": [True, True, False, True],
}


def scores_file(folder: Path, suffix: str = ".parquet", **columns: list) -> str:
    table = pa.table({**SCORES, **columns})
    about = {"sameas.threshold": "0.5", "sameas.version": "abc"}
    write_table(table.replace_schema_metadata(about), folder / f"scores{suffix}")
    return str(folder / f"scores{suffix}")


def labels_file(folder: Path, **columns: list) -> str:
    write_table(pa.table(columns), folder / "labels.parquet")
    return str(folder / "labels.parquet")


def test_rows_are_those_of_the_labels(tmp_path: Path) -> None:
    labels = labels_file(tmp_path, left_id=["c", "a", "b", "a", "a"],
                         right_id=["z", "x", "y", "x", "z"], label=[1, 1, 0, 1, None])  # fmt: skip
    found = align(scores_file(tmp_path), labels)
    assert found.score.tolist() == [0.7, 0.9, 0.2, 0.9]
    assert found.label.tolist() == [True, True, False, True]
    assert found.candidate is not None
    assert found.candidate.tolist() == [False, True, True, True]
    assert (found.threshold, found.version) == (0.5, "abc")
    assert found.notes == ("undecided labels left out: 1",)


@pytest.mark.parametrize("kind", [["yes", "no"], [True, False], [1.0, 0.0], ["match", "different"]])
def test_labels_of_any_kind(tmp_path: Path, kind: list) -> None:
    labels = labels_file(tmp_path, left_id=["a", "b"], right_id=["x", "y"], label=kind)
    assert align(scores_file(tmp_path), labels).label.tolist() == [True, False]


def test_split(tmp_path: Path) -> None:
    labels = labels_file(tmp_path, left_id=["a", "b", "q"], right_id=["x", "y", "q"],
                         label=[1, 0, 1], split=["test", "train", "valid"])  # fmt: skip
    assert align(scores_file(tmp_path), labels, split="test").score.tolist() == [0.9]
    labels = labels_file(tmp_path, left_id=["a"], right_id=["x"], label=[1])
    with pytest.raises(ColumnError, match="no column 'split'"):
        align(scores_file(tmp_path), labels, split="test")


def test_a_label_without_a_score(tmp_path: Path) -> None:
    labels = labels_file(tmp_path, left_id=["x", "q", "b"], right_id=["a", "q", "y"],
                         label=[1, 0, 1])  # fmt: skip
    with pytest.raises(LabelError) as raised:
        align(scores_file(tmp_path), labels)
    assert "no score for 2 of the 3 labels" in str(raised.value)
    assert "('x', 'a'), ('q', 'q')" in str(raised.value)
    assert "1 of them are there the other way round" in str(raised.value)


def test_numbers_and_their_texts_are_one_id(tmp_path: Path) -> None:
    scores = scores_file(tmp_path, ".csv", left_id=[1, 2, 3, 1], right_id=[7, 8, 9, 9])
    labels = labels_file(tmp_path, left_id=[2.0, 1.0], right_id=[8, 7], label=[0, 1])
    assert align(scores, labels, threshold=0.5).score.tolist() == [0.2, 0.9]


def test_csv_needs_a_threshold(tmp_path: Path) -> None:
    labels = labels_file(tmp_path, left_id=["c"], right_id=["z"], label=[1])
    scores = scores_file(tmp_path, ".csv")
    with pytest.raises(ArgumentError, match="Give --threshold X"):
        align(scores, labels)
    found = align(scores, labels, threshold=0.3)
    assert (found.threshold, found.version, found.score.tolist()) == (0.3, None, [0.7])
    assert found.candidate is not None
    assert not found.candidate.any()


def test_sources_tell_equal_ids_apart(tmp_path: Path) -> None:
    sources = {"left_source": ["p", "p", "p", "p"], "right_source": ["q", "r", "q", "q"]}
    scores = scores_file(tmp_path, left_id=["a"] * 4, right_id=["x", "x", "y", "z"], **sources)
    labels = labels_file(tmp_path, left_source=["p"], left_id=["a"], right_source=["r"],
                         right_id=["x"], label=[1])  # fmt: skip
    assert align(scores, labels).score.tolist() == [0.2]


def test_scores_that_contradict_each_other(tmp_path: Path) -> None:
    scores = scores_file(tmp_path, left_id=["a", "b", "c", "a"], right_id=["x", "y", "z", "x"])
    labels = labels_file(tmp_path, left_id=["a"], right_id=["x"], label=[1])
    with pytest.raises(DataError, match=r"1 pairs have several scores .*\('a', 'x'\)"):
        align(scores, labels)


def test_missing_scores_are_nan(tmp_path: Path) -> None:
    scores = scores_file(tmp_path, score=[None, 0.2, 0.7, 0.4])
    labels = labels_file(tmp_path, left_id=["a"], right_id=["x"], label=[1])
    assert np.isnan(align(scores, labels).score).all()


def test_pairs_with_both_verdicts_are_counted(tmp_path: Path) -> None:
    labels = labels_file(tmp_path, left_id=["a", "a"], right_id=["x", "x"], label=[1, 0])
    found = align(scores_file(tmp_path), labels)
    assert found.notes == ("1 pairs bear both verdicts; every row counts",)


def test_no_label_at_all(tmp_path: Path) -> None:
    labels = labels_file(tmp_path, left_id=["a"], right_id=["x"], label=[None])
    with pytest.raises(LabelError, match="no decided label"):
        align(scores_file(tmp_path), labels)


def test_evaluate_writes_figures_and_curves(sameas, tmp_path: Path) -> None:
    labels = labels_file(tmp_path, left_id=["c", "a", "b"], right_id=["z", "x", "y"],
                         label=[1, 1, 0])  # fmt: skip
    ended = sameas("evaluate", scores_file(tmp_path), "--labels", labels, "--replicates", 20,
                   "--json", tmp_path / "e.json", "--curves", tmp_path / "curves")  # fmt: skip
    assert ended.code == 0
    assert "blocking misses 1 of the matches" in ended.out
    figures = json.loads((tmp_path / "e.json").read_text())
    assert (figures["threshold"], figures["linker_version"]) == (0.5, "abc")
    assert (figures["all_pairs"]["recall"], figures["end_to_end"]["recall"]) == (1.0, 0.5)
    assert {file.name for file in (tmp_path / "curves").iterdir()} == {
        f"{kind}{scope}.csv"
        for kind in ("precision_recall", "roc", "thresholds")
        for scope in ("", "_end_to_end")
    }
