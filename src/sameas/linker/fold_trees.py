"""The trees that self-training learns in folds, and what they think of pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sameas.matching import TreeEnsemble

__all__ = ["FoldTrees"]

Floats = npt.NDArray[np.float32]

#: Log-odds of a fold stay within this: chances beyond are as good as 0 and 1.
_BOUND = 30.0


@dataclass(frozen=True)
class FoldTrees:
    """Trees of several folds, each of which has not seen a part of the left records.

    Attributes
    ----------
    parts : tuple of TreeEnsemble
    columns : tuple of int
        Which of the job's columns they see.
    shift : float
        What is to be added for a prior that was estimated anew.
    """

    parts: tuple[TreeEnsemble, ...]
    columns: tuple[int, ...]
    shift: float = 0.0

    def opinions(self, features: Floats) -> Floats:
        """Return the log-odds of pairs by the trees of each fold, float32[p, folds]."""
        seen = np.ascontiguousarray(features[:, list(self.columns)])
        return np.stack([_log_odds(one.score(seen)) for one in self.parts], axis=1)


def _log_odds(score: npt.NDArray[np.float64]) -> Floats:
    tiny = np.exp(-_BOUND)
    return np.log(np.clip(score, tiny, 1) / np.clip(1 - score, tiny, 1)).astype(np.float32)
