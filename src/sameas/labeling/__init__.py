"""Labels: what a person, a label table or a held-out field says of pairs."""

from sameas.labeling.labels import Find, LabelledPairs, read_labels
from sameas.labeling.silver import SilverLabels, check_evidence, silver_labels
from sameas.labeling.splits import SPLITS, Split, deal_folds, split_by_group, stratified_split

__all__ = [
    "SPLITS",
    "Find",
    "LabelledPairs",
    "SilverLabels",
    "Split",
    "check_evidence",
    "deal_folds",
    "read_labels",
    "silver_labels",
    "split_by_group",
    "stratified_split",
]
