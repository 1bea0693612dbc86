"""What the benchmarks of retrieval measure: cosines of all pairs, and lists of neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from retrieval_sets import Joined, best_cut, f1_at
from sameas.core.pair_key import pair_key
from sameas.models import Neighbours, load_encoder
from sameas.models.cache import cache_folder

__all__ = ["accuracy", "encoder_of", "hit_rates", "known_splits", "similarities", "threshold_f1"]


def encoder_of(name: str) -> Any:
    """Load an encoder over the cache of vectors on disk."""
    return load_encoder(name, cache=cache_folder())


def similarities(
    kind: str, left: Any, right: Any, asked: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Return all cosines of some left rows with all right rows; 0 where a text is missing."""
    left, right = (one.combine_chunks() if isinstance(one, pa.ChunkedArray) else one
                   for one in (left, right))  # fmt: skip
    encoder = encoder_of(kind)
    if not encoder.fitted:
        encoder = encoder.fit(pa.concat_arrays([left, right]))
    rows = encoder.encode(left.take(pa.array(asked))), encoder.encode(right)
    if isinstance(rows[0], np.ndarray):
        return np.asarray(rows[0] @ rows[1].T, np.float32)
    from scipy.sparse import csr_matrix

    one, two = (csr_matrix((row.value, row.index, row.start), (len(row), row.dimensions))
                for row in rows)  # fmt: skip
    return np.asarray((one @ two.T).todense(), np.float32)


def accuracy(
    matrix: npt.NDArray[np.float32] | None,
    place: npt.NDArray[np.int64],
    other: npt.NDArray[np.int64],
) -> float:
    """Return how many rows of a matrix have one of their matches first, in percent."""
    if matrix is None:
        return float("nan")
    first = np.zeros(len(matrix), bool)
    np.logical_or.at(first, place, matrix.argmax(axis=1)[place] == other)
    return 100 * float(first.mean())


def hit_rates(found: Neighbours, data: Joined, *splits: str) -> tuple[float, float]:
    """Return accuracy at 1 (of the rows with a match) and recall at 10 (of the matches)."""
    one, other = data.queries(*splits)
    hit = found.index[one] == other[:, None]
    rows, place = np.unique(one, return_inverse=True)
    first = np.zeros(len(rows), bool)
    np.logical_or.at(first, place, hit[:, 0])
    return float(first.mean()), float(hit[:, :10].any(axis=1).mean())


def threshold_f1(found: Neighbours, data: Joined) -> tuple[float, str]:
    """Cut the nearest of each row where F1 is best on valid (or train), and measure once."""
    if set(data.split) == {"all"} and data.label.all():  # every row is asked; all matches known
        match = np.isin(
            pair_key(np.arange(len(found.index)), found.index[:, 0]), pair_key(data.one, data.other)
        )
        nearest = found.similarity[:, 0].astype(np.float64)
        score = np.concatenate([nearest, np.full(int(data.label.sum() - match.sum()), np.nan)])
        label = np.concatenate([match, np.ones(len(score) - len(match), bool)])
        return best_cut(score, label)[1], "best cut on the same rows"
    nearest = found.index[data.one, 0] == data.other
    score = np.where(nearest, found.similarity[data.one, 0], np.nan).astype(np.float64)
    splits = set(data.split)
    chosen, measured = ("valid", "test") if "test" in splits else ("train", "valid")
    if "all" in splits:
        return best_cut(score, data.label)[1], "best cut on the same pairs"
    at = data.split == chosen
    cut, _ = best_cut(score[at], data.label[at])
    at = data.split == measured
    return f1_at(score[at], data.label[at], cut), f"{measured}, cut from {chosen}"


def known_splits(data: Joined) -> tuple[str, ...]:
    """Return the splits that choose: all but test."""
    return tuple(sorted(set(data.split) - {"test"}))
