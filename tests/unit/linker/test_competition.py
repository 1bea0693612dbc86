"""Fellegi-Sunter that takes things of one kind for one thing: more matches than records allow."""

import numpy as np
import pytest

from sameas.linker import Linker
from sameas.linker.competition import _too_high
from sameas.matching import FellegiSunter

FIELDS = {"title": "text", "maker": "category", "series": "category", "price": "number"}
THINGS = ["lamp", "chair", "drill", "radio", "kettle", "mixer", "camera", "phone"]
COLOURS = [
    "red",
    "blue",
    "green",
    "black",
    "white",
    "grey",
    "pink",
    "brown",
    "gold",
    "silver",
    "navy",
    "teal",
]
MAKERS = ["sol", "arc", "neo", "tri", "vox", "zen"]


@pytest.fixture(scope="module")
def shelves():
    """Two catalogues of sixty things in twelve colours, of which each has a third or so."""
    random, tables = np.random.default_rng(3), []
    for side in ("l", "r"):
        kinds = [(n, k) for n in range(60) for k in range(12) if random.random() < 0.3]
        titles = []
        for thing, colour in kinds:
            words = [THINGS[thing % 8], str(thing * 37 % 1009)]
            if random.random() < 0.8:
                words.append(COLOURS[colour])
                words += [random.choice(["new", "pack", "box", "set"])] if side == "r" else []
            titles.append(" ".join(words))
        tables.append({
            "id": [f"{side}{n}.{k}" for n, k in kinds],
            "title": titles,
            "maker": [MAKERS[n % 6] for n, _ in kinds],
            "series": [f"{MAKERS[n % 5]}{n}" for n, _ in kinds],
            "price": [10 + n + random.normal(0, 0.5) + k for n, k in kinds],
        })  # fmt: skip
    return tuple(tables)


def noted(linker, words):
    return any(words in note for note in linker.fitted_.report["notes"])


@pytest.mark.parametrize("mode", ["many", "one-to-one"])
def test_its_prior_is_lowered(shelves, mode):
    linker = Linker(FIELDS, matcher=FellegiSunter())
    links = linker.link(*shelves, mode=mode).links.to_pylist()
    assert noted(linker, "its prior was lowered until it takes 169")  # 3/4 of 225 records
    right = sum(row["left_id"][1:] == row["right_id"][1:] for row in links)
    # Before, one partner was found for nearly all of the 225: 201 links, of which 52 are right.
    assert len(links) < 150
    assert right / len(links) > 0.35
    assert right >= 48


def test_it_is_saved_with_the_lower_prior(shelves, tmp_path):
    linker = Linker(FIELDS, matcher=FellegiSunter())
    links = linker.link(*shelves).links
    linker.save(tmp_path / "model")
    again = Linker.load(tmp_path / "model")
    assert again.fitted_.matcher.first.prior == linker.fitted_.matcher.first.prior
    assert again.link(*shelves).links["score"] == links["score"]


def test_a_given_prior_stays(shelves):
    linker = Linker(FIELDS, matcher=FellegiSunter(prior=0.2)).fit(*shelves)
    assert linker.fitted_.matcher.first.prior == 0.2
    assert linker.fitted_.matcher.exclusive == (1.0, 1.0)
    assert noted(linker, "given one partner at most")


def test_each_pair_by_itself_keeps_its_prior(shelves):
    alone = Linker(FIELDS, matcher=FellegiSunter(), rivals=False).fit(*shelves)
    rivals = Linker(FIELDS, matcher=FellegiSunter()).fit(*shelves)
    assert alone.fitted_.matcher.prior > 2 * rivals.fitted_.matcher.first.prior
    assert not noted(alone, "prior was lowered")


def test_log_odds_are_lowered_to_a_number_of_matches():
    own = np.random.default_rng(0).normal(0, 3, 1000)
    lowered = _too_high(own, 100.0)
    assert (1 / (1 + np.exp(lowered - own))).sum() == pytest.approx(100, rel=1e-6)
    assert lowered > 0
