"""Classifiers of texts: a transformer as a whole, and a head over any encoder."""

import json

import numpy as np
import pandas as pd
import pytest

from sameas.core.errors import ArgumentError, DataError, LabelError
from sameas.frames import classify
from sameas.frames import train_classifier as from_frame
from sameas.models import TextClassifier, load_classifier
from sameas.models.training import TrainOptions, train_classifier


@pytest.fixture(scope="session")
def rows(phrases):
    """Phrases, by the noun: what can be eaten, and what not."""
    texts = phrases[0] + phrases[1]
    food = [any(word in text for word in ("apple", "bread", "pomme", "pain")) for text in texts]
    return texts, ["food" if one else "thing" for one in food]


FAST = TrainOptions(epochs=15, batch_size=16, learning_rate=5e-3, patience=None)


def test_a_transformer_learns_classes(rows, tiny, tmp_path) -> None:
    from transformers import AutoModelForSequenceClassification

    done = train_classifier(*rows, model=tiny, into=tmp_path / "new", options=FAST)
    assert done.metric > 0.9
    assert done.label_map == {"food": 0, "thing": 1}
    found = load_classifier(done.folder)
    assert isinstance(found, TextClassifier)
    odds = found.probabilities(["red bread", None, "old river", "red bread"])
    assert np.isnan(odds[1]).all()
    np.testing.assert_allclose(odds[[0, 2, 3]].sum(1), 1, atol=1e-6)
    assert odds.argmax(1)[[0, 2, 3]].tolist() == [0, 1, 0]
    np.testing.assert_array_equal(odds[0], odds[3])
    theirs = AutoModelForSequenceClassification.from_pretrained(done.folder)
    assert theirs.config.id2label == {0: "food", 1: "thing"}
    card = (done.folder / "README.md").read_text()
    assert "training: food" in card
    assert "macro_f1" in card
    again = train_classifier(*rows, model=tiny, into=tmp_path / "new", options=FAST)
    assert again == done


@pytest.mark.parametrize("model", ["lexical", "torch"])
def test_a_head_over_an_encoder(model, rows, tiny, tmp_path) -> None:
    from sameas.models import load_encoder

    given = load_encoder(tiny) if model == "torch" else model
    done = train_classifier(*rows, model=given, into=tmp_path / "new")
    assert done.metric > 0.75
    assert [entry["C"] for entry in done.history] == [0.1, 1.0, 10.0, 100.0]
    found = load_classifier(done.folder)
    odds = found.probabilities(["cold pain", "cold cloud", None, "cold pain"])
    if model == "lexical":  # vectors of random weights say less
        assert odds.argmax(1)[:2].tolist() == [0, 1]
    assert np.isnan(odds[2]).all()
    np.testing.assert_array_equal(odds[0], odds[3])


def test_more_than_two_classes_and_probabilities_as_scikit_learn_has_them(tmp_path) -> None:
    from scipy.special import softmax
    from sklearn.linear_model import LogisticRegression

    from sameas.models import load_encoder

    texts = ["bus driver", "taxi", "nurse", "surgeon", "baker", "cook", "bus", "nurse aid", "chef"]
    labels = list("aabbccabc")
    done = train_classifier(texts, labels, into=tmp_path / "new", validation=None)
    encoder = load_encoder("lexical").fit(texts)
    found = encoder.encode(texts)
    used, index = np.unique(found.index, return_inverse=True)
    dense = np.zeros((len(texts), len(used)))
    dense[np.repeat(np.arange(len(texts)), np.diff(found.start)), index] = found.value
    theirs = LogisticRegression(C=10.0, max_iter=1000).fit(dense, labels)
    odds = load_classifier(done.folder).probabilities(texts)
    wanted = softmax(theirs.decision_function(dense), axis=1)
    np.testing.assert_allclose(odds, wanted, atol=1e-3)
    assert done.metric is None


def test_weights_help_the_rare_class(rows, tmp_path) -> None:
    texts, _ = rows
    labels = ["rare" if "red apple" in text or "mou" in text else "usual" for text in texts]
    plain, even = (
        load_classifier(
            train_classifier(
                texts, labels, into=tmp_path / str(weighted), validation=None, weighted=weighted
            ).folder
        ).probabilities(["red house"])[0, 0]
        for weighted in (False, True)
    )
    assert even > plain
    given = {"rare": 50.0, "usual": 1.0}
    done = train_classifier(texts, labels, into=tmp_path / "g", validation=None, weighted=given)
    assert load_classifier(done.folder).probabilities(["red house"])[0, 0] > plain
    record = json.loads((done.folder / "training.json").read_text())
    assert record["settings"]["weights"] == given
    with pytest.raises(ArgumentError, match="a weight above 0 for each of rare, usual"):
        train_classifier(texts, labels, into=tmp_path / "x", weighted={"rare": 1.0})


def test_rows_of_a_frame_are_classified(rows, tmp_path) -> None:
    frame = pd.DataFrame({"text": rows[0], "kind": rows[1]})
    done = from_frame(frame, on="text", label="kind", into=tmp_path / "new", validation=0.25)
    new = pd.DataFrame({"text": ["wet pomme", None, "wet horse"]}, index=[5, 6, 7])
    for given in (done, load_classifier(done.folder)):
        out = classify(new, given, on="text")
        assert out["label"].tolist()[::2] == ["food", "thing"]
        assert out["label"].isna().tolist() == [False, True, False]
        assert out["probability"].isna().tolist() == [False, True, False]
        assert out.index.tolist() == [5, 6, 7]
    unsure = classify(new, done, on="text", threshold=1.0)
    assert unsure["label"].isna().all()
    with pytest.raises(ArgumentError, match="'probability' already"):
        classify(new.assign(probability=1), done, on="text")
    valid = frame.iloc[::4]
    named = from_frame(frame, on="text", label="kind", into=tmp_path / "b", validation=valid)
    assert named.metric > 0.9


def test_what_is_no_classifier_and_wrong_labels(tiny, tmp_path) -> None:
    with pytest.raises(DataError, match="no classifier"):
        load_classifier(tiny)
    with pytest.raises(ArgumentError, match="No model bears the name"):
        load_classifier(tmp_path / "nothing" / "here")
    with pytest.raises(ArgumentError, match="a classifier, got 3"):
        load_classifier(3)
    with pytest.raises(LabelError, match="two labels at least, got a"):
        train_classifier(["x", "y"], ["a", "a"], into=tmp_path / "n")
    with pytest.raises(LabelError, match="'c'"):
        train_classifier(["x", "y"], ["a", "b"], into=tmp_path / "n", validation=(["z"], ["c"]))
    with pytest.raises(ArgumentError, match="rows enough"):
        train_classifier(["x", "y"], ["a", "b"], into=tmp_path / "n")
