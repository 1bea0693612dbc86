"""Training with the names and spellings of existing scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import sameas.linktransformer as lt
from sameas.core.errors import ArgumentError

QUICK = {"num_epochs": 3, "train_batch_size": 16, "learning_rate": 5e-3}


def test_pairs_with_ids_from_a_file(phrases, tiny, tmp_path: Path) -> None:
    left, right = phrases
    table = pd.DataFrame({"en": left, "fr": right, "a": range(64), "b": range(64)})
    path = tmp_path / "pairs.csv"
    table.to_csv(path, index=False)
    arguments = {**QUICK, "model_save_dir": str(tmp_path / "m"), "model_save_name": "words"}
    kept = dict(arguments)
    folder = lt.train_model(
        *(str(path), None, None, None, tiny, ["en"], ["fr"], ["a"], ["b"]),
        training_args=arguments,
    )
    assert folder == str(tmp_path / "m" / "words")
    assert arguments == kept
    record = json.loads((Path(folder) / "training.json").read_text())
    assert record["settings"]["loss"] == "supervised_contrastive"
    assert record["settings"]["temperature"] == 0.07
    assert record["settings"]["batch_size"] == 16
    assert set(json.loads((Path(folder) / "test.json").read_text())) == {"accuracy@1"}
    out = lt.merge(table[["en"]], table[["fr"]], left_on="en", right_on="fr", model=folder)
    assert len(out) == 64
    again = lt.train_model(
        table, model_path=tiny, left_col_names="en", right_col_names="fr", training_args=arguments
    )
    assert again == folder + "_2"  # nothing is overwritten


def test_labels_clusters_and_a_file_of_settings(labelled, phrases, tiny, tmp_path: Path) -> None:
    table = pd.DataFrame(dict(zip(("l", "r", "same"), labelled, strict=True)))
    config = tmp_path / "config.json"
    save = {"model_save_dir": str(tmp_path / "m")}
    config.write_text(json.dumps({**QUICK, **save, "loss_params": {"margin": 0.4}}))
    folder = lt.train_model(
        table, model_path=str(tiny), left_col_names=["l"], right_col_names=["r"],
        label_col_name="same", config_path=config,
        training_args={"num_epochs": 1, "loss_type": "onlinecontrastive"},
    )  # fmt: skip
    record = json.loads((Path(folder) / "training.json").read_text())
    assert record["settings"]["margin"] == 0.4
    assert record["settings"]["epochs"] == 1
    assert "f1" in json.loads((Path(folder) / "test.json").read_text())
    texts = pd.DataFrame({"text": phrases[0] + phrases[1], "group": list(range(64)) * 2})
    given = {"clus_id_col_name": "group", "clus_text_col_names": ["text"]}
    with pytest.warns(UserWarning, match="wandb"):
        folder = lt.train_model(
            train_data=texts[:100], val_data=texts, model_path=tiny, log_wandb=True,
            training_args={**QUICK, **save}, **given,
        )  # fmt: skip
    assert lt.load_model(folder).encode(["red apple"]).shape == (1, 32)


def test_what_is_misspelt_or_missing(phrases, tiny, tmp_path: Path) -> None:
    table = pd.DataFrame({"l": phrases[0], "r": phrases[1]})
    sides = {"left_col_names": "l", "right_col_names": "r", "model_path": tiny}
    with pytest.raises(ArgumentError, match="left_col_names and right_col_names"):
        lt.train_model(table, model_path=tiny)
    with pytest.raises(ArgumentError, match="either data, or train_data"):
        lt.train_model(**sides)
    with pytest.raises(ArgumentError, match="loss_type must be supcon"):
        lt.train_model(table, training_args={"loss_type": "supkon"}, **sides)
    with (
        pytest.warns(UserWarning, match="num_epoks mean nothing"),
        pytest.raises(ArgumentError, match="loss_type"),
    ):
        lt.train_model(table, training_args={"num_epoks": 3, "loss_type": "x"}, **sides)
    with pytest.raises(ArgumentError, match="is no file"):
        lt.train_model(table, config_path=tmp_path / "none.json", **sides)


def test_a_classifier_of_rows(phrases, tmp_path: Path, caplog) -> None:
    food = [1 if "apple" in text or "bread" in text else 0 for text in phrases[0]] * 3
    table = pd.DataFrame({"text": phrases[0] * 3, "label": food})
    folder, metric, labels = lt.train_clf_model(
        table, "lexical", ["text"], model_save_dir=tmp_path, print_test_mistakes=True
    )
    assert Path(folder) == tmp_path / "best_model"
    assert metric == 1.0
    assert labels == {"0": 0, "1": 1}
    assert json.loads((Path(folder) / "test.json").read_text())["accuracy"] == 1.0
    rows = pd.DataFrame({"text": ["red apple", None, "old house"], "x": 1}, index=[4, 4, 5])
    for model in (folder, lt.load_clf(folder)):
        out = lt.classify_rows(rows, ["text"], model)
        assert out["clf_preds_text"].tolist()[::2] == [1, 0]
        assert out["clf_preds_text"].isna().tolist() == [False, True, False]
    assert list(rows.columns) == ["text", "x"]
    out = lt.classify_rows(rows[["text", "x"]], ["text", "x"], folder, label_map={"1": 10})
    assert out["clf_preds_text-x"].tolist() == [10, 0, 0]
    with pytest.raises(ArgumentError, match="num_labels=3"):
        lt.classify_rows(rows, "text", folder, 3)


def test_a_transformer_of_rows(phrases, tiny, tmp_path: Path) -> None:
    table = pd.DataFrame({"text": phrases[0], "kind": ["a", "b"] * 32})
    with pytest.warns(UserWarning, match="eval_steps"):
        folder, metric, labels = lt.train_clf_model(
            train_data=table[:50], val_data=table[50:], model=tiny, on=["text"],
            label_col_name="kind", lr=1e-3, epochs=1, batch_size=16, eval_steps=30,
            model_save_dir=tmp_path, weight_list=[1, 2],
        )  # fmt: skip
    record = json.loads((Path(folder) / "training.json").read_text())
    assert record["settings"]["weights"] == {"a": 1.0, "b": 2.0}
    assert record["settings"]["learning_rate"] == 1e-3
    assert 0 <= metric <= 1
    assert labels == {"a": 0, "b": 1}
    with pytest.raises(ArgumentError, match="weight for each of a, b"):
        lt.train_clf_model(table, tiny, ["text"], "kind", weight_list=[1.0])
