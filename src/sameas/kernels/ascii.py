"""Plain English letters: the normal form of texts without accents, in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit, plain

__all__ = ["all_plain", "digits_only", "normalise_ascii"]

_SPACE = np.uint8(32)
_DROP = np.uint8(0)
_AND = np.uint8(1)


def _classes() -> npt.NDArray[np.uint8]:
    """Say what each byte becomes: itself in lower case, a space, nothing, or a word."""
    out = np.full(256, _SPACE, np.uint8)
    for text in ("abcdefghijklmnopqrstuvwxyz", "0123456789"):
        for letter in text:
            out[ord(letter)] = out[ord(letter.upper())] = ord(letter)
    out[[ord("'"), ord("`")]] = _DROP
    out[[ord("&"), ord("+")]] = _AND
    return out


def normalise_ascii(
    offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Lower-case, drop apostrophes, turn other punctuation into single spaces.

    Parameters
    ----------
    offsets : int64[n + 1]
    data : uint8[...]
        Texts as Arrow buffers. One that is not ASCII becomes empty.

    Returns
    -------
    offsets, data
        Texts as Arrow buffers: what `sameas.records.normalise` says of them.

    Examples
    --------
    >>> offsets, data = normalise_ascii(np.array([0, 8]), np.frombuffer(b"H&M Co.'s", np.uint8))
    >>> data.tobytes()
    b'h and m co'
    """
    start, out = _normalise_ascii(plain(offsets, np.int64), plain(data, np.uint8), _classes())
    return start, out


@jit
def _normalise_ascii(offsets: Any, data: Any, classes: Any) -> Any:
    texts = offsets.shape[0] - 1
    size = np.int64(0)
    for place in range(offsets[0], offsets[texts]):
        size += 5 if classes[data[place]] == _AND else 1
    out = np.empty(size, np.uint8)
    start = np.zeros(texts + 1, np.int64)
    written = np.int64(0)
    for text in range(texts):
        begin = written
        gap = False
        for place in range(offsets[text], offsets[text + 1]):
            if data[place] >= 128:
                written = begin
                break
            kind = classes[data[place]]
            if kind == _DROP:
                continue
            if kind <= _SPACE:
                gap = True
            if kind == _SPACE:
                continue
            if gap and written > begin:
                out[written] = _SPACE
                written += 1
            gap = kind == _AND
            if kind == _AND:
                out[written] = 97
                out[written + 1] = 110
                out[written + 2] = 100
                written += 3
            else:
                out[written] = kind
                written += 1
        start[text + 1] = written
    return start, out[:written].copy()


@jit
def digits_only(
    offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Keep the digits 0 to 9 of texts given as Arrow buffers, in one pass.

    Parameters
    ----------
    offsets : int64[n + 1]
    data : uint8[...]

    Returns
    -------
    offsets, data
    """
    texts = offsets.shape[0] - 1
    out = np.empty(offsets[texts] - offsets[0], np.uint8)
    start = np.zeros(texts + 1, np.int64)
    written = np.int64(0)
    for text in range(texts):
        for place in range(offsets[text], offsets[text + 1]):
            if 48 <= data[place] <= 57:
                out[written] = data[place]
                written += 1
        start[text + 1] = written
    return start, out[:written].copy()


@jit
def all_plain(offsets: npt.NDArray[np.int32], data: npt.NDArray[np.uint8]) -> bool:
    """Say whether texts hold printable ASCII alone, and none begins or ends with a space.

    Parameters
    ----------
    offsets : int32[n + 1]
    data : uint8[...]
    """
    texts = offsets.shape[0] - 1
    least, most = np.uint8(32), np.uint8(32)
    for unit in data[offsets[0] : offsets[texts]]:  # several at a time, as there is no way out
        least, most = min(least, unit), max(most, unit)
    if least < 32 or most > 126:
        return False
    for text in range(texts):
        begin, end = offsets[text], offsets[text + 1]
        if begin < end and (data[begin] == _SPACE or data[end - 1] == _SPACE):
            return False
    return True
