"""Rivals in pieces: each pair is scored by itself, piece by piece, then all compete at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.errors import ArgumentError
from sameas.core.prepared import IntArray
from sameas.linker.contest import Window, entrants
from sameas.linker.opinion import FittedOpinion
from sameas.linker.passes import Passes
from sameas.linker.pieces.memory import bytes_of, contest_bytes
from sameas.linker.pieces.store import Store
from sameas.linker.rivals import FittedRivals
from sameas.matching import FittedMatcher

__all__ = ["Contest", "contest_of"]

Own = tuple[IntArray, IntArray, npt.NDArray[np.float64]]
_NAMES = ("left", "right", "own")


@dataclass(frozen=True)
class Contest:
    """The candidates of a run in pieces that compete.

    Attributes
    ----------
    rivals : FittedRivals
    sizes : int64[tables]
        Records of each table; of all tables together where those of one table meet too.
    """

    rivals: FittedRivals
    sizes: npt.NDArray[np.int64]

    def check(self, memory: str | None, candidates: int) -> None:
        """Refuse more candidates than can compete within a memory.

        Raises
        ------
        ArgumentError
        """
        if len(self.sizes) != len(self.rivals.exclusive):
            return  # of so many tables nobody competes
        least = contest_bytes(int(self.sizes.sum()), candidates, tables=len(self.sizes))
        if memory is not None and bytes_of(memory) < least:
            raise ArgumentError(
                f"memory={memory!r} is too little: {candidates:,} candidate pairs compete with "
                f"each other, all at once. Give at least {least / 1e9:.1f} GB; or, if the linker "
                "learned without labels, fit one that scores each pair by itself, with "
                "rivals=False (sameas fit --no-rivals)."
            )

    def settle(self, store: Store, numbers: Sequence[int]) -> Window:
        """Let the candidates of all pieces compete, by what each is worth by itself."""
        return self.rivals.settle(*entrants(_own_of(store, numbers)), self.sizes)

    def judge(self, store: Store, number: int, window: Window) -> None:
        """Write the scores of a piece, from what its pairs are worth and what the rivals change."""
        pairs, reports = store.read("own", number)
        left, right, own = (pairs[name].to_numpy() for name in _NAMES)
        score = self.rivals.scores(own, left, right, window)
        kept = pairs.select(["left", "right", "rule"]).append_column("score", pa.array(score))
        store.write("scores", number, kept, reports)


def contest_of(
    matcher: FittedMatcher, source_code: npt.NDArray[np.int32], mode: str
) -> Contest | None:
    """Return who competes under a matcher, if anybody does.

    Raises
    ------
    ArgumentError
        If the matcher looks at all candidates in some other way.
    """
    if isinstance(matcher, FittedRivals):
        inside = mode in ("dedupe", "also-within")
        sizes = np.bincount(source_code)
        return Contest(matcher, sizes.sum(keepdims=True) if inside else sizes)
    if isinstance(matcher, Passes) and not _by_itself(matcher):
        raise ArgumentError(
            "memory=: this linker's matcher looks at all candidates before it scores one, in a "
            "second pass, so it runs in one piece only. Leave out memory=, or fit the linker with "
            "second_pass=None."
        )
    return None


def _by_itself(matcher: Passes) -> bool:
    return isinstance(matcher, FittedOpinion) and matcher.rivals is None


def _own_of(store: Store, numbers: Sequence[int]) -> Iterator[Own]:
    for number in numbers:
        pairs, _ = store.read("own", number)
        left, right, own = (pairs[name].to_numpy() for name in _NAMES)
        yield left, right, own
