"""Keyed mixing of numbers: the same input gives the same draw, wherever it is asked."""

from __future__ import annotations

from functools import lru_cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

__all__ = ["UIntArray", "even", "mix", "normal", "stream", "unit"]

UIntArray = npt.NDArray[np.uint64]
FloatArray = npt.NDArray[np.float64]


def mix(key: int, *values: npt.ArrayLike) -> UIntArray:
    """Mix integers into 64 bits; one value under one key is a bijection (SplitMix64).

    Examples
    --------
    >>> len(set(mix(1, range(1000)).tolist()))
    1000
    """
    with np.errstate(over="ignore"):
        state: UIntArray = np.atleast_1d(np.array(key % 2**64, np.uint64))
        for value in values:
            part = np.asarray(value)
            state = _finish(state * np.uint64(0x9E3779B97F4A7C15) + part.astype(np.uint64))
        return state


def _finish(state: UIntArray) -> UIntArray:
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def unit(state: UIntArray) -> FloatArray:
    """Turn mixed numbers into reals in [0, 1)."""
    return (state >> np.uint64(11)).astype(np.float64) * 2.0**-53


def stream(seed: int, *path: int) -> np.random.Generator:
    """Return the random numbers of one step of one shard."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *path])))


def even(rng: np.random.Generator, count: int) -> FloatArray:
    """Draw reals in [0, 1) in a random order, one in each of `count` equal steps.

    Their quantiles hardly vary from shard to shard, so small tables are like large ones.

    Examples
    --------
    >>> np.sort(even(stream(1), 4) * 4).astype(int).tolist()
    [0, 1, 2, 3]
    """
    return (rng.permutation(count) + rng.random(count)) / max(count, 1)


def normal(share: FloatArray) -> FloatArray:
    """Return the standard normal quantiles of shares, cut at about 4 standard deviations.

    Examples
    --------
    >>> normal(np.array([0.5, 0.975])).round(2).tolist()
    [0.0, 1.96]
    """
    shares, values = _normal_table()
    return np.interp(share, shares, values)


@lru_cache(maxsize=1)
def _normal_table() -> tuple[FloatArray, FloatArray]:
    shares = (np.arange(2**14) + 0.5) / 2**14
    curve = NormalDist()
    return shares, np.array([curve.inv_cdf(share) for share in shares.tolist()])
