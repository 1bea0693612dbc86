"""What self-training guesses of the candidates of more than two tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sameas.linker.exclusivity import measure_several
from sameas.linker.learner import Learner
from sameas.linker.seats import Seats

__all__ = ["SeveralTables"]

Wide = npt.NDArray[np.float64]


@dataclass
class SeveralTables(Learner):
    """The candidates of several tables: each two of them are linked as if they were alone."""

    @property
    def competes(self) -> bool:
        """Pairs that share a record and the table of its partners are rivals."""
        return True

    def exclusivity(self, crossed: Wide) -> tuple[float, float]:
        """Measure how far a record has one partner in each other table, for all the same."""
        found, near = self.job.candidates, self.near
        ends = found.left[near], found.right[near]
        share = measure_several(self.seats, *ends, crossed, single=self.job.single)
        return share, share

    @property
    def _single(self) -> tuple[bool, bool]:
        return (all(self.job.single),) * 2

    def _seats(self) -> Seats:
        return Seats.of(np.bincount(self.job.records.source_code))
