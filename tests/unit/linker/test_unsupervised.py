"""A linker without labels: what it learns, what it says of it, and what it refuses."""

import numpy as np
import pytest

from sameas.core.errors import LabelError
from sameas.linker import Linker
from sameas.linker.unsupervised import can_learn, unlabelled_spec
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
    linker = Linker(KINDS)
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
    linker = Linker(KINDS)
    linker.fit(*turned)
    assert linker.version == linked[0].version


def test_defaults_change_and_choices_stay():
    spec = unlabelled_spec(Linker(KINDS).spec)
    assert isinstance(spec.matcher, FellegiSunter)
    assert spec.second_pass is None
    assert len(spec.comparisons) == len(KINDS)
    mine = FellegiSunter(prior=0.01)
    chosen = unlabelled_spec(Linker(KINDS, matcher=mine).spec)
    assert chosen.matcher.prior == 0.01
    assert chosen.matcher.levels


def test_a_matcher_that_needs_labels_says_so():
    linker = Linker(KINDS, matcher=RandomForest())
    assert not can_learn(linker.spec)
    with pytest.raises(LabelError, match=r"'random_forest' needs some.*FellegiSunter"):
        linker.fit(*persons(20))
