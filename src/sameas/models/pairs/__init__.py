"""Pair classifiers: a transformer reads both records and says whether they match."""

from sameas.models.pairs.apart import apart_numbers
from sameas.models.pairs.export import export_pairs
from sameas.models.pairs.serialise import FORMS, Serialisation, Shuffled
from sameas.models.pairs.shorten import first_layers
from sameas.models.pairs.train import PAPER, PairData, TrainedPairs, train_pair_classifier

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
