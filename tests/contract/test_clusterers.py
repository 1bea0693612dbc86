"""Every clusterer keeps these promises, whatever it does."""

import json

import numpy as np
import pytest

import sameas.clustering as clustering
from sameas.core.errors import ArgumentError
from sameas.core.specs import from_dict, registered, to_dict

assert clustering
#: Settings that behave otherwise than the defaults.
VARIANTS = {
    "connected_components": [{"max_size": 3, "oversized": "split"}],
    "one_to_one": [{"method": "greedy"}],
    "agglomerative": [
        {"linkage": "complete"},
        {"linkage": "single"},
        {"missing": 0.3},
        {"max_size": 3, "oversized": "split"},
        {"linkage": "single", "max_size": 3, "oversized": "split"},
    ],
    "correlation": [{"missing": 0.3}, {"sweeps": 0}],
    "split_bridges": [{"side": 1}, {"keep": 0.8}],
    "split_chains": [{"level": 0.5, "missing": 0.0}],
}
#: Scores below the threshold count for these.
READ_ALL_SCORES = (clustering.Agglomerative, clustering.Correlation, clustering.SplitChains)
CLUSTERERS = [
    pytest.param(cls(**options), id=f"{name}-{options}")
    for name, cls in registered("clusterer").items()
    for options in ({}, *VARIANTS.get(name, []))
]
every_clusterer = pytest.mark.parametrize("clusterer", CLUSTERERS)


def pairs(*, n=60, e=150, seed=0):
    rng = np.random.default_rng(seed)
    left, right = rng.integers(0, n, (2, e)).astype(np.int32)
    score = rng.integers(0, 11, e) / 10
    return left, right, score, score >= 0.5, rng.integers(0, 3, n).astype(np.int32)


@every_clusterer
def test_turns_into_json_and_back(clusterer):
    assert from_dict(json.loads(json.dumps(to_dict(clusterer)))) == clusterer


@every_clusterer
@pytest.mark.parametrize("n", [0, 1, 5])
def test_without_pairs_every_record_is_alone(clusterer, n):
    none = np.zeros(0, np.int32)
    found = clusterer.cluster(
        none, none, np.zeros(0), np.zeros(0, bool), np.arange(n, dtype=np.int32)
    )
    assert found.label.tolist() == list(range(n))
    assert (found.report.records, found.report.clusters) == (n, n)


@every_clusterer
def test_labels_are_smallest_members(clusterer):
    label = clusterer.cluster(*pairs()).label
    assert label.dtype == np.int32
    assert (label <= np.arange(60)).all()
    assert np.array_equal(label[label], label)


@every_clusterer
def test_order_orientation_and_repetition_do_not_matter(clusterer):
    left, right, score, decision, source = pairs(seed=1)
    shuffle = np.random.default_rng(2).permutation(len(left))
    shuffle = np.concatenate((shuffle, shuffle[:20]))
    once = clusterer.cluster(left, right, score, decision, source)
    other = clusterer.cluster(
        right[shuffle], left[shuffle], score[shuffle], decision[shuffle], source
    )
    assert np.array_equal(once.label, other.label)
    assert once.report.oversized_clusters == other.report.oversized_clusters


@every_clusterer
def test_arguments_are_not_changed_and_may_be_read_only(clusterer):
    given = pairs(seed=3)
    copies = [array.copy() for array in given]
    for array in given:
        array.flags.writeable = False
    clusterer.cluster(*given)
    assert all(np.array_equal(*both) for both in zip(given, copies, strict=True))


@every_clusterer
def test_report_agrees_with_the_labels(clusterer):
    left, right, score, decision, source = pairs(seed=4)
    found = clusterer.cluster(left, right, score, decision, source)
    _, sizes = np.unique(found.label, return_counts=True)
    report = found.report
    assert report.clusters == len(sizes)
    assert dict(report.sizes) == {s: int((sizes == s).sum()) for s in set(sizes.tolist())}
    assert report.pairs == decision.sum()
    assert report.dropped == (decision & (found.label[left] != found.label[right])).sum()
    assert json.dumps(report.to_dict())


@every_clusterer
def test_undecided_pairs_may_lack_a_score(clusterer):
    left, right, score, decision, source = pairs(seed=5)
    blank = np.where(decision, score, np.nan)
    found = clusterer.cluster(left, right, blank, decision, source)
    if isinstance(clusterer, READ_ALL_SCORES):  # without one, a pair is as good as not given
        left, right, score = left[decision], right[decision], score[decision]
        decision = decision[decision]
    once = clusterer.cluster(left, right, score, decision, source)
    assert np.array_equal(once.label, found.label)


@every_clusterer
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"score": np.array([np.nan])}, "score NaN"),
        ({"right": np.array([7], np.int32)}, "record numbers from 0 to 1"),
        ({"left": np.array([-1], np.int32)}, "record numbers from 0 to 1"),
        ({"decision": np.ones(2, bool)}, "one length"),
    ],
)
def test_impossible_arguments_are_named(clusterer, change, message):
    given = {
        "left": np.array([0], np.int32),
        "right": np.array([1], np.int32),
        "score": np.array([0.9]),
        "decision": np.ones(1, bool),
        "source": np.array([0, 1], np.int32),
    }
    with pytest.raises(ArgumentError, match=message):
        clusterer.cluster(**(given | change))
