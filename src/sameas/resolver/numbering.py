"""Number records so that neighbours have near numbers: what a question reads lies together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import FloatArray

__all__ = ["neighbours_first"]

_WIDTH = 250.0  # metres
_FAR = 7.0e6  # beyond the Earth's radius, so that no coordinate is negative
#: How the bits of a number are spread, two zeros between them: shift, mask.
_SPREAD = (
    (32, 0x1F00000000FFFF), (16, 0x1F0000FF0000FF), (8, 0x100F00F00F00F00F),
    (4, 0x10C30C30C30C30C3), (2, 0x1249249249249249),
)  # fmt: skip


def neighbours_first(xyz: FloatArray) -> npt.NDArray[np.int64]:
    """Return an order of positions along a Morton curve; those that are missing come last.

    Parameters
    ----------
    xyz : float64[n, 3]
        On the sphere, metres; NaN if missing.

    Examples
    --------
    >>> place = np.array([[0.0, 0.0, 0.0], [6e6, 0.0, 0.0], [np.nan] * 3, [10.0, 0.0, 0.0]])
    >>> neighbours_first(place).tolist()
    [0, 3, 1, 2]
    """
    known = ~np.isnan(xyz[:, 0])
    key = np.full(len(xyz), np.iinfo(np.uint64).max, np.uint64)
    cell = ((xyz[known] + _FAR) / _WIDTH).astype(np.uint64)
    key[known] = sum(
        (_spread(cell[:, axis]) << np.uint64(axis) for axis in range(3)),
        start=np.zeros(len(cell), np.uint64),
    )
    return np.argsort(key, kind="stable")


def _spread(value: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    for shift, mask in _SPREAD:
        value = (value | (value << np.uint64(shift))) & np.uint64(mask)
    return value
