"""Seats: with several tables a record has a place for partners in each of the others.

Whoever has a partner in one table may have another in the next. So the candidates of a record
compete table by table, and what holds for two tables holds for each pair of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.prepared import IntArray

__all__ = ["Seats"]

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Seats:
    """The seats of the records of some tables.

    With one table or two a seat is a record: `tables` is 1 then.

    Attributes
    ----------
    code : int[n]
        The table of each record.
    tables : int
    """

    code: npt.NDArray[np.integer]
    tables: int = 1

    @classmethod
    def of(cls, sizes: Numbers) -> Seats:
        """Return the seats of records that stand in the order of their tables.

        Parameters
        ----------
        sizes : int64[tables]
            Records of each table.
        """
        code = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        return cls(code, len(sizes) if len(sizes) > 2 else 1)

    def __len__(self) -> int:
        return len(self.code) * self.tables

    def ends(self, left: IntArray, right: IntArray) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Return the seats that pairs take.

        Examples
        --------
        >>> seats = Seats.of(np.array([1, 1, 2]))
        >>> left, right = np.array([0, 0, 1]), np.array([1, 3, 3])
        >>> [seat.tolist() for seat in seats.ends(left, right)]
        [[1, 2, 5], [3, 9, 10]]
        """
        if self.tables == 1:
            return left, right
        other, mine = self.code[right], self.code[left]
        return (
            left.astype(np.int64) * self.tables + other,
            right.astype(np.int64) * self.tables + mine,
        )

    def between(self, left: IntArray, right: IntArray) -> Numbers:
        """Return a number for the two tables of each pair, 0 to ``tables ** 2 - 1``."""
        if self.tables == 1:
            return np.zeros(len(left), np.int64)
        return self.code[left].astype(np.int64) * self.tables + self.code[right]
