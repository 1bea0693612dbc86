import numpy as np
import pytest

from sameas.clustering import Agglomerative, Correlation, SplitBridges, SplitChains
from sameas.core.errors import ArgumentError


def arrays(*pairs, n, threshold=0.5):
    left, right, score = (np.array(column) for column in zip(*pairs, strict=True))
    source = np.zeros(n, np.int32)
    return left.astype(np.int32), right.astype(np.int32), score, score >= threshold, source


TWO_GROUPS = arrays(
    (0, 1, 0.9), (0, 2, 0.9), (1, 2, 0.9), (3, 4, 0.9), (3, 5, 0.9), (4, 5, 0.9), (2, 3, 0.95), n=6
)


@pytest.mark.parametrize(
    "clusterer", [Agglomerative(cut=0.5), Correlation(cut=0.5), SplitBridges()]
)
def test_one_strong_link_does_not_join_two_groups(clusterer):
    found = clusterer.cluster(*TWO_GROUPS)
    if isinstance(clusterer, Agglomerative):  # the strong link comes first
        assert found.label.tolist() == [0, 0, 2, 2, 4, 4]
    else:
        assert found.label.tolist() == [0, 0, 0, 3, 3, 3]
    assert found.report.dropped > 0


def test_known_low_scores_count_and_unknown_ones_as_missing():
    chain = arrays((0, 1, 0.9), (1, 2, 0.8), (0, 2, 0.3), n=3)
    assert Agglomerative().cluster(*chain).label.tolist() == [0, 0, 2]  # (0.8 + 0.3) / 2 < 0.8
    assert Agglomerative(cut=0.55).cluster(*chain).label.tolist() == [0, 0, 0]
    assert Agglomerative("complete", cut=0.5).cluster(*chain).label.tolist() == [0, 0, 2]
    assert Agglomerative("single").cluster(*chain).label.tolist() == [0, 0, 0]
    unknown = arrays((0, 1, 0.9), (1, 2, 0.8), n=3)
    assert Agglomerative(cut=0.5, missing=0.3).cluster(*unknown).label.tolist() == [0, 0, 0]
    assert Agglomerative(cut=0.5, missing=0.1).cluster(*unknown).label.tolist() == [0, 0, 2]


def test_pairs_inside_a_source_count_only_if_any_were_compared():
    left, right, score, decision, _ = arrays(*((0, k, 0.9) for k in range(1, 6)), n=6)
    source = np.array([0, 1, 1, 1, 1, 1], np.int32)
    for linkage in ("average", "complete"):
        across = Agglomerative(linkage, cut=0.5).cluster(left, right, score, decision, source)
        assert across.label.tolist() == [0] * 6, "one site of a table, five records of another"
    one_table = Agglomerative(cut=0.5).cluster(left, right, score, decision, source * 0)
    assert np.bincount(one_table.label).max() < 6
    two_sites = arrays((0, 2, 0.9), (1, 3, 0.9), (0, 3, 0.2), n=4)[:4]
    kept = Agglomerative(cut=0.5).cluster(*two_sites, np.array([0, 0, 1, 1], np.int32))
    assert kept.label.tolist() == [0, 1, 0, 1]


def test_a_giant_group_is_reported_and_on_demand_merged_anew_within_a_size():
    dense = [(i, j, 0.9 if (i < 3) == (j < 3) else 0.6) for j in range(6) for i in range(j)]
    given = arrays(*dense, (6, 7, 0.8), n=8)
    assert Agglomerative(cut=0.5).cluster(*given).report.oversized == 0
    kept = Agglomerative(cut=0.5, max_size=4).cluster(*given)
    assert kept.label.tolist() == [0] * 6 + [6, 6]
    (giant,) = kept.report.oversized_clusters
    assert (giant.record, giant.size, giant.density, giant.parts) == (0, 6, 1.0, 1)
    assert giant.weakest[0].score == 0.6
    split = Agglomerative(cut=0.5, max_size=4, oversized="split").cluster(*given)
    assert split.label.tolist() == [0, 0, 0, 3, 3, 3, 6, 6]
    assert split.report.oversized_clusters[0].parts == 2
    single = Agglomerative("single", max_size=4, oversized="split").cluster(*given)
    assert np.bincount(single.label).max() <= 4


def test_records_move_to_where_they_belong():
    # 2 is first merged with 3 (0.99), then leaves for 0 and 1, where it adds more.
    given = arrays((2, 3, 0.99), (0, 1, 0.9), (0, 2, 0.9), (1, 2, 0.9), n=4)
    assert Correlation(cut=0.5, sweeps=0).cluster(*given).label.tolist() == [0, 0, 2, 2]
    assert Correlation(cut=0.5).cluster(*given).label.tolist() == [0, 0, 0, 3]


def test_a_bridge_with_a_high_score_or_a_small_side_stays():
    assert SplitBridges(keep=0.94).cluster(*TWO_GROUPS).label.tolist() == [0] * 6
    assert SplitBridges(side=4).cluster(*TWO_GROUPS).label.tolist() == [0] * 6
    pair = arrays((0, 1, 0.9), n=2)
    assert SplitBridges().cluster(*pair).label.tolist() == [0, 0]
    assert SplitBridges(side=1).cluster(*pair).label.tolist() == [0, 1]


def test_a_chain_is_cut_where_its_ends_are_known_to_differ():
    links = ((0, 1, 0.9), (1, 2, 0.8), (2, 3, 0.9))
    differ = arrays(*links, (0, 2, 0.1), (0, 3, 0.0), (1, 3, 0.1), n=4)
    found = SplitChains().cluster(*differ)
    assert found.label.tolist() == [0, 0, 2, 2]  # (0.8 + 0.1 + 0.0 + 0.1) / 4 < 0.3
    assert found.report.dropped == 1
    unknown = arrays(*links, n=4)
    assert SplitChains().cluster(*unknown).label.tolist() == [0] * 4  # 0.8 and three of 0.2
    assert SplitChains(missing=0.0).cluster(*unknown).label.tolist() == [0, 0, 2, 2]
    longer = arrays(*((k, k + 1, 0.6 + k / 100) for k in range(9)), n=10)
    assert np.bincount(SplitChains().cluster(*longer).label).max() < 10


def test_large_groups_stay_whole_though_a_record_was_compared_with_few_of_them():
    near = [(k, (k + step) % 120) for k in range(120) for step in (1, 5, 11, 29, 47)]
    ring = [(min(pair), max(pair), 0.95) for pair in near]
    assert np.bincount(SplitChains().cluster(*arrays(*ring, n=120)).label).max() == 120
    assert np.bincount(SplitChains(reach=200).cluster(*arrays(*ring, n=120)).label).max() < 120
    other = [(left + 120, right + 120, score) for left, right, score in ring]
    bridges = [(0, 150, 0.9), (30, 200, 0.9), (77, 222, 0.9)]
    label = SplitChains().cluster(*arrays(*ring, *other, *bridges, n=240)).label
    assert np.bincount(label).max() == 120


def test_pairs_below_the_threshold_never_join_and_matches_alone_never_part():
    apart = arrays((0, 1, 0.45), (2, 3, 0.9), n=4)
    assert SplitChains().cluster(*apart).label.tolist() == [0, 1, 2, 2]
    low = arrays(*((i, j, 0.12) for j in range(6) for i in range(j)), n=6, threshold=0.1)
    assert SplitChains().cluster(*low).label.tolist() == [0] * 6
    star = arrays(*((0, k, 0.9) for k in range(1, 6)), n=6)[:4]
    source = np.array([0, 1, 1, 1, 1, 1], np.int32)
    assert SplitChains(missing=0.0).cluster(*star, source).label.tolist() == [0] * 6


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Agglomerative("averag"), "Did you mean 'average'"),
        (lambda: Agglomerative(missing=2), "missing"),
        (lambda: Agglomerative(max_size=1), "max_size"),
        (lambda: Agglomerative(max_size=9, oversized="cut"), "oversized"),
        (lambda: Correlation(cut=-1), "cut"),
        (lambda: Correlation(sweeps=-1), "sweeps"),
        (lambda: SplitBridges(side=0), "side"),
        (lambda: SplitChains(level=0.0), "level"),
        (lambda: SplitChains(level=0.3, missing=0.4), "missing must be at most level"),
        (lambda: SplitChains(reach=0), "reach must be at least 1"),
    ],
)
def test_settings_are_checked(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()
