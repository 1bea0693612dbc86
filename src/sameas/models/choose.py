"""Which index for which vectors: exact while that is quick, then one of measured recall."""

from __future__ import annotations

from typing import Any, TypeAlias

from sameas.core.errors import ArgumentError, check_one_of
from sameas.models.base import Embeddings, Sparse
from sameas.models.cell_index import CellIndex
from sameas.models.index import DenseIndex
from sameas.models.sparse_index import SparseIndex

__all__ = ["KINDS", "AnyIndex", "build_index", "check_choice"]

AnyIndex: TypeAlias = SparseIndex | DenseIndex | CellIndex
#: The name of each kind of index in a saved folder.
KINDS: dict[str, Any] = {"sparse": SparseIndex, "dense": DenseIndex, "cells": CellIndex}
#: Dense keys up to which all products are computed.
_EXACT = 50_000
_CHOICES = ("auto", "exact", "approximate")


def check_choice(index: str, recall: float) -> None:
    """Refuse an unknown kind of index or an impossible recall."""
    check_one_of("index", index, _CHOICES)
    if not 0 < recall <= 1:
        raise ArgumentError(f"recall must be above 0 and at most 1, got {recall}.")


def build_index(
    rows: Embeddings, *, index: str = "auto", recall: float = 0.99, threads: int = 1
) -> AnyIndex:
    """Build the index of unit vectors that fits their number.

    Parameters
    ----------
    rows : Embeddings
    index : {"auto", "exact", "approximate"}
        ``"auto"`` is exact up to 20 thousand sparse and 50 thousand dense rows.
    recall : float
        What an approximate index must find of the ten nearest, on a sample.
    threads : int

    Examples
    --------
    >>> import numpy as np
    >>> build_index(np.eye(3, dtype=np.float32)).kind
    'exact, all products'
    """
    check_choice(index, recall)
    if isinstance(rows, Sparse):
        wanted = None if index == "exact" else recall
        return SparseIndex.build(rows).within(wanted, threads=threads)
    large = len(rows) > _EXACT if index == "auto" else index == "approximate"
    if large and len(rows):
        return CellIndex.build(rows, recall=recall, threads=threads)
    return DenseIndex(rows)
