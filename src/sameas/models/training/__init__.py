"""Training of models: encoders of texts and classifiers of rows. Needs the extra ``torch``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sameas.core.when_used import import_when_used

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

__getattr__, __dir__ = import_when_used(
    __name__,
    {
        "card": ["push_to_hub"],
        "classify": ["TrainedClassifier", "train_classifier"],
        "examples": ["TrainingTexts", "of_clusters", "of_pairs"],
        "loop": ["History", "Task", "run_training"],
        "losses": ["InBatchNegatives", "OnlineContrastive", "SupervisedContrastive"],
        "options": ["Callback", "Event", "TrainOptions"],
        "train": ["Trained", "train_model"],
    },
)
