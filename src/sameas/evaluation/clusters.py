"""How well predicted clusters agree with the true ones."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, DataError
from sameas.evaluation._figures import share
from sameas.evaluation._inputs import CountArray, none_for_nan

__all__ = ["ClusterMetrics", "cluster_metrics", "size_distribution"]


@dataclass(frozen=True, slots=True)
class ClusterMetrics:
    """Figures of a clustering; NaN means "undefined" (None in `to_dict`).

    Attributes
    ----------
    records, predicted_clusters, true_clusters, exact_clusters : int
        Exact: predicted clusters with exactly the records of a true cluster.
    pairwise_precision, pairwise_recall, pairwise_f1 : float
        Over pairs of records in one cluster. Undefined where no cluster has two records.
    bcubed_precision, bcubed_recall, bcubed_f1 : float
        Means over records (Bagga and Baldwin 1998): which share of my cluster is truly with me,
        which share of those truly with me is in my cluster.
    exact_precision, exact_recall, exact_f1 : float
        Exact clusters as a share of the predicted, of the true, and their harmonic mean.
    predicted_sizes, true_sizes : dict of int to int
        Number of clusters by number of records, rising.
    """

    records: int
    predicted_clusters: int
    true_clusters: int
    exact_clusters: int
    pairwise_precision: float
    pairwise_recall: float
    pairwise_f1: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    exact_precision: float
    exact_recall: float
    exact_f1: float
    predicted_sizes: dict[int, int]
    true_sizes: dict[int, int]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; undefined figures are None."""
        plain = {key: none_for_nan(value) for key, value in asdict(self).items()}
        for key in ("predicted_sizes", "true_sizes"):
            plain[key] = {str(size): count for size, count in plain[key].items()}
        return plain


def cluster_metrics(predicted: Any, truth: Any) -> ClusterMetrics:
    """Compare two clusterings of the same records.

    Parameters
    ----------
    predicted, truth : array[n]
        Cluster of each record, as integers or strings (numpy, Arrow or a list), without nulls.

    Returns
    -------
    ClusterMetrics

    Raises
    ------
    ArgumentError
        If the lengths differ.
    DataError
        If a record has no cluster.

    Notes
    -----
    The contingency table is counted by one sort of 64-bit keys: O(n log n) time and some tens
    of bytes per record. Sums are taken in integers and over rising cluster sizes, so the
    result does not depend on the order of rows or the names of clusters.

    Examples
    --------
    >>> found = cluster_metrics(["a", "a", "a", "b"], [1, 1, 2, 3])
    >>> round(found.pairwise_precision, 3), found.pairwise_recall, found.exact_clusters
    (0.333, 1.0, 1)
    >>> round(found.bcubed_precision, 3), found.bcubed_recall
    (0.667, 1.0)
    """
    left, right = _codes(predicted, name="predicted"), _codes(truth, name="truth")
    if len(left) != len(right):
        raise ArgumentError(
            "predicted and truth must name a cluster for the same records: "
            f"{len(left)} and {len(right)} entries."
        )
    left_size, right_size = np.bincount(left), np.bincount(right)
    width = max(1, len(right_size))
    key, both = np.unique(left.astype(np.int64) * width + right, return_counts=True)
    mine, theirs = left_size[key // width], right_size[key % width]
    records = len(left)
    sizes = _sizes(left_size), _sizes(right_size)
    counts = sum(sizes[0].values()), sum(sizes[1].values())
    exact = int(np.count_nonzero((both == mine) & (both == theirs)))
    pairs = _pairs(both), _pairs(left_size), _pairs(right_size)
    bcubed = _bcubed(both, mine, records), _bcubed(both, theirs, records)
    return ClusterMetrics(
        records=records,
        predicted_clusters=counts[0],
        true_clusters=counts[1],
        exact_clusters=exact,
        pairwise_precision=float(share(pairs[0], pairs[1])),
        pairwise_recall=float(share(pairs[0], pairs[2])),
        pairwise_f1=float(share(2 * pairs[0], pairs[1] + pairs[2])),
        bcubed_precision=bcubed[0],
        bcubed_recall=bcubed[1],
        bcubed_f1=float(share(2 * bcubed[0] * bcubed[1], bcubed[0] + bcubed[1])),
        exact_precision=float(share(exact, counts[0])),
        exact_recall=float(share(exact, counts[1])),
        exact_f1=float(share(2 * exact, sum(counts))),
        predicted_sizes=sizes[0],
        true_sizes=sizes[1],
    )


def size_distribution(clusters: Any) -> pa.Table:
    """Tabulate how many clusters have how many records.

    Parameters
    ----------
    clusters : array[n]
        Cluster of each record, without nulls.

    Returns
    -------
    pyarrow.Table
        ``size`` (rising), ``clusters``, ``records``, all int64.

    Examples
    --------
    >>> size_distribution(["a", "a", "b", "c"]).to_pydict()
    {'size': [1, 2], 'clusters': [2, 1], 'records': [2, 2]}
    """
    sizes = _sizes(np.bincount(_codes(clusters, name="clusters")))
    size = np.fromiter(sizes.keys(), dtype=np.int64, count=len(sizes))
    number = np.fromiter(sizes.values(), dtype=np.int64, count=len(sizes))
    return pa.table({"size": size, "clusters": number, "records": size * number})


def _codes(values: Any, *, name: str) -> CountArray:
    """Return a number for each cluster name; small integers stay as they are, gaps included."""
    array = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if array.null_count:
        raise DataError(f"{name} has {array.null_count} records without a cluster (null).")
    if len(array) == 0:
        return np.zeros(0, dtype=np.int64)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_integer(array.type):
        numbers = array.to_numpy(zero_copy_only=False)
        low = int(numbers.min())
        if int(numbers.max()) - low < 2 * len(numbers) + 1024:
            codes: CountArray = (numbers - low).astype(np.int64, copy=False)
            return codes
    encoded: CountArray = array.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    return encoded


def _sizes(size: CountArray) -> dict[int, int]:
    clusters = np.bincount(size)
    present = np.flatnonzero(clusters)
    return {int(s): int(clusters[s]) for s in present if s > 0}


def _pairs(size: CountArray) -> int:
    return int((size * (size - 1) // 2).sum())


def _bcubed(both: CountArray, size: CountArray, records: int) -> float:
    """Sum both^2 / size over cells, in whole numbers per size (exact up to 2^53)."""
    if records == 0:
        return float("nan")
    squares = np.bincount(size, weights=both * both)
    present = np.flatnonzero(squares)
    return float((squares[present] / present).sum() / records)
