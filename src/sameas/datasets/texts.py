"""Text columns from arrays: fixed-width characters, scattered parts, typing errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["blank", "fixed_width", "hexadecimal", "mistype", "scatter", "typing_errors"]

_DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)


def fixed_width(characters: npt.NDArray[np.uint8]) -> pa.Array:
    """Turn a matrix of ASCII characters, one row a text, into a text column.

    Examples
    --------
    >>> fixed_width(np.frombuffer(b"abcd", np.uint8).reshape(2, 2)).to_pylist()
    ['ab', 'cd']
    """
    rows, width = characters.shape
    offsets = np.arange(0, rows * width + 1, max(width, 1), dtype=np.int32)
    data = np.ascontiguousarray(characters)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(data))


def hexadecimal(values: npt.NDArray[np.uint64]) -> pa.Array:
    """Write 64-bit numbers as 16 hexadecimal digits.

    Examples
    --------
    >>> hexadecimal(np.array([255], np.uint64)).to_pylist()
    ['00000000000000ff']
    """
    octets = values.astype(">u8").view(np.uint8).reshape(len(values), 8)
    return fixed_width(_DIGITS[np.stack([octets >> 4, octets & 15], axis=2).reshape(-1, 16)])


def scatter(parts: Sequence[tuple[npt.NDArray[np.int64], pa.Array]]) -> pa.Array:
    """Put parts together; `parts` gives the rows, each exactly once, and the texts of each.

    Examples
    --------
    >>> scatter([(np.array([1]), pa.array(["b"])), (np.array([0]), pa.array(["a"]))]).to_pylist()
    ['a', 'b']
    """
    rows = np.concatenate([row for row, _ in parts])
    place = np.empty(len(rows), np.int64)
    place[rows] = np.arange(len(rows))
    return pa.concat_arrays([texts for _, texts in parts]).take(pa.array(place))


def blank(texts: pa.Array, missing: npt.NDArray[np.bool_]) -> pa.Array:
    """Set the texts to null where they are missing."""
    return pc.if_else(pa.array(missing), pa.scalar(None, texts.type), texts)


def typing_errors(texts: pa.Array, rng: np.random.Generator) -> pa.Array:
    """Give each text one typing error: two characters swapped, one lost, doubled or replaced.

    The first character stays. Texts of fewer than three characters are left alone.
    """
    wide = np.array(texts.to_pylist(), dtype=np.str_) if len(texts) else np.empty(0, "U1")
    width = max(wide.dtype.itemsize // 4, 1) + 1
    letters = wide.astype(f"U{width}").view(np.uint32).reshape(len(wide), width)
    length = (letters != 0).sum(axis=1)
    kind = np.where(length < 3, -1, rng.integers(0, 4, len(wide)))[:, None]
    spot = (1 + rng.random(len(wide)) * np.maximum(length - 2, 1)).astype(np.int64)[:, None]
    column = np.arange(width)[None, :]
    source = np.where((kind == 0) & (column == spot), spot + 1, column)
    source = np.where((kind == 0) & (column == spot + 1), spot, source)
    source = np.where((kind == 1) & (column >= spot), column + 1, source)
    source = np.where((kind == 2) & (column > spot), column - 1, source)
    typed = np.take_along_axis(letters, np.minimum(source, width - 1), axis=1)
    typed = np.where((kind == 1) & (column == width - 1), 0, typed)
    other = rng.integers(ord("a"), ord("z") + 1, len(wide))[:, None]
    digit = (letters >= ord("0")) & (letters <= ord("9"))
    other = np.where(digit, ord("0") + other % 10, other)
    typed = np.where((kind == 3) & (column == spot), other, typed)
    spelled = np.ascontiguousarray(typed.astype(np.uint32)).view(f"U{width}").ravel()
    return pa.array(spelled.tolist(), pa.string())


def mistype(texts: pa.Array, rows: npt.NDArray[np.int64], rng: np.random.Generator) -> pa.Array:
    """Give the texts of some rows a typing error."""
    rest = np.ones(len(texts), bool)
    rest[rows] = False
    right = np.flatnonzero(rest)
    wrong = typing_errors(texts.take(pa.array(rows)), rng)
    return scatter([(right, texts.take(pa.array(right))), (rows, wrong)])
