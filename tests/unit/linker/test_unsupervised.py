"""A linker without labels: what it learns, what it says of it, and what it refuses."""

import numpy as np
import pytest

from sameas.blocking import ExactKey
from sameas.comparison import JaroWinkler
from sameas.core.errors import LabelError
from sameas.linker import Linker, sampling
from sameas.linker.exclusivity import measure_exclusivity
from sameas.linker.learning import make_job
from sameas.linker.rivals import Rivals
from sameas.linker.unlabelled import can_learn, unlabelled_spec
from sameas.matching import FellegiSunter, RandomForest

FIRST = [
    "ann",
    "bob",
    "carl",
    "dora",
    "emil",
    "fred",
    "gina",
    "hans",
    "iris",
    "jack",
    "kate",
    "liam",
    "mona",
    "nina",
    "otto",
    "paul",
]
LAST = [
    "smith",
    "jones",
    "miller",
    "brown",
    "baker",
    "cook",
    "fisher",
    "hunter",
    "mason",
    "taylor",
    "weaver",
    "young",
]
STREETS = ["oak", "elm", "pine", "maple", "cedar", "birch", "walnut", "willow", "aspen", "laurel"]
KINDS = {"first": "name", "last": "name", "street": "street", "phone": "phone"}


def persons(entities: int = 300, *, seed: int = 0):
    """Return two tables of the same persons; a fifth of the right-hand values are damaged."""
    random = np.random.default_rng(seed)
    left = {"id": [f"l{n}" for n in range(entities)]}
    left["first"] = random.choice(FIRST, entities).tolist()
    left["last"] = random.choice(LAST, entities).tolist()
    numbers = random.integers(1, 200, entities).astype(str)
    left["street"] = [
        f"{n} {s} street" for n, s in zip(numbers, random.choice(STREETS, entities), strict=True)
    ]
    left["phone"] = random.integers(10**8, 10**9, entities).astype(str).tolist()
    right = {name: list(values) for name, values in left.items()}
    right["id"] = [f"r{n}" for n in range(entities)]
    for name in KINDS:
        for row in np.flatnonzero(random.random(entities) < 0.2):
            right[name][row] = None if random.random() < 0.3 else right[name][row][1:] + "x"
    return left, right


@pytest.fixture(scope="module")
def linked():
    linker = Linker(KINDS, matcher=FellegiSunter())
    return linker, linker.link(*persons())


def test_links_are_found_without_labels(linked):
    _, result = linked
    rows = result.links.to_pylist()
    pairs = [(row["left_id"], row["right_id"]) for row in rows]
    right = sum(left[1:] == other[1:] for left, other in pairs)
    assert right / len(pairs) > 0.98
    assert right / 300 > 0.97


def test_the_report_says_that_it_is_an_estimate(linked):
    report = linked[0].fitted_.report
    assert report["labels"].startswith("none")
    assert "estimated from the scores, without labels" in report["threshold_note"]
    assert 250 < report["expected"]["matches"] < 350
    assert "weight" in report["matcher"]


def test_it_is_saved_and_scores_the_same(linked, tmp_path):
    linker, result = linked
    linker.save(tmp_path / "model")
    again = Linker.load(tmp_path / "model").link(*persons())
    assert again.links["score"] == result.links["score"]


def test_the_order_of_rows_makes_no_difference(linked):
    left, right = persons()
    turned = [{name: values[::-1] for name, values in table.items()} for table in (left, right)]
    linker = Linker(KINDS, matcher=FellegiSunter())
    linker.fit(*turned)
    assert linker.version == linked[0].version


def test_defaults_change_and_choices_stay():
    spec = unlabelled_spec(Linker(KINDS).spec)
    assert isinstance(spec.matcher, FellegiSunter)
    assert isinstance(spec.second_pass, Rivals)
    fields = [item.field for item in spec.comparisons if hasattr(item, "field")]
    assert set(fields) | {"street"} == set(KINDS)
    mine = FellegiSunter(prior=0.01)
    chosen = unlabelled_spec(Linker(KINDS, matcher=mine).spec)
    assert chosen.matcher.prior == 0.01
    assert chosen.matcher.levels


def test_the_score_is_the_sum_of_the_weights_and_of_the_rivals(linked):
    linker, _ = linked
    left, right = persons()
    fitted = linker.fitted_.matcher
    tables = {"left": left, "right": right}
    job = make_job(linker.fitted_.spec, tables, "many", None, dict(linker.fitted_.statistics))
    found = job.candidates
    rows = job.seen(fitted, found.left, found.right, np.ones(len(found), bool))
    logit = fitted.first.prior_weight + fitted.weights(rows).sum(axis=1)
    expected = 1 / (1 + np.exp2(-np.clip(logit, -500, 500)))
    np.testing.assert_allclose(fitted.score(rows), expected, atol=1e-6)
    assert (rows[:, -1] < -1).any(), "a rival takes something away"
    assert fitted.contributions(rows).values.shape == rows.shape


def test_exclusivity_is_measured():
    left = np.int32([0, 0, 1, 1])
    right = np.int32([2, 3, 2, 3])
    exclusive = measure_exclusivity(left, right, np.array([9.0, 1.0, 1.0, 9.0]), 4)
    assert exclusive == (0.75, 0.75)
    shared = np.int32([0, 0, 0]), np.int32([1, 2, 3])
    assert measure_exclusivity(*shared, np.array([9.0, 8.0, 7.0]), 4)[0] == 0.25
    assert measure_exclusivity(*shared, np.array([9.0, 9.0, 9.0]), 4)[0] == 0.25


def test_one_to_one_gives_each_record_one_partner():
    left = {"id": ["a"], "name": ["blue door cafe"], "street": ["1 oak street"]}
    right = {
        "id": ["b", "c"] + [f"x{n}" for n in range(60)],
        "name": ["blue door cafe", "blue door inn and bar"] + [f"{n} hotel" for n in range(60)],
        "street": ["1 oak street"] * 2 + [f"{n} elm road" for n in range(60)],
    }
    kinds = {"name": "name", "street": "street"}
    alike = (JaroWinkler("name"), JaroWinkler("street"))
    linker = Linker(kinds, matcher=FellegiSunter(prior=0.1), comparisons=alike)
    links = linker.link(left, right, mode="one-to-one").links.to_pylist()
    assert [(row["left_id"], row["right_id"]) for row in links] == [("a", "b")]


def test_labels_and_candidates_together():
    left, right = persons(400, seed=1)
    right["street"][:80] = ["9 new road"] * 80  # those with labels have moved
    labels = {
        "left_id": [f"l{n}" for n in range(80)] * 2,
        "right_id": [f"r{n}" for n in range(80)] + [f"r{n + 7}" for n in range(80)],
        "label": [True] * 80 + [False] * 80,
    }
    found = {}
    for given in (None, labels):
        linker = Linker(KINDS, matcher=FellegiSunter()).fit(left, right, labels=given)
        fitted = getattr(linker.fitted_.matcher, "first", linker.fitted_.matcher)
        street = fitted.comparisons.index("street_soft_tfidf")
        begin = sum(item.states for item in fitted.levels[:street])
        found[given is None] = fitted.parameters.m[begin]
    assert found[False] < found[True] - 0.03, "labelled matches have other streets"
    assert linker.fitted_.report["labels"] == "The label table"


def test_comparisons_that_were_not_chosen_become_one_a_field():
    chosen = unlabelled_spec(Linker(KINDS, matcher=FellegiSunter()).spec)
    assert chosen.comparisons == unlabelled_spec(Linker(KINDS).spec).comparisons


def test_a_matcher_that_needs_labels_says_so():
    linker = Linker(KINDS, matcher=RandomForest())
    assert not can_learn(linker.spec)
    with pytest.raises(LabelError, match=r"'random_forest' needs some.*FellegiSunter"):
        linker.fit(*persons(20))


@pytest.mark.parametrize(
    ("fields", "apart"),
    [(("first", "last", "street", "phone"), 2), (("first", "last", "street"), 0)],
)
def test_rules_learn_apart_where_three_fields_are_left_beside_the_context(
    fields, apart, monkeypatch
):
    strata, sample_of = [], sampling.sample_of

    def spy(*given):
        sample = sample_of(*given)
        strata.append(len(sample.strata))
        return sample

    monkeypatch.setattr(sampling, "sample_of", spy)
    tables = [{name: table[name] for name in ("id", *fields)} for table in persons()]
    rules = ExactKey(("first",)), ExactKey(("last",))
    kinds = {name: KINDS[name] for name in fields}
    linker = Linker(kinds, blocking=rules, matcher=FellegiSunter()).fit(*tables)
    assert linker.fitted_.spec.context is not None
    assert strata == [apart]
