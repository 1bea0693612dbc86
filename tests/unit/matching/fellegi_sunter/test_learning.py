"""What expectation maximisation finds, and what it says of itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.core.errors import ArgumentError, LabelError
from sameas.matching import FellegiSunter, Levels
from sameas.matching.fellegi_sunter import Layout, Patterns, Sample
from sameas.matching.fellegi_sunter.em import Evidence, maximise, starts

NAMES = ("name", "street", "phone", "year")
LEVELS = tuple(Levels(name, (2.0, 1.0)) for name in NAMES)
M, U = np.array([0.7, 0.2, 0.1]), np.array([0.02, 0.08, 0.9])


def simulated(pairs=60_000, prior=0.05, *, m=M, u=U, seed=0, columns=4):
    """Return features of pairs whose levels follow m and u, and which are matches."""
    random = np.random.default_rng(seed)
    match = random.random(pairs) < prior
    draw = random.random((pairs, columns))[:, :, None]
    share = np.where(match[:, None, None], np.cumsum(m), np.cumsum(u))
    level = (draw > share).sum(axis=2)
    return (2 - level).astype(np.float32), match


def sample(features, names=NAMES, levels=LEVELS, **settings):
    layout = Layout(levels, names)
    return Sample(layout.patterns([layout.pack(features)]), likely=len(features) / 10, **settings)


def by_comparison(values):
    return values.reshape(len(LEVELS), -1)[:, :3]


def test_known_parameters_are_recovered():
    fitted = FellegiSunter(LEVELS).learn(sample(simulated()[0]), names=NAMES)
    assert fitted.prior == pytest.approx(0.05, abs=0.005)
    np.testing.assert_allclose(by_comparison(fitted.parameters.m), np.tile(M, (4, 1)), atol=0.03)
    np.testing.assert_allclose(by_comparison(fitted.parameters.u), np.tile(U, (4, 1)), atol=0.01)
    assert fitted.learning.converged
    assert fitted.learning.notes == ()


def test_the_likelihood_never_falls():
    matcher = FellegiSunter(LEVELS, monotone=False)
    layout = Layout(LEVELS, NAMES)
    given_sample = sample(simulated(5_000, 0.2)[0])
    nothing = np.zeros(layout.states)
    evidence = Evidence(given_sample.candidates, nothing, nothing)
    fixed = matcher._fixed(layout, None)
    for start in starts(layout, evidence, fixed, given_sample.likely):
        history = np.array(maximise(layout, evidence, fixed, start).history)
        assert len(history) > 3
        assert (np.diff(history) > -1e-7 * np.abs(history[1:])).all()


def test_posteriors_are_calibrated():
    features, match = simulated()
    score = FellegiSunter(LEVELS).learn(sample(features), names=NAMES).score(features)
    for low, high in ((0.0, 0.2), (0.2, 0.8), (0.8, 1.0)):
        chosen = (score >= low) & (score <= high)
        assert score[chosen].mean() == pytest.approx(match[chosen].mean(), abs=0.05)


def test_labels_pull_m():
    features, match = simulated()
    layout = Layout(LEVELS, NAMES)
    labelled = np.tile(np.float32([0, 2, 2, 2]), (20_000, 1))  # matches with another name
    patterns = layout.patterns([layout.pack(labelled)])
    plain = FellegiSunter(LEVELS).learn(sample(features), names=NAMES)
    pulled = FellegiSunter(LEVELS).learn(sample(features, matches=patterns), names=NAMES)
    assert pulled.parameters.m[2] > 5 * plain.parameters.m[2]
    assert match.any()


def test_given_values_are_kept():
    levels = (LEVELS[0].known(m=(0.6, 0.3, 0.1), u=(0.1, 0.1, 0.8)), *LEVELS[1:])
    matcher = FellegiSunter(levels, prior=0.1)
    fitted = matcher.learn(sample(simulated()[0]), names=NAMES)
    np.testing.assert_allclose(fitted.parameters.m[:3], (0.6, 0.3, 0.1))
    np.testing.assert_allclose(fitted.parameters.u[:3], (0.1, 0.1, 0.8))
    assert fitted.prior == 0.1


def test_u_from_random_pairs_speaks_of_all_pairs():
    features, _ = simulated(20_000, 0.1)
    others = simulated(50_000, 0.0, seed=1)[0]
    layout = Layout(LEVELS, NAMES)
    given_sample = sample(
        features, random=layout.patterns([layout.pack(others)]), outside=180_000.0
    )
    fitted = FellegiSunter(LEVELS, u="random").learn(given_sample, names=NAMES)
    assert fitted.prior == pytest.approx(0.01, abs=0.002)
    np.testing.assert_allclose(by_comparison(fitted.parameters.u), np.tile(U, (4, 1)), atol=0.01)
    with pytest.raises(ArgumentError, match="needs random pairs"):
        FellegiSunter(LEVELS, u="random").learn(sample(features), names=NAMES)


def test_weights_do_not_rise_over_levels():
    odd = np.array([0.1, 0.8, 0.1])  # the middle level speaks more for a match than the first
    features, _ = simulated(20_000, 0.2, m=odd, u=np.array([0.1, 0.1, 0.8]))
    fitted = FellegiSunter(LEVELS).learn(sample(features), names=NAMES)
    weight = by_comparison(np.log2(fitted.parameters.m / fitted.parameters.u))
    assert (np.diff(weight, axis=1) <= 1e-9).all()


@pytest.mark.parametrize(
    ("features", "word"),
    [
        (simulated(20_000, 0.0)[0] * 0, "no matches found"),
        (np.float32(simulated(20_000, 0.3)[0] * [1, 0, 0, 0]), "no matches found"),
        (np.float32(simulated(20_000, 0.3)[0] * [1, 1, 0, 0]), "only 2 of 4 comparisons"),
    ],
)
def test_what_cannot_be_found_is_said(features, word):
    fitted = FellegiSunter(LEVELS).learn(sample(features), names=NAMES)
    assert any(word in note for note in fitted.learning.notes)
    assert word in fitted.describe()


def test_levels_that_were_never_seen_are_named():
    levels = (Levels("name", (3.0, 2.0, 1.0)), *LEVELS[1:])
    fitted = FellegiSunter(levels).learn(sample(simulated()[0], levels=levels), names=NAMES)
    assert "never seen" in fitted.learning.notes[0]
    assert "name >= 3" in fitted.learning.notes[0]
    assert np.isfinite(fitted.score(np.full((1, 4), 3, np.float32))).all()


def test_nothing_to_learn_from():
    empty = Patterns(np.zeros((0, 4), np.uint8), np.zeros(0))
    with pytest.raises(LabelError, match="no candidate pairs"):
        FellegiSunter(LEVELS).learn(Sample(empty, 1.0), names=NAMES)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_order_and_chunks_of_pairs_make_no_difference(seed):
    features, _ = simulated(3_000, 0.2, seed=3)
    layout = Layout(LEVELS, NAMES)
    mixed = np.random.default_rng(seed).permutation(features)
    whole = layout.patterns([layout.pack(features)])
    parts = layout.patterns([layout.pack(part) for part in np.array_split(mixed, 7)])
    np.testing.assert_array_equal(whole.codes, parts.codes)
    np.testing.assert_array_equal(whole.count, parts.count)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_weights_add_up_to_the_score(seed):
    random = np.random.default_rng(seed)
    features = random.integers(0, 3, (200, 6)).astype(np.float32)
    features[:, 4:] = random.random((200, 2))
    features[random.random(features.shape) < 0.1] = np.nan
    names = (*NAMES, "less", "more")
    levels = (
        Levels("name", (2.0, 1.0), frequency=("less", "more"), frequency_weights=(1.0, 0.5)),
        *LEVELS[1:],
    )
    fitted = FellegiSunter(levels).learn(sample(features, names, levels), names=names)
    score, weights = fitted.score(features), fitted.weights(features)
    assert ((score >= 0) & (score <= 1)).all()
    logit = fitted.prior_weight + weights.sum(axis=1)
    np.testing.assert_allclose(score, 1 / (1 + np.exp2(-logit)), rtol=1e-9)
