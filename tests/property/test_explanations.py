import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.matching import Boosting, RandomForest


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    columns=st.integers(1, 7),
    leaves=st.integers(2, 20),
    missing=st.sampled_from([0.0, 0.3, 0.9]),
    boosted=st.booleans(),
)
def test_contributions_sum_to_the_raw_score(seed, columns, leaves, missing, boosted):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(200, columns)).astype(np.float32).round(1)
    features[rng.random(features.shape) < missing] = np.nan
    labels = rng.random(200) < 1 / (1 + np.exp(-np.nan_to_num(features).sum(axis=1)))
    labels[:2] = True, False
    names = tuple(f"column_{number}" for number in range(columns))
    matcher = (
        Boosting(iterations=10, leaves=leaves, min_leaf=3, members=1)
        if boosted
        else RandomForest(trees=4)
    )
    fitted = matcher.fit(features, labels, names=names, seed=seed)
    score = fitted.score(features)
    raw = np.log(score / (1 - score)) if boosted else score
    total = fitted.contributions(features).total()
    np.testing.assert_allclose(total, raw, rtol=0, atol=1e-9)
