"""The level of merging is chosen on labels, where clusters are best and not single pairs."""

import numpy as np
import pytest

from sameas.clustering import Agglomerative
from sameas.evaluation import FBeta, PrecisionAtLeast
from sameas.labeling import LabelledPairs
from sameas.linker.cluster_cut import chosen_cut


def make_groups(count=40, size=4):
    """Groups whose pairs score 0.4, or 0.9 along a chain; pairs between groups score 0.2."""
    number = np.arange(count * size)
    group = (number // size).astype(np.int32)
    left, right = (side.astype(np.int32) for side in np.triu_indices(len(number), 1))
    same = group[left] == group[right]
    score = np.where(same, np.where(right == left + 1, 0.9, 0.4), 0.2)
    pairs = LabelledPairs(left, right, same.astype(np.int8), None)
    near = same | (right == left + 1)
    return (left[near], right[near], score[near]), pairs, group * size


def test_the_level_lies_where_the_groups_come_out_whole():
    scored, pairs, group = make_groups()
    cut = chosen_cut(Agglomerative(), FBeta(), scored, pairs, group)
    assert 0.2 < cut < 0.4, "in the middle of what is right"
    source = np.zeros(len(group), np.int32)
    decision = scored[2] >= 0.5  # the best threshold of single pairs would be another
    found = Agglomerative(cut=cut).cluster(*scored, decision, source)
    np.testing.assert_array_equal(found.label, group)
    assert cut == chosen_cut(Agglomerative(), FBeta(), scored, pairs, group), "always the same"


@pytest.mark.parametrize(
    ("clusterer", "goal"),
    [
        (Agglomerative(cut=0.3), FBeta()),
        (Agglomerative("single"), FBeta()),
        (Agglomerative(), PrecisionAtLeast(0.9)),
    ],
)
def test_what_is_given_stays_and_other_goals_choose_none(clusterer, goal):
    assert chosen_cut(clusterer, goal, *make_groups(5)) is None


def test_undecided_labels_do_not_count():
    scored, pairs, group = make_groups(10)
    label = pairs.label.copy()
    label[pairs.right != pairs.left + 1] = -1
    label[pairs.right == pairs.left + 1] = 0  # nothing is to be merged
    none = LabelledPairs(pairs.left, pairs.right, label, None)
    some = LabelledPairs(pairs.left, pairs.right, np.where(label == 0, 1, label), None)
    assert chosen_cut(Agglomerative(), FBeta(), scored, some, group) < 0.9
    assert chosen_cut(Agglomerative(), FBeta(), scored, none, group) is not None
