"""Invariants of the figures: equal to scikit-learn's, monotone, symmetric, best where chosen."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from sameas.core.errors import ArgumentError
from sameas.evaluation import (
    FBeta,
    PrecisionAtLeast,
    blocking_metrics,
    bootstrap,
    choose_threshold,
    cluster_metrics,
    pair_keys,
    pair_metrics,
    threshold_curve,
)

# Few distinct scores, so that ties are common; sometimes any float.
SCORE = st.one_of(st.integers(0, 8).map(lambda tenth: tenth / 8), st.floats(0, 1))
CLUSTERS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=40)


@st.composite
def scored(draw, *, unscored=False, min_matches=0):
    score = st.one_of(SCORE, st.just(math.nan)) if unscored else SCORE
    rows = draw(st.lists(st.tuples(st.booleans(), score), min_size=1, max_size=40))
    labels = np.array([label for label, _ in rows])
    assume(labels.sum() >= min_matches)
    return labels, np.array([value for _, value in rows])


def same(ours, theirs):
    assert ours == pytest.approx(theirs, abs=1e-12, nan_ok=True)


@settings(deadline=None)
@given(scored(), SCORE, st.sampled_from([0.5, 1.0, 2.0, 0.3]))
def test_figures_at_a_threshold_equal_scikit_learn(pairs, threshold, beta):
    labels, scores = pairs
    accepted = scores >= threshold
    found = pair_metrics(labels, scores, threshold=threshold, betas=(beta,))
    options = {"zero_division": np.nan}
    same(found.precision, sk.precision_score(labels, accepted, **options))
    same(found.recall, sk.recall_score(labels, accepted, **options))
    same(found.f_beta[beta], sk.fbeta_score(labels, accepted, beta=beta, **options))
    same(found.f1, sk.f1_score(labels, accepted, **options))
    same(
        found.macro_f1,
        sk.f1_score(labels, accepted, average="macro", labels=[False, True], **options),
    )
    same(found.accuracy, sk.accuracy_score(labels, accepted))
    cells = sk.confusion_matrix(labels, accepted, labels=[False, True])
    ours = [
        [found.true_negatives, found.false_positives],
        [found.false_negatives, found.true_positives],
    ]
    assert cells.tolist() == ours
    if 0 < labels.sum() < len(labels):
        same(found.balanced_accuracy, sk.balanced_accuracy_score(labels, accepted))


@settings(deadline=None)
@given(scored(unscored=True, min_matches=1))
def test_figures_of_the_ranking_equal_scikit_learn(pairs):
    labels, scores = pairs
    found = pair_metrics(labels, scores, threshold=0.5)
    ranked = np.where(np.isnan(scores), -1.0, scores)
    same(found.average_precision, sk.average_precision_score(labels, ranked))
    if not labels.all():
        same(found.roc_auc, sk.roc_auc_score(labels, ranked))
        same(found.gini, 2 * found.roc_auc - 1)


@settings(deadline=None)
@given(scored(unscored=True, min_matches=1), SCORE, SCORE)
def test_a_higher_threshold_never_raises_recall(pairs, one, other):
    low, high = sorted([one, other])
    recalls = [pair_metrics(*pairs, threshold=cut).recall for cut in (low, high)]
    assert recalls[0] >= recalls[1]
    curve = threshold_curve(*pairs)
    assert (np.diff(curve["recall"].to_numpy()) >= 0).all()


@settings(deadline=None)
@given(scored(unscored=True), st.randoms(use_true_random=False))
def test_figures_do_not_depend_on_the_order_of_rows(pairs, random):
    labels, scores = pairs
    order = list(range(len(labels)))
    random.shuffle(order)
    ours = pair_metrics(labels, scores, threshold=0.5).to_dict()
    assert pair_metrics(labels[order], scores[order], threshold=0.5).to_dict() == ours


@settings(deadline=None)
@given(
    scored(unscored=True, min_matches=1),
    st.sampled_from([FBeta(), FBeta(0.5), FBeta(2), PrecisionAtLeast(0.5), PrecisionAtLeast(0.9)]),
)
def test_the_chosen_threshold_is_the_best_of_all_cuts(pairs, goal):
    labels, scores = pairs
    cuts = [pair_metrics(labels, scores, threshold=cut) for cut in scores[scores > 0]]
    assume(cuts)

    def value(found):
        if isinstance(goal, PrecisionAtLeast):
            return found.recall if found.precision >= goal.precision else -1
        return pair_metrics(labels, scores, threshold=found.threshold, betas=[goal.beta]).f_beta[
            goal.beta
        ]

    best = max(map(value, cuts))
    if best < 0:
        with pytest.raises(ArgumentError, match="No threshold reaches"):
            choose_threshold(labels, scores, goal)
        return
    choice = choose_threshold(labels, scores, goal)
    assert 0 <= choice.threshold <= 1
    assert value(pair_metrics(labels, scores, threshold=choice.threshold)) == choice.value == best


@settings(deadline=None)
@given(scored(min_matches=1))
def test_the_chosen_threshold_sits_on_no_score(pairs):
    labels, scores = pairs
    distinct = np.unique(np.append(scores, 0.0))
    assume((np.diff(distinct) > 1e-9).all() and scores.min() > 0)
    assert choose_threshold(labels, scores).threshold not in scores


@settings(deadline=None)
@given(CLUSTERS)
def test_clusters_equal_brute_force_and_swap(rows):
    predicted, truth = map(np.array, zip(*rows, strict=True))
    found, swapped = cluster_metrics(predicted, truth), cluster_metrics(truth, predicted)
    for kind in ("pairwise", "bcubed", "exact"):
        same(getattr(found, f"{kind}_precision"), getattr(swapped, f"{kind}_recall"))
        same(getattr(found, f"{kind}_f1"), getattr(swapped, f"{kind}_f1"))
    together, truly = (codes[:, None] == codes[None, :] for codes in (predicted, truth))
    same(found.bcubed_precision, ((together & truly).sum(1) / together.sum(1)).mean())
    same(found.bcubed_recall, ((together & truly).sum(1) / truly.sum(1)).mean())
    upper = np.triu_indices(len(rows), 1)
    if together[upper].any():
        same(found.pairwise_precision, truly[upper][together[upper]].mean())
    if truly[upper].any():
        same(found.pairwise_recall, together[upper][truly[upper]].mean())
    exact = {tuple(row) for row in together.tolist()} & {tuple(row) for row in truly.tolist()}
    assert found.exact_clusters == len(exact)


@settings(deadline=None)
@given(CLUSTERS)
def test_a_perfect_clustering_is_perfect(rows):
    truth = np.array([code for _, code in rows])
    found = cluster_metrics([f"e{code * 7 % 13}" for code in truth], truth)
    assert found.bcubed_precision == found.bcubed_recall == found.bcubed_f1 == found.exact_f1 == 1
    if max(found.true_sizes) > 1:
        assert found.pairwise_precision == found.pairwise_recall == found.pairwise_f1 == 1
    assert found.predicted_sizes == found.true_sizes


PAIR = st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] != pair[1])


@settings(deadline=None)
@given(st.lists(PAIR, max_size=30), st.lists(PAIR, max_size=30))
def test_blocking_equals_sets(candidates, truth):
    keys = [
        pair_keys([i for i, _ in pairs], [j for _, j in pairs]) for pairs in (candidates, truth)
    ]
    found = blocking_metrics(*keys, possible=45, records=10)
    ours, theirs = ({frozenset(pair) for pair in pairs} for pairs in (candidates, truth))
    assert (found.candidates, found.true_pairs, found.found) == (
        len(ours),
        len(theirs),
        len(ours & theirs),
    )
    degree = [sum(record in pair for pair in ours) for record in range(10)]
    same(found.candidates_mean, np.mean(degree))
    same(found.candidates_p50, np.percentile(degree, 50))
    same(found.candidates_p95, np.percentile(degree, 95))
    assert found.candidates_max == max(degree)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_bootstrap_intervals_hold_the_figure(seed):
    rng = np.random.default_rng(seed)
    labels = np.arange(300) % 3 == 0
    scores = np.clip(0.3 + 0.3 * labels + rng.normal(0, 0.2, 300), 0, 1)
    names = ["precision", "recall", "f1", "f0.5", "roc_auc", "average_precision"]
    point = pair_metrics(labels, scores, threshold=0.5).figures()
    found = bootstrap(labels, scores, threshold=0.5, metrics=names, replicates=200, seed=seed)
    for name in names:
        assert found[name].low <= point[name] <= found[name].high
