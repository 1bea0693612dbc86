"""Scripts written for LinkTransformer: our own tables, the calls as its documentation makes them.

Only the import differs. Columns, row numbers and suffixes are those that version 0.1.18 gave for
the same kinds of calls.
"""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sameas.linktransformer as lt

FIRMS = pd.DataFrame(
    {
        "Company": ["red apple", "old house", "big river", "wet stone"],
        "Land": ["US", "UK", "CL", "UK"],
        "n": [1, 2, 3, 4],
    }
)
BOOKS = pd.DataFrame(
    {
        "Company": ["red apple", "old horse", "cold cloud", "wet stone", "red spoon"],
        "Land": ["US", "UK", "PE", "UK", "US"],
        "w": [10, 11, 12, 13, 14],
    }
)
RENAMED = BOOKS.rename(columns={"Company": "Firm", "Land": "State"})
LEFT, RIGHT = ["Company_x", "Land_x", "n", "id_lt_x"], ["Company_y", "Land_y", "w", "id_lt_y"]


@pytest.fixture(scope="module")
def model(tiny: Path) -> lt.LinkTransformer:
    """A network of a folder, loaded once, as a script would."""
    return lt.load_model(str(tiny))


def test_a_loaded_model_encodes_and_is_saved(model: lt.LinkTransformer, tmp_path: Path) -> None:
    rows = model.encode(["red apple", "old house"], batch_size=2, show_progress_bar=False)
    assert rows.shape == (2, 32)
    assert np.allclose(model.encode("red apple"), rows[0])
    model.save(tmp_path / "copy")
    again = lt.LinkTransformer(tmp_path / "copy")
    assert np.allclose(again.encode(["old house"]), rows[1:])
    assert again.version == model.version


def test_merge_on_one_column(model: lt.LinkTransformer, tiny: Path) -> None:
    for given in (model, str(tiny)):
        out = lt.merge(FIRMS, BOOKS, on="Company", model=given, batch_size=2)
        assert list(out.columns) == [*LEFT, *RIGHT, "score"]
        assert out["id_lt_x"].tolist() == [0, 1, 2, 3]
        assert out["w"].tolist()[::3] == [10, 13]
        assert out["score"].dtype == np.float32
        assert out["score"].tolist()[::3] == pytest.approx([1, 1], abs=1e-6)
    assert lt.merge(FIRMS, BOOKS, "1:1", ["Company"], model).equals(out)
    out = lt.merge(FIRMS, BOOKS, on="Company", model=model, suffixes=("_l", "_r"))
    assert {"Company_l", "Land_r", "id_lt_l", "id_lt_r"} <= set(out.columns)


def test_merge_on_columns_of_other_names(model: lt.LinkTransformer) -> None:
    out = lt.merge(FIRMS, RENAMED, left_on="Company", right_on="Firm", model=model)
    assert list(out.columns) == [
        *["Company", "Land", "n", "id_lt_x", "Firm", "State", "w", "id_lt_y", "score"]
    ]
    before = lt.merge(FIRMS, BOOKS, on="n", left_on="Company", right_on="Company", model=model)
    assert before["w"].tolist() == out["w"].tolist()  # left_on and right_on go before on


def test_columns_are_joined_by_the_token_of_the_model(model: lt.LinkTransformer) -> None:
    out = lt.merge(
        FIRMS, RENAMED, left_on=["Company", "Land"], right_on=["Firm", "State"], model=model
    )
    joined = model.encode(["red apple[SEP]US"])[0] @ model.encode(["red apple[SEP]US"])[0]
    assert out["score"].iloc[0] == pytest.approx(joined, abs=1e-6)
    pair = pd.DataFrame({"a": ["red apple"], "b": ["old house"], "c": ["wet stone"]})
    found = lt.evaluate_pairs(pair, left_on=["a", "b"], right_on="c", model=model)
    one, other = model.encode(["red apple[SEP]old house", "wet stone"])
    assert found["score"].iloc[0] == pytest.approx(one @ other, abs=1e-6)
    assert abs(model.encode("red apple old house") @ other - one @ other) > 1e-4


def test_all_common_columns(model: lt.LinkTransformer) -> None:
    out = lt.merge(FIRMS, BOOKS, model=model)
    two = lt.merge(FIRMS, BOOKS, on=["Company", "Land"], model=model)
    pd.testing.assert_frame_equal(out, two)


def test_merge_blocking(model: lt.LinkTransformer) -> None:
    out = lt.merge_blocking(FIRMS, BOOKS, on="Company", model=model, blocking_vars=["Land"])
    assert list(out.columns) == [*LEFT, *RIGHT, "score", "Company", "Land"]
    met = out[out["score"].notna()]
    assert (met["Land_x"] == met["Land_y"]).all()
    assert set(met["n"]) == {1, 2, 4}
    alone = out[out["score"].isna()]
    assert alone["Company"].tolist() == ["big river", "cold cloud"]
    assert alone[["Company_x", "Company_y"]].isna().all(axis=None)
    assert alone["n"].tolist()[0] == 3
    assert alone["w"].tolist()[1] == 12
    again = lt.merge_blocking(FIRMS, BOOKS, "1:m", "Company", model, None, None, ["Land"])
    assert again.equals(out)
    plain = lt.merge_blocking(FIRMS, BOOKS, on="Company", model=model)
    assert plain.equals(lt.merge(FIRMS, BOOKS, on="Company", model=model))


def test_merge_knn(model: lt.LinkTransformer) -> None:
    out = lt.merge_knn(FIRMS, BOOKS, on="Company", model=model, k=2)
    assert list(out.columns) == [*LEFT, *RIGHT, "score"]
    assert out["id_lt_x"].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert (out["score"].to_numpy()[::2] >= out["score"].to_numpy()[1::2]).all()
    kept = lt.merge_knn(FIRMS, BOOKS, "Company", model, None, None, 2, drop_sim_threshold=0.999)
    assert kept["w"].tolist() == [10, 13]


def test_merge_range(model: lt.LinkTransformer) -> None:
    out = lt.merge_range(FIRMS, BOOKS, on="Company", model=model, sim_threshold=0.999)
    assert out["n"].tolist() == [1, 2, 3, 4]
    assert out["score"].isna().tolist() == [False, True, True, False]
    every = lt.merge_range(FIRMS, BOOKS, on="Company", model=model, sim_threshold=-1)
    assert len(every) == 20


def test_aggregate_rows(model: lt.LinkTransformer) -> None:
    fine = pd.DataFrame({"Fine": ["red apple", "old apple", "wet river"]})
    coarse = pd.DataFrame({"Coarse": ["red apple", "wet river"]})
    out = lt.aggregate_rows(fine, coarse, model=model, left_on="Fine", right_on="Coarse")
    assert list(out.columns) == ["Fine", "id_lt_x", "Coarse", "id_lt_y", "score"]
    assert out["Coarse"].tolist()[::2] == ["red apple", "wet river"]
    assert lt.aggregate_rows(fine, coarse, model, "Fine", "Coarse").equals(out)


SPELLINGS = [
    ("SLINK", {"threshold": 0.01, "min cluster size": 2, "metric": "cosine"}),
    ("SLINK", {"threshold": 0.01, "min_cluster_size": 2}),
    ("agglomerative", {"threshold": 0.1, "clustering linkage": "ward", "metric": "euclidean"}),
    ("agglomerative", {"threshold": 0.01, "clustering linkage": "average", "metric": "cosine"}),
    ("agglomerative", {"threshold": 0.01, "clustering linkage": "complete", "metric": "cosine"}),
    ("agglomerative", {"threshold": 0.1}),
]


@pytest.mark.parametrize(("kind", "params"), SPELLINGS)
def test_spellings_of_clusters(kind: str, params: dict, model: lt.LinkTransformer) -> None:
    rows = pd.DataFrame(
        {"name": ["red apple", "Red apple", "old house", "old house"], "n": range(4)}
    )
    given = copy.deepcopy(params)
    out = lt.cluster_rows(rows, model, "name", kind, given)
    assert list(out.columns) == ["name", "n", "cluster"]
    label = out["cluster"].tolist()
    assert label[0] == label[1] != label[2] == label[3]
    kept = lt.dedup_rows(rows, on=["name"], model=model, cluster_type=kind, cluster_params=given)
    assert kept["n"].tolist() == [0, 2]
    assert list(kept.columns) == ["name", "n"]
    assert given == params


def test_parameters_of_hdbscan(model: lt.LinkTransformer, phrases) -> None:
    rows = pd.DataFrame({"name": phrases[0]})
    spelled = [
        {"min cluster size": 3, "min samples": 2},
        {"min_cluster_size": 3, "min_samples": 2},
        {"threshold": 0.5, "min cluster size": 3, "min samples": 2, "metric": "cosine"},
    ]
    found = [lt.cluster_rows(rows, model, "name", "HDBScan", one)["cluster"] for one in spelled]
    assert found[0].equals(found[1])
    assert found[0].equals(found[2])
    assert found[0].max() >= 1


def test_parameters_that_other_libraries_have_change_nothing(model: lt.LinkTransformer) -> None:
    rows = pd.DataFrame({"name": ["red apple", "red apple"]})
    with pytest.warns(UserWarning, match="'affinity' means nothing here"):
        out = lt.cluster_rows(rows, model, "name", "agglomerative", {"affinity": "cosine"})
    assert out["cluster"].tolist() == [0, 0]


def test_pairs(model: lt.LinkTransformer) -> None:
    rows = pd.DataFrame({"a": ["red apple", "old house"], "b": ["red apple", "big river"]})
    out = lt.evaluate_pairs(rows, left_on="a", right_on="b", model=model)
    assert list(out.columns) == ["a", "b", "score"]
    assert out["score"].iloc[0] == pytest.approx(1, abs=1e-6)
    every = lt.all_pair_combos_evaluate(rows, model=model, left_on="a", right_on="b")
    assert list(every.columns) == ["left_on", "right_on", "score"]
    assert every["left_on"].tolist() == ["red apple", "red apple", "old house", "old house"]
    assert every["score"].iloc[[0, 3]].tolist() == pytest.approx(out["score"].tolist(), abs=1e-6)


def test_training_then_merging(phrases, tiny: Path, tmp_path: Path) -> None:
    table = pd.DataFrame({"left": phrases[0], "right": phrases[1], "l": range(64), "r": range(64)})
    path = lt.train_model(
        data=table,
        model_path=str(tiny),
        left_col_names=["left"],
        right_col_names=["right"],
        left_id_name=["l"],
        right_id_name=["r"],
        log_wandb=False,
        training_args={
            "num_epochs": 2,
            "train_batch_size": 16,
            "learning_rate": 5e-3,
            "model_save_dir": str(tmp_path),
            "model_save_name": "words",
            "val_perc": 0.2,
        },
    )
    sides = pd.DataFrame({"left": phrases[0]}), pd.DataFrame({"right": phrases[1]})
    before, after = (
        lt.merge(*sides, left_on="left", right_on="right", model=model)
        for model in (str(tiny), path)
    )
    hits = [(one["id_lt_x"] == one["id_lt_y"]).sum() for one in (before, after)]
    assert hits[0] < hits[1]


def test_a_classifier_is_trained_and_used(phrases, tmp_path: Path) -> None:
    label = [int("apple" in text) for text in phrases[0]] * 3
    rows = pd.DataFrame({"article": phrases[0] * 3, "label": label})
    path, metric, labels = lt.train_clf_model(
        data=rows, model="lexical", on=["article"], label_col_name="label", lr=5e-5, batch_size=16,
        epochs=1, model_save_dir=str(tmp_path),
    )  # fmt: skip
    assert 0 <= metric <= 1
    assert sorted(labels.values()) == [0, 1]
    out = lt.classify_rows(rows, on=["article"], model=path, num_labels=2)
    assert (out["clf_preds_article"] == rows["label"]).mean() > 0.9
    loaded = lt.load_clf(path, num_labels=2)
    assert lt.classify_rows(rows, "article", loaded)["clf_preds_article"].equals(
        out["clf_preds_article"]
    )
