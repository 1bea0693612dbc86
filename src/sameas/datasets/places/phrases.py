"""Names and addresses as arrays of word numbers, so that noise is arithmetic, not text work."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.dataclass import dataclass
from sameas.datasets.places.vocabulary import JOINS, Codes, vocabulary

__all__ = ["WIDTH", "Phrases", "join"]

#: Most words of a phrase.
WIDTH = 8


def join(text: str) -> int:
    """Return the number of a join, for example of ``" & "``."""
    return JOINS.index(text)


@dataclass(frozen=True, slots=True)
class Phrases:
    """Texts of up to 8 words.

    Attributes
    ----------
    words : int32[n, 8]
        Word numbers, left-aligned; -1 after the last.
    joins : int8[n, 8]
        Join after each word; after the last one only marks such as ``"."`` are written.
    """

    words: Codes
    joins: npt.NDArray[np.int8]

    @classmethod
    def empty(cls, rows: int) -> Phrases:
        """Return phrases without words, to be filled."""
        return cls(np.full((rows, WIDTH), -1, np.int32), np.zeros((rows, WIDTH), np.int8))

    @property
    def length(self) -> npt.NDArray[np.int64]:
        """Number of words of each phrase."""
        length: npt.NDArray[np.int64] = (self.words >= 0).sum(axis=1)
        return length

    def take(self, rows: npt.NDArray[np.int64]) -> Phrases:
        """Return a copy of the given rows."""
        return Phrases(self.words[rows], self.joins[rows])

    def put(self, rows: npt.NDArray[np.int64], other: Phrases) -> None:
        """Replace the given rows."""
        self.words[rows] = other.words
        self.joins[rows] = other.joins

    def append(self, rows: npt.NDArray[np.int64], word: Codes, before: str = " ") -> None:
        """Add a word at the end of the given rows (of fewer than 8 words)."""
        end = self.length[rows]
        self.words[rows, end] = word
        later = end > 0
        self.joins[rows[later], end[later] - 1] = join(before)

    def prepend(self, rows: npt.NDArray[np.int64], word: npt.ArrayLike) -> None:
        """Add a word at the front of the given rows (of fewer than 8 words)."""
        self.words[rows, 1:] = self.words[rows, :-1]
        self.joins[rows, 1:] = self.joins[rows, :-1]
        self.words[rows, 0] = word
        self.joins[rows, 0] = 0

    def spell(self) -> pa.Array:
        """Write the phrases as text."""
        rows = len(self.words)
        codes = np.empty((rows, 2 * WIDTH), np.int32)
        codes[:, ::2] = self.words
        followed = np.zeros((rows, WIDTH), bool)
        followed[:, :-1] = self.words[:, 1:] >= 0
        mark = (self.words >= 0) & (self.joins >= join("."))
        known = vocabulary()
        codes[:, 1::2] = np.where(followed | mark, known.joins + self.joins.astype(np.int32), -1)
        used = codes >= 0
        offsets = np.zeros(rows + 1, np.int32)
        np.cumsum(used.sum(axis=1), out=offsets[1:])
        pieces = known.spelling.take(pa.array(codes[used]))
        return pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), pieces), "")
