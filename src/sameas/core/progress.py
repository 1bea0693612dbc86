"""Progress of long steps: a bar with rate and time left, on a terminal only."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

__all__ = ["progress"]

logger = logging.getLogger(__name__)

#: Seconds of the past that the remaining time is told from.
_MEMORY = 300.0
#: Whether a bar stands there: the steps inside a step that has one show none of their own.
_shown = False


def _ignore(_: float) -> None:
    """Go on without a bar."""


@contextmanager
def progress(what: str, total: float) -> Iterator[Callable[[float], None]]:
    """Show how far a step is; yields the function that advances it.

    On a terminal a bar with rate and remaining time stands on standard error. Elsewhere
    only the log knows (level INFO: name and seconds of each step). A step inside another, in
    whichever thread, has no bar of its own.

    Parameters
    ----------
    what : str
        Name of the step.
    total : float
        Units of work in all.

    Examples
    --------
    >>> with progress("comparing", total=2) as advance:
    ...     advance(1)
    ...     advance(1)
    """
    global _shown
    begun = time.perf_counter()
    if not _shown and sys.stderr.isatty() and logger.isEnabledFor(logging.WARNING):
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        bar = Progress(
            TextColumn("{task.description:>12}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            speed_estimate_period=_MEMORY,
        )
        _shown = True
        try:
            with bar:
                task = bar.add_task(what, total=max(total, 1e-9))
                yield partial(bar.advance, task)
        finally:
            _shown = False
    else:
        yield _ignore
    logger.info("%s: %.2f s", what, time.perf_counter() - begun)
