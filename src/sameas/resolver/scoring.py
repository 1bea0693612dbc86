"""Score a few pairs with everything about the linker looked up beforehand.

A batch run scores millions of pairs, so what it does once a chunk costs it nothing. Here a chunk
is two or three pairs: which column a comparison writes, what comes later in a cascade, what the
context has computed already is known before the first question. Kernels, order and scores are the
same.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.comparison import Comparison
from sameas.comparison.context import Window
from sameas.core.prepared import IntArray
from sameas.kernels.windows import scores_by_record
from sameas.linker.cascade import FittedCascade
from sameas.linker.saving import FittedLinker
from sameas.resolver.compiled import CompareProgram
from sameas.resolver.layout import Layout, Unpacked

__all__ = ["First", "PairWindows", "Scorer", "gather_windows"]

Floats = npt.NDArray[np.float32]


class First(NamedTuple):
    """First similarities of pairs, before they fade and faded: float32[p, k] each."""

    plain: Floats
    faded: Floats


class PairWindows(NamedTuple):
    """Windows, and which of them belong to the two records of each pair."""

    one: IntArray
    other: IntArray
    windows: tuple[Window, ...]


class Scorer:
    """Scores pairs of unpacked records.

    Parameters
    ----------
    fitted : FittedLinker
    layout : Layout
        Of the records that are compared.
    """

    def __init__(self, fitted: FittedLinker, layout: Layout) -> None:
        spec, matcher = fitted.spec, fitted.matcher
        self.context = spec.context
        self.width = len(spec.base_names())
        self.cascade = matcher if isinstance(matcher, FittedCascade) else None
        self.matcher = matcher if self.cascade is None else self.cascade.first
        later = self.cascade.spec.later if self.cascade is not None else ()
        plain = list(spec.context.plain()) if spec.context is not None else []
        self.kinds = len(plain)
        self.known: list[tuple[int, int]] = []
        now: list[tuple[int, Comparison]] = []
        doubted: list[tuple[int, Comparison]] = []
        column = 0
        for item in spec.comparisons:
            if item in later:
                doubted.append((column, item))
            elif item in plain:
                self.known.append((column, plain.index(item)))
            else:
                now.append((column, item))
            column += len(item.names())
        self.compared = column
        first = list(enumerate(plain))
        self.plain, self.now, self.later = (
            CompareProgram(layout, steps) for steps in (first, now, doubted)
        )

    def first(self, columns: Unpacked, left: IntArray, right: IntArray) -> First:
        """Compute the first similarities of pairs (left < right)."""
        if self.context is None:
            nothing = np.zeros((len(left), 0), np.float32)
            return First(nothing, nothing)
        plain = np.empty((len(left), self.kinds), np.float32)
        self.plain.write(plain, columns, left, right)
        return First(plain, self.context.faded(columns, left, right, plain))

    def score(
        self,
        columns: Unpacked,
        left: IntArray,
        right: IntArray,
        first: First,
        windows: PairWindows | None,
    ) -> npt.NDArray[np.float64]:
        """Score pairs (left < right), all of them candidates; see `Job.scores`."""
        if not len(left):
            return np.zeros(0)
        features = np.full((len(left), self.width), np.nan, np.float32)
        if self.context is not None and windows is not None:
            features[:, self.compared :] = self.context.values(
                windows.one, windows.other, first.faded, np.ones(len(left), bool), windows.windows
            )
        for column, place in self.known:
            features[:, column] = first.plain[:, place]
        self.now.write(features, columns, left, right)
        score = np.asarray(self.matcher.score(features), np.float64)
        if self.cascade is None:
            return score
        doubt = (score >= self.cascade.cut).nonzero()[0]
        if len(doubt):
            whole = features[doubt]
            self.later.write(whole, columns, left[doubt], right[doubt])
            score[doubt] = self.cascade.final.score(whole)
        return score


def gather_windows(
    one: IntArray,
    other: IntArray,
    first: Floats,
    stored: tuple[IntArray, Floats],
    records: int,
) -> PairWindows:
    """Gather first similarities by record, rising.

    Parameters
    ----------
    one, other : int32[p]
        The two records of each pair at hand, in any numbering of the windows.
    first : float32[p, k]
        Their faded first similarities.
    stored : (int32[s], float32[s, k])
        What the store knows of other pairs: a record at hand, and its similarities to one
        that is not.
    records : int
    """
    owner, values = stored
    elsewhere = np.full(len(owner), records, np.int32)  # the other side, of no account
    left, right = np.concatenate([one, owner]), np.concatenate([other, elsewhere])
    every = np.concatenate([first, values])
    windows = tuple(
        Window(*scores_by_record(left, right, every[:, place].copy(), records + 1))
        for place in range(every.shape[1])
    )
    return PairWindows(one, other, windows)
