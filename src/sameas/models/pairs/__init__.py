"""Pair classifiers: a transformer reads both records and says whether they match."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = [
    "FORMS",
    "PAPER",
    "PairData",
    "Serialisation",
    "Shuffled",
    "TrainedPairs",
    "apart_numbers",
    "export_pairs",
    "first_layers",
    "train_pair_classifier",
]

_HOMES = {
    "FORMS": "serialise",
    "PAPER": "options",
    "PairData": "train",
    "Serialisation": "serialise",
    "Shuffled": "serialise",
    "TrainedPairs": "train",
    "apart_numbers": "apart",
    "export_pairs": "export",
    "first_layers": "shorten",
    "train_pair_classifier": "train",
}

if TYPE_CHECKING:
    from sameas.models.pairs.apart import apart_numbers
    from sameas.models.pairs.export import export_pairs
    from sameas.models.pairs.options import PAPER
    from sameas.models.pairs.serialise import FORMS, Serialisation, Shuffled
    from sameas.models.pairs.shorten import first_layers
    from sameas.models.pairs.train import PairData, TrainedPairs, train_pair_classifier


def __getattr__(name: str) -> Any:
    """Import public names when they are first used: forms of pairs need no trainer."""
    if name in _HOMES:
        return getattr(import_module(f"sameas.models.pairs.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'sameas.models.pairs' has no attribute {name!r}")
