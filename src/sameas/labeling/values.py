"""The values of a label table: columns as plain arrays, verdicts and splits as numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.errors import LabelError, choices_hint
from sameas.labeling.splits import SPLITS

__all__ = ["plain_column", "read_splits", "read_verdicts"]

_TRUE = ("true", "t", "yes", "y", "1", "1.0", "match", "same", "positive")
_FALSE = ("false", "f", "no", "n", "0", "0.0", "non-match", "nonmatch", "non_match", "no match",
          "different", "negative", "distinct")  # fmt: skip
_UNDECIDED = ("", "undecided", "unsure", "unknown", "?", "null", "none", "nan")
_SPLIT_NAMES = {
    "train": 0, "training": 0,
    "valid": 1, "validation": 1, "val": 1, "dev": 1,
    "test": 2, "testing": 2,
}  # fmt: skip
_EXAMPLES = 3


def plain_column(table: pa.Table, column: str) -> pa.Array:
    """Return a column as one plain array."""
    values = table.column(column).combine_chunks()
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], values.type)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    return values


def _texts(values: pa.Array) -> pa.Array:
    """Return texts trimmed and in lower case, missing as ''."""
    return pc.fill_null(pc.utf8_lower(pc.utf8_trim_whitespace(values.cast(pa.string()))), "")


def read_verdicts(values: pa.Array, *, name: str) -> npt.NDArray[np.int8]:
    """Turn a label column of any usual type into 1, 0 and -1."""
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.int8())
    texts = _texts(values)
    result = np.full(len(texts), -2, np.int8)
    for verdict, words in ((1, _TRUE), (0, _FALSE), (-1, _UNDECIDED)):
        member = pc.is_in(texts, value_set=pa.array(words))
        result[member.to_numpy(zero_copy_only=False)] = verdict
    wrong = np.flatnonzero(result == -2)
    if len(wrong):
        seen = pc.unique(values.take(pa.array(wrong))).to_pylist()[:_EXAMPLES]
        raise LabelError(
            f"{name}: {len(wrong):,} values of 'label' are neither true nor false nor missing, "
            f"such as {', '.join(map(repr, seen))}. Use true / false (or 1 / 0, match / "
            "non-match, yes / no), and null for undecided."
        )
    return result


def read_splits(values: pa.Array, *, name: str) -> npt.NDArray[np.int8]:
    """Turn a split column into positions in SPLITS."""
    texts = _texts(values)
    place = pc.index_in(texts, value_set=pa.array(list(_SPLIT_NAMES)))
    if place.null_count:
        seen = pc.unique(texts.filter(pc.is_null(place))).to_pylist()[:_EXAMPLES]
        raise LabelError(
            f"{name}: {place.null_count:,} values of 'split' are not one of {', '.join(SPLITS)}, "
            f"such as {', '.join(map(repr, seen))}.{choices_hint(seen[0], SPLITS)}"
        )
    parts = np.array(list(_SPLIT_NAMES.values()), np.int8)
    chosen: npt.NDArray[np.int8] = parts[place.to_numpy(zero_copy_only=False)]
    return chosen
