"""Verbs for tables: join, deduplicate, group and classify rows by what they mean.

`train_model` and its kin teach a model from your own tables; they need the extra ``torch``.
"""

from sameas.frames._examples import (
    cluster_examples,
    pair_examples,
    table_examples,
    train_classifier,
)
from sameas.frames._group import cluster, dedupe
from sameas.frames._merge import SUFFIXES, aggregate, merge
from sameas.frames._rows import classify, similarity
from sameas.models.training import TrainOptions, train_model

__all__ = [
    "SUFFIXES",
    "TrainOptions",
    "aggregate",
    "classify",
    "cluster",
    "cluster_examples",
    "dedupe",
    "merge",
    "pair_examples",
    "similarity",
    "table_examples",
    "train_classifier",
    "train_model",
]
