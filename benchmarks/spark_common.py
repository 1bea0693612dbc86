"""What the benchmarks of Spark share: engines, their processes, the command line."""

from __future__ import annotations

import argparse
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common import whole

__all__ = ["ENGINES", "KINDS", "Meter", "engine_parser", "event_log", "started"]

ENGINES = ("duckdb", "spark", "sail")
#: Of processes: this one, the JVM, the workers of Spark.
KINDS = ("driver", "jvm", "workers")


class Meter:
    """CPU seconds and memory of all processes of this session, looked at every two seconds."""

    def __init__(self) -> None:
        self.peak = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Meter:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()

    def _watch(self) -> None:
        while not self.ended.wait(2.0):
            self.peak = max(self.peak, sum(_memory(one) for one in _processes()))

    @staticmethod
    def cpu() -> dict[str, float]:
        """Return the CPU seconds so far: of the JVM, the workers of Spark, and this process."""
        found = dict.fromkeys(KINDS, 0.0)
        for one in _processes():
            name = Path("/proc", one, "comm")
            try:
                java = name.read_text().strip() == "java"
            except OSError:
                continue
            kind = "driver" if int(one) == os.getpid() else "jvm" if java else "workers"
            # What the JVM has waited for are its workers.
            own, waited = (sum(map(int, _stat(one)[at : at + 2] or [0])) for at in (11, 13))
            found[kind] += own / os.sysconf("SC_CLK_TCK")
            found["workers" if java else kind] += waited / os.sysconf("SC_CLK_TCK")
        return found


def _processes() -> list[str]:
    mine = os.getsid(0)
    found = (name for name in os.listdir("/proc") if name.isdigit())
    return [name for name in found if (stat := _stat(name)) and int(stat[3]) == mine]


def _stat(name: str) -> list[str]:
    """Return the figures of a process after its name; none if it has gone."""
    try:
        return Path("/proc", name, "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _memory(name: str) -> int:
    """Return the resident bytes of a process, shared ones by its share."""
    try:
        lines = Path("/proc", name, "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


@contextmanager
def started(engine: str, **settings: str) -> Iterator[Any]:
    """Start Spark or Sail, give a session, stop both."""
    from sameas.engines.spark import local_session

    address, server = "local[2]", None
    if engine == "sail":
        from pysail.spark import SparkConnectServer

        server = SparkConnectServer()
        server.start(background=True)
        address = f"sc://localhost:{server.listening_address[1]}"
    session = local_session(address, **settings)
    try:
        yield session
    finally:
        session.stop()
        if server is not None:
            server.stop()


def event_log(folder: Path) -> dict[str, str]:
    """Return the settings of Spark that write a log of all tasks into a folder."""
    return {
        "spark__eventLog__enabled": "true",
        "spark__eventLog__dir": folder.resolve().as_uri(),
        "spark__eventLog__compress": "false",
    }


def engine_parser(description: str | None, *, records: int) -> argparse.ArgumentParser:
    """Return a command line that runs engines on a generated table."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--records", type=whole, default=records)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    return parser
