"""Postal codes in the manners of several countries, with their faults."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.datasets.hashing import mix
from sameas.datasets.places.positions import Positions, squares
from sameas.datasets.places.world import Parts
from sameas.datasets.texts import fixed_width, mistype, scatter

__all__ = ["postal_areas", "write_postal_codes"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_SIDE = 700.0
_CUT = (3, 4, 4, 4)


def postal_areas(positions: Positions, parts: Parts) -> IntArray:
    """Return the postal area of each entity, below 10 million: city, then square."""
    city = mix(31, parts.city)[positions.part] % 1_000
    square = squares(positions, parts, _SIDE) % 10_000
    return (city * 10_000 + square).astype(np.int64)


def write_postal_codes(
    area: IntArray,
    country: IntArray,
    kept: BoolArray,
    rng: np.random.Generator,
) -> pa.Array:
    """Write the postal code of each record, in the manner of its country.

    Where it is not kept, it is cut short, that of a neighbouring area, or mistyped.
    """
    fault = np.where(kept, -1, rng.integers(0, 3, len(area)))
    near = area // 10 * 10 + (area % 10 + rng.integers(1, 10, len(area))) % 10
    area = np.where(fault == 1, near, area)
    spaced = rng.random(len(area)) < 0.8
    manner = np.where(country % 3 == 2, np.where(spaced, 2, 3), country % 3)
    parts = []
    for number, cut in enumerate(_CUT):
        rows = np.flatnonzero(manner == number)
        code = fixed_width(_characters(area[rows], number))
        short = pc.utf8_slice_codeunits(code, 0, cut)
        parts.append((rows, pc.if_else(pa.array(fault[rows] == 0), short, code)))
    return mistype(scatter(parts), np.flatnonzero(fault == 2), rng)


def _characters(area: IntArray, manner: int) -> npt.NDArray[np.uint8]:
    """Spell areas as 04217, 304217, AB42 1CD or AB421CD."""
    if manner < 2:
        places = 10 ** np.arange(4 + manner, -1, -1)
        return (ord("0") + area[:, None] // places % 10).astype(np.uint8)
    city, square = area // 10_000, area % 10_000
    columns = [
        ord("A") + city // 26 % 26,
        ord("A") + city % 26,
        ord("0") + square // 1_000,
        ord("0") + square // 100 % 10,
        np.full(len(area), ord(" ")),
        ord("0") + square % 10,
        ord("A") + square // 10 % 10,
        ord("A") + square % 23,
    ]
    if manner == 3:
        del columns[4]
    return np.stack(columns, axis=1).astype(np.uint8)
