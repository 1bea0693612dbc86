"""What is learned from: texts, which of them belong together, and pairs with labels."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, LabelError
from sameas.core.prepared import IntArray
from sameas.models.base import Texts
from sameas.models.distinct import distinct_texts

__all__ = ["TrainingTexts", "of_clusters", "of_pairs"]

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class TrainingTexts:
    """Distinct texts, their clusters, and pairs of them.

    Attributes
    ----------
    texts : large_string array
        Each distinct text once.
    cluster : int32[t]
        Texts of one number mean the same.
    left, right : int32[n]
        Pairs, as places in `texts`; none when only clusters are known.
    label : bool[n]
    labelled : bool
        Whether non-matches were given too; then the F1 of the pairs decides, else accuracy@1.
    dropped : int
        Rows without text or without label.
    """

    texts: pa.Array
    cluster: IntArray
    left: IntArray
    right: IntArray
    label: BoolArray
    labelled: bool
    dropped: int = 0

    def __len__(self) -> int:
        """Return the number of pairs, of texts where only clusters are known."""
        return len(self.left) if len(self.left) else len(self.texts)

    @property
    def sizes(self) -> dict[str, int]:
        """Numbers of texts, clusters with several texts, pairs, matches."""
        members = np.bincount(self.cluster) if len(self.cluster) else np.zeros(0, int)
        return {
            "texts": len(self.texts),
            "clusters": int((members > 1).sum()),
            "pairs": len(self.left),
            "matches": int(self.label.sum()),
            "dropped": self.dropped,
        }

    def version(self) -> str:
        """Return a hash of all of it."""
        state = sha256()
        for text in self.texts.to_pylist():
            state.update(text.encode() + b"\0")
        for one in (self.cluster, self.left, self.right, self.label):
            state.update(np.ascontiguousarray(one).tobytes())
        return state.hexdigest()[:32]

    def take(self, pairs: IntArray, texts: IntArray) -> TrainingTexts:
        """Return some pairs, and some texts besides those of the pairs."""
        kept = np.unique(np.concatenate([self.left[pairs], self.right[pairs], texts]))
        place = np.full(len(self.texts), -1, np.int32)
        place[kept] = np.arange(len(kept))
        return replace(
            self,
            texts=self.texts.take(pa.array(kept)),
            cluster=np.unique(self.cluster[kept], return_inverse=True)[1].astype(np.int32),
            left=place[self.left[pairs]],
            right=place[self.right[pairs]],
            label=self.label[pairs],
        )

    def split(self, share: float, *, seed: int = 0) -> tuple[TrainingTexts, TrainingTexts]:
        """Split into training and validation: a cluster is in one of them only.

        A pair of two clusters, which is no match, goes with its left text.

        Parameters
        ----------
        share : float
            Of the clusters, for validation.
        seed : int

        Examples
        --------
        >>> pairs = of_pairs(list("abcd"), list("ABCD"))
        >>> train, valid = pairs.split(0.25)
        >>> train.sizes["pairs"], valid.sizes["pairs"]
        (3, 1)
        """
        if not 0 < share < 1:
            raise ArgumentError(f"validation: a share lies between 0 and 1, got {share!r}.")
        random = np.random.default_rng([seed, 0])
        members = np.bincount(self.cluster)
        held = np.zeros(len(members), bool)
        for kind in (members > 1, members == 1):  # as many of those with matches as of others
            numbers = np.flatnonzero(kind)
            held[random.permutation(numbers)[: round(share * len(numbers))]] = True
        apart = held[self.cluster]
        if not len(self.left):
            none = np.zeros(0, np.int32)
            return self.take(none, _where(~apart)), self.take(none, _where(apart))
        of_pair = apart[self.left]
        none = np.zeros(0, np.int32)
        return self.take(_where(~of_pair), none), self.take(_where(of_pair), none)

    def positives(self, random: np.random.Generator) -> tuple[IntArray, IntArray]:
        """Return pairs that match: the given ones, else neighbours in shuffled clusters."""
        if len(self.left):
            good = self.label & (self.left != self.right)
            return self.left[good], self.right[good]
        order = np.lexsort((random.random(len(self.cluster)), self.cluster))
        same = self.cluster[order][1:] == self.cluster[order][:-1]
        return order[:-1][same].astype(np.int32), order[1:][same].astype(np.int32)


def of_pairs(
    left: Texts,
    right: Texts,
    label: npt.ArrayLike | None = None,
    *,
    ids: tuple[Texts, Texts] | None = None,
) -> TrainingTexts:
    """Take pairs of texts; what matches, also through others, makes a cluster.

    Parameters
    ----------
    left, right : texts
        Pairs with a missing text are dropped and counted.
    label : bool, or 0 and 1, optional
        None: all pairs match.
    ids : pair of texts, optional
        Names of the records on either side; rows of one name are one record.

    Examples
    --------
    >>> of_pairs(["a", "b", "a"], ["A", "B", "B"], [True, True, False]).sizes
    {'texts': 4, 'clusters': 2, 'pairs': 3, 'matches': 2, 'dropped': 0}
    """
    table = pa.chunked_array([_texts(left), _texts(right)])
    values, code = distinct_texts(table)
    one, other = np.split(code, [len(_texts(left))])
    if len(one) != len(other):
        raise ArgumentError(
            f"left and right must be of one length, got {len(one):,} and {len(other):,} texts."
        )
    kept = (one >= 0) & (other >= 0)
    match = np.ones(len(one), bool)
    if label is not None:
        match, known = _labels(label, len(one))
        kept &= known
    a, b, good = one[kept], other[kept], match[kept]
    if not good.any():
        raise LabelError("No pair with two texts is a match: there is nothing to learn from.")
    edges = [(a[good], b[good])]
    for side, names in zip((one, other), ids or (), strict=False):
        edges.append(_same_name(side, names))
    cluster = _components(edges, len(values))
    labelled = bool(label is not None and not good.all())
    return TrainingTexts(values, cluster, a, b, good, labelled, int((~kept).sum()))


def of_clusters(texts: Texts, cluster: Texts) -> TrainingTexts:
    """Take texts with the name of their cluster; a missing name is a cluster of its own.

    Examples
    --------
    >>> of_clusters(["a", "A", "b", None], ["x", "x", None, "x"]).sizes
    {'texts': 3, 'clusters': 1, 'pairs': 0, 'matches': 0, 'dropped': 1}
    """
    values, code = distinct_texts(texts)
    numbers = _components([_same_name(code, cluster)], len(values))
    if len(np.unique(numbers)) == len(numbers):
        raise LabelError("No two different texts are of one cluster: nothing to learn from.")
    none = np.zeros(0, np.int32)
    dropped = int((code < 0).sum())
    return TrainingTexts(values, numbers, none, none, np.zeros(0, bool), False, dropped)


def _same_name(code: IntArray, names: Texts) -> tuple[IntArray, IntArray]:
    """Return edges between texts whose rows bear one name."""
    _, name = distinct_texts(_texts(names))
    if len(name) != len(code):
        raise ArgumentError(f"Expected one name a text, got {len(name):,} for {len(code):,}.")
    rows = np.flatnonzero((code >= 0) & (name >= 0))
    rows = rows[np.argsort(name[rows], kind="stable")]
    same = name[rows][1:] == name[rows][:-1]
    return code[rows[:-1][same]], code[rows[1:][same]]


def _components(edges: list[tuple[IntArray, IntArray]], count: int) -> IntArray:
    from sameas.kernels.components import connected_components

    left, right = (np.concatenate(one).astype(np.int32) for one in zip(*edges, strict=True))
    found = connected_components(left, right, count)
    return np.unique(found, return_inverse=True)[1].astype(np.int32)


def _labels(label: npt.ArrayLike, count: int) -> tuple[BoolArray, BoolArray]:
    """Return labels, and which are known; a null is undecided."""
    values = np.asarray(
        pa.array(label, from_pandas=True).cast(pa.float64()).to_numpy(zero_copy_only=False)
    )
    known = ~np.isnan(values)
    if len(values) != count:
        raise ArgumentError(f"label: expected one label a pair ({count:,}), got {len(values):,}.")
    if not np.isin(values[known], (0.0, 1.0)).all():
        strange = values[known][~np.isin(values[known], (0.0, 1.0))][0]
        raise LabelError(f"Labels must be true and false, or 1 and 0, got {strange:g}.")
    return values == 1.0, known


def _texts(texts: Texts) -> pa.Array:
    from sameas.models.distinct import as_texts

    return as_texts(texts)


def _where(mask: BoolArray) -> IntArray:
    return np.flatnonzero(mask).astype(np.int32)
