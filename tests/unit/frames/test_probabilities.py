"""What a join and a cluster learn without labels: claims of others, numbers, crowds."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from sameas.frames import cluster, merge
from sameas.frames._evidence import RELATIONS, log_ratio, number_relations, outbid
from sameas.frames._neighbours import probabilities
from sameas.frames._partners import learn_partners
from sameas.frames._probability import learn_mixture
from sameas.models import Neighbours

SYLLABLES = ("ba", "ke", "lo", "mi", "nu", "po", "ra", "si", "te", "vu", "xo", "zy")


def word(random: np.random.Generator, length: int = 4) -> str:
    return "".join(random.choice(SYLLABLES, length))


def words(count: int, seed: int) -> list[str]:
    random = np.random.default_rng(seed)
    return [f"{word(random)} {word(random)} {word(random)}" for _ in range(count)]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("bar", "rosso", "no numbers"),
        ("bar 7", "rosso", "numbers in one"),
        ("7 bar 12", "rosso 12-7", "equal"),
        ("bar 7, 12", "rosso 12", "one within the other"),
        ("bar 7/12", "rosso 12/8", "some equal"),
        ("bar 7", "rosso 70", "none"),
        ("bar ٧", "rosso ٧", "equal"),
    ],
)
def test_numbers_of_two_texts(left: str, right: str, expected: str) -> None:
    texts = pa.array([left, right])
    for one, other in ((0, 1), (1, 0)):
        code = number_relations(texts, np.array([one]), np.array([other]))
        assert RELATIONS[code[0]] == expected


def test_numbers_of_nothing() -> None:
    none = np.zeros(0, np.int32)
    assert len(number_relations(pa.array([], pa.large_string()), none, none)) == 0
    assert number_relations(pa.array(["7"]), np.array([0]), np.array([-1])).tolist() == [1]


def test_only_a_better_claim_on_the_same_key_counts() -> None:
    index = np.array([[3, 1, 5], [3, 2, 5], [-1, -1, -1]], np.int32)
    near = Neighbours(index, np.array([[0.9, 0.5, 0.1], [0.7, 0.5, 0.4], [np.nan] * 3], np.float32))
    # Key 5 is third for both, which is no claim; a key with one query has no rival.
    assert outbid(near).tolist() == [[False] * 3, [True, False, False], [False] * 3]


def test_a_code_that_never_occurs_says_nothing() -> None:
    code = np.array([2] * 50 + [5] * 50)
    match = np.repeat([0.9, 0.1], 50)
    found = log_ratio(code, match, 1 - match)
    assert found[2] > 1
    assert found[5] < -1
    assert found[[0, 1, 3, 4]].tolist() == [0, 0, 0, 0]


def test_a_left_row_loses_to_a_nearer_one() -> None:
    random = np.random.default_rng(2)
    best = np.concatenate([random.normal(0.8, 0.08, 600), random.normal(0.6, 0.08, 600)])
    second = np.minimum(random.normal(0.5, 0.08, 1200), best)
    key = np.concatenate([np.arange(600), random.integers(0, 600, 540), np.arange(600, 660)])
    index = np.stack([key, np.arange(2000, 3200), np.arange(4000, 5200)], axis=1).astype(np.int32)
    third = second - 0.02
    near = Neighbours(index, np.stack([best, second, third], axis=1).astype(np.float32))
    mixture = learn_mixture(best, second)
    assert mixture is not None
    none = np.zeros(index.shape, np.int8)
    score = probabilities(near, mixture, none)[:, 0]
    alone = mixture.probability(best, second)
    unsure = np.flatnonzero((alone > 0.3) & (alone < 0.7))
    lost = np.isin(unsure, np.flatnonzero(outbid(near)[:, 0]))
    assert (score[unsure[lost]] < alone[unsure[lost]] - 0.1).all()
    assert (score[unsure[~lost]] > alone[unsure[~lost]]).all()


def test_scores_do_not_depend_on_how_many_rows_are_asked_for() -> None:
    left, right = ({"name": words(60, seed=seed) + words(20, seed=9)} for seed in (1, 2))
    one = merge(left, right, on="name", threshold=None)
    three = merge(left, right, on="name", k=3, threshold=None)
    first = dict(zip(reversed(three["name_left"].to_pylist()),
                     reversed(three["score"].to_pylist()), strict=True))  # fmt: skip
    for name, score in zip(one["name_left"].to_pylist(), one["score"].to_pylist(), strict=True):
        assert first[name] == pytest.approx(score, abs=1e-9)


def crowd(count: int, seed: int) -> list[str]:
    """Branches of one chain, alike in all but one word and a number."""
    random = np.random.default_rng(seed)
    return [f"golden lantern kitchen main street {word(random, 2)} {place}"
            for place in random.permutation(1000)[:count]]  # fmt: skip


def test_a_crowd_is_not_one_group() -> None:
    branches, others = crowd(60, seed=3), words(100, seed=4)
    twins = [f"{name[:3]}{name[4:]}" for name in others[:50]]
    groups = cluster({"name": [*others, *twins, *branches]}, on="name")["cluster"].to_numpy()
    assert np.bincount(groups[150:]).max() <= 3
    assert np.mean(groups[:50] == groups[100:150]) > 0.9


def test_groups_of_many_variants_stay_whole() -> None:
    random = np.random.default_rng(5)
    names = words(30, seed=6)
    variants = []
    for number in range(9):
        places = random.integers(2, 12, len(names))
        kept = [f"{name[:at]}{name[at + 1 :]}" for name, at in zip(names, places, strict=True)]
        variants += names if number == 0 else kept
    groups = cluster({"name": variants}, on="name")["cluster"].to_numpy().reshape(9, 30)
    assert np.mean(groups == groups[0]) > 0.9
    assert len(np.unique(groups[0])) == 30


def test_a_number_cuts_by_the_cosine_whatever_the_scores() -> None:
    random = np.random.default_rng(8)
    names = words(40, seed=9)
    loose = [f"{name[:17]} {word(random)}" for name in names]  # a cosine of about 0.6
    rows = {"name": [*names, *loose]}
    for level, together in ((0.3, True), (0.95, False)):
        groups = cluster(rows, on="name", threshold=level)["cluster"].to_numpy()
        assert np.mean(groups[:40] == groups[40:]) == together


def test_too_few_or_too_strange_texts_learn_nothing() -> None:
    none = np.zeros((100, 6), np.int8)
    assert learn_partners(np.full((100, 2), 0.9), none[:, :2]) is None
    assert learn_partners(np.full((5, 6), 0.9), none[:5]) is None
    falling = np.sort(np.random.default_rng(1).normal(0.1, 0.03, (100, 6)), axis=1)[:, ::-1]
    assert learn_partners(falling, none) is None


def test_matches_of_equal_text_say_what_a_match_looks_like() -> None:
    """Two lists of one spelling, and titles on one topic that share half of their words."""
    random = np.random.default_rng(3)
    topic = [*words(25, seed=9)]
    titles = [" ".join(random.choice(topic, 5, replace=False)) for _ in range(150)]
    both = [*titles, *titles[:140], *(f"{title} a" for title in titles[140:])]
    groups = cluster({"title": both}, on="title")["cluster"].to_numpy().reshape(2, 150)
    assert (groups[0] == groups[1]).mean() > 0.95
    assert len(np.unique(groups)) > 140


def test_a_rare_code_tells_a_product_from_its_variants() -> None:
    """One shop describes at length, so its variants are more alike than one article in both."""
    random = np.random.default_rng(4)
    makers, kinds = words(12, seed=1), words(12, seed=2)
    extras = words(40, seed=3)
    first, second = [], []
    for number in range(60):
        maker, kind = makers[number % 12], kinds[number // 5]
        code = f"{maker[:2]}-{1000 + 37 * number}x"
        story = " ".join(extras[kinds.index(kind) * 3 : kinds.index(kind) * 3 + 8])
        first.append(f"{maker} {kind} {story} {code}")
        second.append(f"{maker} {code.replace('-', '')} {random.choice(extras)}")
    groups = cluster({"name": first + second}, on="name")["cluster"].to_numpy().reshape(2, 60)
    assert (groups[0] == groups[1]).mean() > 0.8
    assert len(np.unique(groups)) > 50
