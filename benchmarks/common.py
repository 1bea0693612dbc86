"""What the benchmarks share: measured child processes, facts of the machine, RESULTS.md."""

from __future__ import annotations

import compileall
import datetime
import json
import os
import platform
import shlex
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

__all__ = ["Cost", "about", "run", "table", "whole", "write_json", "write_section"]

RESULTS = Path(__file__).with_name("RESULTS.md")
_SOURCE = Path(__file__).parents[1] / "src" / "sameas"
_TITLE = "# Results of the benchmarks\n\nEach section is written by the script that it names.\n"


@dataclass(frozen=True)
class Cost:
    """What a process and its children used.

    Attributes
    ----------
    cpu_seconds : float
        User and system time.
    wall_seconds : float
    peak_mb : float
        Largest resident memory of one process, 10^6 bytes.
    output : dict
        The last line that the process printed, if it is JSON.
    """

    cpu_seconds: float
    wall_seconds: float
    peak_mb: float
    output: dict[str, Any]


def run(arguments: Sequence[str], *, python: str = sys.executable, **environment: str) -> Cost:
    """Run Python to its end and measure it.

    As after an installation the program and all that it imports are there as bytecode: what was
    installed without is compiled by the first process that imports it, and by no later one.
    """
    compileall.compile_dir(_SOURCE, quiet=2)
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile("w+") as out:
        begin = time.monotonic()
        process = os.posix_spawn(
            python,
            [python, *arguments],
            {**kept, **environment},
            file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1)],
        )
        _, status, used = os.wait4(process, 0)
        wall = time.monotonic() - begin
        out.seek(0)
        lines = out.read().splitlines()
    if status:
        raise RuntimeError(f"{' '.join(arguments)} ended with status {status}")
    output = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6
    return Cost(round(cpu, 2), round(wall, 2), round(peak, 1), output)


def about(*packages: str) -> dict[str, Any]:
    """Say when and on what a benchmark ran."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = {name: metadata.version(name) for name in packages}
    given = [
        "PATH"
        if argument.startswith("/")
        else "ADDRESS"
        if "://" in argument
        else shlex.quote(argument)
        for argument in sys.argv[1:]
    ]
    return {
        "command": " ".join(["python", "benchmarks/" + Path(sys.argv[0]).name, *given]),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory),
        "python": platform.python_version(),
        "versions": versions,
    }


def whole(text: str) -> int:
    """Read ``1_000_000`` from a command line."""
    return int(text)


def write_json(report: dict[str, Any]) -> None:
    """Print a report."""
    json.dump(report, sys.stdout, indent=2)
    print()


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def write_section(name: str, title: str, text: str, facts: dict[str, Any]) -> None:
    """Put a section into RESULTS.md, in place of the one of the same name.

    Parameters
    ----------
    name : str
        Of the marker, once a script and setting.
    title, text : str
        Markdown.
    facts : dict
        From `about`.
    """
    versions = ", ".join(f"{key} {value}" for key, value in facts["versions"].items())
    origin = (
        f"`{facts['command']}` · {facts['date']} · {facts['cores']} cores, "
        f"{facts['memory_gib']} GiB · Python {facts['python']}, {versions}"
    )
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    section = f"{begin}\n## {title}\n\n{origin}\n\n{text.strip()}\n{end}"
    old = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else _TITLE
    if begin in old and end in old:
        head, rest = old.split(begin, 1)
        new = head + section + rest.split(end, 1)[1]
    else:
        new = old.rstrip() + "\n\n" + section + "\n"
    RESULTS.write_text(new, encoding="utf-8")
