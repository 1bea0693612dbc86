"""Positions on the sphere: distances, and the cells of a grid without special places.

The grid is three-dimensional: cubes that the sphere passes through. It has neither poles
nor an antimeridian, so a radius works everywhere alike.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import inner, jit, resized
from sameas.kernels.hashing import in_bitmap

__all__ = [
    "EARTH_RADIUS",
    "cell_keys",
    "cell_visits",
    "cell_width",
    "chord_limit",
    "distance",
    "to_xyz",
]

#: Mean radius of the Earth, metres.
EARTH_RADIUS = 6_371_008.8

_AXIS_BITS = 20
_NARROWEST = 2.2 * EARTH_RADIUS / 2**_AXIS_BITS


def to_xyz(
    latitude: npt.NDArray[np.float64], longitude: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Turn degrees into metres on the sphere, shape ``[n, 3]``; NaN stays NaN.

    Examples
    --------
    >>> to_xyz(np.array([90.0]), np.array([12.0])).round(3).tolist()
    [[0.0, 0.0, 6371008.8]]
    """
    phi, lam = np.radians(latitude), np.radians(longitude)
    ring = np.cos(phi)
    return EARTH_RADIUS * np.stack([ring * np.cos(lam), ring * np.sin(lam), np.sin(phi)], axis=1)


def chord_limit(metres: float) -> float:
    """Return the squared straight-line distance that belongs to an arc of `metres`.

    Examples
    --------
    >>> round(chord_limit(250.0) ** 0.5, 6)
    250.0
    """
    half_turn = np.pi * EARTH_RADIUS
    if metres >= half_turn:
        return float((2.0 * EARTH_RADIUS) ** 2 * 1.01)
    return float((2.0 * EARTH_RADIUS * np.sin(metres / (2.0 * EARTH_RADIUS))) ** 2)


def cell_width(metres: float) -> float:
    """Return the edge of the cubes for a radius: as wide, but not too many to be numbered."""
    return float(max(metres * (1 + 1e-9) + 1e-6, _NARROWEST))


@jit
def distance(
    left: npt.NDArray[np.int32], right: npt.NDArray[np.int32], xyz: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Great-circle distance of record pairs in metres, NaN where a position is missing.

    Cost: about 15 ns a pair.
    """
    out = np.empty(left.shape[0], np.float64)
    for pair in range(left.shape[0]):
        i, j = left[pair], right[pair]
        dx = xyz[i, 0] - xyz[j, 0]
        dy = xyz[i, 1] - xyz[j, 1]
        dz = xyz[i, 2] - xyz[j, 2]
        half = np.sqrt(dx * dx + dy * dy + dz * dz) / (2.0 * EARTH_RADIUS)
        out[pair] = 2.0 * EARTH_RADIUS * np.arcsin(min(half, 1.0)) if half == half else np.nan
    return out


@inner
def _key(x: int, y: int, z: int) -> np.uint64:
    return (np.uint64(x) << np.uint64(42)) | (np.uint64(y) << np.uint64(21)) | np.uint64(z)


@jit
def cell_keys(xyz: npt.NDArray[np.float64], width: float) -> npt.NDArray[np.uint64]:
    """Give the cube of each position, a number of 63 bits; all ones where it is missing."""
    out = np.empty(xyz.shape[0], np.uint64)
    shift = EARTH_RADIUS * 1.05
    for row in range(xyz.shape[0]):
        if np.isnan(xyz[row, 0]):
            out[row] = np.uint64(0xFFFFFFFFFFFFFFFF)
            continue
        out[row] = _key(
            int((xyz[row, 0] + shift) / width),
            int((xyz[row, 1] + shift) / width),
            int((xyz[row, 2] + shift) / width),
        )
    return out


@inner
def _gap(position: float, cell: int, width: float) -> float:
    low = cell * width
    if position < low:
        return low - position
    return max(position - (low + width), 0.0)


@jit
def cell_visits(
    xyz: npt.NDArray[np.float64],
    radius: float,
    width: float,
    marked: npt.NDArray[np.uint64],
    bits: int,
    every: bool,
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """List the cells, with a key above the own one, that the ball around a record touches.

    Parameters
    ----------
    xyz : float64[n, 3]
    radius, width : float
        Metres; the cubes are at least as wide as the radius.
    marked, bits
        Bitmap of the cells that hold records; the others are left out. With
        ``bits == 0`` nothing is left out.
    every : bool
        List all cells that the ball touches, the own one and those with a key below it too.

    Returns
    -------
    key : uint64[v]
    record : int32[v]
    """
    capacity = max(16, xyz.shape[0] * 2)
    keys = np.empty(capacity, np.uint64)
    records = np.empty(capacity, np.int32)
    count = 0
    shift = EARTH_RADIUS * 1.05
    reach = (radius * (1 + 1e-9) + 1e-6) ** 2
    for row in range(xyz.shape[0]):
        px, py, pz = xyz[row, 0] + shift, xyz[row, 1] + shift, xyz[row, 2] + shift
        if np.isnan(px):
            continue
        cx, cy, cz = int(px / width), int(py / width), int(pz / width)
        own = _key(cx, cy, cz)
        if count + 27 > capacity:
            capacity *= 2
            keys = resized(keys, count, capacity)
            records = resized(records, count, capacity)
        for x in range(max(cx - 1, 0) if every else cx, cx + 2):
            gap_x = _gap(px, x, width) ** 2
            if gap_x > reach:
                continue
            for y in range(max(cy - 1, 0), cy + 2):
                gap_y = gap_x + _gap(py, y, width) ** 2
                if gap_y > reach:
                    continue
                for z in range(max(cz - 1, 0), cz + 2):
                    key = _key(x, y, z)
                    if (key <= own and not every) or gap_y + _gap(pz, z, width) ** 2 > reach:
                        continue
                    if bits > 0 and not in_bitmap(marked, key, bits):
                        continue
                    keys[count] = key
                    records[count] = row
                    count += 1
    return resized(keys, count, count), resized(records, count, count)
