"""Clusters, duplicates, labels and similarities of one table."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pytest

from sameas.clustering import ConnectedComponents
from sameas.core.errors import ArgumentError
from sameas.frames import classify, cluster, dedupe, similarity

FRAME = pd.DataFrame(
    {
        "name": ["Rex Rotary", "Bar Rosso", "rex-rotary", None, "Rex Rotari", "", "Bar Rosso"],
        "n": range(7),
    },
    index=list("abcdeff"),
)


def test_clusters_are_numbered_by_first_row() -> None:
    clustered = cluster(FRAME, on="name", threshold=0.25)
    assert clustered["cluster"].tolist() == [0, 1, 0, 2, 0, 3, 1]
    assert clustered.index.equals(FRAME.index)
    assert "cluster" not in FRAME.columns


def test_another_clusterer_and_another_name() -> None:
    clustered = cluster(
        pl.from_pandas(FRAME), on="name", threshold=0.25, clusterer=ConnectedComponents(), into="g"
    )
    assert clustered["g"].to_list() == [0, 1, 0, 2, 0, 3, 1]
    with pytest.raises(ArgumentError, match="into="):
        cluster(FRAME, on="name", into="n")
    for wrong in ("components", ConnectedComponents):
        with pytest.raises(ArgumentError, match=r"clusterer must be.* such as ConnectedComponents"):
            cluster(FRAME, on="name", threshold=0.25, clusterer=wrong)


def test_blocks_part_clusters() -> None:
    rows = {"a": ["amber", "amber", "amber"], "b": [1, 2, 1]}
    assert cluster(rows, on="a", block="b")["cluster"].to_pylist() == [0, 1, 0]


def test_dedupe_keeps_the_first_row_and_every_row_without_text() -> None:
    kept = dedupe(FRAME, on="name", threshold=0.25)
    assert kept["n"].tolist() == [0, 1, 3, 5]
    assert kept.index.tolist() == ["a", "b", "d", "f"]
    assert list(kept.columns) == ["name", "n"]


@pytest.mark.parametrize("rows", [0, 1])
def test_tiny_tables(rows: int) -> None:
    assert len(dedupe(FRAME.iloc[:rows], on="name")) == rows
    assert len(cluster(FRAME.iloc[:rows], on="name")) == rows
    assert len(classify(FRAME.iloc[:rows], ["a", "b"], on="name")) == rows
    assert len(similarity(FRAME.iloc[:rows], left="name", right="n")) == rows


def test_learned_probabilities_find_the_duplicates() -> None:
    names = [
        f"{a}{b} {c}" for a in "abcdefgh" for b in ("lpha", "ron", "mber") for c in ("xi", "ypsi")
    ]
    twice = [*names, *[f"{name} inc" for name in names[:10]]]
    groups = cluster({"name": twice}, on="name")["cluster"].to_pylist()
    assert groups[len(names) :] == groups[:10]


def test_labels_by_examples() -> None:
    labels = {"transport": ["bus driver", "pilot"], "health": "nurse"}
    rows = pd.DataFrame({"job": ["taxi driver", "night nurse", None, "zzz"]})
    labelled = classify(rows, labels, on="job")
    assert labelled["label"].tolist()[:2] == ["transport", "health"]
    assert labelled["label"].isna().tolist() == [False, False, True, True]
    assert labelled["similarity"].isna().tolist() == [False, False, True, True]
    strict = classify(rows, labels, on="job", threshold=0.99)
    assert strict["label"].isna().all()
    with pytest.raises(ArgumentError, match="labels must be"):
        classify(rows, [], on="job")
    with pytest.raises(ArgumentError, match="got a table"):
        classify(rows, pd.DataFrame(labels), on="job")


def test_similarity_of_columns() -> None:
    rows = {"a": ["Bar Rosso", None, "x"], "b": ["bar rosso", "y", "z"], "c": [1, 2, 3]}
    got = similarity(rows, left="a", right="b", into="cosine")["cosine"].to_pylist()
    assert got == [pytest.approx(1), None, 0.0]
    joined = similarity(rows, left=["a", "c"], right=["b", "c"])["similarity"].to_pylist()
    assert joined[0] == pytest.approx(1)
    assert joined[1] is not None
    with pytest.raises(ArgumentError, match="already"):
        similarity(rows, left="a", right="b", into="c")
