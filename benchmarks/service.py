"""The service under load from a second process: latency at a rate, the highest rate, inserts.

python benchmarks/service.py --linker model/ --store places.db --table places.parquet
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from common import about, table, whole, write_section
from sameas.linker import Linker

HEAD = [
    "what",
    "asked a second",
    "answered a second",
    "p50 ms",
    "p99 ms",
    "server CPU ms a request",
]
PORT = 18_080
_PATIENCE = 50.0  # ms


class Line:
    """One connection that is kept open."""

    async def open(self) -> Line:
        """Connect; return itself."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", PORT)
        return self

    async def ask(self, head: str, body: bytes) -> int:
        """Send a request; return the status."""
        self.writer.write(
            f"{head} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        answer = await self.reader.readuntil(b"\r\n\r\n")
        size = next(
            int(line[15:]) for line in answer.lower().split(b"\r\n")
            if line.startswith(b"content-length:")
        )  # fmt: skip
        await self.reader.readexactly(size)
        return int(answer.split(None, 2)[1])


async def load(requests: list[tuple[str, bytes]], rate: float) -> tuple[list[float], float]:
    """Send requests at a rate; return the milliseconds from when each was due, and the rate."""
    lines: asyncio.Queue[Line] = asyncio.Queue()
    for _ in range(32):
        lines.put_nowait(await Line().open())
    took: list[float] = []

    async def one(due: float, head: str, body: bytes) -> None:
        line = await lines.get()
        status = await line.ask(head, body)
        lines.put_nowait(line)
        assert status < 300, status
        took.append(1e3 * (time.perf_counter() - due))

    begin, jobs = time.perf_counter(), []
    for number, (head, body) in enumerate(requests):
        due = begin + number / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        jobs.append(asyncio.create_task(one(due, head, body)))
    await asyncio.gather(*jobs)
    return took, len(took) / (time.perf_counter() - begin)


def cpu_of(pid: int) -> float:
    """Return the CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int) -> float:
    """Return the peak memory of a process, MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1e3


def started(linker: str, store: str) -> tuple[subprocess.Popen[bytes], float]:
    """Start a server; return it and the seconds until it was ready."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "sameas", "serve", "--linker", linker, "--store", store]
    server = subprocess.Popen([*command, "--port", str(PORT), "--quiet"])
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/ready").read()
            return server, time.perf_counter() - begin
        except OSError:
            assert server.poll() is None, "the server ended"
            time.sleep(0.05)


def measured(what: str, pid: int, requests: list[tuple[str, bytes]], rate: float) -> list[Any]:
    """Return a row of the table."""
    before = cpu_of(pid)
    took, reached = asyncio.run(load(requests, rate))
    spent = 1e3 * (cpu_of(pid) - before) / len(requests)
    p50, p99 = (float(np.quantile(took, q)) for q in (0.5, 0.99))
    return [what, rate, round(reached), round(p50, 1), round(p99, 1), round(spent, 2)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--linker", required=True)
    parser.add_argument("--store", required=True, help="loaded from --table; inserts go into it")
    parser.add_argument("--table", required=True)
    parser.add_argument("--requests", type=whole, default=1_000)
    given = parser.parse_args()
    linker = Linker.load(given.linker)
    names = [field.name for field in linker.spec.fields]
    rows = pq.read_table(given.table, columns=names).slice(0, 50_000).to_pylist()
    chosen = np.random.default_rng(1).permutation(len(rows))[: given.requests]
    bodies = [json.dumps(rows[n], default=str).encode() for n in chosen]
    asked = [("POST /v1/match", body) for body in bodies]
    server, opened = started(given.linker, given.store)
    try:
        asyncio.run(load(asked[:50], 20))
        made = [measured("match", server.pid, asked, rate) for rate in (20, 50, 100, 200)]
        best = max((row[1] for row in made if row[4] < _PATIENCE), default=0)
        puts = [(f"PUT /v1/records/new{time.time_ns()}/{n}", body) for n, body in
                enumerate(bodies[:300])]  # fmt: skip
        made.append(measured("durable insert", server.pid, puts, 50))
        peak = memory_of(server.pid)
    finally:
        server.terminate()
        server.wait()
    text = (
        f"Load from a second process over 32 connections, which shares the cores. Start-up with "
        f"compiled kernels {opened:.1f} s, peak memory {peak:,.0f} MB. Highest rate tried with a "
        f"p99 below {_PATIENCE:g} ms: {best}. Milliseconds are from when a request was due.\n\n"
        + table(HEAD, made)
    )
    write_section("service", "The service", text, about("litestar", "uvicorn"))
    print(text)


if __name__ == "__main__":
    main()
