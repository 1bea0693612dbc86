"""Labels that contradict each other through a third record: A is B, B is C, yet A is not C."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.pair_key import pair_key
from sameas.core.prepared import IntArray
from sameas.labeling.resolve import resolve_labels
from sameas.labeling.table import Ends, pair_ends_of
from sameas.labeling.values import plain_column, read_verdicts

__all__ = ["contradictions", "triangles"]

Bools = npt.NDArray[np.bool_]


def contradictions(table: pa.Table, *, most: int = 1000) -> pa.Table:
    """List the non-matches whose two records are joined by a chain of matches.

    Parameters
    ----------
    table : pa.Table
        LABELS; several rows a pair are resolved first.
    most : int
        Contradictions that are listed, the most confident non-matches first.

    Returns
    -------
    pa.Table
        left and right ``(source, id)`` of the non-match, its ``confidence``, ``matches`` (the
        length of the shortest chain of matches), ``weakest`` (the least confidence in that
        chain) and ``via`` (the records in between, "source:id").

    Examples
    --------
    >>> table = pa.table({"left_source": ["t"] * 3, "left_id": ["1", "2", "1"],
    ...                   "right_source": ["t"] * 3, "right_id": ["2", "3", "3"],
    ...                   "label": [True, True, False], "confidence": [0.9, 0.6, 0.8],
    ...                   "labeler": ["llm:x"] * 3, "reason": [""] * 3,
    ...                   "labelled_at": pa.nulls(3, pa.timestamp("us", tz="UTC"))})
    >>> found = contradictions(table).to_pylist()[0]
    >>> found["left_id"], found["right_id"], found["matches"], found["weakest"], found["via"]
    ('1', '3', 2, 0.6, ['t:2'])
    """
    one = resolve_labels(table)
    ends, verdict = pair_ends_of(one), _verdict(one)
    sure = plain_column(one, "confidence").to_numpy(zero_copy_only=False)
    group = _groups(ends, verdict == 1)
    wrong = np.flatnonzero((verdict == 0) & (group[ends.left] == group[ends.right]))
    wrong = wrong[np.argsort(-sure[wrong], kind="stable")][:most]
    graph = _Graph(ends, verdict == 1, sure)
    names = _names(one, ends)
    chains = [graph.chain(int(ends.left[row]), int(ends.right[row])) for row in wrong]
    listed = one.take(pa.array(wrong)).select(
        ["left_source", "left_id", "right_source", "right_id", "confidence"]
    )
    for name, values, kind in (
        ("matches", [len(chain) - 1 for chain, _ in chains], pa.int64()),
        ("weakest", [weakest for _, weakest in chains], pa.float64()),
        ("via", [[names[at] for at in chain[1:-1]] for chain, _ in chains], pa.list_(pa.string())),
    ):
        listed = listed.append_column(name, pa.array(values, kind))
    return listed


def triangles(table: pa.Table) -> tuple[int, int]:
    """Count the triples of records with two matches whose third pair is labelled too.

    Returns
    -------
    (int, int)
        All of them, and those whose third pair is a non-match.
    """
    one = resolve_labels(table)
    ends, verdict = pair_ends_of(one), _verdict(one)
    hits = verdict == 1
    source = np.concatenate([ends.left[hits], ends.right[hits]])
    target = np.concatenate([ends.right[hits], ends.left[hits]])
    order = np.lexsort((target, source))
    source, target = source[order], target[order]
    size = np.bincount(source, minlength=ends.count)
    start = np.cumsum(size) - size
    # Every match a-b meets every match of b: the other end c closes a-c.
    count = size[target]
    left = np.repeat(source, count)
    place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    right = target[np.repeat(start[target], count) + place]
    keep = left < right
    key = pair_key(left[keep], right[keep])
    known = np.argsort(ends.key)
    if not len(key):
        return 0, 0
    at = np.minimum(np.searchsorted(ends.key[known], key), len(known) - 1)
    label = np.where(ends.key[known][at] == key, verdict[known][at], -1)
    matched, broken = int((label == 1).sum()), int((label == 0).sum())
    return matched // 3 + broken, broken


def _verdict(table: pa.Table) -> npt.NDArray[np.int8]:
    return read_verdicts(plain_column(table, "label"), name="The label table")


def _groups(ends: Ends, edges: Bools) -> IntArray:
    from sameas.kernels.components import connected_components

    left, right = (side[edges].astype(np.int32) for side in (ends.left, ends.right))
    found: IntArray = connected_components(left, right, ends.count)
    return found


def _names(table: pa.Table, ends: Ends) -> dict[int, str]:
    """Return "source:id" of every record by its number."""
    names: dict[int, str] = {}
    for side in ("left", "right"):
        number = np.where(ends.swapped == (side == "right"), ends.left, ends.right)
        sources, ids = (table[f"{side}_{part}"].to_pylist() for part in ("source", "id"))
        texts = [f"{source}:{one}" for source, one in zip(sources, ids, strict=True)]
        names.update(zip(number.tolist(), texts, strict=True))
    return names


class _Graph:
    """The matches as neighbours of each record."""

    def __init__(self, ends: Ends, edges: Bools, sure: npt.NDArray[np.float64]) -> None:
        source = np.concatenate([ends.left[edges], ends.right[edges]])
        order = np.argsort(source, kind="stable")
        self.target = np.concatenate([ends.right[edges], ends.left[edges]])[order]
        self.sure = np.concatenate([sure[edges], sure[edges]])[order]
        size = np.bincount(source, minlength=ends.count)
        self.start = np.concatenate([[0], np.cumsum(size)])

    def chain(self, begin: int, end: int) -> tuple[list[int], float]:
        """Return a shortest chain of matches and its least confidence."""
        came: dict[int, tuple[int, float]] = {begin: (-1, 1.0)}
        border = [begin]
        while border and end not in came:
            following = []
            for record in border:
                for at in range(self.start[record], self.start[record + 1]):
                    other = int(self.target[at])
                    if other not in came:
                        came[other] = (record, float(self.sure[at]))
                        following.append(other)
            border = following
        chain, weakest = [end], 1.0
        while chain[-1] != begin:
            before, sure = came[chain[-1]]
            chain.append(before)
            weakest = min(weakest, sure)
        return chain[::-1], weakest
