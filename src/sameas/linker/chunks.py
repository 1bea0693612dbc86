"""Work on many pairs: chunk by chunk, on all threads, into arrays that are there already."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy.typing as npt

from sameas.core.progress import progress

__all__ = ["each_chunk"]

_CHUNK = 16_384  # pairs; small, so that threads end together


def each_chunk(
    what: str,
    total: int,
    work: Callable[[slice], tuple[npt.NDArray[Any], ...]],
    out: tuple[npt.NDArray[Any], ...],
    *,
    threads: int,
) -> None:
    """Call `work` on slices of a range, in threads, and write what it returns into `out`.

    Parameters
    ----------
    what : str
        Name of the step, for the progress bar.
    total : int
        Length of the range.
    work : callable
        Gets a slice, returns the values of its rows, one array for each of `out`.
    out : tuple of arrays
        With `total` rows each.
    threads : int
        How many slices are worked on at a time.

    Examples
    --------
    >>> import numpy as np
    >>> squares = np.empty(3)
    >>> each_chunk("squares", 3, lambda rows: (np.arange(3)[rows] ** 2,), (squares,), threads=2)
    >>> squares.tolist()
    [0.0, 1.0, 4.0]
    """

    def run(rows: slice) -> int:
        for target, values in zip(out, work(rows), strict=True):
            target[rows] = values
        return int(rows.stop - rows.start)

    with progress(what, total) as advance, ThreadPoolExecutor(threads) as pool:
        for done in pool.map(run, _chunks(total)):
            advance(done)


def _chunks(total: int) -> Iterator[slice]:
    for first in range(0, total, _CHUNK):
        yield slice(first, min(first + _CHUNK, total))
