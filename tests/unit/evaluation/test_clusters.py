import json
import math

import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError, DataError
from sameas.evaluation import cluster_metrics, size_distribution

PREDICTED = [1, 1, 1, 2, 2, 3, 4, 4]
TRUTH = list("aabbbcdd")


def test_by_hand():
    found = cluster_metrics(PREDICTED, TRUTH)
    assert found.pairwise_precision == 3 / 5  # 11: 3 pairs, 22: 1, 44: 1; right: aa, bb, dd
    assert found.pairwise_recall == 3 / 5
    assert found.bcubed_precision == pytest.approx((2 * 2 / 3 + 1 / 3 + 2 + 1 + 2) / 8)
    assert found.bcubed_recall == pytest.approx((2 + 1 / 3 + 2 * 2 / 3 + 1 + 2) / 8)
    assert (found.predicted_clusters, found.true_clusters, found.exact_clusters) == (4, 4, 2)
    assert (found.exact_precision, found.exact_recall, found.exact_f1) == (0.5, 0.5, 0.5)
    assert found.predicted_sizes == {1: 1, 2: 2, 3: 1}
    plain = found.to_dict()
    assert json.loads(json.dumps(plain)) == plain


@pytest.mark.parametrize(
    "form",
    [
        list,
        np.array,
        pa.array,
        lambda names: pa.chunked_array([names[:3], names[3:]]),
        lambda names: pa.array(names).dictionary_encode(),
        lambda names: pa.chunked_array([names[:3], names[3:]]).dictionary_encode(),
        lambda names: np.array([hash(name) for name in names]),
        lambda names: np.array([ord(name) - 200 for name in names], dtype=np.int32),
        lambda names: np.array([2**63 + ord(name) * 2**40 for name in names], dtype=np.uint64),
    ],
)
def test_any_form_of_names(form):
    assert cluster_metrics(PREDICTED, form(TRUTH)) == cluster_metrics(PREDICTED, TRUTH)


def test_nothing_depends_on_the_order_of_rows():
    rng = np.random.default_rng(2)
    predicted, truth = (
        rng.integers(0, 300, 1000),
        rng.integers(0, 10**12, 400)[rng.integers(0, 400, 1000)],
    )
    order = rng.permutation(1000)
    assert cluster_metrics(predicted, truth) == cluster_metrics(predicted[order], truth[order])


def test_singletons_have_no_pairs():
    found = cluster_metrics([1, 2, 3], [3, 1, 2])
    assert math.isnan(found.pairwise_f1)
    assert found.bcubed_f1 == found.exact_f1 == 1.0
    assert found.to_dict()["pairwise_precision"] is None


def test_no_records():
    found = cluster_metrics([], [])
    assert found.records == found.predicted_clusters == 0
    assert math.isnan(found.bcubed_f1)
    assert found.to_dict()["predicted_sizes"] == {}
    assert size_distribution([]).num_rows == 0


def test_large_clusters_do_not_overflow():
    n = 200_000
    found = cluster_metrics(np.zeros(n, dtype=np.int32), np.arange(n, dtype=np.int32) % 2)
    assert found.pairwise_recall == 1.0
    assert found.pairwise_precision == pytest.approx((n / 2 - 1) / (n - 1), rel=1e-12)
    assert found.bcubed_precision == 0.5


def test_bad_arguments_are_named():
    with pytest.raises(ArgumentError, match="same records"):
        cluster_metrics([1], [1, 2])
    with pytest.raises(DataError, match="truth has 1 records without a cluster"):
        cluster_metrics([1, 2], ["a", None])
