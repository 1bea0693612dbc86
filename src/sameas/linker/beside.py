"""Small steps that nothing waits for, done on a thread beside the work."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any

__all__ = ["Beside"]


class Beside:
    """Does steps one after another on a thread of its own; at once, if there is but one thread.

    What a step raises is raised by the next call, at the latest when the block ends.

    Parameters
    ----------
    threads : int
        That the work may take.

    Examples
    --------
    >>> done = []
    >>> with Beside(threads=2) as beside:
    ...     beside.start(done.append, "report")
    ...     beside.start(done.append, "tables")
    >>> done
    ['report', 'tables']
    """

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(1) if threads > 1 else None
        self._started: list[Future[Any]] = []

    def __enter__(self) -> Beside:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for all steps; after an error only for the one at work."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=error is not None)
        if error is None:
            self.wait()

    def start(self, step: Callable[..., object], *arguments: Any) -> None:
        """Do a step, after those that were started before."""
        for future in self._started:
            if future.done():
                future.result()
        if self._pool is None:
            step(*arguments)
        else:
            self._started.append(self._pool.submit(step, *arguments))

    def wait(self) -> None:
        """Wait until all steps are done."""
        for future in self._started:
            future.result()
