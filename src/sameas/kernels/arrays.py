"""What every kernel does at its door: one array layout, one scratch table a thread.

Kernels take C-contiguous read-only views of fixed types, so that each is compiled once,
whether an array was made here or is memory-mapped.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.kept import inner, jit

__all__ = ["AHEAD", "inner", "jit", "plain", "resized", "scratch_table", "sort_few", "wake"]

#: Pairs of which kernels first read a little of the right record, which may lie anywhere: so their
#: cache misses overlap, and each waits a quarter as long.
AHEAD = 64
#: So many items are sorted by putting one after the other in its place.
_A_HANDFUL = 24

_LOCAL = threading.local()


@inner
def resized(array: Any, used: int, capacity: int) -> Any:
    """Return the first `used` items in an array with room for `capacity`.

    A loop, since the assignment of a slice alone costs three seconds of compilation: numba
    compiles the message of its error along.
    """
    out = np.empty(capacity, array.dtype)
    for place in range(used):
        out[place] = array[place]
    return out


@inner
def sort_few(array: Any, count: int) -> None:
    """Sort the first `count` items in place, for a few to thousands of numbers (Shell sort).

    The sort of numpy costs a second and a half of compilation.
    """
    gap = count // 2
    while gap > 1 and count > _A_HANDFUL:
        for first in range(gap, count):
            item = array[first]
            place = first
            while place >= gap and array[place - gap] > item:
                array[place] = array[place - gap]
                place -= gap
            array[place] = item
        gap = 1 if gap == 2 else gap * 5 // 11
    for first in range(1, count):
        item = array[first]
        place = first
        while place > 0 and array[place - 1] > item:
            array[place] = array[place - 1]
            place -= 1
        array[place] = item


@jit
def _nothing(number: int) -> int:
    return number


def wake() -> None:
    """Make numba's runtime ready, which the first kernel of a process waits for."""
    _nothing(0)


def plain(array: npt.ArrayLike, dtype: type[np.generic]) -> npt.NDArray[Any]:
    """Return an array as a read-only C-contiguous view of one type; copied only if it must be.

    Examples
    --------
    >>> plain([1, 2], np.int32).flags.writeable
    False
    """
    view = np.ascontiguousarray(array, dtype).view(np.ndarray)
    view.setflags(write=False)
    return view


def scratch_table() -> npt.NDArray[np.uint64]:
    """Return this thread's table of 65,536 words; who writes into it puts the zeros back."""
    table: npt.NDArray[np.uint64] | None = getattr(_LOCAL, "table", None)
    if table is None:
        table = np.zeros(1 << 16, np.uint64)
        _LOCAL.table = table
    return table
