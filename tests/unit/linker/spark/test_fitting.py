"""Fit on Spark gives the very linker that a fit on one machine gives."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.blocking import ExactKey, NoSeries, Radius, SharedWord
from sameas.comparison import (
    Context,
    CoreWord,
    Distance,
    EmbeddingCosine,
    Faded,
    JaroWinkler,
    NgramCosine,
    SoftTfidf,
)
from sameas.core.errors import LabelError
from sameas.evaluation import FBeta, OneToOne
from sameas.linker import Cascade, Linker, learner
from sameas.linker.namesakes import guess_of_namesakes
from sameas.linker.second_pass import SecondPass
from sameas.linker.spark import SparkLinker
from sameas.linker.spark import fitting as fitting_on_spark
from sameas.matching import Boosting, FellegiSunter, SelfTraining

KINDS = {"name": "name", "latitude": "latitude", "longitude": "longitude", "phone": "phone"}
SMALL = Boosting(iterations=8, leaves=4, min_leaf=3, members=1)
RULES = (Radius(300.0), ExactKey(("phone",), form="digits", at_most=9), SharedWord(("name",)))


def labels_for(left, right, count=900, *, seed=0):
    rng = np.random.default_rng(seed)
    one, two = left["id"].to_pylist(), right["id"].to_pylist()
    words = [[set((name or "").split()) for name in side["name"].to_pylist()]
             for side in (left, right)]  # fmt: skip
    pairs = rng.integers(0, [len(one), len(two)], (count, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]] if left is right else pairs
    return pa.table({"left_id": [one[n] for n in pairs[:, 0]],
                     "right_id": [two[n] for n in pairs[:, 1]],
                     "label": [len(words[0][a] & words[1][b]) > 0
                               for a, b in pairs.tolist()]})  # fmt: skip


def fitted_both(make, local, frame, tmp_path, tables, **how):
    here = make().fit(tables, **how)
    frames = {name: frame(each) for name, each in tables.items()}
    there = make()
    SparkLinker.fit(there, frames, engine=local(3, 60, tmp_path), **how)
    return here, there


def assert_same_linker(here, there):
    for name, wanted in here.fitted_.statistics.items():
        assert there.fitted_.statistics[name].equals(wanted, check_metadata=True), name
    assert there.fitted_.report == here.fitted_.report
    assert there.version == here.version


SETTINGS = {
    "plain": {},
    "two passes": {"second_pass": SecondPass(SMALL, folds=2)},
    "cascade": {"cascade": Cascade(later=(SoftTfidf("name"),), matcher=SMALL)},
    "cross fit": {"cross_fit": 3},
}


@pytest.mark.parametrize("what", SETTINGS)
def test_labelled_pairs_teach_the_same_linker(local, frame, table, tmp_path, what):
    def make():
        defaults = {
            "blocking": RULES, "matcher": SMALL, "second_pass": None,
            "context": Context((Faded(SoftTfidf("name")),)),
            "comparisons": (
                JaroWinkler("name"), SoftTfidf("name"), Distance(), NgramCosine(("name",)),
                CoreWord("name"), EmbeddingCosine(("name",)),
            ),
        }  # fmt: skip
        return Linker(KINDS, **(defaults | SETTINGS[what]))

    given = table(400, seed=7)
    here, there = fitted_both(
        make, local, frame, tmp_path, {"x": given}, labels=labels_for(given, given)
    )
    assert (here.spec.second_pass is None) == ("second_pass" not in SETTINGS[what])
    assert len(here.fitted_.statistics) >= 4
    assert_same_linker(here, there)


def test_a_silver_field_teaches_the_same_linker(local, frame, table, tmp_path):
    def make():
        return Linker(KINDS, blocking=(Radius(3000.0),), matcher=SMALL, silver="phone",
                      second_pass=None)  # fmt: skip

    tables = {"b": table(260, seed=2), "a": table(200, seed=3)}
    here, there = fitted_both(make, local, frame, tmp_path, tables)
    assert there.fitted_.report["labels"].startswith("silver")
    assert_same_linker(here, there)


def test_words_of_a_series_are_no_candidates_on_spark(local, frame, tmp_path, table, same):
    apart = NoSeries("name", (("blue", "oak", "Mill"),))
    rules = (Radius(300.0, filter=apart), SharedWord(("name",), filter=apart))
    linker, given = Linker(KINDS, blocking=rules, matcher=FellegiSunter()), table(300)
    door = SparkLinker.fit(linker, {"t": frame(given)}, engine=local(3, 60, tmp_path))
    assert linker.fitted_.spec.blocking == rules
    same(door.dedupe(frame(given)), linker.dedupe(given))


@pytest.mark.parametrize(
    ("what", "sizes"),
    [("counted", (250,)), ("counted", (150, 100)), ("random", (250,)), ("trees", (150, 100)),
     ("trees", (120, 90, 80)), ("counted", (90, 80, 70)),
     ("trees", (250,)),      ("assigned", (150, 100))],
)  # fmt: skip
def test_without_labels_the_same_is_learned(
    local, frame, table, tmp_path, monkeypatch, sizes, what
):
    matcher = {"random": FellegiSunter(u="random"), "trees": SelfTraining(trees=SMALL, rounds=2)}
    goal = OneToOne(FBeta()) if what == "assigned" else FBeta()

    def make():
        return Linker(KINDS, blocking=RULES, matcher=matcher.get(what, FellegiSunter()), goal=goal)

    kinds, collect = set(), local.collect

    def seen(engine, pieces):
        found = collect(engine, pieces)
        kinds.update(piece.kind for piece in found)
        return found

    monkeypatch.setattr(local, "collect", seen)
    tables = {name: table(size, seed=4 + size)
              for name, size in zip("bac", sizes, strict=False)}  # fmt: skip
    if what == "trees" and len(sizes) > 1:
        tables["a"] = tables["b"].slice(40)  # partners to guess
        if len(sizes) > 2:
            tables["c"] = tables["b"].slice(0, 90)
    here, there = fitted_both(make, local, frame, tmp_path, tables)
    assert_same_linker(here, there)
    assert "made" in kinds
    assert "records" not in kinds  # what is said of a pair comes to the driver, not its records


def test_where_self_training_cannot_begin_fellegi_sunter_learns(local, frame, tmp_path):
    tables = {
        source: pa.table({"id": [f"{source}{n}" for n in range(30)],
                          "style": ["pale ale"] * 29 + ["stout"], "price": [1.0] * 30})
        for source in "ba"
    }  # fmt: skip

    def make():
        return Linker({"style": "name", "price": "number"}, blocking=(ExactKey(("price",)),))

    here, there = fitted_both(make, local, frame, tmp_path, tables)
    assert_same_linker(here, there)
    assert there.fitted_.report["notes"][0].startswith("self-training could not begin")


def test_further_names_teach_the_same_linker(local, frame, tmp_path):
    rng = np.random.default_rng(3)
    word = [f"{a}{b}" for a in ("bar", "cor", "dun", "fel", "gam") for b in "klmnopqrst"]
    tables = {}
    for side in "ab":
        names = [word if side == "a" or n % 3 else f"{word} lode" for n, word in enumerate(word)]
        more = [[f"{one} lode", f"old {one}"] if n % 2 else None for n, one in enumerate(word)]
        tables[side] = pa.table({
            "id": [f"{side}{n}" for n in range(len(word))], "name": names,
            "aka": pa.array(more, pa.list_(pa.string())),
            "latitude": 40 + np.arange(len(word)) * 0.05 + rng.normal(0, 1e-3, len(word)),
            "longitude": np.full(len(word), -110.0),
        })  # fmt: skip

    def make():
        kinds = {"name": "name", "aka": "aliases", "latitude": "latitude",
                 "longitude": "longitude"}  # fmt: skip
        return Linker(kinds, matcher=FellegiSunter())

    here, there = fitted_both(make, local, frame, tmp_path, tables)
    assert len(here.spec.blocking) == 3
    assert_same_linker(here, there)


def test_places_of_one_name_teach_the_same_linker(local, frame, tmp_path, monkeypatch):
    rng = np.random.default_rng(5)
    where = rng.uniform(0, 0.1, (90, 2))
    moved = where + rng.normal(0, 1e-3, where.shape)
    tables = {}
    for side, points in (("a", where), ("b", moved)):
        points = np.concatenate([points, rng.uniform(0, 0.1, (40, 2))])
        names = [f"inn {chr(97 + n % 26)}{n}" for n in range(90)] + ["coffee king"] * 40
        tables[side] = pa.table({
            "id": [f"{side}{n:03}" for n in range(130)], "name": names,
            "latitude": points[:, 0], "longitude": points[:, 1],
        })  # fmt: skip
    guesses = []

    def seen(*given):
        guesses.append(guess_of_namesakes(*given))
        return guesses[-1]

    monkeypatch.setattr(learner, "guess_of_namesakes", seen)

    def make():
        kinds = {"name": "name", "latitude": "latitude", "longitude": "longitude"}
        return Linker(kinds, matcher=SelfTraining(trees=SMALL))

    here, there = fitted_both(make, local, frame, tmp_path, tables)
    assert_same_linker(here, there)
    assert (guesses[0] > 0.5).sum() > 50
    np.testing.assert_array_equal(*guesses)


def test_both_labels_and_candidates_teach_fellegi_sunter(local, frame, table, tmp_path):
    def make():
        return Linker(KINDS, blocking=RULES, matcher=FellegiSunter())

    given = table(300, seed=9)
    here, there = fitted_both(
        make, local, frame, tmp_path, {"x": given}, labels=labels_for(given, given)
    )
    assert_same_linker(here, there)


def test_persons_of_several_names_and_dates(local, frame, tmp_path):
    from sameas.datasets.persons import generate_persons

    given = generate_persons(600, seed=3)
    given = given.drop_columns([n for n in given.column_names if n in ("entity_id", "person")])
    kinds = {name: kind for name, kind in {
        "given_name": "given_name", "surname": "surname", "date_of_birth": "date",
        "phone": "phone", "email": "email", "city": "category",
    }.items() if name in given.column_names}  # fmt: skip
    assert len(kinds) >= 4

    def make():
        rules = (ExactKey(("surname", "date_of_birth")), SharedWord(("surname",), max_share=0.05))
        return Linker(kinds, blocking=rules)

    here, there = fitted_both(make, local, frame, tmp_path, {"x": given})
    assert_same_linker(here, there)


def test_too_many_candidates_for_the_driver_are_refused(local, frame, table, tmp_path, monkeypatch):
    monkeypatch.setattr(fitting_on_spark, "_MOST", 10)
    linker, given = Linker(KINDS, blocking=RULES, matcher=FellegiSunter()), table(200)
    labels, engine = labels_for(given, given), local(3, 60, tmp_path)
    with pytest.raises(LabelError, match="takes at most 10 to the driver"):
        SparkLinker.fit(linker, frame(given), labels=labels, engine=engine)


def test_what_teaches_nothing_is_an_error(local, frame, table, tmp_path):
    linker = Linker(KINDS, blocking=RULES[:1], matcher=SMALL, silver="phone")
    given = table(50)
    given = given.set_column(4, "phone", pa.nulls(50, pa.string()))
    with pytest.raises(LabelError, match="'phone' is empty"):
        SparkLinker.fit(linker, frame(given), engine=local(3, 60, tmp_path))
