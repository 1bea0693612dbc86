"""Ways to choose a threshold, by cross-validation on the train and valid pairs of labelled sets.

    python benchmarks/thresholds.py --data FOLDER --folder PATH [--seeds 3] [--sets ...]

The train and valid pairs of a set are dealt anew into train, valid and a part that is only
measured on (5:2:3 for places, 3:1:1 elsewhere, as in the sets themselves), once a seed, four times
as often for sets of fewer than 1,500 pairs. Test rows are not read. Scores stay in the folder, so
a repeated call measures the ways alone. Three ways also use the scores of the training pairs, by
matchers that have not seen them (three folds).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from accuracy import FIELDS, PLACES, linker_for
from common import about, table, write_section
from sameas.evaluation import FBeta, choose_threshold

_DIRTY = {
    f"magellan/dirty_{name}": {
        field: "text" if kind == "number" else kind
        for field, kind in FIELDS[f"magellan/{name}"].items()
    }
    for name in ("dblp_acm", "itunes_amazon", "walmart_amazon")
}
FIELDS.update(_DIRTY)
_SMALL, _FOLDS = 1_500, 3


class Scores(NamedTuple):
    """Labels and scores of valid, of the part to measure on, and of train out of fold."""

    valid: tuple[np.ndarray, np.ndarray]
    held: tuple[np.ndarray, np.ndarray]
    train: tuple[np.ndarray, np.ndarray]


def labelled_features(data: Path, name: str) -> tuple[Any, Any]:
    """Read one set without its test rows; return its job and all that a fit needs."""
    from sameas.labeling import read_labels
    from sameas.linker import Options
    from sameas.linker.inputs import finder, label_sources, name_tables, without_values
    from sameas.linker.learning import make_job

    given = pq.read_table(data / name / "pairs.parquet")
    given = given.filter(pa.array(np.array(given["split"].to_pylist()) != "test"))
    named = name_tables([data / name / f"{side}.parquet" for side in ("left", "right")])
    job = make_job(linker_for(name, context=True).spec, named, None, Options(threads=1), {})
    job.spec = job.spec.without(without_values(job.records))
    pairs = read_labels(
        given, finder(job.records), sources=label_sources(tuple(named)), conflicts="drop", name=name
    )
    rows = np.flatnonzero(pairs.label >= 0)
    left, right, label = pairs.left[rows], pairs.right[rows], pairs.label[rows] == 1
    listed = job.listed(left, right)
    return job, (left, right, listed, label, job.features(left, right, listed))


def deal(label: np.ndarray, shares: tuple[float, float], seed: int) -> Any:
    """Deal matches and non-matches into train (0), valid (1) and the rest (2)."""
    random, part = np.random.default_rng(seed), np.zeros(len(label), int)
    for kind in (False, True):
        rows = random.permutation(np.flatnonzero(label == kind))
        first, second = (int(share * len(rows)) for share in shares)
        part[rows[first:second]], part[rows[second:]] = 1, 2
    return part, random.integers(0, _FOLDS, len(label))


def scores_of(job: Any, pairs: Any, shares: tuple[float, float], seed: int) -> dict[str, Any]:
    """Train on one deal; score everything, and train out of fold."""
    from sameas.linker.training import _learn

    left, right, listed, label, features = pairs
    part, fold = deal(label, shares, seed)
    spec = job.spec

    def learn(train: np.ndarray, rest: np.ndarray) -> np.ndarray:
        job.spec, rows = spec, np.flatnonzero(train | rest)
        ends = left[rows], right[rows], listed[rows]
        _, found = _learn(job, features[rows], ends, label[rows], (train[rows], rest[rows]))
        job.spec, out = spec, np.full(len(label), np.nan)
        out[rows] = found
        return out

    train = part == 0
    whole, apart = learn(train, ~train), np.full(len(label), np.nan)
    for number in range(_FOLDS):
        mine = train & (fold == number)
        apart[mine] = learn(train & ~mine, mine)[mine]
    return {"part": part, "label": label, "s": whole, "oof": apart}


def logit(score: np.ndarray) -> np.ndarray:
    """Return log-odds, bounded."""
    score = np.clip(score, 1e-6, 1 - 1e-6)
    return np.log(score / (1 - score))


def bootstrap(label: np.ndarray, score: np.ndarray) -> float:
    """Take the mean of the best cuts of bootstrap samples, as `Linker` does."""
    return choose_threshold(label, score, FBeta(replicates=100)).threshold


def calibrated(label: np.ndarray, score: np.ndarray) -> float:
    """Cut where a logistic curve over the log-odds is half of its best expected F1."""
    from sklearn.linear_model import LogisticRegression

    curve = LogisticRegression().fit(logit(score)[:, None], label)
    odds = curve.predict_proba(logit(score)[:, None])[:, 1]
    falling = np.cumsum(np.sort(odds)[::-1])
    best = 2 * falling / (np.arange(1, len(odds) + 1) + falling[-1])
    grid = np.linspace(0.001, 0.999, 999)
    above = curve.predict_proba(logit(grid)[:, None])[:, 1] >= best.max() / 2
    return float(grid[above.argmax()]) if above.any() else 0.5


def smoothed(label: np.ndarray, score: np.ndarray, width: float = 1.0) -> float:
    """Cut where F1 is best if each score may lie to both sides, on the scale of log-odds."""
    from scipy.stats import norm

    grid, odds = np.linspace(-8, 8, 321), logit(score)
    matches, others = (
        norm.sf((grid[:, None] - odds[None, label == kind]) / width).sum(1) for kind in (1, 0)
    )
    value = 2 * matches / (matches + others + label.sum())
    place = grid[value >= value.max() - 1e-9].mean()
    return float(1 / (1 + np.exp(-place)))


def pooled(way: Callable[..., float]) -> Callable[[Scores], float]:
    """Let a way see the training pairs too."""
    return lambda found: way(
        *(np.concatenate(both) for both in zip(found.valid, found.train, strict=True))
    )


WAYS: dict[str, Callable[[Scores], float]] = {
    "mean of bootstrap cuts (as it is)": lambda found: bootstrap(*found.valid),
    "best cut, middle of the gap": lambda found: choose_threshold(*found.valid, FBeta()).threshold,
    "0.5": lambda _: 0.5,
    "calibrated": lambda found: calibrated(*found.valid),
    "smoothed": lambda found: smoothed(*found.valid),
    "bootstrap, pooled with train": pooled(bootstrap),
    "calibrated, pooled with train": pooled(calibrated),
    "smoothed, pooled with train": pooled(smoothed),
}


def figures(found: Scores) -> list[float]:
    """Return F1 on the part to measure on, one a way."""
    label, score = found.held
    values = []
    for way in WAYS.values():
        taken = score >= way(found)
        values.append(200 * (taken & label).sum() / (taken.sum() + label.sum()))
    return values


def one_set(arguments: argparse.Namespace, name: str) -> np.ndarray:
    """Return F1 of each seed and way."""
    made: tuple[Any, Any] | None = None
    shares = (0.5, 0.7) if name.startswith("places") else (0.6, 0.8)
    rows: list[list[float]] = []
    seeds = arguments.seeds
    while len(rows) < seeds:
        file = arguments.folder / f"{name.replace('/', '-')}_{len(rows)}.npz"
        if not file.exists():
            made = made or labelled_features(arguments.data, name)
            np.savez(file, **scores_of(*made, shares, len(rows)))
        kept = np.load(file)
        if len(kept["label"]) < _SMALL:
            seeds = 4 * arguments.seeds
        label, score, apart, part = (kept[key] for key in ("label", "s", "oof", "part"))
        train = (part == 0) & ~np.isnan(apart)
        parts = [(label[part == number], score[part == number]) for number in (1, 2)]
        rows.append(figures(Scores(*parts, (label[train], apart[train]))))
    return np.array(rows)


def main() -> None:
    """Measure all sets and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="scores are kept here")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sets", nargs="*", default=[*PLACES, *FIELDS])
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    rows, means, spreads = [], [], []
    for name in arguments.sets:
        found = one_set(arguments, name)
        gain = found - found[:, :1]
        mean, spread = gain.mean(0), gain.std(0, ddof=1) / np.sqrt(len(gain))
        means.append(mean)
        spreads.append(spread)
        cells = [f"{m:+.2f} ± {s:.2f}" for m, s in zip(mean[1:], spread[1:], strict=True)]
        rows.append([name, len(found), f"{found[:, 0].mean():.2f}", *cells])
        print(rows[-1], flush=True)
    error = np.sqrt((np.array(spreads) ** 2).sum(0)) / len(means)
    mean = np.mean(means, axis=0)
    cells = [f"{m:+.2f} ± {s:.2f}" for m, s in zip(mean[1:], error[1:], strict=True)]
    rows.append(["**mean**", "", "", *cells])
    names = list(WAYS)
    text = table(["set", "deals", f"F1, {names[0]}", *names[1:]], rows)
    text += (
        "\n\nDifferences of F1 to the way as it is, with their standard errors over the deals. "
        "*Calibrated*: half the best expected F1 of a logistic curve over the log-odds. "
        "*Smoothed*: scores may lie to both sides by 1 on the scale of log-odds. *Pooled*: the "
        "training pairs count too, scored by matchers that have not seen them."
    )
    facts = about("sameas", "numpy", "scikit-learn")
    write_section("thresholds", "Ways to choose a threshold", text, facts)


if __name__ == "__main__":
    main()
