"""Context: how good a pair is among all candidates of its two records.

A pairwise comparison sees two records. The tables know more: whether the other record is
the best candidate of this one, and by how much. Context is a second look at the surviving
candidate pairs: a first similarity, a window for each record, further columns.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.comparison.base import Comparison, fill
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import Columns, IntArray, Need
from sameas.core.specs import register
from sameas.kernels.geo import distance
from sameas.kernels.thirds import best_third, neighbours_by_record
from sameas.kernels.windows import rank_and_margin, scores_by_record

__all__ = ["Context", "Faded", "Window"]


class Neighbours(NamedTuple):
    """The other records of the candidates of each record, rising, and their first similarities."""

    start: npt.NDArray[np.int64]
    partner: npt.NDArray[np.int32]
    value: npt.NDArray[np.float32]


class Window(NamedTuple):
    """The first similarities of the candidates of each record: ``values[start[i]:...]``.

    The best comes last and the second best before it. ``neighbours`` says whose they are, where
    the context asks for third records.
    """

    start: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]
    neighbours: Neighbours | None = None


@register("comparison", "faded")
@dataclass(frozen=True, slots=True)
class Faded:
    """A similarity that fades with distance: ``similarity * exp(-distance / metres)``.

    Range [0, 1]; NaN where the similarity or a position is missing. It is a cheap first
    similarity of things that have a place.

    Parameters
    ----------
    comparison : Comparison
        With one column, in [0, 1].
    metres : float
    latitude, longitude : str
    """

    comparison: Comparison
    metres: float = 400.0
    latitude: str = "latitude"
    longitude: str = "longitude"

    def names(self) -> tuple[str, ...]:
        return (f"{self.comparison.names()[0]}_faded",)

    def needs(self) -> tuple[Need, ...]:
        return (Need("points", (self.latitude, self.longitude)), *self.comparison.needs())

    def values(
        self, columns: Columns, left: IntArray, right: IntArray
    ) -> list[npt.NDArray[np.floating]]:
        (similarity,) = self.comparison.values(columns, left, right)
        return [self.fade(columns, left, right, similarity)]

    def fade(
        self,
        columns: Columns,
        left: IntArray,
        right: IntArray,
        similarity: npt.NDArray[np.floating],
    ) -> npt.NDArray[np.floating]:
        """Let similarities that are there already fade with the distance of their pairs."""
        apart = distance(left, right, columns[self.needs()[0]].xyz)
        faded: npt.NDArray[np.floating] = similarity * np.exp(-apart / self.metres)
        return faded


@register("context", "context")
@dataclass(frozen=True, slots=True)
class Context:
    """Rank and margin of a pair among the candidates of each of its two records.

    For each first similarity: the better and the worse rank (1 is best), the larger and the
    smaller margin to the best other candidate (NaN without another). Once: the smaller and
    the larger number of other candidates. Better, worse, larger and smaller are over the two
    records of the pair, so nothing changes when left and right are swapped.

    Parameters
    ----------
    over : tuple of Comparison
        First similarities, each with one column; higher is more alike.
    thirds : bool
        For each first similarity two more columns: the lower of the similarities of the two
        records with a third one, the best third record counting (``_third``, 0 without one),
        and how much more alike the two are themselves (``_third_margin``). Two records of a
        group of many names may resemble a third one only. It needs all candidates of both
        records with their partners, so such a linker runs in one piece on one machine.

    Notes
    -----
    The unlabelled candidates of a record take part, as they do wherever tables are linked.
    Cost: two passes over the surviving pairs, about 100 ns a pair each; third records some
    nanoseconds for each candidate of either record.
    """

    over: tuple[Comparison, ...]
    thirds: bool = False

    def __post_init__(self) -> None:
        if not self.over:
            raise ArgumentError("Context needs at least one comparison; without any, say None.")
        for comparison in self.over:
            if len(comparison.names()) != 1:
                raise ArgumentError(
                    f"Context needs comparisons with one column; {type(comparison).__name__} has "
                    f"{len(comparison.names())}: {', '.join(comparison.names())}."
                )

    def names(self) -> tuple[str, ...]:
        """Name the columns."""
        parts = ("rank_better", "rank_worse", "margin_larger", "margin_smaller")
        names = [f"{item.names()[0]}_{part}" for item in self.over for part in parts]
        more = ("third", "third_margin") if self.thirds else ()
        names += [f"{item.names()[0]}_{part}" for item in self.over for part in more]
        counts = ("candidates_fewer", "candidates_more")
        return (*names, *counts)

    def ranks(self) -> tuple[str, ...]:
        """Name the columns that are ranks."""
        ends = "_rank_better", "_rank_worse"
        return tuple(name for name in self.names() if name.endswith(ends))

    def needs(self) -> tuple[Need, ...]:
        """Name the prepared columns that the first similarities read."""
        return tuple(need for comparison in self.over for need in comparison.needs())

    def plain(self) -> tuple[Comparison, ...]:
        """Return what the first similarities are made of: the comparisons before they fade."""
        return tuple(item.comparison if isinstance(item, Faded) else item for item in self.over)

    def similarities(
        self, columns: Columns, left: IntArray, right: IntArray
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Compute the columns of `plain` and the first similarities, each float32[p, len(over)]."""
        plain = np.empty((len(left), len(self.over)), np.float32)
        fill(plain, columns, self.plain(), left, right)
        return plain, self.faded(columns, left, right, plain)

    def faded(
        self, columns: Columns, left: IntArray, right: IntArray, plain: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """Return first similarities of what they are made of, float32[p, len(over)]."""
        first = plain.copy()
        for place, item in enumerate(self.over):
            if isinstance(item, Faded):
                first[:, place] = item.fade(columns, left, right, plain[:, place])
        return first

    def windows(
        self, left: IntArray, right: IntArray, first: npt.NDArray[np.float32], records: int
    ) -> tuple[Window, ...]:
        """Gather the first similarities of all candidate pairs by record."""
        made = []
        for place in range(len(self.over)):
            ends = left, right, np.ascontiguousarray(first[:, place]), records
            known = Neighbours(*neighbours_by_record(*ends)) if self.thirds else None
            made.append(Window(*scores_by_record(*ends), known))
        return tuple(made)

    def values(
        self,
        left: IntArray,
        right: IntArray,
        first: npt.NDArray[np.float32],
        listed: npt.NDArray[np.bool_],
        windows: tuple[Window, ...],
        *,
        ranks: bool = True,
    ) -> npt.NDArray[np.float32]:
        """Compute the context columns of pairs.

        Parameters
        ----------
        left, right : int32[p]
        first : float32[p, len(over)]
            Their first similarities.
        listed : bool[p]
            Whether the pair is itself a candidate.
        windows : tuple of Window
        ranks : bool
            Without them their columns are left missing.

        Returns
        -------
        float32[p, len(names)]
        """
        parts, thirds = [], []
        for place, window in enumerate(windows):
            similarity = np.ascontiguousarray(first[:, place])
            known = window[:2]
            parts.append(rank_and_margin(left, right, similarity, listed, *known, ranks=ranks))
            if self.thirds:
                thirds.append(_third(left, right, similarity, window))
        if len(parts) == 1 and not thirds:
            return parts[0]
        return np.hstack([*(part[:, :4] for part in parts), *thirds, parts[0][:, 4:]])


def _third(
    left: IntArray, right: IntArray, similarity: npt.NDArray[np.float32], window: Window
) -> npt.NDArray[np.float32]:
    """Compute the two columns of third records."""
    if window.neighbours is None:
        raise ArgumentError(
            "The context of this linker asks for third records, and only a run in one piece on one "
            "machine knows them. Fit it with Context(thirds=False)."
        )
    best = best_third(left, right, *window.neighbours)
    return np.stack([best, np.nan_to_num(similarity) - best], axis=1)
