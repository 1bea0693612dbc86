"""Real weights, trained for seconds: they learn, stop, resume and are saved."""

import json
from pathlib import Path

import numpy as np
import pytest

from sameas.core.errors import ArgumentError, LabelError, RunError
from sameas.models import load_encoder
from sameas.models.base import cosine
from sameas.models.training import (
    Event,
    InBatchNegatives,
    OnlineContrastive,
    SupervisedContrastive,
    TrainOptions,
    of_clusters,
    of_pairs,
    train_model,
)

FAST = TrainOptions(epochs=12, batch_size=16, learning_rate=5e-3, patience=None)


def clusters(left, right):
    return of_clusters(left + right, [str(n) for n in range(64)] * 2)


@pytest.mark.parametrize(
    ("make", "given", "loss"),
    [
        (of_pairs, "labelled", None),
        (of_pairs, "phrases", None),
        (of_pairs, "phrases", InBatchNegatives()),
        (of_pairs, "phrases", OnlineContrastive()),
        (clusters, "phrases", SupervisedContrastive()),
        (clusters, "phrases", InBatchNegatives(hard=2)),
    ],
    ids=["labels", "matches", "in-batch", "mined", "clusters", "clusters-in-batch"],
)
def test_each_loss_learns_what_it_was_not_shown(
    make, given, loss, tiny, tmp_path, request, labelled
) -> None:
    examples = make(*request.getfixturevalue(given))
    done = train_model(examples, model=tiny, into=tmp_path / "new", loss=loss, options=FAST)
    name = "f1" if examples.labelled else "accuracy@1"
    assert done.scores[name] > done.scores[f"{name} before"] + 0.15
    assert (done.threshold is not None) == examples.labelled
    assert len(done.history) == 13
    assert done.scores[name] == max(entry[name] for entry in done.history)


def test_the_folder_is_one_of_sentence_transformers(
    tiny: Path, tmp_path: Path, phrases, labelled
) -> None:
    from sentence_transformers import SentenceTransformer

    options = TrainOptions(epochs=2, batch_size=16, learning_rate=5e-3)
    done = train_model(of_pairs(*labelled), model=tiny, into=tmp_path / "new", options=options)
    texts = phrases[0][:5]
    theirs = SentenceTransformer(str(done.folder)).encode(texts, normalize_embeddings=True)
    np.testing.assert_allclose(load_encoder(done.folder).encode(texts), theirs, atol=1e-5)
    first = load_encoder(tiny).encode(texts)
    assert cosine(first, theirs).max() < 0.999
    assert not (done.folder / ".training").exists()
    card = (done.folder / "README.md").read_text()
    for said in ("online_contrastive", "learning_rate", "f1 before", "validation: pairs", "sameas"):
        assert said in card
    assert str(tmp_path) not in card.replace(str(tiny), "")
    record = json.loads((done.folder / "training.json").read_text())
    assert record["data"]["training: pairs"] + record["data"]["validation: pairs"] == 192


def test_an_interrupted_run_ends_with_the_same_weights(
    tiny: Path, tmp_path: Path, phrases, labelled
) -> None:
    from safetensors.numpy import load_file

    options = TrainOptions(epochs=3, batch_size=16, learning_rate=5e-3, checkpoint_minutes=0)
    examples = of_pairs(*phrases)
    loss = InBatchNegatives()
    settings = {"model": tiny, "loss": loss, "options": options}

    def power_cut(event: Event) -> None:
        if event.kind == "step" and event.step == 6:
            raise KeyboardInterrupt

    whole = train_model(examples, into=tmp_path / "whole", **settings)
    cut = tmp_path / "cut"
    with pytest.raises(KeyboardInterrupt):
        train_model(examples, into=cut, callbacks=[power_cut], **settings)
    steps: list[int] = []
    done = train_model(
        examples, into=cut, callbacks=[lambda event: steps.append(event.step)], **settings
    )
    assert steps[0] == 6
    assert done.history == whole.history
    one = load_file(whole.folder / "model.safetensors")
    other = load_file(cut / "model.safetensors")
    for name in one:
        np.testing.assert_array_equal(one[name], other[name])
    again = train_model(examples, into=cut, callbacks=[power_cut], **settings)  # is done
    assert again == done
    with pytest.raises(ArgumentError, match="other files"):
        train_model(of_pairs(*labelled), into=cut, **settings)


def test_an_unfinished_run_of_other_settings_is_refused(
    tiny: Path, tmp_path: Path, phrases
) -> None:
    def stop(event: Event) -> None:
        raise KeyboardInterrupt

    quick = TrainOptions(epochs=1, batch_size=16, checkpoint_minutes=0)
    examples = of_pairs(*phrases)

    def second(event: Event) -> None:
        if event.step == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_model(examples, model=tiny, into=tmp_path, options=quick, callbacks=[second])
    other = TrainOptions(epochs=2, batch_size=16)
    with pytest.raises(ArgumentError, match="unfinished training of other data"):
        train_model(examples, model=tiny, into=tmp_path, options=other)


def test_a_seed_gives_one_result_and_leaves_the_callers_generator_alone(
    tiny, tmp_path, labelled
) -> None:
    import torch

    options = TrainOptions(epochs=1, batch_size=16, learning_rate=5e-3)
    torch.manual_seed(7)
    state = torch.get_rng_state()
    scores = [
        train_model(of_pairs(*labelled), model=tiny, into=tmp_path / name, options=options)
        for name in ("a", "b")
    ]
    assert scores[0].history == scores[1].history
    assert torch.equal(state, torch.get_rng_state())


def test_training_stops_early_and_keeps_the_best(tiny: Path, tmp_path: Path, phrases) -> None:
    hopeless = TrainOptions(epochs=9, batch_size=16, learning_rate=1e-12, patience=2)
    done = train_model(of_pairs(*phrases), model=tiny, into=tmp_path / "a", options=hopeless)
    assert len(done.history) == 3  # before, and two without a better figure
    record = json.loads((done.folder / "training.json").read_text())
    assert record["stopped"] == "patience"


def test_a_callback_sees_all_and_may_stop(tiny: Path, tmp_path: Path, phrases) -> None:
    seen: list[Event] = []

    def watch(event: Event) -> bool:
        seen.append(event)
        return event.kind == "step" and event.step == 3

    train_model(
        of_pairs(*phrases), model=tiny, into=tmp_path / "a", options=FAST, callbacks=[watch]
    )
    assert [event.kind for event in seen] == ["evaluation", "step", "step", "step", "end"]
    assert seen[1].rate < seen[2].rate <= FAST.learning_rate
    assert "accuracy@1" in seen[0].scores


def test_without_validation_the_last_weights_are_kept(tiny: Path, tmp_path: Path, phrases) -> None:
    options = TrainOptions(epochs=1, batch_size=16)
    done = train_model(
        of_pairs(*phrases), model=tiny, into=tmp_path / "a", validation=None, options=options
    )
    assert done.scores == {}
    assert done.threshold is None
    assert (done.folder / "model.safetensors").is_file()


def test_a_loss_that_is_no_number_is_an_error(tiny: Path, tmp_path: Path, phrases) -> None:
    wild = TrainOptions(epochs=5, batch_size=16, learning_rate=1e30, warm_up=0.0, clip=1e30)
    with pytest.raises(RunError, match="smaller learning_rate"):
        train_model(of_pairs(*phrases), model=tiny, into=tmp_path / "a", options=wild)


def test_clusters_are_never_split(phrases, labelled) -> None:
    left, right = phrases
    train, valid = of_pairs(left * 2, right + right[1:] + right[:1], [True] * 128).split(0.5)
    assert not set(train.texts.to_pylist()) & set(valid.texts.to_pylist())
    train, valid = of_pairs(*labelled).split(0.25, seed=1)
    assert train.sizes["matches"] == 48
    assert valid.sizes["matches"] == 16


def test_examples_drop_what_is_missing_and_refuse_what_is_wrong(labelled) -> None:
    found = of_pairs(["a", None, "b", "c"], ["A", "x", "B", "C"], [1, 1, 0, None])
    assert found.sizes["dropped"] == 2
    assert found.labelled
    with pytest.raises(LabelError, match="true and false"):
        of_pairs(["a"], ["b"], [2])
    with pytest.raises(LabelError, match="nothing to learn"):
        of_pairs(["a"], ["b"], [False])
    with pytest.raises(LabelError, match="one cluster"):
        of_clusters(["a", "b"], ["x", "y"])
    by_name = of_pairs(["a", "b"], ["x", "y"], ids=(["1", "1"], ["2", "3"]))
    assert len(set(by_name.cluster.tolist())) == 1


def test_what_is_no_loss_and_too_few_examples(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="SupervisedContrastive"):
        train_model(of_pairs(["a"], ["b"]), model=tiny, into=tmp_path / "a", loss="supcon")
    with pytest.raises(ArgumentError, match=r"validation=0\.2"):
        train_model(of_pairs(["a"], ["b"]), model=tiny, into=tmp_path / "a")
    with pytest.raises(ArgumentError, match="epochs"):
        TrainOptions(epochs=0)
