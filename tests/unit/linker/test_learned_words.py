"""A gym is a part of a hotel and a "Ltd" is nothing: what unmatched words say is learned."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.cli._show import fit_lines
from sameas.comparison import Distance, JaroWinkler, LearnedWords
from sameas.core.errors import ArgumentError
from sameas.core.prepared import Need
from sameas.linker import Linker
from sameas.linker.cascade import Cascade
from sameas.linker.second_pass import SecondPass
from sameas.matching import Boosting, FellegiSunter

FIELDS = {"name": "name", "latitude": "latitude", "longitude": "longitude"}
#: How rare a word is would give these few away.
PLAIN = (JaroWinkler("name"), Distance())
LEARNED = LearnedWords("name")
PARTS, DECORATION = ("gym", "spa", "bar"), ("ltd", "inc", "plc")


def make_tables(count=600, seed=1):
    """Each left place has one right record: itself with decoration, or a part of it."""
    rng = np.random.default_rng(seed)
    words = ["".join(rng.choice(list("abcdefghijklmnopqrst"), 6)) for _ in range(60)]
    places = 50 + rng.random((count, 2))
    names = [" ".join(rng.choice(words, 2, replace=False)) for _ in range(count)]
    match = rng.random(count) < 0.5
    more = [rng.choice(DECORATION if same else PARTS) for same in match]
    left = {"id": [f"l{n}" for n in range(count)], "name": names,
            "latitude": places[:, 0].tolist(), "longitude": places[:, 1].tolist()}  # fmt: skip
    longer = [f"{name} {word}" for name, word in zip(names, more, strict=True)]
    right = left | {"id": [f"r{n}" for n in range(count)], "name": longer}
    labels = pa.table({
        "left_id": left["id"], "right_id": right["id"], "label": match,
        "split": [("train", "train", "train", "valid", "test")[n % 5] for n in range(count)],
    })  # fmt: skip
    return left, right, labels


def make_linker(*comparisons, **settings):
    matcher = Boosting(iterations=30, leaves=7, min_leaf=5, members=1)
    return Linker(FIELDS, **({"comparisons": comparisons, "context": None, "second_pass": None,
                              "matcher": matcher} | settings))  # fmt: skip


def right_on_test(linker, tables):
    left, right, labels = tables
    test = labels.filter(pa.array([split == "test" for split in labels["split"].to_pylist()]))
    scored = linker.score(left, right, pairs=test.select(["left_id", "right_id"]))
    return float(np.mean(scored["decision"].to_numpy() == test["label"].to_numpy()))


@pytest.fixture(scope="module")
def tables():
    return make_tables()


@pytest.fixture(scope="module")
def taught(tables):
    left, right, labels = tables
    return make_linker(*PLAIN, LEARNED).fit(left, right, labels=labels)


def weights(linker):
    table = linker.fitted_.statistics["learned_words-name"]
    return dict(zip(table["word"].to_pylist(), table["weight"].to_pylist(), strict=True))


def test_words_of_parts_speak_against_a_match_and_decoration_for_it(taught):
    found = weights(taught)
    assert max(found[word] for word in PARTS) < -1
    assert min(found[word] for word in DECORATION) > 1
    told = taught.fitted_.report["words"]["name_learned_words"]
    assert set(told["against"][:3]) == set(PARTS)
    assert set(told["for"][:3]) == set(DECORATION)
    (line,) = [line for line in fit_lines(taught.fitted_.report, 0.5, "v") if "against" in line]
    assert line.startswith("name_learned_words: against a match ")


def test_what_was_learned_decides_pairs_that_no_other_comparison_can(taught, tables):
    left, right, labels = tables
    plain = make_linker(*PLAIN).fit(left, right, labels=labels)
    assert right_on_test(plain, tables) < 0.7
    assert right_on_test(taught, tables) > 0.95


def test_a_saved_linker_keeps_the_weights_and_scores_alike(taught, tables, tmp_path):
    left, right, labels = tables
    pairs = labels.select(["left_id", "right_id"])
    taught.save(tmp_path / "linker")
    again = Linker.load(tmp_path / "linker")
    assert weights(again) == weights(taught)
    assert again.score(left, right, pairs=pairs).equals(taught.score(left, right, pairs=pairs))


def test_a_training_pair_is_told_what_other_pairs_have_taught(tables, monkeypatch):
    from sameas.linker import training

    seen = {}
    learn = training.learn_words

    def watched(job, features, pairs, label, train):
        out = learn(job, features, pairs, label, train)
        whole = LEARNED.values(job.columns, *pairs)[0]
        seen.update(column=out[:, job.spec.base_names().index("name_learned_words")],
                    whole=whole, train=train)  # fmt: skip
        return out

    monkeypatch.setattr(training, "learn_words", watched)
    left, right, labels = tables
    make_linker(*PLAIN, LEARNED).fit(left, right, labels=labels)
    train = seen["train"]
    assert np.array_equal(seen["column"][~train], seen["whole"][~train])
    assert (seen["column"][train] != seen["whole"][train]).mean() > 0.9
    assert np.corrcoef(seen["column"][train], seen["whole"][train])[0, 1] > 0.9


@pytest.mark.parametrize("settings", [
    {"cascade": Cascade(later=(JaroWinkler("name"), LEARNED))},
    {"second_pass": SecondPass(Boosting(iterations=10, leaves=4, min_leaf=5), folds=2)},
])  # fmt: skip
def test_it_goes_with_a_cascade_and_with_a_second_pass(tables, settings):
    left, right, labels = tables
    linker = make_linker(*PLAIN, LEARNED, **settings).fit(left, right, labels=labels)
    assert right_on_test(linker, tables) > 0.9


def test_with_few_matches_it_is_left_out(tables):
    left, right, labels = tables
    linker = make_linker(*PLAIN, LEARNED).fit(left, right, labels=labels.slice(0, 100))
    assert LEARNED not in linker.fitted_.spec.comparisons
    assert "name_learned_words" not in linker.fitted_.matcher.names
    assert 0 < right_on_test(linker, tables) < 1


def test_without_labels_it_is_left_out(tables):
    left, right, _ = tables
    linker = make_linker(*PLAIN, LEARNED, matcher=FellegiSunter()).fit(left, right)
    assert LEARNED not in linker.fitted_.spec.comparisons


def test_alone_it_cannot_learn_without_labels(tables):
    left, right, _ = tables
    with pytest.raises(ArgumentError, match="at least one comparison"):
        make_linker(LEARNED, matcher=FellegiSunter()).fit(left, right)


def test_until_labels_have_taught_it_words_weigh_nothing():
    from sameas.records import prepare

    records = pa.table({"source": ["s"] * 3, "id": ["1", "2", "3"],
                        "name": ["old mill", "old mill gym", None]})  # fmt: skip
    columns = prepare(records, LEARNED.needs(), {})
    (value,) = LEARNED.values(columns, np.array([0, 0]), np.array([1, 2]))
    assert value[0] == 0
    assert np.isnan(value[1])
    assert Need("learned_words", ("name",)) in columns
