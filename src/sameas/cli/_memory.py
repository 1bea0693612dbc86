"""Memory that a job frees is kept for its next array, not given back to the system each time.

A fresh page is cleared by the system before it is used: an eighth of the time of a job that makes
and drops arrays of megabytes. So the C library keeps what is freed, up to a bound, in one heap for
all threads, and Arrow takes its memory from there too. NumPy does not ask for huge pages: on a
virtual machine one of them costs more than the small ones that it stands for. Only the command
does so: a library leaves its process alone.
"""

from __future__ import annotations

import ctypes
import os

__all__ = ["keep_freed_memory"]

#: Settings of `mallopt` in the C library of GNU, and their values in bytes.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENAS = -1, -2, -3, -8
_KEPT = 1_000_000_000
_GROWTH = 64 << 20
_LARGEST = 32 << 20  # the most that the library allows; larger arrays are given back at once


def keep_freed_memory() -> None:
    """Keep freed memory in this process; where that is not possible, nothing changes.

    To be called before Arrow and NumPy are imported. What the environment says goes first.
    """
    if os.name != "posix" or any(name.startswith("MALLOC_") for name in os.environ):
        return
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
    for setting, value in (
        (_MMAP_THRESHOLD, _LARGEST), (_TRIM_THRESHOLD, _KEPT), (_TOP_PAD, _GROWTH), (_ARENAS, 1)
    ):  # fmt: skip
        library.mallopt(setting, value)
