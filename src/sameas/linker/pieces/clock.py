"""How far a run in pieces is, and how long it will still take."""

from __future__ import annotations

import logging
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from sameas.core.progress import progress

__all__ = ["Clock"]

logger = logging.getLogger(__name__)

#: What a stage costs a record, relative to each other; measured on generated places.
COSTS = {"read": 1.5, "lay": 3.0, "candidates": 10.5, "scores": 8.5, "entities": 5.5}


class Clock:
    """A bar over all stages of a run, and lines for the log.

    The remaining time is told from the work of all stages that are still to come, not of the
    stage at hand.
    """

    def __init__(self, what: str) -> None:
        self.costs: dict[str, dict[str, float]] = {}
        self._what, self._records = what, 0
        self._total = self._done = self._worked = 0.0
        self._stack = ExitStack()
        self._advance: Callable[[float], None] | None = None
        self._share: dict[str, float] = {}
        self._begun = self._told = time.monotonic()

    def know(self, records: int) -> None:
        """Say how many records there are; from now on there is a bar."""
        if self._advance is None:
            self._records = max(records, 1)
            self._total = sum(COSTS.values()) * self._records
            self._advance = self._stack.enter_context(progress(self._what, self._total))

    def stage(self, name: str, units: float) -> None:
        """Say how many units a stage has in all."""
        self._share[name] = COSTS[name] * self._records / max(units, 1)

    @contextmanager
    def cost(self, name: str) -> Iterator[None]:
        """Note what the steps inside cost: CPU and wall seconds, and the peak memory so far."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        found = {
            "wall_seconds": round(time.perf_counter() - wall, 2),
            "cpu_seconds": round(time.process_time() - cpu, 2),
            "peak_mb": round(peak_memory() / 1e6),
        }
        self.costs[name] = found
        logger.info(
            "%s: %.1f s, %.1f CPU s, peak so far %d MB",
            name, found["wall_seconds"], found["cpu_seconds"], found["peak_mb"],
        )  # fmt: skip

    def advance(self, name: str, units: float) -> None:
        """Say that some units of a stage are done."""
        self._worked += self._step(name, units)
        now = time.monotonic()
        if now - self._told > 5 and self._worked:
            self._told = now
            left = (now - self._begun) / self._worked * max(self._total - self._done, 0.0)
            logger.info(
                "%s: %.0f %% done, about %.1f min left",
                name, 100 * self._done / self._total, left / 60,
            )  # fmt: skip

    def skip(self, name: str, units: float) -> None:
        """Say that some units were done by an earlier run."""
        self._step(name, units)

    def _step(self, name: str, units: float) -> float:
        step = self._share.get(name, COSTS[name]) * units
        self._done += step
        if self._advance is not None:
            self._advance(step)
        return step

    def close(self) -> None:
        """Take the bar away."""
        self._stack.close()


def peak_memory() -> int:
    """Return the largest resident memory of this process so far in bytes, 0 if not known."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return peak * (1 if platform.system() == "Darwin" else 1024)
