"""What every kernel does at its door: one array layout, one scratch table a thread.

Kernels take C-contiguous read-only views of fixed types, so that each is compiled once,
whether an array was made here or is memory-mapped.
"""

from __future__ import annotations

import threading
from functools import cached_property
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt
from numba.core.caching import FunctionCache
from numba.core.runtime import rtsys

__all__ = ["AHEAD", "inner", "jit", "plain", "resized", "scratch_table", "sort_few", "wake"]


class _Cache:
    """Where a kernel lies when it is compiled, looked up when the kernel is called.

    numba makes the folder of each kernel as it is imported, and registers all that it can compile
    before it loads what is compiled already: a sixth of a second of a process that compiles
    nothing. What a loaded kernel calls is numba's runtime alone; the compiler makes itself ready
    when it is needed.
    """

    def __init__(self, function: Any) -> None:
        self._function = function

    @cached_property
    def _files(self) -> Any:
        return FunctionCache(self._function)

    @property
    def cache_path(self) -> Any:
        return self._files.cache_path

    def load_overload(self, signature: Any, context: Any) -> Any:
        rtsys.initialize(context)
        with self._files._guard_against_spurious_io_errors():
            return self._files._load_overload(signature, context)

    def save_overload(self, signature: Any, compiled: Any) -> None:
        self._files.save_overload(signature, compiled)

    def flush(self) -> None:
        self._files.flush()


def _kept(**how: Any) -> Any:
    """Return the decorator of numba whose kernels are kept on disk."""
    compiled = nb.njit(nogil=True, error_model="numpy", no_cfunc_wrapper=True, **how)

    def decorate(function: Any) -> Any:
        kernel = compiled(function)
        if kernel is not function:  # it is where numba is switched off
            kernel._cache = _Cache(function)
            kernel._compilation_chain_init_hook = _no_extensions
        return kernel

    return decorate


def _no_extensions() -> None:
    """Look for no extensions of numba: kernels take arrays and numbers.

    It would read the names of all packages that are installed.
    """


#: The decorator of a kernel.
jit = _kept()
#: The decorator of what only kernels call: without the doors for Python it compiles faster.
inner = _kept(no_cpython_wrapper=True)

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
