"""Training of models: encoders of texts and classifiers of rows. Needs the extra ``torch``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = [
    "Callback",
    "Event",
    "History",
    "InBatchNegatives",
    "OnlineContrastive",
    "SupervisedContrastive",
    "Task",
    "TrainOptions",
    "Trained",
    "TrainedClassifier",
    "TrainingTexts",
    "of_clusters",
    "of_pairs",
    "push_to_hub",
    "run_training",
    "train_classifier",
    "train_model",
]

_HOMES = {
    "Callback": "options",
    "Event": "options",
    "History": "loop",
    "InBatchNegatives": "losses",
    "OnlineContrastive": "losses",
    "SupervisedContrastive": "losses",
    "Task": "loop",
    "TrainOptions": "options",
    "Trained": "train",
    "TrainedClassifier": "classify",
    "TrainingTexts": "examples",
    "of_clusters": "examples",
    "of_pairs": "examples",
    "push_to_hub": "card",
    "run_training": "loop",
    "train_classifier": "classify",
    "train_model": "train",
}

if TYPE_CHECKING:
    from sameas.models.training.card import push_to_hub
    from sameas.models.training.classify import TrainedClassifier, train_classifier
    from sameas.models.training.examples import TrainingTexts, of_clusters, of_pairs
    from sameas.models.training.loop import History, Task, run_training
    from sameas.models.training.losses import (
        InBatchNegatives,
        OnlineContrastive,
        SupervisedContrastive,
    )
    from sameas.models.training.options import Callback, Event, TrainOptions
    from sameas.models.training.train import Trained, train_model


def __getattr__(name: str) -> Any:
    """Import public names when they are first used: options need no trainer."""
    if name in _HOMES:
        return getattr(import_module(f"sameas.models.training.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'sameas.models.training' has no attribute {name!r}")
