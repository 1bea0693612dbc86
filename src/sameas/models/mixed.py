"""Texts as points of several encoders at once: spelling and meaning."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.models.base import Neighbours, Space
from sameas.models.files import TRAINING_RECORD
from sameas.models.index import cores

__all__ = ["LEXICAL_SHARE", "TRAINED_SHARE", "MixedSpace", "default_weights", "parts_of"]

#: Share of the lexical cosine beside others, chosen on train and valid pairs of eight sets.
LEXICAL_SHARE = 0.8
#: The same beside a model that `train_model` made: it knows more of these texts.
TRAINED_SHARE = 0.5
#: Each encoder lists so many texts; what one lists is compared by all.
_POOL = 30
_ENTRIES = 1 << 18


def parts_of(model: object) -> tuple[str, ...]:
    """Return the names of a model like ``"lexical+wordllama"``; of any other, none.

    Examples
    --------
    >>> parts_of("lexical+wordllama"), parts_of("wordllama")
    (('lexical', 'wordllama'), ())
    """
    if not isinstance(model, str) or "+" not in model or Path(model).expanduser().exists():
        return ()
    parts = tuple(part.strip() for part in model.split("+"))
    if "" in parts or len(set(parts)) < len(parts):
        raise ArgumentError(
            f"model joins different names by +, as in 'lexical+wordllama', got {model!r}."
        )
    return parts


def default_weights(names: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return the share of each encoder: the lexical one leads, the others share the rest.

    Beside a folder that `sameas.models.training.train_model` wrote it has half.

    Examples
    --------
    >>> default_weights(["lexical", "wordllama"]).round(2).tolist()
    [0.8, 0.2]
    """
    lexical = np.array([name == "lexical" for name in names])
    if lexical.all() or not lexical.any():
        return np.full(len(names), 1 / len(names))
    trained = any((Path(name).expanduser() / TRAINING_RECORD).is_file() for name in names)
    share = TRAINED_SHARE if trained else LEXICAL_SHARE
    others = (1 - share) / (~lexical).sum()
    return np.asarray(np.where(lexical, share / lexical.sum(), others))


@dataclass(frozen=True, slots=True, eq=False)
class MixedSpace:
    """The same texts in several spaces; the cosine is the weighted mean of theirs.

    Attributes
    ----------
    spaces : tuple of Space
        A text has one row in all of them.
    weights : float64[s]
        They sum to 1. A cosine that is missing in one space counts as 0 there.
    """

    spaces: tuple[Space, ...]
    weights: npt.NDArray[np.float64]

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return sum(space.nbytes for space in self.spaces)

    @property
    def searched(self) -> tuple[str, ...]:
        """How the searches so far were done, in words, with the recall on a sample."""
        return tuple(dict.fromkeys(how for space in self.spaces for how in space.searched))

    def cosine(self, left: npt.NDArray[Any], right: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Return the mean cosine of each pair of texts; NaN where none has a vector."""
        every = np.stack([space.cosine(left, right) for space in self.spaces])
        mean = np.tensordot(self.weights, np.nan_to_num(every), axes=1)
        return np.where(np.isnan(every).all(axis=0), np.nan, mean).astype(np.float32)

    def nearest(
        self,
        queries: npt.NDArray[Any],
        keys: npt.NDArray[Any],
        k: int,
        *,
        threads: int | None = None,
    ) -> Neighbours:
        """Find the nearest keys (positions in `keys`) among those that any encoder lists."""
        pool = max(k, _POOL)
        threads = cores(threads)
        lists = [space.nearest(queries, keys, pool, threads=threads) for space in self.spaces]
        found = np.concatenate([one.index for one in lists], axis=1)
        del lists
        found.sort(axis=1)
        found[:, 1:][found[:, 1:] == found[:, :-1]] = -1
        out = Neighbours(
            np.full((len(queries), k), -1, np.int32),
            np.full((len(queries), k), np.nan, np.float32),
        )
        step = max(_ENTRIES // found.shape[1], 1)
        for first in range(0, len(queries), step):
            span = slice(first, first + step)
            self._best(queries[span], keys, found[span], out.index[span], out.similarity[span])
        return out

    def _best(
        self,
        queries: npt.NDArray[Any],
        keys: npt.NDArray[Any],
        found: npt.NDArray[np.int32],
        index: npt.NDArray[np.int32],
        similarity: npt.NDArray[np.float32],
    ) -> None:
        """Compare what was listed by all encoders; ties by key number."""
        row, place = np.nonzero(found >= 0)
        score = np.full(found.shape, -np.inf, np.float32)
        score[row, place] = self.cosine(queries[row], keys[found[row, place]])
        order = np.lexsort((found, -score), axis=1)[:, : index.shape[1]]
        width = order.shape[1]
        index[:, :width] = np.take_along_axis(found, order, axis=1)
        best = np.take_along_axis(score, order, axis=1)
        similarity[:, :width] = np.where(index[:, :width] >= 0, best, np.nan)
