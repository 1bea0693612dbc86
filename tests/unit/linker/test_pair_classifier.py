"""A linker in which a network reads the pairs in doubt: fitted, saved, and its column measured."""

import json
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sameas.blocking import TextNeighbours
from sameas.core.errors import ArgumentError, LabelError
from sameas.core.specs import from_dict, to_dict
from sameas.linker import Linker, PairClassifier, network_for_few, open_pool
from sameas.linker.distillation import teach_linker
from sameas.linker.pair_classifier import COLUMN
from sameas.linker.pair_network import FILES
from sameas.linker.student import Lesson
from sameas.matching import Boosting, RandomForest
from sameas.models.pairs import Serialisation, Shuffled
from sameas.models.training import TrainOptions

FAST = TrainOptions(epochs=3, batch_size=16, learning_rate=5e-3)
SMALL = Boosting(iterations=15, leaves=5, min_leaf=5)


@pytest.fixture(scope="module")
def tables(phrases):
    """English phrases and their translations: letters say nothing, the words do."""
    left = pd.DataFrame({"id": [f"l{n}" for n in range(64)], "name": phrases[0]})
    right = pd.DataFrame({"id": [f"r{n}" for n in range(64)], "name": phrases[1]})
    right.loc[3, "name"] = None
    random = np.random.default_rng(0)
    rows = [(n, m) for n in range(64) for m in (n, n, *random.integers(0, 64, 4))]
    labels = pd.DataFrame(rows, columns=["left_id", "right_id"]).drop_duplicates()
    labels["label"] = labels.left_id == labels.right_id
    labels["split"] = np.where(labels.left_id % 4 == 3, "valid", "train")
    labels["left_id"] = "l" + labels.left_id.astype(str)
    labels["right_id"] = "r" + labels.right_id.astype(str)
    return left, right, labels


@pytest.fixture(scope="module")
def fitted(tables, tiny):
    pytest.importorskip("onnxruntime")
    network = PairClassifier(
        str(tiny), form=Serialisation("sentence"), augment=Shuffled(), options=FAST, matcher=SMALL
    )
    linker = Linker({"name": "text"}, second_pass=network, matcher=SMALL)
    return linker.fit(*tables[:2], labels=tables[2])


def test_the_network_is_kept_as_plain_files_and_scores_as_before(
    fitted, tables, tmp_path, monkeypatch
):
    pairs = tables[2][["left_id", "right_id"]]
    before = fitted.score(*tables[:2], pairs=pairs)
    fitted.save(tmp_path / "model")
    files = {path.name for path in (tmp_path / "model" / "matcher" / "network").iterdir()}
    assert {"model_int8.onnx", "tokenizer.json", "config.json"} <= files
    assert not [path for path in (tmp_path / "model").rglob("*") if path.suffix in (".pkl", ".pt")]
    for library in ("torch", "transformers"):  # a saved linker needs neither
        monkeypatch.setitem(sys.modules, library, None)
    again = Linker.load(tmp_path / "model")
    assert again.fitted_.version == fitted.fitted_.version
    assert again.spec.second_pass.fields == ("name",)
    np.testing.assert_array_equal(again.score(*tables[:2], pairs=pairs)["score"], before["score"])
    links = again.link(*tables[:2], threshold=0.0).links.merge(before, on=["left_id", "right_id"])
    assert len(links) > 20
    np.testing.assert_array_equal(links.score_x, links.score_y)
    head = json.loads((tmp_path / "model" / "linker.json").read_text())
    assert "as pair classifier reads name" in head["fit"]["matcher"]


def test_only_pairs_in_doubt_are_read_and_a_record_without_values_has_no_log_odds(fitted, tables):
    from sameas.linker.learning import pairs_job

    matcher = fitted.fitted_.matcher
    table = pa.Table.from_pandas(tables[2][["left_id", "right_id"]])
    named = {"left": tables[0], "right": tables[1]}
    job, left, right = pairs_job(fitted.fitted_, named, table, None)
    listed = job.listed(left, right)
    rows = job.seen(matcher, left, right, listed)
    assert matcher.names[-1] == COLUMN
    first = matcher.first.score(rows[:, :-1])
    low, high = matcher.bounds["low"], matcher.bounds["high"]
    asked = (first >= low) & (first <= high)
    bare = (tables[2].right_id == "r3").to_numpy()
    np.testing.assert_array_equal(np.isnan(rows[:, -1]), ~asked | bare)
    assert matcher.bounds["lost"] <= 2 * 0.002
    few = slice(0, 7)
    alone = job.seen(matcher, left[few], right[few], listed[few])
    np.testing.assert_array_equal(alone, rows[few])
    explained = fitted.explain(*tables[:2], pairs=[("l0", "r0")])[0]
    assert COLUMN in {column.name for part in explained.parts for column in part.columns}


def test_training_pairs_get_the_log_odds_of_a_network_that_has_not_seen_them(monkeypatch, tables):
    from sameas.labeling import deal_folds
    from sameas.linker import pair_fitting as module

    asked = []

    class Known:
        """Remembers whom it has been taught, and claims to know them."""

        def __init__(self, seen):
            self.seen = seen
            self.files = FILES.empty_table()

        def log_odds(self, columns, left, right, metres=None):
            asked.append((self.seen, set(left.tolist())))
            return np.isin(left, list(self.seen)).astype(np.float32)

    def train(columns, pairs, parts, **_):
        assert not (parts[0] & parts[1]).any()
        return Known(set(pairs[0][parts[0]].tolist()))

    monkeypatch.setattr(module, "train_network", train)
    network = PairClassifier("any", matcher=SMALL, loss=0.0, margin=0.001)
    linker = Linker({"name": "text"}, second_pass=network, matcher=SMALL)
    linker.fit(*tables[:2], labels=tables[2])
    assert len(asked) == 3
    for seen, given in asked[:2]:
        assert not seen & given
    fold = [set(deal_folds(np.array(sorted(given), np.int32), 2)) for _, given in asked[:2]]
    assert fold == [{0}, {1}]
    assert not asked[2][0] & asked[2][1], "the network of all is asked about the valid pairs only"


def test_settings_are_checked_and_turn_into_plain_data(tables):
    network = PairClassifier("m", fields=["name"], form=Serialisation("json"), augment=Shuffled())
    assert from_dict(to_dict(network)) == network
    for wrong, message in (
        ({"model": ""}, "the name of a transformer"),
        ({"folds": 1}, "at least 2"),
        ({"layers": 0}, "at least 1"),
        ({"loss": 1.0}, "a share in"),
        ({"margin": 0.0}, r"\(0, 1\]"),
        ({"unlabelled": -1}, "at least 0"),
    ):
        with pytest.raises(ArgumentError, match=message):
            PairClassifier(**({"model": "m"} | wrong))
    few = tables[2].groupby("split").head(7)
    few = few[(few.left_id.isin(["l0", "l3"])) | ~few.label]
    linker = Linker({"name": "text"}, second_pass=PairClassifier("any"), matcher=SMALL)
    with pytest.raises(LabelError, match="in each of 2 folds"):
        linker.fit(*tables[:2], labels=few)
    with pytest.raises(LabelError, match="has to be taught"):
        linker.fit(*tables[:2])


def test_only_pairs_in_doubt_are_taught_and_told_their_distance(monkeypatch, tables):
    from sameas.linker import pair_fitting as module

    seen = []

    class Silent:
        """Remembers the pairs that it was taught, and their distances."""

        files = FILES.empty_table()

        def log_odds(self, columns, left, right, metres=None):
            assert len(metres) == len(left)
            return np.zeros(len(left), np.float32)

    def train(columns, pairs, parts, *, spec, metres, target):
        assert spec.form.distance == "text", "by itself, for the linker compares positions"
        assert set(columns) == {"name"}, "the distance stands for the coordinates"
        seen.append((parts, metres, pairs))
        return Silent()

    monkeypatch.setattr(module, "train_network", train)
    left, right, labels = (one.copy() for one in tables)
    random = np.random.default_rng(2)
    for side in (left, right):
        side["latitude"] = 40 + np.arange(64) * 0.01 + random.normal(0, 0.05, 64)
        side["longitude"] = 10.0
    fields = {"name": "text", "latitude": "latitude", "longitude": "longitude"}
    network = PairClassifier("any", matcher=SMALL, only_open=True, margin=1.0, loss=0.02)
    linker = Linker(fields, second_pass=network, matcher=SMALL)
    linker.fit(left, right, labels=labels)
    whole = seen[-1]
    taught = whole[0][0]
    assert 0 < taught.sum() < (labels.split == "train").sum()
    assert 0 < whole[2][2][taught].sum() < taught.sum(), "both kinds"
    assert np.isfinite(whole[1]).all()
    assert whole[1].min() < 1000 < whole[1].max()
    asks = replace(network, form=Serialisation(distance="text"))
    with pytest.raises(ArgumentError, match="add Distance"):
        Linker({"name": "text"}, second_pass=asks, matcher=SMALL).fit(*tables[:2], labels=labels)


def test_the_first_matcher_labels_pairs_that_nobody_labelled(monkeypatch, tables):
    from sameas.linker import pair_fitting as module

    lessons = []

    class Silent:
        files = FILES.empty_table()

        def log_odds(self, columns, left, right, metres=None):
            return np.zeros(len(left), np.float32)

    def train(columns, pairs, parts, *, spec, metres, target):
        lessons.append((pairs, parts, target))
        return Silent()

    monkeypatch.setattr(module, "train_network", train)
    left, right, labels = tables
    network = PairClassifier("any", matcher=SMALL, unlabelled=40)
    rules = (TextNeighbours(("name",), k=20),)
    linker = Linker({"name": "text"}, blocking=rules, second_pass=network, matcher=SMALL)
    linker.fit(left, right, labels=labels)
    given = len(labels)
    known = {
        tuple(one) for one in zip(*(lessons[-1][0][side][:given] for side in (0, 1)), strict=True)
    }
    assert len(known) == given
    drawn = []
    for pairs, (learned, judged), target in lessons:
        assert len(pairs[0]) == given + 40
        assert learned[given:].all()
        assert not judged[given:].any()
        np.testing.assert_array_equal(target[:given, 1], pairs[2][:given])
        np.testing.assert_allclose(target.sum(axis=1), 1, atol=1e-6)
        more = list(zip(pairs[0][given:], pairs[1][given:], strict=True))
        assert known.isdisjoint(more)
        assert len(set(more)) == 40
        drawn.append((more, target[given:, 1]))
    assert drawn[0][0] == drawn[1][0] == drawn[2][0]
    assert not np.array_equal(drawn[0][1], drawn[2][1]), "each by a matcher without its fold"
    first = linker.fitted_.matcher.first
    assert 0 < drawn[2][1].min() < 0.5
    assert first.names == linker.fitted_.matcher.names[:-1]


def test_a_network_of_few_labels_and_an_opinion_is_saved_and_scores_as_before(
    tables, tiny, tmp_path
):
    pytest.importorskip("onnxruntime")
    left, right = (one.fillna({"name": "nothing"}) for one in tables[:2])
    right["name"] = left["name"].str.replace("e", "a")
    named = {"left": left, "right": right}
    pool = open_pool(Linker({"name": "name"}).spec, named)
    match = pool.left + 64 == pool.right
    some = np.sort(np.argsort(~match, kind="stable")[:150])  # all matches, and others
    ends = pool.left[some], pool.right[some]
    lesson = Lesson(*ends, match[some], np.ones(150))
    network = replace(
        network_for_few(str(tiny), unlabelled=30), options=replace(FAST, patience=None)
    )
    linker, student = teach_linker(pool, lesson, RandomForest(trees=20, min_leaf=2), network)
    matcher = linker.fitted_.matcher
    assert matcher.names[-1] == COLUMN
    assert "unlabelled" in matcher.names, "what the linker without labels thinks is seen too"
    assert matcher.first.names == matcher.names[:-1]
    assert student.decision[lesson.label].mean() > 0.8
    every = [(f"l{n}", f"r{m}") for n in range(64) for m in (n, (n + 1) % 64)]
    pairs = pd.DataFrame(every, columns=["left_id", "right_id"])
    before = linker.score(left, right, pairs=pairs)
    linker.save(tmp_path / "model")
    again = Linker.load(tmp_path / "model")
    np.testing.assert_array_equal(again.score(left, right, pairs=pairs)["score"], before["score"])
    links = again.link(left, right).links
    assert (links.left_id.str[1:] == links.right_id.str[1:]).mean() > 0.9
