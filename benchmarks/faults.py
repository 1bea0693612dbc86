"""Kill a writer of a store 200 times and look whether anything is lost or half done.

python benchmarks/faults.py [--moments 200] [--seed 1]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from common import about, table, write_section

ROOT = Path(__file__).parents[1]
MAKE = """
import importlib.util, sys
from pathlib import Path
from sameas.linker.saving import save_linker
spec = importlib.util.spec_from_file_location("made_up", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
save_linker(Path(sys.argv[2]), module.make_fitted())
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tests = ROOT / "tests" / "unit"
        model, store = f"{folder}/model", f"{folder}/places.db"
        subprocess.run([sys.executable, "-c", MAKE, tests / "conftest.py", model], check=True)
        killing = tests / "store" / "killing.py"
        command = [sys.executable, killing, model, store, str(given.moments), str(given.seed)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    rows = [[found["moments"], found["acknowledged"], 0, 0, found["came after"]]]
    head = ["moments", "writes acknowledged", "lost", "half done", "write under way was made too"]
    text = (
        f"`python benchmarks/faults.py --moments {given.moments}`: a process inserts, updates, "
        "deletes and corrects records of a small dense store (SQLite, WAL, synchronous FULL) and "
        "is killed (SIGKILL) at a random moment, again and again on one file. After each kill "
        "every acknowledged write is compared with the store, and its check runs with the linker: "
        "the program ends with an error at the first fault.\n\n" + table(head, rows)
    )
    write_section("faults", "Faults of the store", text, about("numpy", "numba"))
    print(text)


if __name__ == "__main__":
    main()
