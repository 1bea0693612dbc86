"""How far two records lie apart, in the three ways a network can be told."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["APART", "DISTANCES", "TOKENS", "apart_numbers", "apart_words"]

DISTANCES = ("text", "bucket", "number")
#: The name of the attribute that tells the distance.
APART = "apart"
#: Tokens of the ranges below 10 m, 20 m, 40 m, ..., 160 km, and beyond.
TOKENS = tuple(f"[apart{number}]" for number in range(16))
_FIRST = 10.0
#: Half of the earth's girth, metres: no two places lie further apart.
_FARTHEST = 20_037_508.0


def apart_words(metres: npt.NDArray[np.floating[Any]], way: str) -> list[str | None]:
    """Return distances in words, or as tokens of their ranges; None where unknown.

    Examples
    --------
    >>> apart_words(np.array([3.0, 850.0, 34_120.0, np.nan]), "text")
    ['3 m', '850 m', '34.1 km', None]
    >>> apart_words(np.array([3.0, 850.0, 34_120.0, np.nan]), "bucket")
    ['[apart0]', '[apart7]', '[apart12]', None]
    """
    if way == "bucket":
        range_ = np.ceil(np.log2(np.maximum(np.nan_to_num(metres), 1e-9) / _FIRST))
        place = np.clip(range_, 0, len(TOKENS) - 1).astype(int)
        return [
            None if math.isnan(one) else TOKENS[at] for one, at in zip(metres, place, strict=True)
        ]
    return [
        None if math.isnan(one) else f"{one / 1000:.1f} km" if one >= 1000 else f"{one:.0f} m"
        for one in metres.tolist()
    ]


def apart_numbers(metres: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float32]:
    """Return the logarithm of distances, from 0 to 1, and whether they are unknown.

    Examples
    --------
    >>> apart_numbers(np.array([0.0, np.nan])).tolist()
    [[0.0, 0.0], [0.0, 1.0]]
    """
    unknown = np.isnan(metres)
    scaled = np.log1p(np.where(unknown, 0.0, metres)) / math.log1p(_FARTHEST)
    return np.stack([scaled, unknown], axis=1).astype(np.float32)
