"""All pairs of points within a distance, by a three-dimensional grid (no poles, no seams)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

__all__ = ["distances", "geohash_cells", "pairs_within"]

_RADIUS = 6_371_008.8
_CHUNK = 4_000_000
_BITS = 20

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def _sphere(latitude: FloatArray, longitude: FloatArray) -> FloatArray:
    phi, theta = np.radians(latitude), np.radians(longitude)
    axes = [np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)]
    point: FloatArray = _RADIUS * np.stack(axes, axis=1)
    return point


def distances(
    latitude: FloatArray, longitude: FloatArray, left: IntArray, right: IntArray
) -> FloatArray:
    """Return the great-circle distances of pairs of points, in metres."""
    point = _sphere(latitude, longitude)
    chord = np.sqrt(((point[left] - point[right]) ** 2).sum(axis=1))
    metres: FloatArray = 2 * _RADIUS * np.arcsin(np.minimum(chord / (2 * _RADIUS), 1))
    return metres


def geohash_cells(latitude: FloatArray, longitude: FloatArray) -> IntArray:
    """Return numbers of the geohash cells of precision 6 (15 bits each way)."""
    south = np.floor((latitude + 90) / 180 * 2**15).astype(np.int64)
    west = np.floor((longitude + 180) / 360 * 2**15).astype(np.int64)
    return np.clip(south, 0, 2**15 - 1) * 2**15 + np.clip(west, 0, 2**15 - 1)


def pairs_within(
    latitude: FloatArray, longitude: FloatArray, metres: float
) -> Iterator[tuple[IntArray, IntArray]]:
    """Find all pairs of points within a distance.

    Parameters
    ----------
    latitude, longitude : float64[n]
        Decimal degrees.
    metres : float
        At least 100.

    Yields
    ------
    left, right : int64[m]
        Row numbers, ``left != right``, every pair once, in batches.

    Examples
    --------
    >>> longitude = np.array([180.0, -180.0, 179.0])
    >>> [pair[0].tolist() for pair in next(pairs_within(np.zeros(3), longitude, 100))]
    [0, 1]
    """
    point = _sphere(latitude, longitude)
    cell = np.floor((point + _RADIUS) / metres).astype(np.int64) + 1
    key = (cell[:, 0] << 2 * _BITS) + (cell[:, 1] << _BITS) + cell[:, 2]
    order = np.argsort(key, kind="stable")
    key, point = key[order], point[order]
    # The rest of its own column of cells, then the four columns that come after it.
    begin = np.arange(1, len(key) + 1)
    yield from _close(point, order, begin, np.searchsorted(key, key + 1, side="right"), metres)
    for step in (1 << _BITS, (1 << 2 * _BITS) - (1 << _BITS), 1 << 2 * _BITS,
                 (1 << 2 * _BITS) + (1 << _BITS)):  # fmt: skip
        begin = np.searchsorted(key, key + step - 1, side="left")
        end = np.searchsorted(key, key + step + 1, side="right")
        yield from _close(point, order, begin, end, metres)


def _close(
    point: FloatArray, order: IntArray, begin: IntArray, end: IntArray, metres: float
) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield the close ones of the pairs of each point with a run of points."""
    chord = 2 * _RADIUS * np.sin(metres / (2 * _RADIUS))
    upto = np.concatenate([[0], np.cumsum(end - begin)])
    first = 0
    while first < len(begin):
        last = int(np.searchsorted(upto, upto[first] + _CHUNK, side="right")) - 1
        last = min(max(last, first + 1), len(begin))
        count = end[first:last] - begin[first:last]
        left = np.repeat(np.arange(first, last), count)
        run = np.repeat(begin[first:last] - (upto[first:last] - upto[first]), count)
        right = run + np.arange(len(left))
        close = ((point[left] - point[right]) ** 2).sum(axis=1) <= chord**2
        if close.any():
            yield order[left[close]], order[right[close]]
        first = last
