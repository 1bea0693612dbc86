"""``label``, ``audit`` and ``distill``, against a real server on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sameas
from sameas.cli._group import run
from sameas.labeling import LabelledPairs, LLMLabeler, PairSelection, Question
from sameas.linker import Stop, distill, label_pairs, learning_curve, open_pool
from sameas.matching import RandomForest
from sameas.models.client import Client, Endpoint

pytest.importorskip("sklearn")
pytest.importorskip("httpx")

_BEGIN = ("kor", "bel", "tan", "ruz", "mip", "sal", "dov", "fen", "gar", "hul")
WORDS = [begin + end for begin in _BEGIN for end in ("ado", "ine", "ulu", "esh", "ota", "ibri")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tables of names: 150 things that both know, some words lost; and the truth."""
    random = np.random.default_rng(0)
    place = tmp_path_factory.mktemp("tables")
    names = [list(random.choice(WORDS, 4, replace=False)) for _ in range(200)]
    left = pa.table({"id": [f"a{n}" for n in range(150)],
                     "name": [" ".join(one) for one in names[:150]],
                     "year": random.integers(1900, 1910, 150)})  # fmt: skip
    kept = [[word for word in one if random.random() > 0.12] or one for one in names]
    right = pa.table({"id": [f"b{n}" for n in range(200)], "name": [" ".join(w) for w in kept],
                      "year": random.integers(1900, 1910, 200)})  # fmt: skip
    pq.write_table(left, place / "a.parquet")
    pq.write_table(right, place / "b.parquet")
    pairs = [(f"a{m}", f"b{n}", m == n) for m in range(150) for n in range(m, min(m + 2, 200))]
    columns = zip(*pairs, strict=True)
    truth = dict(zip(("left_id", "right_id", "label"), map(list, columns), strict=True))
    pq.write_table(pa.table(truth), place / "truth.parquet")
    return place


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Call the command line; return what it printed."""

    def command(*arguments: object, code: int = 0) -> str:
        ended = run([str(one) for one in arguments])
        out, err = capsys.readouterr()
        assert ended == code, out + err
        return out + err

    return command


def asking(folder: Path, llm, *more: object) -> list[object]:
    return [folder / "a.parquet", folder / "b.parquet", "--field", "name=name", "--field",
            "year=number", "--llm", llm.url, "--model", "tiny", "--entity", "mine",
            *more]  # fmt: skip


def right_share(table: pa.Table) -> float:
    rows = [row for row in table.to_pylist() if row["label"] is not None]
    return np.mean([row["label"] == (row["left_id"][1:] == row["right_id"][1:]) for row in rows])


def test_labels_are_written_audited_and_learned(folder, llm, call, tmp_path) -> None:
    out = tmp_path / "labels.parquet"
    told = call("label", *asking(folder, llm, "--budget", "80-pairs", "--out", out))
    assert "pairs asked: 72; rows: 80" in told  # a tenth of the budget asks again
    table = pq.read_table(out)
    assert right_share(table) > 0.8  # the pairs are drawn where it is hard
    label, sure, said = (table[name].to_numpy() for name in ("label", "confidence", "log_odds"))
    chance = np.where(label, sure, 1 - sure)
    assert chance.sum() > (1 / (1 + np.exp(-said))).sum() + 3  # the server says yes too rarely
    paid = len(llm.requests)
    call("label", *asking(folder, llm, "--budget", "80-pairs", "--out", out))
    assert len(llm.requests) == paid
    alone = call("audit", out)
    assert alone.startswith("No human labels were given")
    assert "records in the other order" in alone
    report = tmp_path / "audit.json"
    human = call("audit", out, "--human", folder / "truth.parquet", "--json", report)
    assert human.startswith("This audit compares labels with those of a person.")
    once = table.filter(pa.array([not one.endswith("swapped") for one in
                                  table["labeler"].to_pylist()]))  # fmt: skip
    known = [row for row in once.to_pylist()
             if 0 <= int(row["right_id"][1:]) - int(row["left_id"][1:]) <= 1]  # fmt: skip
    figures = json.loads(report.read_text())["human"]
    assert figures["pairs"] == len(known) > 10
    assert figures["share"] == pytest.approx(right_share(pa.Table.from_pylist(known)))
    call("fit", *asking(folder, llm)[:6], "--labels", out, "--conflicts", "resolve", "--save",
         tmp_path / "fitted")  # fmt: skip


def test_distill_saves_a_linker_that_links(folder, llm, call, tmp_path) -> None:
    model, out = tmp_path / "model", tmp_path / "labels.parquet"
    told = call(
        "distill",
        *asking(folder, llm, "--budget", "120-pairs", "--save", model, "--out", out, "--rounds", 2),
    )
    assert "estimate for all candidates against the labels of the language model" in told
    assert "not how right the model is" in told
    linker = sameas.Linker.load(model)
    found = linker.link(folder / "a.parquet", folder / "b.parquet")
    links = found.links.to_pylist()
    right = sum(row["left_id"][1:] == row["right_id"][1:] for row in links)
    assert 2 * right / (len(links) + 150) > 0.92  # F1: words are lost, so some names are doubtful
    assert right > 135
    scored = linker.score(folder / "a.parquet", folder / "b.parquet",
                          pairs=folder / "truth.parquet")  # fmt: skip
    assert np.isfinite(scored["score"].to_numpy()).all()
    [why] = linker.explain(folder / "a.parquet", folder / "b.parquet", pairs=[("a1", "b1")])
    assert why.left["id"] == "a1"


def test_a_human_calibrates_and_judges(folder, llm, call, tmp_path) -> None:
    told = call(
        "distill", *asking(folder, llm, "--budget", "120-pairs", "--save", tmp_path / "m"),
        "--human", folder / "truth.parquet", "--examples", 2, "--matcher", "boosting",
        "--rounds", 2,
    )  # fmt: skip
    assert "human labels" in told
    assert "against a person's labels" in told
    turns = llm.requests[0]["messages"]
    assert [turn["role"] for turn in turns] == ["system", *["user", "assistant"] * 2, "user"]


def test_a_budget_that_ends_is_no_loss(folder, llm, call, tmp_path) -> None:
    out = tmp_path / "labels.parquet"
    told = call("label", *asking(folder, llm, "--budget", "60-pairs,20-requests", "--out", out))
    assert "ended early: The budget of 20 requests is used up" in told
    assert len(llm.requests) == 20
    told = call("label", *asking(folder, llm, "--budget", "60-pairs", "--out", out))
    assert "20 answers were there already" in told
    assert len(llm.requests) == 60


@pytest.mark.parametrize("budget", ["1000", "0-pairs", "5-minutes", "10-pears"])
def test_budgets_that_say_nothing_are_refused(folder, llm, call, tmp_path, budget: str) -> None:
    told = call(
        "label", *asking(folder, llm, "--budget", budget, "--out", tmp_path / "x.csv"), code=2
    )
    assert "pairs" in told


def test_a_server_that_is_not_there_is_named(folder, llm, call, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("sameas.models.client.exchange.back_off", lambda *_: 0.0)
    llm.url = "http://127.0.0.1:9/v1"
    told = call(
        "label", *asking(folder, llm, "--budget", "5-pairs", "--out", tmp_path / "x.csv"), code=1
    )
    assert "127.0.0.1:9" in told


def test_asking_stops_when_decisions_stay(folder, llm) -> None:
    spec = sameas.Linker({"name": "name"}).spec
    named = {"a": folder / "a.parquet", "b": folder / "b.parquet"}
    pool = open_pool(spec, named)
    with Client(Endpoint(llm.url, "tiny")) as client:
        found = distill(pool, LLMLabeler(Question("mine")), client, pairs=300, stop=Stop(rounds=12))
        assert "stable" in str(found.labels.stopped)
        assert client.cost.requests < 300
        before = client.cost.requests
        run_ = label_pairs(pool, LLMLabeler(Question("mine")), client, pairs=50,
                           selection=PairSelection(1.0, 0, 0, 0))  # fmt: skip
        assert client.cost.requests - before <= 50
    weights = run_.table["weight"].to_numpy()
    assert weights.sum() == pytest.approx(len(pool.left))


def test_more_labels_teach_more(folder) -> None:
    named = {"a": folder / "a.parquet", "b": folder / "b.parquet"}
    pool = open_pool(sameas.Linker({"name": "name"}).spec, named)
    ids = np.array(pool.job.records.table["id"].to_pylist())
    truth = np.array([one[1:] for one in ids])
    label = (truth[pool.left] == truth[pool.right]).astype(np.int8)
    oracle = LabelledPairs(pool.left, pool.right, label, None)
    curve = learning_curve(pool, oracle, (30, 120), replicates=2,
                           matcher=RandomForest(trees=30)).to_pylist()  # fmt: skip
    assert [one["pairs"] for one in curve] == [30, 120]
    assert curve[1]["taught"] == 2
    assert curve[1]["macro_f1"] > 0.9
    assert all(one["low"] <= one["macro_f1"] <= one["high"] for one in curve if one["taught"])


def test_a_network_that_reads_is_taught_and_saved_too(folder, llm, call, tiny, tmp_path) -> None:
    pytest.importorskip("onnxruntime")
    model = tmp_path / "model"
    told = call(
        "distill", *asking(folder, llm, "--budget", "120-pairs", "--save", model, "--rounds", 1),
        "--matcher", "pair-classifier", "--reader", tiny, "--unlabelled", 60,
    )  # fmt: skip
    assert "estimate for all candidates" in told
    linker = sameas.Linker.load(model)
    assert linker.spec.second_pass.unlabelled == 60
    assert (model / "matcher" / "network" / "model_int8.onnx").exists()
    links = linker.link(folder / "a.parquet", folder / "b.parquet").links.to_pylist()
    right = sum(row["left_id"][1:] == row["right_id"][1:] for row in links)
    assert right / len(links) > 0.9
    assert right > 130
    [why] = linker.explain(folder / "a.parquet", folder / "b.parquet", pairs=[("a1", "b1")])
    assert why.left["id"] == "a1"
    for more, told in (
        (["--matcher", "pair-classifier"], "needs --reader NAME"),
        (["--reader", tiny], "--reader belongs to --matcher pair-classifier"),
        (["--unlabelled", 9], "--unlabelled belongs to"),
    ):
        refused = asking(folder, llm, "--budget", "9-pairs", "--save", tmp_path / "no")
        assert told in call("distill", *refused, *more, code=2)
