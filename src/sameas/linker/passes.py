"""What a matcher offers that looks at all candidates before it scores a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import IntArray

if TYPE_CHECKING:
    from sameas.linker.job import Job

__all__ = ["Passes"]


@runtime_checkable
class Passes(Protocol):
    """A matcher that looks at all candidates before it scores a pair."""

    def window(self, job: Job) -> Any:
        """Gather what it thinks of all candidates."""

    def complete(
        self,
        features: npt.NDArray[np.float32],
        left: IntArray,
        right: IntArray,
        listed: npt.NDArray[np.bool_],
        window: Any,
    ) -> npt.NDArray[np.float32]:
        """Add its columns to comparisons and context."""
