"""Clusters, duplicates and pairs by the calls of LinkTransformer, on tables of our own."""

from __future__ import annotations

import warnings

import pandas as pd
import pytest

import sameas.linktransformer as lt
from sameas.core.errors import ArgumentError

NAMES = ["Rex Rotary Hotel", "Bar Rosso", "rex-rotary hotel", None, "Rex Rotary Hotels", "Zulu"]
FRAME = pd.DataFrame({"name": NAMES, "n": range(6)}, index=list("abcdef"))


def test_slink_chains_and_leaves_noise() -> None:
    out = lt.cluster_rows(FRAME, model="lexical", on="name")
    assert out["cluster"].tolist() == [0, -1, 0, -1, 0, -1]
    assert out.index.equals(FRAME.index)
    far = {"threshold": 0.0, "min cluster size": 2, "metric": "cosine"}
    near = lt.cluster_rows(FRAME, model="lexical", on="name", cluster_params=far)
    assert near["cluster"].tolist() == [0, -1, 0, -1, -1, -1]
    assert far == {"threshold": 0.0, "min cluster size": 2, "metric": "cosine"}


def test_slink_of_three_is_dbscan() -> None:
    names = ["rex rotary hotel", "rex rotary hotels", "rex rotary hotel b", "bar rosso", "bar ross"]
    params = {"threshold": 0.7, "min cluster size": 3, "metric": "cosine"}
    out = lt.cluster_rows({"a": names}, "lexical", "a", cluster_params=params)
    assert out["cluster"].to_pylist() == [0, 0, 0, -1, -1]


def test_slink_agrees_with_dbscan_of_scikit_learn() -> None:
    import numpy as np
    from sklearn.cluster import DBSCAN

    from sameas.models import load_encoder

    random = np.random.default_rng(2)
    names = ["".join(random.choice(list("abcd "), 7)).strip() or "x" for _ in range(80)]
    names = sorted(set(names))
    rows = load_encoder("lexical").fit(names).encode(names)
    matrix = np.zeros((len(names), rows.dimensions), np.float32)
    for place in range(len(names)):
        span = slice(rows.start[place], rows.start[place + 1])
        matrix[place, rows.index[span]] = rows.value[span]
    for size in (2, 4):
        params = {"threshold": 0.62, "min cluster size": size, "metric": "cosine"}
        ours = lt.cluster_rows({"a": names}, "lexical", "a", cluster_params=params)
        theirs = DBSCAN(eps=0.62, min_samples=size, metric="cosine").fit(matrix)
        got = np.array(ours["cluster"].to_pylist())
        core = theirs.core_sample_indices_
        same = got[core][:, None] == got[core][None]
        assert (same == (theirs.labels_[core][:, None] == theirs.labels_[core][None])).all()
        assert ((got == -1) == (theirs.labels_ == -1)).all()


@pytest.mark.parametrize("linkage", ["ward", "average", "complete", "single"])
def test_agglomerative(linkage: str) -> None:
    params = {"threshold": 1.2, "clustering linkage": linkage, "metric": "euclidean"}
    if linkage in ("complete", "single"):
        params |= {"metric": "cosine", "threshold": 0.5}
    out = lt.cluster_rows(FRAME, "lexical", "name", "agglomerative", params)
    label = out["cluster"].tolist()
    assert label[0] == label[2] == label[4]
    assert len({label[0], label[1], label[5]}) == 3
    assert label[3] == -1


def test_hdbscan() -> None:
    names = [f"rex rotary hotel {i}" for i in range(8)] + [f"zulu quark bar {i}" for i in range(8)]
    out = lt.cluster_rows({"a": names}, "lexical", "a", "HDBScan", {"min cluster size": 4})
    label = out["cluster"].to_pylist()
    assert len(set(label[:8])) == 1
    assert len(set(label[8:])) == 1
    assert label[0] != label[8]


def test_dedup_keeps_rows_that_are_like_no_other_and_warns() -> None:
    with pytest.warns(UserWarning, match="in no cluster"):
        out = lt.dedup_rows(FRAME, model="lexical", on="name")
    assert out["n"].tolist() == [0, 1, 3, 5]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        two = lt.dedup_rows(FRAME.iloc[[0, 2]], model="lexical", on="name")
    assert two["n"].tolist() == [0]


def test_exact_duplicates_go_even_when_they_are_noise() -> None:
    table = {"a": ["Zulu", "Zulu", "Bar Rosso"], "n": [0, 1, 2]}
    with pytest.warns(UserWarning, match="2 rows"):
        out = lt.dedup_rows(table, "lexical", "a")
    assert out["n"].to_pylist() == [0, 2]


def test_errors_of_cluster_parameters() -> None:
    with pytest.raises(ArgumentError, match="cluster_type must be one of"):
        lt.cluster_rows(FRAME, "lexical", "name", "SLNK")
    with pytest.warns(UserWarning, match="'treshold' means nothing.*Did you mean 'threshold'"):
        out = lt.cluster_rows(FRAME, "lexical", "name", cluster_params={"treshold": 0.2})
    assert len(out) == 6
    with pytest.raises(ArgumentError, match="metric"):
        lt.cluster_rows(FRAME, "lexical", "name", cluster_params={"metric": "cityblock"})
    with pytest.raises(ArgumentError, match="already"):
        lt.cluster_rows(FRAME.assign(cluster=1), "lexical", "name")


def test_empty_and_textless_frames() -> None:
    assert len(lt.cluster_rows(FRAME.iloc[:0], "lexical", "name")) == 0
    assert lt.cluster_rows(FRAME.iloc[3:4], "lexical", "name")["cluster"].tolist() == [-1]
    assert len(lt.dedup_rows(FRAME.iloc[3:4], "lexical", "name")) == 1


def test_pairs() -> None:
    rows = pd.DataFrame({"a": ["Rex", None], "b": ["rex", "bar"]}, index=[4, 4])
    out = lt.evaluate_pairs(rows, model="lexical", left_on="a", right_on="b")
    assert out["score"].iloc[0] == pytest.approx(1)
    assert out["score"].isna().tolist() == [False, True]
    every = lt.all_pair_combos_evaluate(rows, model="lexical", left_on="a", right_on="b")
    assert list(every.columns) == ["left_on", "right_on", "score"]
    assert every["right_on"].tolist() == ["rex", "bar", "rex", "bar"]
    assert every["score"].isna().tolist() == [False, False, True, True]
    both = lt.all_pair_combos_evaluate(rows, "lexical", ["a", "b"], "b")
    assert both["left_on"].tolist()[::2] == ["Rex rex", "bar"]
    assert both["score"].iloc[3] == pytest.approx(1)
    alone = lt.all_pair_combos_evaluate({"a": ["x y", "z"]}, "lexical", "a", "a")
    assert alone["score"].to_pylist() == pytest.approx([1, 0, 0, 1])


def test_a_loaded_model_serves_several_calls() -> None:
    model = lt.load_model("lexical")
    out = lt.evaluate_pairs({"a": ["x y"], "b": ["x y"]}, model, "a", "b")
    assert out["score"].to_pylist() == [pytest.approx(1)]
