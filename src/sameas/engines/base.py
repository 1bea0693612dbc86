"""What an engine has to do: bring the records of one key together. Nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["Engine", "SortedRows"]


class SortedRows(NamedTuple):
    """Rows in key order, anchors before visitors within a key; ends on a block border."""

    key: npt.NDArray[np.uint64]
    record: npt.NDArray[np.int32]
    visitor: npt.NDArray[np.bool_]


class Engine(Protocol):
    """The exchange, and the number of threads for the kernels above it."""

    @property
    def threads(self) -> int:
        """Number of threads."""

    def exchange(
        self,
        key: npt.NDArray[np.uint64],
        record: npt.NDArray[np.int32],
        visitor: npt.NDArray[np.bool_],
    ) -> Iterator[SortedRows]:
        """Sort rows by key; give them in batches that end on a block border."""
