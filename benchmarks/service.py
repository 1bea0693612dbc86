"""The service under load from a second process: latency at a rate, the highest rate, inserts.

python benchmarks/service.py --linker model/ --store places.db --table places.parquet
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from common import about, table, write_section
from sameas.linker import Linker

HEAD = [
    "what",
    "asked a second",
    "answered a second",
    "p50 ms",
    "p99 ms",
    "server CPU ms a request",
    "errors",
]
PORT = 18_080
CONNECTIONS = 64
BODIES = 30_000
_PATIENCE = 50.0  # ms


def load(requests: list[tuple[str, bytes]], rate: float) -> dict[str, Any]:
    """Send requests at a rate from a second process; see `load.py`."""
    given = {
        "port": PORT,
        "rate": rate,
        "connections": CONNECTIONS,
        "requests": [(head, base64.b64encode(body).decode()) for head, body in requests],
    }
    command = [sys.executable, str(Path(__file__).with_name("load.py"))]
    done = subprocess.run(
        command, input=json.dumps(given).encode(), capture_output=True, check=True
    )
    return json.loads(done.stdout)


def cpu_of(pid: int) -> float:
    """Return the CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int, name: str) -> float:
    """Return the peak memory of a process (VmHWM), or how much of a kind it has now, MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1e3


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
    found = load(requests, rate)
    spent = 1e3 * (cpu_of(pid) - before) / len(requests)
    wrong = sum(count for status, count in found["status"].items() if int(status) >= 300)
    p50, p99 = (float(np.quantile(found["took"], q)) for q in (0.5, 0.99))
    reached = len(requests) / found["seconds"]
    return [what, rate, round(reached), round(p50, 2), round(p99, 2), round(spent, 2), wrong]


def asked(bodies: Iterator[bytes], rate: float, seconds: float) -> list[tuple[str, bytes]]:
    """Return questions for so many seconds, each about another place."""
    return [("POST /v1/match", next(bodies)) for _ in range(int(rate * seconds))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--linker", required=True)
    parser.add_argument("--store", required=True, help="loaded from --table; inserts go into it")
    parser.add_argument("--table", required=True)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each rate")
    parser.add_argument("--rates", type=float, nargs="+", default=[50, 200, 400, 600, 800, 1000])
    parser.add_argument("--puts", type=float, nargs="+", default=[50, 200, 400])
    given = parser.parse_args()
    linker = Linker.load(given.linker)
    names = [field.name for field in linker.spec.fields]
    table_ = pq.ParquetFile(given.table)
    records = table_.metadata.num_rows
    chosen = np.random.default_rng(1).integers(0, table_.num_row_groups, 4)
    rows = [row for n in chosen for row in table_.read_row_group(n, names).to_pylist()]
    order = np.random.default_rng(1).permutation(len(rows))[:BODIES]
    bodies = cycle([json.dumps(rows[n], default=str).encode() for n in order])
    server, opened = started(given.linker, given.store)
    try:
        load(asked(bodies, 100, 5), 100)
        made = [
            measured("match", server.pid, asked(bodies, rate, given.seconds), rate)
            for rate in given.rates
        ]
        best = max((row[2] for row in made if row[4] < _PATIENCE), default=0)
        for rate in given.puts:
            stamp, count = time.time_ns(), int(rate * given.seconds / 2)
            puts = [(f"PUT /v1/records/new{stamp}/{n}", next(bodies)) for n in range(count)]
            made.append(measured("durable insert", server.pid, puts, rate))
        peak, mapped = memory_of(server.pid, "VmHWM"), memory_of(server.pid, "RssFile")
    finally:
        server.terminate()
        server.wait()
    text = (
        f"{records:,} places. Load from a second process (`benchmarks/load.py`: one event loop, "
        f"raw sockets, requests made beforehand) over {CONNECTIONS} connections; both processes "
        "share the cores. "
        f"Start-up with compiled kernels {opened:.1f} s, peak memory {peak:,.0f} "
        f"MB, of which {mapped:,.0f} MB are pages of files that the system keeps anyway. "
        f"Highest rate answered with a p99 below {_PATIENCE:g} ms: {best}. Milliseconds are "
        "from when a request was due.\n\n" + table(HEAD, made)
    )
    write_section("service", "The service", text, about("litestar", "uvicorn"))
    print(text)


if __name__ == "__main__":
    main()
