"""Pair classifiers: a transformer reads both records and says whether they match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sameas.core.when_used import import_when_used

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


if TYPE_CHECKING:
    from sameas.models.pairs.apart import apart_numbers
    from sameas.models.pairs.export import export_pairs
    from sameas.models.pairs.options import PAPER
    from sameas.models.pairs.serialise import FORMS, Serialisation, Shuffled
    from sameas.models.pairs.shorten import first_layers
    from sameas.models.pairs.train import PairData, TrainedPairs, train_pair_classifier

__getattr__, __dir__ = import_when_used(
    __name__,
    {
        "apart": ["apart_numbers"],
        "export": ["export_pairs"],
        "options": ["PAPER"],
        "serialise": ["FORMS", "Serialisation", "Shuffled"],
        "shorten": ["first_layers"],
        "train": ["PairData", "TrainedPairs", "train_pair_classifier"],
    },
)
