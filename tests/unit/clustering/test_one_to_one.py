import numpy as np
import pytest

from sameas.clustering import OneToOne
from sameas.core.errors import ArgumentError

GREEDY = OneToOne(method="greedy")


def arrays(*pairs, source):
    return (
        np.array([pair[0] for pair in pairs], np.int32),
        np.array([pair[1] for pair in pairs], np.int32),
        np.array([pair[2] for pair in pairs], np.float64),
        np.ones(len(pairs), bool),
        np.array(source, np.int32),
    )


def test_the_better_pair_chooses_first():
    given = arrays((0, 2, 0.8), (0, 3, 0.9), (1, 3, 0.85), source=[0, 0, 1, 1])
    assert GREEDY.select(*given).tolist() == [False, True, False]
    found = GREEDY.cluster(*given)
    assert found.label.tolist() == [0, 1, 2, 0]
    assert (found.report.pairs, found.report.dropped, found.report.tied) == (3, 2, 0)


def test_ties_go_to_the_smaller_record_numbers_and_are_counted():
    given = arrays((1, 2, 0.9), (0, 3, 0.9), (0, 2, 0.9), source=[0, 0, 1, 1])
    assert GREEDY.select(*given).tolist() == [False, False, True]
    assert GREEDY.cluster(*given).report.tied == 2


def test_a_pair_that_lost_to_a_better_one_is_no_tie():
    given = arrays((0, 2, 0.9), (0, 3, 0.8), (1, 3, 0.8), source=[0, 0, 1, 1])
    report = GREEDY.cluster(*given).report
    assert (report.dropped, report.tied) == (1, 0)


def test_three_sources_meet_in_one_cluster_with_one_record_each():
    given = arrays((0, 2, 0.9), (2, 4, 0.8), (1, 4, 0.7), (0, 4, 0.1), source=[0, 0, 1, 1, 2])
    assert GREEDY.cluster(*given).label.tolist() == [0, 1, 0, 3, 0]
    assert GREEDY.select(*given).tolist() == [True, True, False, True]


def test_pairs_within_a_source_are_dropped():
    given = arrays((0, 1, 0.9), (1, 2, 0.5), source=[0, 0, 1])
    assert GREEDY.select(*given).tolist() == [False, True]


def test_optimal_keeps_two_good_pairs_where_greedy_keeps_one():
    given = arrays((0, 2, 0.8), (0, 3, 0.9), (1, 3, 0.85), source=[0, 0, 1, 1])
    assert OneToOne().select(*given).tolist() == [True, False, True]
    assert OneToOne().cluster(*given).report.tied == 0


def test_optimal_counts_the_matches_of_other_best_assignments():
    given = arrays((1, 2, 0.9), (0, 3, 0.9), (0, 2, 0.9), (1, 3, 0.9), (4, 5, 0.5),
                   source=[0, 0, 1, 1, 0, 1])  # fmt: skip
    assert OneToOne().select(*given).tolist() == [False, False, True, True, True]
    assert OneToOne().cluster(*given).report.tied == 2
    report = OneToOne().cluster(*arrays((0, 1, 0.9), (0, 2, 0.9), source=[0, 1, 1])).report
    assert (report.dropped, report.tied) == (1, 1)


def test_optimal_with_three_sources_adds_up_the_scores_of_a_cluster():
    given = arrays((0, 1, 0.9), (0, 2, 0.6), (1, 2, 0.6), (0, 3, 0.7), source=[0, 1, 2, 2])
    assert OneToOne().cluster(*given).label.tolist() == [0, 0, 0, 3]


@pytest.mark.parametrize("method", ["optimal", "greedy"])
def test_one_source_is_refused(method):
    with pytest.raises(ArgumentError, match="at least two sources"):
        OneToOne(method).cluster(*arrays((0, 1, 0.9), source=[0, 0]))


def test_unknown_method_names_the_nearest():
    with pytest.raises(ArgumentError, match="Did you mean 'optimal'"):
        OneToOne("optimum")
