"""The bag of letters of a text as 128 bits, a bound on what two texts have in common."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit, plain

__all__ = ["letter_places", "letter_signature"]

_ZERO = np.uint64(0)
_ONE = np.uint64(1)


def letter_signature(
    start: npt.NDArray[np.int64], units: npt.NDArray[np.uint16]
) -> npt.NDArray[np.uint64]:
    """Return the bag of letters of each text in 128 bits, each count in unary.

    A letter with count `k` sets the first `k` of its bits, as far as they go. The ones that
    one text has and another has not are characters that cannot match.

    Parameters
    ----------
    start : int64[m + 1]
    units : uint16[...]
        The texts, as in `sameas.core.prepared.Texts`.

    Returns
    -------
    uint64[m, 2]

    Examples
    --------
    >>> a, b = letter_signature(np.array([0, 2, 3]), np.array([97, 97, 97], np.uint16))
    >>> int((a & ~b).sum()).bit_count(), int((b & ~a).sum()).bit_count()
    (1, 0)
    """
    first, last = letter_places()
    return _letter_signature(  # type: ignore[no-any-return]
        plain(start, np.int64), plain(units, np.uint16), first, last
    )


#: Bits a letter, by how often and how unevenly letters occur in names; the rest share.
_LETTER_BITS = {
    " ": 4, "e": 6, "a": 6, "i": 5, "o": 5, "n": 5, "r": 5, "t": 5, "s": 5, "l": 5, "u": 4,
    "c": 4, "d": 4, "h": 4, "m": 4, "p": 3, "g": 3, "b": 3, "k": 3, "y": 3, "f": 3, "w": 3,
    "v": 2, "z": 2, "j": 2, "x": 1, "q": 1,
}  # fmt: skip
_OTHER_CLASSES = 128 - sum(_LETTER_BITS.values())


@lru_cache(maxsize=1)
def letter_places() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return, for each of 256 classes (units modulo 256), its first and its last bit."""
    first = np.empty(256, np.uint8)
    last = np.empty(256, np.uint8)
    given = 128 - _OTHER_CLASSES
    others = given + np.arange(256) % _OTHER_CLASSES
    first[:] = last[:] = others
    place = 0
    for letter, bits in _LETTER_BITS.items():
        for code in {ord(letter), ord(letter.upper())}:
            first[code], last[code] = place, place + bits - 1
        place += bits
    first.flags.writeable = last.flags.writeable = False
    return first, last


@jit
def _letter_signature(start: Any, units: Any, first: Any, last: Any) -> Any:
    count = start.shape[0] - 1
    out = np.zeros((count, 2), np.uint64)
    for text in range(count):
        low = _ZERO
        high = _ZERO
        for place in range(start[text], start[text + 1]):
            kind = units[place] & np.uint16(255)
            bit = first[kind]
            while bit <= last[kind]:
                mark = _ONE << np.uint64(bit & np.uint8(63))
                word = high if bit >= 64 else low
                if word & mark == _ZERO:
                    if bit >= 64:
                        high |= mark
                    else:
                        low |= mark
                    break
                bit += np.uint8(1)
        out[text, 0] = low
        out[text, 1] = high
    return out
