"""Encoders in a linker: one candidate stage, estimate, report and saved form with all rules."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import sameas
from sameas.blocking import ExactKey, NearestNeighbors, SharedWord
from sameas.comparison import EmbeddingCosine, JaroWinkler
from sameas.core.errors import ArgumentError, SavedLinkerError
from sameas.engines.duckdb import DuckDBEngine
from sameas.linker.candidates import find_candidates
from sameas.linker.embeddings import _loaded
from sameas.models import load_encoder
from sameas.models.cache import cache_folder
from sameas.records import prepare

WORDS = ["blue", "red", "old", "mill", "door", "star", "gym", "cafe", "lake", "hill", "stone"]


def tables(count: int = 120) -> tuple[pa.Table, pa.Table, pa.Table]:
    rng = np.random.default_rng(3)
    names = [" ".join(rng.choice(WORDS, 3)) + f" {number}" for number in range(count)]
    twins = [name.replace("o", "0", 1)[::1] for name in names]
    ids = list(range(count))
    left = pa.table({"id": ids, "name": names, "city": ["York"] * count})
    right = pa.table({"id": ids, "name": twins, "city": ["york"] * count})
    others = np.roll(ids, 1).tolist()
    labels = pa.table(
        {
            "left_id": ids + ids,
            "right_id": ids + others,
            "label": [True] * count + [False] * count,
            "split": (["train"] * 80 + ["valid"] * (count - 80)) * 2,
        }
    )
    return left, right, labels


def linker(model: str = "lexical") -> sameas.Linker:
    return sameas.Linker(
        {"name": "name", "city": "category"},
        blocking=(NearestNeighbors(("name",), model, k=3),),
        comparisons=(EmbeddingCosine(("name",), model), JaroWinkler("name")),
        context=None,
        second_pass=None,
    )


def records(count: int = 60) -> pa.Table:
    rng = np.random.default_rng(0)
    names = [None if n % 9 == 0 else " ".join(rng.choice(WORDS, 2)) for n in range(count)]
    source = ["a"] * (count // 3) + ["b"] * (count - count // 3)
    return pa.table({"source": source, "id": [f"{n:03d}" for n in range(count)], "name": names})


@pytest.mark.parametrize("across", [False, True])
def test_the_neighbours_are_those_of_brute_force(across: bool) -> None:
    table, rule = records(), NearestNeighbors(("name",), k=3)
    columns = prepare(table, rule.needs(), {})
    embedded = columns[rule.needs()[0]]
    code = embedded.code
    group = np.array([0] * 20 + [1] * 40, np.int32) if across else None
    expected = set()
    for one in np.flatnonzero(code >= 0):
        others = [
            other
            for other in np.flatnonzero(code >= 0)
            if other != one and (group is None or group[one] != group[other])
        ]
        cosine = embedded.space.cosine(np.full(len(others), code[one]), code[others])
        near = np.lexsort((others, -cosine))[:3]
        expected |= {tuple(sorted((int(one), int(others[at])))) for at in near if cosine[at] > 0}
    left, right = rule.pairs(columns, group, threads=2)
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == expected
    half = np.arange(0, 60, 2, dtype=np.int32)
    some = rule.pairs_of(columns, group, half, threads=1)
    assert set(zip(*(side.tolist() for side in some), strict=True)) <= expected


def test_unlike_neighbours_are_left_out() -> None:
    columns = prepare(records(), NearestNeighbors(("name",)).needs(), {})
    embedded = columns[NearestNeighbors(("name",)).needs()[0]]
    left, right = NearestNeighbors(("name",), at_least=0.6).pairs(columns, None, threads=1)
    assert len(left)
    assert embedded.space.cosine(embedded.code[left], embedded.code[right]).min() >= 0.6


def test_it_is_one_candidate_stage_with_the_other_rules() -> None:
    rules = [NearestNeighbors(("name",), k=4), ExactKey(("name",)), SharedWord(("name",), 0.15)]
    columns = prepare(records(), [need for rule in rules for need in rule.needs()], {})
    engine = DuckDBEngine(threads=1)
    found = find_candidates(columns, rules, 60, group=None, engine=engine)
    pairs = list(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert len(pairs) == len(set(pairs))
    alone = [find_candidates(columns, [rule], 60, group=None, engine=engine) for rule in rules]
    assert set(pairs) == {
        pair for one in alone for pair in zip(one.left.tolist(), one.right.tolist(), strict=True)
    }
    report = next(one for one in found.reports if "nearest" in one.rule)
    assert report.index == "exact, lists of keys by n-gram"
    assert 0 < report.kept < report.enumerated


def test_a_linker_finds_fits_saves_and_loads(tmp_path: Path) -> None:
    left, right, labels = tables()
    made = linker().fit(left, right, labels=labels)
    assert made.fitted_ is not None
    assert made.fitted_.report["pairs_completeness"] > 0.95
    assert made.fitted_.report["valid"]["f1"] > 0.9
    made.save(tmp_path / "linker")
    again = sameas.Linker.load(tmp_path / "linker")
    assert again.version == made.version
    pairs = labels.select(["left_id", "right_id"]).slice(0, 40)
    one, other = (each.score(left, right, pairs=pairs) for each in (made, again))
    assert one["score"].to_pylist() == other["score"].to_pylist()
    # Statistics are frozen: another table beside changes no score of a given pair.
    few = [table.slice(0, 40) for table in (left, right)]
    np.testing.assert_allclose(
        again.score(*few, pairs=pairs)["score"].to_numpy(), one["score"].to_numpy(), atol=1e-9
    )


def test_an_estimate_looks_at_a_sample() -> None:
    left, right, _ = tables()
    estimate = linker().estimate(left, right)
    (rule,) = estimate.rules
    assert rule.rule == "the 3 nearest by name (lexical)"
    assert 240 <= rule.kept <= 720
    assert estimate.unreachable == 0


@pytest.mark.parametrize("cls", [NearestNeighbors, EmbeddingCosine])
def test_a_model_is_named(cls: type) -> None:
    with pytest.raises(ArgumentError, match="model must be a name"):
        cls(("name",), load_encoder("lexical"))
    with pytest.raises(ArgumentError, match="fields must be a tuple"):
        cls("name")


@pytest.fixture
def static(tmp_path: Path) -> Iterator[Path]:
    pytest.importorskip("tokenizers")
    pytest.importorskip("safetensors")
    _loaded.cache_clear()
    folder = tmp_path / "my-model"
    write_static(folder, seed=1)
    yield folder
    _loaded.cache_clear()


def write_static(folder: Path, seed: int) -> None:
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, models, pre_tokenizers

    folder.mkdir(exist_ok=True)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    vocabulary = {"[UNK]": 0} | {one: n + 1 for n, one in enumerate(letters)}
    vocabulary |= {"##" + one: len(letters) + n + 1 for n, one in enumerate(letters)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    vectors = np.random.default_rng(seed).normal(size=(len(vocabulary), 24)).astype(np.float32)
    save_file({"embeddings": vectors}, str(folder / "model.safetensors"))
    (folder / "config.json").write_text(json.dumps({"model_type": "model2vec"}))


def test_a_model_in_a_folder_serves_and_its_version_is_kept(static: Path, tmp_path: Path) -> None:
    left, right, labels = tables()
    made = linker(str(static)).fit(left, right, labels=labels)
    assert made.spec.names()[0] == "name_my-model_cosine"
    made.save(tmp_path / "linker")
    again = sameas.Linker.load(tmp_path / "linker")
    pairs = labels.select(["left_id", "right_id"])
    scores = [each.score(left, right, pairs=pairs)["score"].to_pylist() for each in (made, again)]
    assert scores[0] == scores[1]
    write_static(static, seed=2)
    _loaded.cache_clear()
    with pytest.raises(SavedLinkerError, match="another version of the model"):
        again.score(left, right, pairs=pairs)


def test_a_second_run_encodes_nothing(
    static: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMEAS_CACHE", str(tmp_path / "cache"))
    left, right, _ = tables()
    counts = []
    for _ in range(2):
        _loaded.cache_clear()
        linker(str(static)).estimate(left, right)
        counts.append(dict(_loaded(str(static), str(cache_folder())).counts))
    assert counts[0]["computed"] > 150
    assert counts[1] == {"read": counts[0]["computed"], "computed": 0}
