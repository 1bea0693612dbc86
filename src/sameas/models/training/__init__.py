"""Training of models: encoders of texts and classifiers of rows. Needs the extra ``torch``."""

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
