"""One table for the labels of all sources; conflicts are kept."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.dataclass import dataclass
from sameas.core.errors import ColumnError
from sameas.core.pair_key import pair_key
from sameas.core.tables import LABELS
from sameas.labeling.values import plain_column, read_verdicts

__all__ = ["Ends", "gather_labels", "label_rows", "pair_ends_of"]

_KEYS = ("left_source", "left_id", "right_source", "right_id")


def label_rows(
    pairs: pa.Table,
    label: npt.NDArray[np.int8],
    *,
    labeler: str,
    confidence: npt.NDArray[np.float64] | None = None,
    reason: Sequence[str | None] | None = None,
    at: datetime.datetime | None = None,
) -> pa.Table:
    """Make rows of LABELS.

    Parameters
    ----------
    pairs : pa.Table
        left_source, left_id, right_source, right_id; further columns are kept behind.
    label : int8[n]
        1 match, 0 non-match, -1 undecided.
    labeler : str
        Kind and name, such as ``"person:ada"`` or ``"llm:qwen"``.
    confidence : float64[n], optional
        Chance that the label is right; NaN is missing.
    reason : sequence of str, optional
    at : datetime, optional
        Now by default.

    Examples
    --------
    >>> pairs = pa.table({"left_source": ["a"], "left_id": ["1"], "right_source": ["b"],
    ...                   "right_id": ["7"]})
    >>> label_rows(pairs, np.array([1], np.int8), labeler="person:ada")["label"].to_pylist()
    [True]
    """
    count = pairs.num_rows
    sure = np.full(count, np.nan) if confidence is None else np.asarray(confidence, np.float64)
    when = at or datetime.datetime.now(datetime.UTC)
    columns = {name: pairs[name].cast(pa.string()) for name in _KEYS}
    columns |= {
        "label": pa.array(np.asarray(label) == 1, mask=np.asarray(label) < 0),
        "confidence": pa.array(sure, mask=np.isnan(sure)),
        "labeler": pa.array([labeler] * count, pa.string()),
        "reason": pa.array([None] * count if reason is None else list(reason), pa.string()),
        "labelled_at": pa.array([when] * count, pa.timestamp("us", tz="UTC")),
    }
    rest = {name: pairs[name] for name in pairs.column_names if name not in columns}
    return pa.table({**{name: columns[name] for name in LABELS.names}, **rest})


def gather_labels(
    tables: Mapping[str, pa.Table], *, sources: tuple[str, str] | None = None
) -> pa.Table:
    """Put label tables of any origin into one; nothing is merged or dropped.

    Parameters
    ----------
    tables : mapping of str to pa.Table
        By labeler, such as ``{"person:ada": ..., "table:gold": ...}``. A table needs left_id,
        right_id and label, and keeps labeler, confidence, reason and labelled_at where it has
        them.
    sources : (str, str), optional
        Sources of the left and the right ids, where a table has no such columns.

    Raises
    ------
    ColumnError, LabelError
        If a column is missing or a label cannot be understood.

    Examples
    --------
    >>> given = pa.table({"left_id": [1], "right_id": [2], "label": ["yes"]})
    >>> both = gather_labels({"person:ada": given, "table:x": given}, sources=("a", "b"))
    >>> both["labeler"].to_pylist(), both["label"].to_pylist()
    (['person:ada', 'table:x'], [True, True])
    """
    parts = [_in_shape(table, name, sources) for name, table in tables.items()]
    if not parts:
        return LABELS.empty_table()
    return pa.concat_tables(parts, promote_options="default")


def _in_shape(table: pa.Table, labeler: str, sources: tuple[str, str] | None) -> pa.Table:
    for name in ("left_id", "right_id", "label"):
        if name not in table.column_names:
            raise ColumnError.missing(name, table.column_names, table=f"The labels of {labeler}")
    count, columns = table.num_rows, {}
    for side, source in zip(("left", "right"), sources or (None, None), strict=True):
        name = f"{side}_source"
        if name not in table.column_names:
            if source is None:
                raise ColumnError(
                    f"The labels of {labeler} have no column {name!r}; say sources=(left, right)."
                )
            columns[name] = pa.array([source] * count, pa.string())
    verdict = read_verdicts(plain_column(table, "label"), name=f"The labels of {labeler}")
    columns["label"] = pa.array(verdict == 1, mask=verdict < 0)
    if "labeler" not in table.column_names:
        columns["labeler"] = pa.array([labeler] * count, pa.string())
    for field in LABELS:
        if field.name not in columns:
            known = field.name in table.column_names
            columns[field.name] = (
                table[field.name].cast(field.type) if known else pa.nulls(count, field.type)
            )
    rest = {name: table[name] for name in table.column_names if name not in columns}
    return pa.table({**{name: columns[name] for name in LABELS.names}, **rest})


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """The records of a label table as numbers, in the order of (source, id).

    Attributes
    ----------
    left, right : int64[n]
        left < right, whichever side they stood on.
    swapped : bool[n]
    count : int
        Distinct records.
    """

    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    swapped: npt.NDArray[np.bool_]
    count: int

    @property
    def key(self) -> npt.NDArray[np.int64]:
        """A number for each pair."""
        return pair_key(self.left, self.right)


def pair_ends_of(table: pa.Table) -> Ends:
    """Give the records of a label table numbers, in the order of (source, id).

    Examples
    --------
    >>> table = pa.table({"left_source": ["b", "a"], "left_id": ["1", "2"],
    ...                   "right_source": ["a", "b"], "right_id": ["2", "1"]})
    >>> ends = pair_ends_of(table)
    >>> ends.left.tolist(), ends.right.tolist(), ends.swapped.tolist()
    ([0, 0], [1, 1], [True, False])
    """
    names = [_name(table, side) for side in ("left", "right")]
    every = pc.unique(pa.concat_arrays(names))
    every = every.take(pc.array_sort_indices(every))
    codes = [pc.index_in(one, value_set=every).to_numpy().astype(np.int64) for one in names]
    return Ends(np.minimum(*codes), np.maximum(*codes), codes[0] > codes[1], len(every))


def _name(table: pa.Table, side: str) -> pa.Array:
    parts = [plain_column(table, f"{side}_{part}").cast(pa.string()) for part in ("source", "id")]
    return pc.binary_join_element_wise(pc.fill_null(parts[0], ""), parts[1], "\x1f")
