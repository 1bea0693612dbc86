"""Rules bring pairs that agree in their own fields; matches must still be told from households."""

import numpy as np
import pytest

from sameas.matching import FellegiSunter, Levels
from sameas.matching.fellegi_sunter import Layout, Sample, Stratum

NAMES = ("given", "born", "mail", "street", "town", "phone")
LEVELS = tuple(Levels(name, (1.0,)) for name in NAMES)
#: How often fields agree: among matches, in a household, among strangers.
MATCH = np.array([0.9, 0.95, 0.8, 0.75, 0.85, 0.8])
HOUSE = np.array([0.03, 0.01, 0.05, 0.98, 0.99, 0.6])
STRANGER = np.array([0.02, 0.01, 0.01, 0.01, 0.05, 0.01])


def drawn(random, share, count, fixed):
    equal = random.random((count, len(NAMES))) < share
    equal[:, [NAMES.index(name) for name in fixed]] = True
    return equal


def pairs(seed=0, sure=False):
    """Pairs of a rule on the birth date, full of strangers, and one on the street."""
    random = np.random.default_rng(seed)
    born = [drawn(random, MATCH, 2_000, ["born"])]
    born += [] if sure else [drawn(random, STRANGER, 20_000, ["born"])]
    street = [drawn(random, MATCH, 1_000, ["street"]), drawn(random, HOUSE, 20_000, ["street"])]
    parts = [np.vstack(born), np.vstack(street)]
    truth = np.concatenate([
        np.arange(len(parts[0])) < 2_000, np.arange(len(parts[1])) < 1_000,
    ])  # fmt: skip
    return parts, truth


def learned(parts, *, apart):
    layout = Layout(LEVELS, NAMES)
    packed = [layout.pack(part.astype(np.float32)) for part in parts]
    strata = tuple(
        Stratum(layout.patterns([codes]), np.array([name != field for name in NAMES]))
        for codes, field in zip(packed, ("born", "street"), strict=True)
    )
    sample = Sample(layout.patterns(packed), 5_000, strata=strata if apart else ())
    return FellegiSunter(LEVELS).learn(sample, names=NAMES)


def f1(fitted, parts, truth):
    found = fitted.score(np.vstack(parts).astype(np.float32)) >= 0.5
    return 2 * (found & truth).sum() / (found.sum() + truth.sum())


@pytest.mark.parametrize("seed", range(3))
def test_matches_are_found_among_households_and_strangers(seed):
    parts, truth = pairs(seed)
    fitted = learned(parts, apart=True)
    assert f1(fitted, parts, truth) > 0.92
    assert fitted.prior == pytest.approx(truth.mean(), rel=0.1)


def test_m_is_that_of_matches_and_u_that_of_all_other_pairs():
    parts, truth = pairs()
    fitted = learned(parts, apart=True)
    every = np.vstack(parts)
    first = Layout(LEVELS, NAMES).first[:-1]
    m, u = fitted.parameters.m[first], fitted.parameters.u[first]
    np.testing.assert_allclose(m, MATCH, atol=0.04)
    np.testing.assert_allclose(u, every[~truth].mean(axis=0), atol=0.04)


def test_a_rule_whose_pairs_are_all_matches_does_not_lose_some_of_them():
    parts, truth = pairs(sure=True)
    assert f1(learned(parts, apart=True), parts, truth) > 0.95


def test_the_order_of_pairs_does_not_count():
    parts, _ = pairs()
    turned = [part[::-1] for part in parts]
    one, other = (learned(item, apart=True).parameters for item in (parts, turned))
    np.testing.assert_array_equal(one.m, other.m)
    assert one.prior == other.prior


def test_in_brief_each_comparison_has_one_line():
    fitted = learned(pairs()[0], apart=True)
    lines = fitted.brief().splitlines()
    assert [line.split()[-1] for line in lines[1:]] == list(NAMES)
    assert all(float(line.split()[0]) > 0 > float(line.split()[2]) for line in lines[1:])
