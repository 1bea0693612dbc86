"""A job: many requests on threads, stopped early when going on makes no sense."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from sameas.core.progress import progress
from sameas.models.client.errors import BudgetError, EndpointError
from sameas.models.client.exchange import Stopped

__all__ = ["Outcome", "run_job"]

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: Failed requests in a row after which a job gives up.
IN_A_ROW = 20


class Outcome(Generic[T]):
    """Results by position, failures by position, and what stopped the job (if anything)."""

    def __init__(self) -> None:
        self.results: dict[int, T] = {}
        self.failures: dict[int, EndpointError] = {}
        self.stopped: BudgetError | EndpointError | None = None
        self.bug: BaseException | None = None


class _Job(Generic[T]):
    """The state that the threads of a job share."""

    def __init__(
        self,
        count: int,
        task: Callable[[int, threading.Event], T],
        advance: Callable[[float], None],
    ) -> None:
        self.outcome: Outcome[T] = Outcome()
        self.stop = threading.Event()
        self._positions = iter(range(count))
        self._task, self._advance = task, advance
        self._lock = threading.Lock()
        self._in_a_row = 0

    def work(self) -> None:
        """Take positions until none is left."""
        while not self.stop.is_set():
            with self._lock:
                position = next(self._positions, None)
            if position is None:
                return
            self._one(position)

    def _one(self, position: int) -> None:
        try:
            result = self._task(position, self.stop)
        except Stopped:
            return
        except BudgetError as error:
            self._end(error)
            return
        except EndpointError as error:
            self._failed(position, error)
        except BaseException as error:
            # A bug, or an error of the store: raised again in the caller's thread.
            with self._lock:
                self.outcome.bug = self.outcome.bug or error
            self.stop.set()
            return
        else:
            with self._lock:
                self._in_a_row = 0
                self.outcome.results[position] = result
        self._advance(1)

    def _failed(self, position: int, error: EndpointError) -> None:
        with self._lock:
            self._in_a_row += 1
            self.outcome.failures[position] = error
            hopeless = error.fatal or self._in_a_row >= IN_A_ROW
        logger.warning("request %d failed: %s", position, error)
        if hopeless:
            self._end(error)

    def _end(self, error: BudgetError | EndpointError) -> None:
        with self._lock:
            self.outcome.stopped = self.outcome.stopped or error
        self.stop.set()


def run_job(
    count: int,
    task: Callable[[int, threading.Event], T],
    *,
    concurrency: int,
    what: str,
) -> Outcome[T]:
    """Run ``task(position, stop)`` for every position below `count`.

    A failed request does not end the job; a spent budget, a fatal error or 20 failures in a
    row do. After an interrupt the requests in flight are awaited, so that their answers are kept.
    """
    with progress(what, total=count) as advance:
        job: _Job[T] = _Job(count, task, advance)
        threads = [
            threading.Thread(target=job.work, name=f"sameas-{what}-{number}", daemon=True)
            for number in range(min(concurrency, count))
        ]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join()
        except BaseException:
            job.stop.set()
            logger.warning("interrupted; waiting for the requests in flight")
            for thread in threads:
                thread.join()
            raise
    if job.outcome.bug is not None:
        raise job.outcome.bug
    return job.outcome
