"""A pair classifier learns, is saved, and answers the same in ONNX."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from sameas.core.errors import ArgumentError, LabelError
from sameas.models.numbered import with_numbers
from sameas.models.pairs import (
    PAPER,
    PairData,
    Serialisation,
    Shuffled,
    apart_numbers,
    export_pairs,
    first_layers,
    train_pair_classifier,
)
from sameas.models.pairs.apart import TOKENS
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


def test_first_layers_are_trained_and_8_bits_give_a_pair_one_score_in_any_company(
    data, tiny, tmp_path
) -> None:
    pytest.importorskip("onnxruntime")
    transformers = pytest.importorskip("transformers")
    deep = shutil.copytree(tiny, tmp_path / "deep")
    config = transformers.AutoConfig.from_pretrained(tiny, num_hidden_layers=3)
    transformers.BertModel(config).save_pretrained(deep)
    folder = first_layers(deep, tmp_path / "short", 1)
    options = TrainOptions(epochs=1, batch_size=16, learning_rate=5e-3)
    done = train_pair_classifier(data, model=folder, into=tmp_path / "new", options=options)
    assert json.loads((done.folder / "config.json").read_text())["num_hidden_layers"] == 1
    export_pairs(done.folder, tmp_path / "small", int8=True)
    reader = SequenceClassifier.load(tmp_path / "small", threads=2)
    rows = data.texts(Serialisation())
    left, right = rows.first.tolist(), rows.second.tolist()
    right[0] = " ".join(right[:9])
    together = reader.logits(left, right)
    alone = [reader.logits([a], [b])[0] for a, b in zip(left, right, strict=True)]
    np.testing.assert_array_equal(together, alone)
    exact = SequenceClassifier.load(done.folder).logits(left, right)
    assert 0 < np.abs(together - exact).max() < 0.1 * np.abs(exact).max()
    with pytest.raises(ArgumentError, match="layers"):
        first_layers(deep, tmp_path / "none", 4)


def test_the_papers_settings_and_pairs_of_one_kind(data, tiny, tmp_path) -> None:
    assert (PAPER.epochs, PAPER.batch_size, PAPER.learning_rate) == (10, 16, 2e-5)
    assert (PAPER.weight_decay, PAPER.max_length, PAPER.warm_up) == (0.01, 512, 0.0)
    same = PairData(data.left, data.right, np.ones(128, bool))
    with pytest.raises(LabelError, match="both kinds"):
        train_pair_classifier(same, model=tiny, into=tmp_path / "n")


@pytest.mark.parametrize("way", ["bucket", "number"])
def test_a_network_is_told_the_distance(way, data, tiny, tmp_path) -> None:
    pytest.importorskip("onnxruntime")
    near = np.random.default_rng(1).random(128) < 0.5
    metres = np.where(near, 12.0, 90_000.0)
    same = ["a b"] * 128
    rows = PairData({"x": same}, {"x": same}, near, metres)
    form = Serialisation(distance=way)
    options = TrainOptions(epochs=6, batch_size=16, learning_rate=5e-3)
    done = train_pair_classifier(
        rows, model=tiny, into=tmp_path / "new", validation=rows, form=form, options=options
    )
    export_pairs(done.folder, tmp_path / "onnx")
    texts = form.pair_texts({"x": same}, {"x": same}, metres)
    numbers = apart_numbers(metres) if way == "number" else None
    torch, onnx = (
        SequenceClassifier.load(folder).logits(*texts, numbers)
        for folder in (done.folder, tmp_path / "onnx")
    )
    np.testing.assert_allclose(onnx, torch, atol=1e-4)
    assert (torch[near][0] != torch[~near][0]).any(), "only the distance differs"
    if way == "bucket":
        assert TOKENS[1] in (tmp_path / "onnx" / "tokenizer.json").read_text()
    else:
        np.testing.assert_array_equal(torch.argmax(1), near)
    plain = PairData({"x": same}, {"x": same}, near)
    with pytest.raises(ArgumentError, match="needs the metres"):
        train_pair_classifier(plain, model=tiny, into=tmp_path / "other", form=form)


def test_a_number_is_heard_after_a_few_steps_of_a_small_rate(tiny) -> None:
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    library = transformers.AutoModelForSequenceClassification
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # the head over the words is new, and drawn
        network = with_numbers(library.from_pretrained(tiny).eval(), 2)
    step = torch.optim.AdamW(network.numbers.parameters(), lr=1e-4)
    words, given = torch.full((2, 4), 7), torch.tensor([[0.2, 0.0], [0.6, 0.0]])
    losses = []
    for _ in range(60):
        step.zero_grad()
        loss = torch.nn.functional.cross_entropy(network(words, given).logits, torch.arange(2))
        loss.backward()
        step.step()
        losses.append(loss.item())
    # Unheard, the loss falls by 0.0024 at most over 60 heads; heard, by 0.012 at least.
    assert losses[0] - losses[-1] > 0.005, "only the numbers differ"


def test_bfloat16_learns_as_well(data, tiny, tmp_path) -> None:
    options = TrainOptions(epochs=3, batch_size=16, learning_rate=5e-3, precision="bfloat16")
    done = train_pair_classifier(
        data, model=tiny, into=tmp_path / "new", validation=data, options=options
    )
    assert done.history[-1]["loss"] < done.history[0]["loss"]
    with pytest.raises(ArgumentError, match="float32 or bfloat16"):
        TrainOptions(precision="bfloat")


def test_what_a_pair_counts_as_teaches_and_not_its_label(data, tiny, tmp_path) -> None:
    options = TrainOptions(epochs=3, batch_size=16, learning_rate=5e-3)
    rows = data.texts(Serialisation())

    def told(name, label, chance):
        target = np.stack([1 - chance, chance], axis=1).astype(np.float32)
        given = replace(data, label=label, target=target)
        done = train_pair_classifier(given, model=tiny, into=tmp_path / name, options=options)
        model = SequenceClassifier.load(done.folder)
        return model.probabilities(rows.first.tolist(), rows.second.tolist())[:, 1]

    sure = told("sure", data.label, data.label.astype(float))
    turned = told("turned", ~data.label, data.label.astype(float))
    np.testing.assert_array_equal(turned, sure)
    wrong = told("wrong", data.label, 1 - data.label.astype(float))
    doubt = told("doubt", data.label, 0.4 + 0.2 * data.label)

    def apart(chance):
        return chance[data.label].mean() - chance[~data.label].mean()

    assert apart(wrong) < 0 < apart(doubt) < apart(sure)
