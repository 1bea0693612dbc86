"""What blocking keeps, what it costs, and how much it saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.pair_key import ends_of_key, pair_key
from sameas.evaluation._figures import share
from sameas.evaluation._inputs import CountArray, none_for_nan

__all__ = ["BlockingMetrics", "Pairs", "blocking_metrics", "pair_keys", "possible_pairs"]

#: Pairs as keys (`pair_keys`) or as two arrays of record numbers.
Pairs: TypeAlias = npt.NDArray[Any] | tuple[npt.NDArray[Any], npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class BlockingMetrics:
    """Figures of a set of candidate pairs; NaN means "undefined" (None in `to_dict`).

    Attributes
    ----------
    candidates, true_pairs, found : int
        Distinct candidate pairs, distinct true pairs, and true pairs among the candidates.
    possible : int
        All pairs that could have been compared.
    pairs_completeness : float
        Share of the true pairs among the candidates: the upper limit of any recall.
    pairs_quality : float
        Share of true pairs in the candidates.
    reduction_ratio : float
        Share of all possible pairs that need not be compared.
    candidates_mean, candidates_p50, candidates_p95, candidates_max : float
        Candidate pairs per record, records without any included.
    """

    candidates: int
    true_pairs: int
    found: int
    possible: int
    pairs_completeness: float
    pairs_quality: float
    reduction_ratio: float
    candidates_mean: float
    candidates_p50: float
    candidates_p95: float
    candidates_max: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; undefined figures are None."""
        return {key: none_for_nan(value) for key, value in asdict(self).items()}


def pair_keys(left: Any, right: Any) -> CountArray:
    """Pack two record numbers into one int64, the smaller one in the upper half.

    Parameters
    ----------
    left, right : int[n]
        Record numbers from 0 to 2^31 - 1, in either order.

    Examples
    --------
    >>> pair_keys([0, 7], [5, 2]).tolist() == [5, (2 << 32) + 7]
    True
    """
    first, second = np.asarray(left), np.asarray(right)
    if first.shape != second.shape or first.ndim != 1:
        raise ArgumentError(
            f"left and right must be flat and equally long, got {first.shape} and {second.shape}."
        )
    for name, side in (("left", first), ("right", second)):
        if side.size and (side.dtype.kind not in "iu" or side.min() < 0 or side.max() >= 1 << 31):
            raise ArgumentError(f"{name} must hold record numbers, integers from 0 to 2^31 - 1.")
    first, second = first.astype(np.int64), second.astype(np.int64)  # an empty list is of floats
    return pair_key(np.minimum(first, second), np.maximum(first, second))


def possible_pairs(sizes: Sequence[int], *, within: bool = False) -> int:
    """Count the pairs that could be compared.

    Parameters
    ----------
    sizes : sequence of int
        Records of each source. One source is deduplicated; several are linked across.
    within : bool
        With several sources: pairs within each of them too.

    Examples
    --------
    >>> possible_pairs([4]), possible_pairs([2, 3, 4]), possible_pairs([2, 3], within=True)
    (6, 26, 10)
    """
    sizes = [int(size) for size in sizes]
    if not sizes or min(sizes) < 0:
        raise ArgumentError(f"sizes must be the number of records of each source, got {sizes}.")
    total = sum(sizes)
    if within or len(sizes) == 1:
        return total * (total - 1) // 2
    return (total * total - sum(size * size for size in sizes)) // 2


def blocking_metrics(
    candidates: Pairs,
    truth: Pairs,
    *,
    possible: int,
    records: int,
    side: Literal["both", "left", "right"] = "both",
) -> BlockingMetrics:
    """Measure candidate pairs against the true pairs.

    Parameters
    ----------
    candidates, truth : int64[m] or (int32[m], int32[m])
        Pairs as `pair_keys`, or as left and right record numbers; repeated pairs count once.
    possible : int
        From `possible_pairs`.
    records : int
        How many records the candidates per record are taken over.
    side : {"both", "left", "right"}
        Which of its two records a pair counts for. ``"both"``: each one, as suits a
        deduplication (the mean is then twice the pairs per record). ``"left"``, ``"right"``:
        the smaller or the larger record number only, as suits a link of two sources, with
        `records` being those of that source.

    Returns
    -------
    BlockingMetrics

    Notes
    -----
    Cost: one sort of the candidate keys, unless they come sorted and distinct.

    Examples
    --------
    >>> found = blocking_metrics(([0, 0, 1], [1, 2, 2]), ([0, 1], [1, 3]), possible=6, records=4)
    >>> found.pairs_completeness, found.reduction_ratio, found.candidates_mean
    (0.5, 0.5, 1.5)
    """
    keys, true_keys = _distinct(candidates), _distinct(truth)
    if len(keys) > possible:
        raise ArgumentError(f"possible is {possible:,}, but there are {len(keys):,} candidates.")
    place = np.searchsorted(keys, true_keys)
    inside = place < len(keys)
    found = int(np.count_nonzero(keys[place[inside]] == true_keys[inside]))
    degree = _degrees(keys, records=records, side=side)
    p50, p95 = np.percentile(degree, [50, 95]) if len(degree) else (np.nan, np.nan)
    return BlockingMetrics(
        candidates=len(keys),
        true_pairs=len(true_keys),
        found=found,
        possible=possible,
        pairs_completeness=float(share(found, len(true_keys))),
        pairs_quality=float(share(found, len(keys))),
        reduction_ratio=float(share(possible - len(keys), possible)),
        candidates_mean=float(share(degree.sum(), len(degree))),
        candidates_p50=float(p50),
        candidates_p95=float(p95),
        candidates_max=float(degree.max()) if len(degree) else float("nan"),
    )


def _distinct(pairs: Pairs) -> CountArray:
    if isinstance(pairs, tuple):
        keys = pair_keys(*pairs)
    else:
        given = np.asarray(pairs)
        if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
            raise ArgumentError("Pairs must be flat int64 keys, or a tuple of left and right.")
        keys = given.astype(np.int64, copy=False)
    return keys if bool((keys[1:] > keys[:-1]).all()) else np.unique(keys)


def _degrees(keys: CountArray, *, records: int, side: str) -> CountArray:
    """Count the candidate pairs of each record, records without any being 0, in no order."""
    if side not in ("both", "left", "right"):
        raise ArgumentError(f"side must be 'both', 'left' or 'right', got {side!r}.")
    degree = np.zeros(0, dtype=np.int64)
    for name, number in zip(("left", "right"), ends_of_key(keys), strict=True):
        if side in ("both", name) and len(number):
            more = np.bincount(number)
            if len(more) < len(degree):
                degree, more = more, degree
            more[: len(degree)] += degree
            degree = more
    degree = degree[degree > 0]
    if len(degree) > records:
        raise ArgumentError(
            f"records is {records:,}, but the candidates name {len(degree):,} records."
        )
    return np.concatenate([degree, np.zeros(records - len(degree), dtype=np.int64)])
