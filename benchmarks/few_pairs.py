"""Few training pairs: which boosted members learn most from them, on train and valid pairs.

    python benchmarks/few_pairs.py --data FOLDER [--sets ...] [--pairs 300 900] [--seeds 5]

So many of the train and valid pairs of a set are drawn for training (of the small sets six tenths),
a third as many choose the threshold, the rest is measured on, once a seed. Test rows are not read.
Columns are those of the set's linker with context, without its second pass.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from common import about, table, write_section
from sameas.linker.spec import DEFAULT_MATCHER
from thresholds import bootstrap, labelled_features, logit

SMALL = ("fodors_zagats", "beer", "itunes_amazon", "dirty_itunes_amazon")
LARGE = ("abt_buy", "amazon_google", "dblp_acm")
SETS = (
    *(f"magellan/{name}" for name in (*SMALL, *LARGE)),
    "places/osm_fsq_sin",
    "places/osm_yelp_tor",
)
_SHARE = 0.6


def trees(features: np.ndarray, label: np.ndarray, seed: int, **changed: Any) -> Callable[..., Any]:
    """Fit the default matcher with some settings changed; return its log-odds."""
    names = tuple(map(str, range(features.shape[1])))
    fitted = replace(DEFAULT_MATCHER, **changed).fit(features, label, names=names, seed=seed)
    return lambda rows: logit(fitted.score(rows))


def linear(features: np.ndarray, label: np.ndarray) -> Callable[..., Any]:
    """Fit a logistic regression over standardised columns, and whether each is missing."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    known = ~np.isnan(features).all(axis=0)
    mean = np.nanmean(features[:, known], axis=0)
    missing = np.isnan(features[:, known]).any(axis=0)

    def filled(rows: np.ndarray) -> np.ndarray:
        rows = rows[:, known]
        return np.hstack([np.where(np.isnan(rows), mean, rows), np.isnan(rows)[:, missing]])

    def bounded(rows: np.ndarray) -> np.ndarray:
        return np.clip(rows, -4, 4)

    curve = make_pipeline(
        FunctionTransformer(filled),
        StandardScaler(),
        FunctionTransformer(bounded),
        LogisticRegression(C=0.1, max_iter=2_000),
    ).fit(features, label)
    return lambda rows: curve.decision_function(rows)


def one_deal(features: np.ndarray, label: np.ndarray, pairs: int, seed: int) -> list[list[float]]:
    """Return F1, average precision and log-loss of each way, on what was not drawn."""
    from sklearn.metrics import average_precision_score, log_loss

    order = np.random.default_rng(seed).permutation(len(label))
    train, valid, rest = np.split(order, [pairs, pairs + pairs // 3])
    ends = features[train], label[train]
    plain, both = (trees(*ends, seed, few=few) for few in (0, pairs + 1))
    steady = trees(*ends, seed, few=0, leaves=4, columns_per_split=0.05)
    straight = linear(*ends)
    forest = trees(*ends, seed, few=pairs + 1, forest=0.5)
    rows = []
    for way in (plain, both, steady, lambda rows: (plain(rows) + straight(rows)) / 2, forest):
        scores = [1 / (1 + np.exp(-way(features[part]))) for part in (valid, rest)]
        taken, truth = scores[1] >= bootstrap(label[valid], scores[0]), label[rest]
        rows.append([
            200 * (taken & truth).sum() / (taken.sum() + truth.sum()),
            100 * average_precision_score(truth, scores[1]),
            100 * log_loss(truth, np.clip(scores[1], 1e-5, 1 - 1e-5)),
        ])  # fmt: skip
    return rows


def one_set(data: Path, name: str, pairs: list[int], seeds: int) -> list[list[Any]]:
    """Measure one set; return a row for each number of training pairs."""
    _, (*_, label, features) = labelled_features(data, name)
    small = len(label) < 1_500
    rows = []
    for count in [int(_SHARE * len(label))] if small else pairs:
        found = np.array([one_deal(features, label, count, s) for s in range(seeds * (1 + small))])
        gain = found[:, 1:, 0] - found[:, :1, 0]
        error = gain.std(axis=0) / len(gain) ** 0.5
        mean = found.mean(axis=0)
        row = [name, count, f"{mean[0, 0]:.2f}"]
        row += [f"{g:+.2f} ± {e:.2f}" for g, e in zip(gain.mean(axis=0), error, strict=True)]
        row += [", ".join(f"{mean[way, place]:.2f}" for way in (0, 1, 3, 4)) for place in (1, 2)]
        rows.append(row)
        print(*row, sep=" | ", flush=True)
    return rows


def main() -> None:
    """Read the command line, measure, write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=list(SETS))
    parser.add_argument("--pairs", nargs="+", type=int, default=[300, 900])
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    rows = [
        row
        for name in options.sets
        for row in one_set(options.data, name, options.pairs, options.seeds)
    ]
    head = [
        "set", "training pairs", "F1, before", "with steady members", "steady alone",
        "half a linear model", "with steady members and a forest",
        "average precision: before, steady too, half linear, forest too",
        "log-loss: before, steady too, half linear, forest too",
    ]  # fmt: skip
    text = table(head, rows) + (
        "\n\nGains of F1 in points, mean and standard error over deals. Before: `few=0`; with "
        "steady members: the default below 1,000 training pairs; half a linear model: log-odds "
        "averaged with those of a logistic regression over the same columns; and a forest: the "
        "default with `forest=0.5`."
    )
    write_section("few_pairs", "Few training pairs", text, about("sameas", "scikit-learn"))


if __name__ == "__main__":
    main()
