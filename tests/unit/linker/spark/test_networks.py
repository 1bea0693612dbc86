"""A linker with a pair classifier on Spark: scores of one machine to 1e-4."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sameas.blocking import SharedWord, TextNeighbours
from sameas.linker import Linker, PairClassifier, network_for_few, open_pool
from sameas.linker.distillation import teach_linker
from sameas.linker.spark import SparkLinker
from sameas.linker.student import Lesson
from sameas.matching import Boosting, RandomForest
from sameas.models.pairs import Serialisation
from sameas.models.training import TrainOptions


def test_a_network_scores_as_on_one_machine(phrases, tiny, local, frame, tmp_path):
    pytest.importorskip("onnxruntime")
    left, right = (
        pa.table({"id": [f"{side}{n}" for n in range(64)], "name": texts})
        for side, texts in zip("lr", phrases, strict=True)
    )
    random = np.random.default_rng(0)
    rows = [(n, m) for n in range(64) for m in (n, *random.integers(0, 64, 4).tolist())]
    labels = pd.DataFrame(rows, columns=["left_id", "right_id"]).drop_duplicates()
    labels["label"] = labels.left_id == labels.right_id
    labels["split"] = np.where(labels.left_id % 4 == 3, "valid", "train")
    labels["left_id"] = "l" + labels.left_id.astype(str)
    labels["right_id"] = "r" + labels.right_id.astype(str)
    small = Boosting(iterations=15, leaves=5, min_leaf=5)
    fast = TrainOptions(epochs=2, batch_size=16, learning_rate=5e-3)
    network = PairClassifier(str(tiny), form=Serialisation("sentence"), options=fast, matcher=small)
    rules = (SharedWord(("name",)), TextNeighbours(("name",), k=5))
    linker = Linker({"name": "text"}, blocking=rules, second_pass=network, matcher=small)
    linker.fit(left, right, labels=labels)
    expected = linker.link(left, right, threshold=0.0)
    engine = local(2, 40, tmp_path)
    got = SparkLinker(linker, engine).link(frame(left), frame(right), threshold=0.0)
    by = [("left_id", "ascending"), ("right_id", "ascending")]
    links, wanted = (one.links for one in (got, expected))
    links, wanted = links.toArrow().sort_by(by), wanted.sort_by(by)
    assert links.num_rows > 100
    assert links.select(["left_id", "right_id"]).equals(wanted.select(["left_id", "right_id"]))
    np.testing.assert_allclose(links["score"], wanted["score"], rtol=0, atol=1e-4)


def test_a_network_behind_an_opinion_scores_as_on_one_machine(
    phrases, tiny, local, frame, tmp_path
):
    """What a linker without labels thinks, and whose candidates compete, comes first."""
    pytest.importorskip("onnxruntime")
    names = [" ".join(both) for both in zip(*phrases, strict=True)]
    left, right = (
        pa.table({"id": [f"{side}{n}" for n in range(64)], "name": texts})
        for side, texts in zip("lr", (names, [one.replace("e", "a") for one in names]), strict=True)
    )
    spec = Linker({"name": "name"}, blocking=(TextNeighbours(("name",), k=5),)).spec
    pool = open_pool(spec, {"left": left, "right": right})
    match = pool.left + 64 == pool.right
    some = np.sort(np.argsort(~match, kind="stable")[:150])
    lesson = Lesson(pool.left[some], pool.right[some], match[some], np.ones(150))
    network = network_for_few(str(tiny), unlabelled=20)
    linker, _ = teach_linker(pool, lesson, RandomForest(trees=20, min_leaf=2), network)
    assert linker.fitted_.matcher.rivals is not None
    expected = linker.link(left, right, threshold=0.0).links
    engine = local(2, 40, tmp_path)
    got = SparkLinker(linker, engine).link(frame(left), frame(right), threshold=0.0).links
    by = [("left_id", "ascending"), ("right_id", "ascending")]
    links, wanted = got.toArrow().sort_by(by), expected.sort_by(by)
    assert links.num_rows > 60
    assert links.select(["left_id", "right_id"]).equals(wanted.select(["left_id", "right_id"]))
    np.testing.assert_allclose(links["score"], wanted["score"], rtol=0, atol=1e-4)
