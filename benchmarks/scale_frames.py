"""Joins by meaning of large tables: time, memory, recall of the index.

    python benchmarks/scale_frames.py [--part merge dedupe keys] [--records 100_000]
        [--model lexical] [--keys 1_000_000] [--keep FOLDER]

Texts are names and addresses of generated places. Each job runs in a process of its own, on one
thread, and nothing is kept from run to run. Half of the left rows are right rows with one to
three typing errors; the other half are other places.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from pathlib import Path
from typing import Any

from common import about, run, table, whole, write_section

PARTS = ("merge", "dedupe", "keys")
_HEAD = ("job", "rows", "model", "CPU s", "peak MB", "index", "found")


def texts_of(records: int, seed: int) -> Any:
    """Return names with addresses of generated places."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from sameas.datasets.places import generate_places

    places = generate_places(records, seed=seed)
    parts = [pc.fill_null(places[name].cast(pa.string()), "")
             for name in ("name", "address", "postal_code")]  # fmt: skip
    return pc.binary_join_element_wise(*parts, " ").combine_chunks()


def mistyped(texts: Any, seed: int) -> Any:
    """Give texts one to three typing errors."""
    import numpy as np

    from sameas.datasets.texts import mistype

    rng = np.random.default_rng(seed)
    for share in (1.0, 0.5, 0.25):
        rows = np.flatnonzero(rng.random(len(texts)) < share)
        texts = mistype(texts, rows, rng)
    return texts


def job_merge(records: int, model: str) -> dict[str, Any]:
    """Join: half of the left rows have a partner."""
    import numpy as np
    import pyarrow as pa

    from sameas.frames import merge

    right = texts_of(records, seed=1)
    half = records // 2
    own = np.sort(np.random.default_rng(0).permutation(records)[:half])
    left = pa.concat_arrays([mistyped(right.take(pa.array(own)), 3), texts_of(half, seed=2)])
    truth = np.concatenate([own, np.full(half, -1)])
    tables = [pa.table({"text": text, "row": np.arange(len(text))}) for text in (left, right)]
    begin = time.process_time()
    merged = merge(*tables, on="text", model=model)
    cpu = time.process_time() - begin
    found = merged["row_right"].fill_null(-1).to_numpy()
    kept = found >= 0
    right_one = kept & (found == truth)
    return {"cpu": cpu, "found": f"precision {right_one.sum() / max(kept.sum(), 1):.3f}, "
            f"recall {right_one.sum() / half:.3f}"}  # fmt: skip


def job_dedupe(records: int, model: str) -> dict[str, Any]:
    """Cluster: half of the rows are twins of the other half."""
    import numpy as np
    import pyarrow as pa

    from sameas.frames import cluster

    half = records // 2
    texts = texts_of(half, seed=1)
    rows = pa.table({"text": pa.concat_arrays([texts, mistyped(texts, 3)])})
    begin = time.process_time()
    label = cluster(rows, on="text", model=model)["cluster"].to_numpy()
    cpu = time.process_time() - begin
    together = label[:half] == label[half:]
    size = np.bincount(label)
    return {"cpu": cpu, "found": f"{together.mean():.3f} of the twins together, "
            f"largest group {size.max()}, {len(size):,} groups"}  # fmt: skip


def job_keys(records: int, model: str) -> dict[str, Any]:
    """Index many keys; find mistyped ones."""
    import numpy as np
    import pyarrow as pa

    from sameas.models import Retriever

    keys = texts_of(records, seed=1)
    own = np.sort(np.random.default_rng(0).permutation(records)[:5_000])
    asked = mistyped(keys.take(pa.array(own)), 3)
    begin = time.process_time()
    retriever = Retriever(model, threads=1).fit(keys)
    fitted = time.process_time()
    found = retriever.search(asked, 10).index
    done = time.process_time()
    same = np.asarray(keys.take(pa.array(found[:, 0]))) == np.asarray(keys.take(pa.array(own)))
    return {"cpu": done - begin, "index": retriever.report["index"],
            "found": f"{same.mean():.3f} first; {1000 * (done - fitted) / len(own):.1f} ms "
            f"a query, {fitted - begin:.0f} s to build"}  # fmt: skip


class Kinds(logging.Handler):
    """Keeps what is logged about indexes."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line on an index."""
        if "recall at" in record.getMessage():
            self.lines.append(record.getMessage())


def main() -> None:
    """Run the jobs and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", nargs="*", choices=PARTS, default=PARTS)
    parser.add_argument("--records", type=whole, nargs="*", default=[100_000])
    parser.add_argument("--keys", type=whole, default=1_000_000)
    parser.add_argument("--model", nargs="*", default=["lexical"])
    parser.add_argument("--keep", type=Path, help="folder of lines; the section shows all of it")
    parser.add_argument("--job")
    given = parser.parse_args()
    if given.job:
        kinds = Kinds()
        logging.getLogger("sameas.models").addHandler(kinds)
        logging.getLogger("sameas.models").setLevel(logging.INFO)
        found = JOBS[given.job](given.records[0], given.model[0])
        print(json.dumps({"index": "; ".join(kinds.lines[-1:]) or "exact", **found}))
        return
    lines = []
    for part in given.part:
        for records in [given.keys] if part == "keys" else given.records:
            for model in given.model:
                cost = run([sys.argv[0], "--job", part, "--records", str(records),
                            "--model", model], SAMEAS_CACHE="off")  # fmt: skip
                out = cost.output
                line = [part, records, model, round(out["cpu"], 1), round(cost.peak_mb),
                        out["index"], out["found"]]  # fmt: skip
                print(line, flush=True)
                lines.append(line)
                if given.keep:
                    given.keep.mkdir(parents=True, exist_ok=True)
                    file = given.keep / f"{PARTS.index(part)}-{model}-{records:08}.json"
                    file.write_text(json.dumps(line))
    if given.keep:
        lines = [json.loads(one.read_text()) for one in sorted(given.keep.glob("*.json"))]
    text = f"{table(_HEAD, lines)}\n\n{_NOTE}"
    write_section("scale-frames", "Joins by meaning: scale", text, about("sameas", "numpy"))


_NOTE = """Names and addresses of generated places; CPU seconds of the call on one thread,
compiling included; peak: the whole process, tables included. merge: as many rows on both sides;
half of the left rows are right rows with one to three typing errors, the others are other places;
threshold "auto". dedupe (`cluster`): half of the rows are such twins of the others. keys:
`Retriever`, 5 thousand mistyped queries. Index: recall of the ten nearest on a sample of 200 keys
against exact search, by which the effort of the index is chosen. Generated places are crowded:
chains with many branches in one street differ in a digit, and some places are nothing but the name
of their chain, so that different places have equal texts and no text can tell them apart: the
largest groups are rows of one text. Static vectors (means of token vectors) of such texts lie in
no cells: to find 0.99 of the ten nearest of a million, five of six cells have to be searched, so
the dense index computes five sixths of all products there. Not run again: lexical keys (measured
on 2026-11-22) and merge of 200,000 rows (then 171 CPU s, 1,864 MB, precision 0.793,
recall 0.834); dedupe is of the same day, before rows of equal text and rare codes had a say."""
JOBS = {"merge": job_merge, "dedupe": job_dedupe, "keys": job_keys}


if __name__ == "__main__":
    main()
