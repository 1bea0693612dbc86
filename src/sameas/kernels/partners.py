"""The random matching: how likely pairs are, when a record has at most one partner."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit

__all__ = ["at_most_one"]

Floats = npt.NDArray[np.float64]


@jit
def at_most_one(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    odds: Floats,
    records: int,
    steps: int,
) -> tuple[Floats, Floats]:
    """Pass messages between pairs that share a record until they agree who is whose partner.

    Parameters
    ----------
    left, right : int32[p]
        Each record stands on one side only.
    odds : float64[p]
        Of each pair alone.
    records : int
    steps : int
        A step costs about 10 ns a pair.

    Returns
    -------
    reach : float64[p]
        What the rivals do to the log-odds of each pair, at most 0.
    pull : float64[records]
        How much each record is drawn by its pairs: another pair of it has to stand against that.

    Notes
    -----
    Sum-product belief propagation on the graph of the pairs, damped. Source: Huang & Jebara
    (2009), approximate marginals of bipartite matchings.
    """
    pairs = left.shape[0]
    from_left, from_right = np.ones(pairs), np.ones(pairs)
    pull = np.zeros(records)
    for _ in range(steps):
        pull[:] = 0.0
        for pair in range(pairs):
            pull[left[pair]] += odds[pair] * from_right[pair]
            pull[right[pair]] += odds[pair] * from_left[pair]
        for pair in range(pairs):
            rest = max(pull[left[pair]] - odds[pair] * from_right[pair], 0.0)
            other = max(pull[right[pair]] - odds[pair] * from_left[pair], 0.0)
            from_left[pair] = np.sqrt(from_left[pair] / (1.0 + rest))
            from_right[pair] = np.sqrt(from_right[pair] / (1.0 + other))
    return np.log(from_left) + np.log(from_right), pull
