"""What `import sameas` costs, what it drags in, and what it offers."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

import pytest

import sameas

HEAVY = {
    "duckdb",
    "httpx",
    "imblearn",
    "matplotlib",
    "numba",
    "pandas",
    "polars",
    "pyspark",
    "rapidfuzz",
    "scipy",
    "sklearn",
    "torch",
}
LIMIT = 0.5  # CPU seconds, so that a busy machine does not change the verdict

PROBE = """
import json, sys, time
begin = time.process_time()
import sameas
seconds = time.process_time() - begin
modules = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps({"seconds": seconds, "modules": modules}))
"""


def fresh_import() -> dict:
    """Import sameas in a new interpreter."""
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_import_takes_half_a_second_at_most() -> None:
    assert statistics.median(fresh_import()["seconds"] for _ in range(5)) <= LIMIT


def test_import_loads_no_heavy_library() -> None:
    assert HEAVY.isdisjoint(fresh_import()["modules"])


COMMAND = """
import sys
from sameas.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code
print("pandas" in sys.modules, "scipy" in sys.modules, "yaml" in sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["plan"], ["dedupe", "--out", "run"]])
def test_a_command_does_without_what_arrow_and_numba_import_on_chance(arguments, tmp_path) -> None:
    names = "ann lee", "anne lee", "bob cole", "bert bell", "cy dale", "dot ames"
    rows = ["given_name,surname,town", *(f"{name},york".replace(" ", ",") for name in names)]
    (tmp_path / "people.csv").write_text("\n".join(rows))
    told = [sys.executable, "-c", COMMAND, *arguments, "people.csv", "--quiet"]
    done = subprocess.run(told, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stderr.splitlines()[-1] == "False False False"


def test_public_names_exist_once() -> None:
    names = getattr(sameas, "__all__", [])
    assert len(names) == len(set(names))
    for name in names:
        assert not name.startswith("_") or name == "__version__"
        getattr(sameas, name)
