import numpy as np
import pytest

from sameas.clustering import ConnectedComponents, Constrained, Constraints, OneToOne
from sameas.core.errors import ArgumentError

CHAIN = (
    np.array([0, 1, 2, 3], np.int32),
    np.array([1, 2, 3, 4], np.int32),
    np.array([0.9, 0.6, 0.7, 0.9]),
    np.ones(4, bool),
    np.array([0, 1, 1, 1, 0], np.int32),
)


def pairs(*couples):
    return np.array(couples, np.int32).reshape(-1, 2).T


def labels(rules, given=CHAIN, clusterer=None):
    return Constrained(clusterer or ConnectedComponents(), rules).cluster(*given).label.tolist()


def test_a_chain_is_cut_at_its_weakest_link():
    assert labels(Constraints(apart=pairs((4, 0)))) == [0, 0, 2, 2, 2]
    assert labels(Constraints(apart=pairs((2, 4)))) == [0, 0, 0, 3, 3]


def test_the_cut_has_the_least_sum_not_the_weakest_link():
    # From 0 to 3 by two ways: 0-1-3 (0.9, 0.6) and 0-2-3 (0.6, 0.6); 2 has more ties to 3.
    left, right = np.array([0, 1, 0, 2], np.int32), np.array([1, 3, 2, 3], np.int32)
    score, source = np.array([0.9, 0.6, 0.55, 0.6]), np.zeros(4, np.int32)
    given = left, right, score, np.ones(4, bool), source
    assert labels(Constraints(apart=pairs((0, 3))), given) == [0, 0, 2, 2]


def test_one_cut_serves_two_couples():
    assert labels(Constraints(apart=pairs((0, 4), (1, 3)))) == [0, 0, 2, 2, 2]


def test_must_links_join_without_a_candidate_pair_and_are_never_cut():
    rules = Constraints(together=pairs((1, 2)), apart=pairs((0, 4)))
    assert labels(rules) == [0, 0, 0, 3, 3]
    left, right, score, decision, source = CHAIN
    none = left[:0], right[:0], score[:0], decision[:0], source
    assert labels(Constraints(together=pairs((0, 4), (2, 4))), none) == [0, 1, 0, 3, 0]


def test_a_source_without_duplicates():
    assert labels(Constraints(unique=(0,))) == [0, 0, 2, 2, 2]
    assert labels(Constraints(unique=(1,))) == [0, 0, 2, 3, 3]


def test_one_to_one_gives_way_to_what_must_be():
    left, right = np.array([0, 0], np.int32), np.array([1, 2], np.int32)
    given = left, right, np.array([0.9, 0.6]), np.ones(2, bool), np.array([0, 1, 1], np.int32)
    assert labels(Constraints(), given, OneToOne()) == [0, 0, 2]
    rules = Constraints(unique=(0, 1), together=pairs((0, 2)))
    assert labels(rules, given, OneToOne()) == [0, 1, 0]


def test_other_clusters_stay_as_they_are():
    found = Constrained(ConnectedComponents(max_size=2), Constraints(apart=pairs((0, 9))))
    left, right, score, decision, _ = CHAIN
    report = found.cluster(left, right, score, decision, np.zeros(10, np.int32)).report
    assert (report.oversized, report.dropped) == (1, 0)


def test_contradictions_name_the_records():
    source = CHAIN[-1]
    with pytest.raises(ArgumentError, match=r"'a' and 'c' cannot be together, but .* 1 more pairs"):
        Constraints(together=pairs((0, 1), (1, 2)), apart=pairs((0, 2), (0, 1))).check(
            source, key="abcde".__getitem__
        )
    with pytest.raises(ArgumentError, match="'b' and 'd' must be together"):
        Constraints(unique=(1,), together=pairs((1, 3))).check(source, key="abcde".__getitem__)
    with pytest.raises(ArgumentError, match=r"0 and 0 cannot be together"):
        labels(Constraints(apart=pairs((0, 0))))


def test_truth_of_constraints():
    assert not Constraints()
    assert Constraints(unique=(0,))
    assert Constraints(apart=pairs((0, 1)))
