"""The rule that keeps every value: lists and sets of all members, united."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.dataclass import dataclass
from sameas.core.specs import register

__all__ = ["Union"]


@register("survivor", "union")
@dataclass(frozen=True, slots=True)
class Union:
    """All distinct values of the members, sorted, as a list; no value at all is null.

    On a field of lists the lists are united; on any other field the values become a list. A
    record that is alone keeps its list as it is. Its provenance is the list of the members that
    had a value.

    Examples
    --------
    >>> labels = pa.array([["bar"], ["cafe", "bar"], ["park"]])
    >>> Union().unite(labels, np.array([0, 2, 3]))[0].to_pylist()
    [['bar', 'cafe'], ['park']]
    """

    def accepts(self, kind: pa.DataType) -> bool:
        """Flat types and lists of them."""
        return not pa.types.is_nested(kind.value_type if is_list(kind) else kind)

    def unite(
        self, values: pa.Array, start: npt.NDArray[np.int64]
    ) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
        """Unite the values of each cluster.

        Parameters
        ----------
        values : Array
            One value or list a member, the members of a cluster one after another.
        start : int64[k + 1]
            Where each cluster begins, singletons too.

        Returns
        -------
        golden : ListArray of length k
        gave : bool[n]
            The members that had a value.
        """
        lists = _as_lists(values)
        length = np.asarray(pc.fill_null(pc.list_value_length(lists), 0))
        parent = np.repeat(np.arange(len(lists)), length)  # a null list may hide values
        flat = pc.list_flatten(lists)
        if pa.types.is_dictionary(flat.type):
            flat = flat.dictionary_decode()
        valid = ~np.asarray(pc.is_null(flat, nan_is_null=True))
        gave = np.bincount(parent[valid], minlength=len(lists)) > 0

        size = np.diff(start)
        alone, multi = np.flatnonzero(size == 1), np.flatnonzero(size > 1)
        cluster = np.repeat(np.arange(len(size)), size)
        inside = np.flatnonzero(valid & (size[cluster[parent]] > 1))
        number = np.zeros(len(size), np.int64)
        number[multi] = np.arange(len(multi))
        united = _distinct(flat.take(pa.array(inside)), number[cluster[parent[inside]]], len(multi))
        kept = lists.take(pa.array(start[:-1][alone]))
        if pa.types.is_dictionary(kept.type.value_type):
            kept = kept.cast(united.type)
        place = np.empty(len(size), np.int64)
        place[alone], place[multi] = np.arange(len(alone)), len(alone) + np.arange(len(multi))
        return pa.concat_arrays([kept, united]).take(pa.array(place)), gave


def is_list(kind: pa.DataType) -> bool:
    """Say whether a type is a list of any length."""
    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )


def _as_lists(values: pa.Array) -> pa.Array:
    if is_list(values.type):
        return values.cast(pa.list_(values.type.value_type))
    empty = np.asarray(pc.is_null(values, nan_is_null=True))
    offsets = np.arange(len(values) + 1, dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=pa.array(empty))


def _distinct(values: pa.Array, group: npt.NDArray[np.int64], groups: int) -> pa.Array:
    """Return the sorted distinct values of each group as lists, null where there are none."""
    encoded = values.dictionary_encode()
    order = np.asarray(pc.sort_indices(encoded.dictionary)).astype(np.int64)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    width = max(len(order), 1)
    key = np.unique(group * width + rank[np.asarray(encoded.indices)])
    count = np.bincount(key // width, minlength=groups)
    offsets = np.concatenate(([0], np.cumsum(count))).astype(np.int32)
    return pa.ListArray.from_arrays(
        pa.array(offsets),
        encoded.dictionary.take(pa.array(order[key % width])),
        mask=pa.array(count == 0),
    )
