"""linktransformer 0.1.18 and sameas: the same model, the same rows, the same run.

    python benchmarks/peers_linktransformer.py --data FOLDER --peer VENV/bin/python --model FOLDER

Each side runs in a process of its own on one thread. `--keep FOLDER` keeps what was measured, so
that parts can run one after the other (`--only import encode ...`).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

TIMES = 3
PARTS = ("import", "encode", "repeated", "default")
SETS = ("magellan/abt_buy", "magellan/amazon_google")
_HEAD = ("", "linktransformer", "sameas", "ratio", "asked")
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
               "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}  # fmt: skip


def child_import(given: argparse.Namespace) -> dict[str, Any]:
    """Import the package."""
    begin = time.process_time()
    if given.side == "theirs":
        import linktransformer  # noqa: F401
    else:
        import sameas.linktransformer  # noqa: F401
    return {"cpu": time.process_time() - begin}


def child_encode(given: argparse.Namespace) -> dict[str, Any]:
    """Encode distinct texts; loading and a first batch are not counted."""
    texts = json.loads((given.folder / "texts.json").read_text())
    if given.side == "theirs":
        import linktransformer as lt

        model = lt.load_model(given.model)
        encode: Callable[[list[str]], Any] = lambda rows: model.encode(rows, batch_size=128)  # noqa: E731
    else:
        from sameas.models import load_encoder

        encode = load_encoder(given.model).encode
    encode(texts[:16])
    begin = time.process_time()
    encode(texts[16:])
    return {"rows": len(texts) - 16, "cpu": time.process_time() - begin}


def child_merge(given: argparse.Namespace) -> dict[str, Any]:
    """Join two tables: CPU seconds of importing, and of the call, loading the model included."""
    import pandas as pd

    left, right = (pd.read_json(given.folder / f"{one}.json") for one in ("left", "right"))
    begin = time.process_time()
    if given.how == "lexical":
        from sameas.frames import merge as ours

        join, names = partial(ours, threshold=None), ["row_left", "row_right", "similarity"]
    else:
        lt = import_module(
            "linktransformer" if given.side == "theirs" else "sameas.linktransformer"
        )
        join, names = partial(lt.merge, model=given.model), ["row_x", "row_y", "score"]
    imported = time.process_time()
    merged = join(left, right, on="text")
    done = time.process_time()
    found = merged[names].astype(float).to_numpy().tolist()
    (given.folder / f"found-{given.side}-{given.how}.json").write_text(json.dumps(found))
    return {"import": imported - begin, "call": done - imported, "rows": len(merged)}


def run_child(given: argparse.Namespace, job: str, side: str, folder: Path, how: str = "") -> Any:
    """Run one side in a process of its own; return its line and its peak memory."""
    from common import run

    arguments = [str(Path(__file__)), "--job", job, "--side", side, "--folder", str(folder),
                 "--model", given.model, "--how", how]  # fmt: skip
    cache = str(folder / "cache") if how in ("cold", "warm") else "off"
    python = given.peer if side == "theirs" else sys.executable
    cost = run(arguments, python=python, SAMEAS_CACHE=cache, **_ONE_THREAD)
    return {**cost.output, "peak": cost.peak_mb}


def measure_import(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Import each side; ours three times, the middle one counts."""
    ours = sorted(run_child(given, "import", "ours", folder)["cpu"] for _ in range(3))[1]
    return {"theirs": run_child(given, "import", "theirs", folder)["cpu"], "ours": ours}


def measure_encode(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Encode titles, and descriptions of products, in turn on both sides."""
    from retrieval_sets import load

    found = {}
    for kind, name, column in (("titles", SETS[1], "title"), ("descriptions", SETS[0], "description")):  # fmt: skip  # noqa: E501
        table = load(given.data, name).right
        texts = list(dict.fromkeys(text for text in table[column].to_pylist() if text))[:616]
        (folder / "texts.json").write_text(json.dumps(texts))
        found[kind] = {side: run_child(given, "encode", side, folder)
                       for side in ("theirs", "ours")}  # fmt: skip
    return found


def measure_repeated(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Join tables in which each text stands three times: nothing kept, then once more."""
    from retrieval_sets import load

    data = load(given.data, SETS[1])
    for side, table in (("left", data.left), ("right", data.right)):
        texts = list(dict.fromkeys(table["title"].to_pylist()))[:1000] * TIMES
        write_table(folder / f"{side}.json", texts)
    return {
        "theirs": run_child(given, "merge", "theirs", folder, "peer"),
        "cold": run_child(given, "merge", "ours", folder, "cold"),
        "warm": run_child(given, "merge", "ours", folder, "warm"),
    }


def measure_default(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Join product sets: their default model, our default, and the same model; F1 on test."""
    import numpy as np

    from retrieval_measures import threshold_f1
    from retrieval_sets import load
    from sameas.models import Neighbours

    report: dict[str, Any] = {}
    for name in SETS:
        data = load(given.data, name)
        for side, table in (("left", data.left), ("right", data.right)):
            write_table(folder / f"{side}.json", table[table.column_names[0]].to_pylist())
        report[name] = {}
        for side, how in (("theirs", "peer"), ("ours", "lexical")):
            line = run_child(given, "merge", side, folder, how)
            rows = np.array(json.loads((folder / f"found-{side}-{how}.json").read_text()))
            rows = rows[~np.isnan(rows).any(axis=1)]
            index = np.full((len(data.left), 1), -1, np.int32)
            near = np.full((len(data.left), 1), np.nan, np.float32)
            index[rows[:, 0].astype(int), 0], near[rows[:, 0].astype(int), 0] = rows[:, 1], rows[:, 2]  # fmt: skip  # noqa: E501
            report[name][how] = {**line, "f1": threshold_f1(Neighbours(index, near), data)[0]}
    return report


def write_table(file: Path, texts: list[str]) -> None:
    """Write rows with their numbers."""
    file.write_text(json.dumps([{"row": row, "text": text} for row, text in enumerate(texts)]))


def as_text(found: dict[str, Any]) -> str:
    """Return the Markdown of the section."""
    from common import table

    lines: list[list[Any]] = []

    def add(what: str, theirs: float, ours: float, ratio: float, asked: str, unit: str) -> None:
        lines.append([what, f"{theirs:,.2f} {unit}", f"{ours:,.2f} {unit}", f"**{ratio:.2f}**", asked])  # fmt: skip  # noqa: E501

    def add_merge(what: str, theirs: Any, ours: Any, asked: str) -> None:
        cpu = [side["import"] + side["call"] for side in (theirs, ours)]
        add(f"{what}: import and call", *cpu, cpu[0] / cpu[1], asked, "CPU s")
        calls = theirs["call"], ours["call"]
        add(f"{what}: the call", *calls, calls[0] / calls[1], "", "CPU s")
        peaks = theirs["peak"], ours["peak"]
        add(f"{what}: peak memory", *peaks, peaks[0] / peaks[1], "2", "MB")

    one = found["import"]
    add("import", one["theirs"], one["ours"], one["theirs"] / one["ours"], "below 0.5 s", "CPU s")
    for kind, sides in found["encode"].items():
        rate = {side: line["rows"] / line["cpu"] for side, line in sides.items()}
        add(f"encoding, {kind}: rows a CPU second", rate["theirs"], rate["ours"],
            rate["ours"] / rate["theirs"], "1.2", "")  # fmt: skip
    one = found["repeated"]
    for how, asked in (("cold", "1.5"), ("warm", "20")):
        add_merge(f"merge, each text three times, {how}", one["theirs"], one[how], asked)
    for name, sides in found["default"].items():
        theirs, ours = sides["peer"], sides["lexical"]
        short = name.split("/")[1]
        add_merge(f"{short}, defaults", theirs, ours, "5")
        add(f"{short}: F1 of the nearest, test, cut from valid", 100 * theirs["f1"],
            100 * ours["f1"], ours["f1"] / theirs["f1"], "1", "")  # fmt: skip
    return f"{table(_HEAD, lines)}\n\n{_NOTE}"


_NOTE = f"""linktransformer 0.1.18 in an environment of its own, without its pins (torch as ours).
Model of both: all-MiniLM-L6-v2, the same weights, one thread: theirs in PyTorch, ours in ONNX
Runtime, which reads the folder as it is (`sameas.models.bert_graph`). Ratio: above 1 is better for
us. Merges: CPU seconds; the call loads the model, and for sameas also imports what runs it
(functions are imported when they are first used). Each text three times: 1,000 titles a side,
{TIMES} rows each; cold: nothing kept; warm: a second process, vectors read from disk. Defaults:
their `merge` with MiniLM, our `sameas.frames.merge` without a model; name or title, nearest row,
threshold from valid, F1 on the labelled test pairs. Peak: largest resident memory of the whole
process, interpreter and libraries included. Our kernels were compiled before; the first call after
an installation compiles them once (5 CPU s). The parts can be run one by one: the defaults ran
beside other work, the rest alone."""
_JOBS = {"import": child_import, "encode": child_encode, "merge": child_merge}
_MEASURES = {"import": measure_import, "encode": measure_encode, "repeated": measure_repeated,
             "default": measure_default}  # fmt: skip


def main() -> None:
    """Measure the parts that are asked for, and write the section when all are there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--peer", help="python of an environment with linktransformer")
    parser.add_argument("--model", default="")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=PARTS)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--job")
    parser.add_argument("--side")
    parser.add_argument("--how", default="")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.job:
        print("\n" + json.dumps(_JOBS[given.job](given)))
        return
    from common import about, write_section

    with tempfile.TemporaryDirectory() as place:
        keep = given.keep or Path(place)
        keep.mkdir(exist_ok=True)
        for part in given.only:
            folder = Path(place) / part
            folder.mkdir()
            (keep / f"{part}.json").write_text(json.dumps(_MEASURES[part](given, folder)))
            print(part, (keep / f"{part}.json").read_text(), flush=True)
        files = [keep / f"{part}.json" for part in PARTS]
        if all(file.exists() for file in files):
            found = {file.stem: json.loads(file.read_text()) for file in files}
            facts = about("sameas", "torch", "transformers", "numpy")
            write_section("linktransformer", "linktransformer 0.1.18 and sameas", as_text(found), facts)  # fmt: skip  # noqa: E501


if __name__ == "__main__":
    os.environ.update(_ONE_THREAD)
    main()
