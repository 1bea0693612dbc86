"""The most frequent value of each cluster, against plain Python."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.kernels.most_frequent import most_frequent

clusters = st.lists(st.lists(st.integers(-1, 3), max_size=6), max_size=5)


@settings(max_examples=150, deadline=None)
@given(clusters, st.lists(st.integers(0, 2), min_size=4, max_size=4))
def test_frequent_then_long_then_first(given_clusters, length):
    start = np.cumsum([0, *map(len, given_clusters)]).astype(np.int64)
    codes = np.array([code for cluster in given_clusters for code in cluster], np.int32)
    expected = []
    for cluster, begin in zip(given_clusters, start.tolist(), strict=False):
        known = [place for place, code in enumerate(cluster) if code >= 0]
        best = min(
            known,
            key=lambda place: (-cluster.count(cluster[place]), -length[cluster[place]], place),
            default=None,
        )
        expected.append(-1 if best is None else begin + best)
    assert most_frequent(codes, np.array(length, np.int32), start).tolist() == expected
