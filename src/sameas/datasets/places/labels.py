"""Categories as a list of labels, and how two records of one place disagree on them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.datasets.places import words

__all__ = ["LABELS", "write_labels"]

_KINDS = words.CATEGORIES + words.INSTITUTIONS
#: Every label once, in alphabetical order: categories and their groups.
LABELS = tuple(sorted({text for label, group, _ in _KINDS for text in (label, group)}))
_NUMBER = {text: number for number, text in enumerate(LABELS)}
_LABEL = np.array([_NUMBER[label] for label, _, _ in _KINDS])
_GROUP = np.array([_NUMBER[group] for _, group, _ in _KINDS])


def write_labels(
    category: npt.NDArray[np.int64],
    master: npt.NDArray[np.bool_],
    missing: npt.NDArray[np.bool_],
    rng: np.random.Generator,
) -> pa.Array:
    """Write the labels of each record: its category and the group of it.

    One duplicate in eight lacks the group, one in ten has a category beside its own, one in
    twelve has another category in place of its own.
    """
    count = len(category)
    draw = np.where(master, 1.0, rng.random(count))
    other = rng.integers(0, len(_KINDS), count)
    without_group = draw < 0.125
    beside = (draw >= 0.125) & (draw < 0.225) & (_LABEL[other] != _LABEL[category])
    instead = (draw >= 0.225) & (draw < 0.308)
    labels = np.stack(
        [
            np.where(instead, _LABEL[other], _LABEL[category]),
            np.where(without_group, -1, _GROUP[category]),
            np.where(beside, _LABEL[other], -1),
        ],
        axis=1,
    )
    labels[missing] = -1
    used = labels >= 0
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(used.sum(axis=1), out=offsets[1:])
    values = pa.array(LABELS).take(pa.array(labels[used]))
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=pa.array(missing))
