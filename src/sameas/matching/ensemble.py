"""The fitted form of every forest: flat arrays, saved as Arrow tables, scored by one kernel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, SavedLinkerError
from sameas.kernels.arrays import plain
from sameas.kernels.forest import PackedTrees, pack_trees, score_trees
from sameas.kernels.shapley import leaf_paths, shapley_values
from sameas.matching.base import (
    COLUMNS,
    Features,
    Weights,
    check_features,
    read_columns,
    saved_table,
)
from sameas.matching.contributions import Contributions

__all__ = ["ENSEMBLE", "NODES", "TREES", "TreeEnsemble"]

#: One row a node, breadth first in each tree. A leaf has feature -1 and left -1; the right
#: child is the node behind the left one.
NODES = pa.schema(
    [
        pa.field("feature", pa.int32(), nullable=False),
        pa.field("threshold", pa.float32(), nullable=False),
        pa.field("left", pa.int32(), nullable=False),
        pa.field("missing_left", pa.bool_(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
    ]
)
#: A column of NODES that linkers saved by earlier versions lack: training pairs at each node.
COVER = pa.field("cover", pa.float64(), nullable=False)

#: One row a tree, in the order of summation: its first node.
TREES = pa.schema([pa.field("root", pa.int32(), nullable=False)])

#: One row: how leaves become a score, and the constant for missing values (null: none).
ENSEMBLE = pa.schema(
    [
        pa.field("aggregation", pa.string(), nullable=False),
        pa.field("baseline", pa.float64(), nullable=False),
        pa.field("missing", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True, eq=False)
class TreeEnsemble:
    """Decision trees over comparison columns, and how their leaves become a score.

    A row goes left where its value is at most the threshold. Values and thresholds are
    float32: for a float32 value, "at most t" is the same as "at most the largest float32 that
    is not above t", so nothing is lost against a float64 threshold.

    Parameters
    ----------
    names : tuple of str
        The comparison columns.
    feature : int32[m]
        Column that a node asks for, -1 at a leaf.
    threshold : float32[m]
    left : int32[m]
        Left child, -1 at a leaf; the right child is the next node; both stand behind their
        parent.
    missing_left : bool[m]
        Whether a missing value goes left.
    value : float64[m]
        What a leaf adds.
    root : int32[t]
        First node of each tree.
    aggregation : {"mean", "logit"}
        ``"mean"``: the mean of the leaves. ``"logit"``: the logistic function of
        `baseline` plus the sum of the leaves.
    baseline : float
    missing : float, optional
        A constant that stands for every missing value; `missing_left` is then not asked.
    cover : float64[m], optional
        Training pairs at each node; explanations read it, scores do not.

    Examples
    --------
    >>> stump = TreeEnsemble(
    ...     names=("name",),
    ...     feature=np.array([0, -1, -1], np.int32),
    ...     threshold=np.array([0.8, 0, 0], np.float32),
    ...     left=np.array([1, -1, -1], np.int32),
    ...     missing_left=np.array([True, False, False]),
    ...     value=np.array([0, 0.1, 0.9]),
    ...     root=np.array([0], np.int32),
    ...     aggregation="mean",
    ... )
    >>> stump.score(np.array([[0.95], [np.nan]], np.float32))
    array([0.9, 0.1])
    >>> print(stump.describe())
    1 tree over 1 column, 3 nodes, at most 1 deep; mean of the leaves
    """

    names: tuple[str, ...]
    feature: npt.NDArray[np.int32]
    threshold: npt.NDArray[np.float32]
    left: npt.NDArray[np.int32]
    missing_left: npt.NDArray[np.bool_]
    value: npt.NDArray[np.float64]
    root: npt.NDArray[np.int32]
    aggregation: str
    baseline: float = 0.0
    missing: float | None = None
    cover: npt.NDArray[np.float64] | None = None
    _packed: PackedTrees = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._check()
        packed = pack_trees(
            self.feature,
            self.threshold,
            self.left,
            self.value,
            self.root,
            missing_left=self.missing_left,
            missing=self.missing,
        )
        object.__setattr__(self, "_packed", packed)

    def _check(self) -> None:
        """Refuse arrays that would lead the kernel out of bounds."""
        if self.aggregation not in ("mean", "logit"):
            raise ArgumentError(f"aggregation must be 'mean' or 'logit', got {self.aggregation!r}.")
        nodes = len(self.feature)
        columns = [self.threshold, self.left, self.missing_left, self.value]
        columns += [self.cover] if self.cover is not None else []
        inner = self.feature >= 0
        child = self.left[inner] if len(self.left) == nodes else np.array([-1])
        sound = (
            all(len(column) == nodes for column in columns)
            and len(self.root) > 0
            and bool(((self.root >= 0) & (self.root < nodes)).all())
            and bool((self.feature < len(self.names)).all())
            and bool((child > np.flatnonzero(inner)).all())
            and bool((child < nodes - 1).all())
            and bool((self.left[~inner] == -1).all())
            and bool(np.isfinite(self.value).all())
            and bool(np.isfinite(self.baseline))
            and not np.isnan(self.threshold).any()
            and (self.cover is None or bool((self.cover > 0).all()))
        )
        if not sound:
            raise ArgumentError(
                f"The {nodes} nodes of the tree ensemble do not fit together: every tree needs a "
                f"root, every inner node two children behind it and one of {len(self.names)} "
                "columns, every leaf a finite value."
            )

    def score(self, features: Features, *, names: Sequence[str] | None = None) -> Weights:
        """Score pairs; see `FittedMatcher.score`.

        About 0.7 ns a row, tree and level on one core; other threads run meanwhile.

        Examples
        --------
        >>> TreeEnsemble.constant(0.25, names=("name",)).score(np.zeros((2, 1), np.float32))
        array([0.25, 0.25])
        """
        rows = check_features(features, self.names, names=names)
        scores: Weights = score_trees(
            rows, self._packed, float(self.baseline), self.aggregation == "logit"
        )
        return scores

    def contributions(self, features: Features) -> Contributions:
        """Share the scores of pairs among the comparison columns.

        Exact Shapley values of the trees: how far the score moves, on average over all orders
        of the columns, when a column becomes known. Before, a pair goes the way of the training
        pairs in their shares; without `cover`, every leaf below a node counts the same. Source:
        Lundberg et al. (2020), "From local explanations to global understanding with
        explainable AI for trees", here leaf by leaf with Gauss-Legendre quadrature.

        Parameters
        ----------
        features : float32[n, k]

        Returns
        -------
        Contributions
            In log-odds (``"logit"``) or probability (``"mean"``). About 1 µs a pair and tree.
        """
        rows = check_features(features, self.names)
        if self.missing is not None:
            rows = np.where(np.isnan(rows), np.float32(self.missing), rows)
        cover = _leaves_below(self.left) if self.cover is None else self.cover
        paths = leaf_paths(
            plain(self.feature, np.int32), plain(self.threshold, np.float32),
            plain(self.left, np.int32), plain(self.missing_left, np.bool_),
            plain(self.value, np.float64), plain(cover, np.float64),
        )  # fmt: skip
        at, weights = np.polynomial.legendre.leggauss(paths.longest // 2 + 1)
        values = shapley_values(plain(rows, np.float32), paths, (at + 1) / 2, weights / 2)
        share = np.multiply.reduceat(np.append(paths.share, 1.0), paths.start[:-1])
        share[np.diff(paths.start) == 0] = 1.0  # a tree of one leaf
        base = float((paths.value * share).sum())
        trees = len(self.root) if self.aggregation == "mean" else 1
        return Contributions(
            self.names, (self.baseline + base) / trees, values / trees, self.aggregation,
            "the training pairs" if self.cover is not None else
            "all leaves alike, for this linker was saved without the counts of its training pairs",
        )  # fmt: skip

    @classmethod
    def constant(cls, score: float, *, names: tuple[str, ...]) -> TreeEnsemble:
        """One leaf: the same score for every pair."""
        return cls(
            names=names,
            feature=np.array([-1], np.int32),
            threshold=np.zeros(1, np.float32),
            left=np.array([-1], np.int32),
            missing_left=np.zeros(1, np.bool_),
            value=np.array([score]),
            root=np.zeros(1, np.int32),
            aggregation="mean",
        )

    def to_tables(self) -> dict[str, pa.Table]:
        """Return the tables NODES, TREES, ENSEMBLE and COLUMNS."""
        nodes = [self.feature, self.threshold, self.left, self.missing_left, self.value]
        schema = NODES
        if self.cover is not None:
            nodes, schema = [*nodes, self.cover], NODES.append(COVER)
        head = [[self.aggregation], [float(self.baseline)], [self.missing]]
        return {
            "nodes": pa.table(nodes, schema=schema),
            "trees": pa.table([self.root], schema=TREES),
            "ensemble": pa.table(head, schema=ENSEMBLE),
            "columns": pa.table([list(self.names)], schema=COLUMNS),
        }

    @classmethod
    def from_tables(cls, tables: Mapping[str, pa.Table]) -> TreeEnsemble:
        """Read what `to_tables` wrote.

        Raises
        ------
        SavedLinkerError
            If a table is missing, or its nodes do not fit together.
        """
        counted = "nodes" in tables and COVER.name in tables["nodes"].column_names
        schema = NODES.append(COVER) if counted else NODES
        nodes = saved_table(tables, "nodes", schema)
        trees = saved_table(tables, "trees", TREES)
        head = saved_table(tables, "ensemble", ENSEMBLE).to_pylist()
        if len(head) != 1:
            raise SavedLinkerError(f"Table 'ensemble' of the saved matcher has {len(head)} rows.")
        arrays = {name: nodes.column(name).to_numpy() for name in schema.names}
        try:
            return cls(
                names=read_columns(tables),
                root=trees.column("root").to_numpy(),
                **arrays,
                **head[0],
            )
        except ArgumentError as error:
            raise SavedLinkerError(f"The saved matcher is damaged: {error}") from error

    def describe(self) -> str:
        """Say how large the ensemble is and how it aggregates."""
        trees, columns = len(self.root), len(self.names)
        missing = "" if self.missing is None else f"; missing values count as {self.missing:g}"
        how = "mean of the leaves" if self.aggregation == "mean" else "logistic sum of the leaves"
        return (
            f"{trees:,} tree{'s' * (trees != 1)} over {columns} column{'s' * (columns != 1)}, "
            f"{len(self.feature):,} nodes, at most {self._packed.depth.max()} deep; {how}{missing}"
        )


def _leaves_below(left: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """Count the leaves below each node; children stand behind their parents."""
    count = np.where(left < 0, 1.0, 0.0)
    for node in np.flatnonzero(left >= 0)[::-1]:
        count[node] = count[left[node]] + count[left[node] + 1]
    return count
