"""A pair classifier learns, is saved, and answers the same in ONNX."""

import json

import numpy as np
import pytest

from sameas.core.errors import LabelError
from sameas.models.pairs import (
    PAPER,
    PairData,
    Serialisation,
    Shuffled,
    export_pairs,
    train_pair_classifier,
)
from sameas.models.sequence import SequenceClassifier
from sameas.models.training import TrainOptions


@pytest.fixture
def data(phrases) -> PairData:
    """A pair matches if both phrases begin with one word."""
    left = phrases[0] * 2
    order = np.random.default_rng(0).permutation(64)
    right = [*phrases[0], *(phrases[0][place] for place in order)]
    label = np.array([a.split()[0] == b.split()[0] for a, b in zip(left, right, strict=True)])
    return PairData({"x": left}, {"x": right}, label)


def test_a_pair_classifier_and_its_onnx_twin(data, tiny, tmp_path) -> None:
    pytest.importorskip("onnxruntime")
    options = TrainOptions(epochs=3, batch_size=16, learning_rate=5e-3)
    done = train_pair_classifier(
        data, model=tiny, into=tmp_path / "new", validation=data, augment=Shuffled(),
        options=options,
    )  # fmt: skip
    assert done.history[-1]["loss"] < done.history[0]["loss"]
    assert done.scores["macro_f1"] == max(entry["macro_f1"] for entry in done.history)
    torch = SequenceClassifier.load(done.folder)
    assert torch.labels == ("no match", "match")
    rows = data.texts(Serialisation())
    left, right = rows.first[:20].tolist(), rows.second[:20].tolist()
    one = torch.probabilities([*left, None], [*right, "x"])
    assert np.isnan(one[-1]).all()
    np.testing.assert_allclose(one[:-1].sum(1), 1, atol=1e-5)
    export_pairs(done.folder, tmp_path / "onnx")
    other = SequenceClassifier.load(tmp_path / "onnx").probabilities(left, right)
    np.testing.assert_allclose(other, one[:-1], atol=1e-4)
    guess = torch.probabilities(rows.first.tolist(), rows.second.tolist()).argmax(1)
    accuracy = float((guess == rows.label).mean())
    record = json.loads((done.folder / "training.json").read_text())
    assert accuracy == pytest.approx(record["scores"]["accuracy"])


def test_the_papers_settings_and_pairs_of_one_kind(data, tiny, tmp_path) -> None:
    assert (PAPER.epochs, PAPER.batch_size, PAPER.learning_rate) == (10, 16, 2e-5)
    assert (PAPER.weight_decay, PAPER.max_length, PAPER.warm_up) == (0.01, 512, 0.0)
    same = PairData(data.left, data.right, np.ones(128, bool))
    with pytest.raises(LabelError, match="both kinds"):
        train_pair_classifier(same, model=tiny, into=tmp_path / "n")
