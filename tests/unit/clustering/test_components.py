import numpy as np
import pytest

from sameas.clustering import ConnectedComponents, Link
from sameas.core.errors import ArgumentError


def run(clusterer, *pairs, n, decision=None):
    left = np.array([pair[0] for pair in pairs], np.int32)
    right = np.array([pair[1] for pair in pairs], np.int32)
    score = np.array([pair[2] for pair in pairs], np.float64)
    decided = np.ones(len(pairs), bool) if decision is None else np.array(decision)
    return clusterer.cluster(left, right, score, decided, np.zeros(n, np.int32))


TWO_CROWDS = [(0, 1, 0.9), (1, 2, 0.9), (0, 2, 0.8), (3, 4, 0.95), (4, 5, 0.7), (2, 3, 0.55)]


def test_only_decided_pairs_join():
    found = run(ConnectedComponents(), (0, 1, 0.9), (1, 2, 0.4), n=3, decision=[True, False])
    assert found.label.tolist() == [0, 0, 2]
    assert found.report.pairs == 1


def test_report_counts_sizes_and_names_the_largest():
    report = run(ConnectedComponents(), *TWO_CROWDS, (6, 7, 0.9), n=10).report
    assert (report.records, report.clusters) == (10, 4)
    assert report.sizes == ((1, 2), (2, 1), (6, 1))
    assert report.largest == ((0, 6), (6, 2))
    assert (report.dropped, report.tied, report.oversized) == (0, 0, 0)


def test_oversized_clusters_are_kept_and_described():
    found = run(ConnectedComponents(max_size=3), *TWO_CROWDS, n=6)
    assert found.label.tolist() == [0] * 6
    (cluster,) = found.report.oversized_clusters
    assert (cluster.record, cluster.size, cluster.parts) == (0, 6, 1)
    assert cluster.density == pytest.approx(6 / 15)
    # 0-2 is weaker than some, but nothing falls apart without it: it is no link of the tree
    assert cluster.weakest == (
        Link(2, 3, 0.55),
        Link(4, 5, 0.7),
        Link(0, 1, 0.9),
        Link(1, 2, 0.9),
        Link(3, 4, 0.95),
    )


def test_split_raises_the_threshold_inside_oversized_clusters_only():
    split = ConnectedComponents(max_size=3, oversized="split")
    found = run(split, *TWO_CROWDS, (6, 7, 0.1), (7, 8, 0.1), n=9)
    assert found.label.tolist() == [0, 0, 0, 3, 3, 3, 6, 6, 6]
    assert found.report.oversized_clusters[0].parts == 2
    assert found.report.dropped == 1


def test_a_part_that_is_small_enough_keeps_its_lower_threshold():
    # 0-1-2-3 must be cut at 0.8, the part 4-5 hangs on by 0.5 and keeps its own 0.6
    pairs = [(0, 1, 0.9), (2, 3, 0.9), (1, 2, 0.8), (4, 5, 0.6), (3, 4, 0.5)]
    found = run(ConnectedComponents(max_size=3, oversized="split"), *pairs, n=6)
    assert found.label.tolist() == [0, 0, 2, 2, 4, 4]


def test_nothing_joins_a_part_below_the_score_at_which_it_was_cut():
    pairs = [(0, 1, 0.9), (2, 3, 0.9), (1, 2, 0.8), (3, 4, 0.5)]
    found = run(ConnectedComponents(max_size=3, oversized="split"), *pairs, n=5)
    assert found.label.tolist() == [0, 0, 2, 2, 4]


def test_equal_scores_are_split_by_record_number_in_any_order():
    chain = [(i, i + 1, 1.0) for i in range(9)]
    split = ConnectedComponents(max_size=4, oversized="split")
    expected = [0, 0, 0, 0, 4, 4, 4, 4, 8, 8]
    assert run(split, *chain, n=10).label.tolist() == expected
    assert run(split, *chain[::-1], n=10).label.tolist() == expected


def test_a_repeated_pair_counts_once_in_the_density():
    pairs = [(0, 1, 0.9), (1, 0, 0.3), (1, 2, 0.9), (1, 1, 0.9)]
    (cluster,) = run(ConnectedComponents(max_size=2), *pairs, n=3).report.oversized_clusters
    assert cluster.density == pytest.approx(2 / 3)


def test_the_largest_oversized_clusters_are_described_first():
    big = [(i, i + 1, 0.9) for i in range(5, 9)]
    found = run(ConnectedComponents(max_size=2), (0, 1, 0.5), (1, 2, 0.5), *big, n=10)
    sizes = [(cluster.record, cluster.size) for cluster in found.report.oversized_clusters]
    assert sizes == [(5, 5), (0, 3)]
    assert found.report.oversized_clusters[1].weakest == (Link(0, 1, 0.5), Link(1, 2, 0.5))


def test_the_guard_can_be_turned_off():
    found = run(ConnectedComponents(max_size=None), *TWO_CROWDS, n=6)
    assert found.report.oversized == 0
    assert found.label.tolist() == [0] * 6


def test_report_as_plain_data_names_records():
    found = run(ConnectedComponents(max_size=3), *TWO_CROWDS, n=6)
    data = found.report.to_dict(key=lambda record: f"osm:{record}")
    assert data["sizes"] == {"6": 1}
    assert data["oversized_clusters"][0]["weakest"][0] == {
        "left": "osm:2",
        "right": "osm:3",
        "score": 0.55,
    }


@pytest.mark.parametrize("size", [1, 0, -3])
def test_greatest_size_must_allow_a_pair(size):
    with pytest.raises(ArgumentError, match="max_size must be at least 2"):
        ConnectedComponents(max_size=size)


def test_unknown_treatment_of_oversized_clusters():
    with pytest.raises(ArgumentError, match="Did you mean 'split'"):
        ConnectedComponents(oversized="splt")
