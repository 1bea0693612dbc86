"""An encoder that learns to put texts that mean the same side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.errors import ArgumentError
from sameas.core.optional import require
from sameas.core.prepared import IntArray
from sameas.models.base import Dense, unit_rows
from sameas.models.training.checkpoint import Batch
from sameas.models.training.examples import TrainingTexts
from sameas.models.training.losses import (
    AnyLoss,
    InBatchNegatives,
    OnlineContrastive,
    SupervisedContrastive,
)
from sameas.models.training.options import TrainOptions
from sameas.models.training.retrieval import figures, hard_negatives

__all__ = ["EncoderTask", "check_loss", "cut", "like_lengths"]

#: Batches that are sorted by length together, so that little is padding.
_TOGETHER = 16


class EncoderTask:
    """A model of sentence-transformers as a `Task` of the training loop.

    Parameters
    ----------
    folder : path
        Of the model to begin with; a plain transformer gets the mean of its tokens.
    train : TrainingTexts
    valid : TrainingTexts or None
    loss : AnyLoss
    options : TrainOptions
    """

    def __init__(
        self,
        folder: str | Path,
        train: TrainingTexts,
        valid: TrainingTexts | None,
        loss: AnyLoss,
        options: TrainOptions,
    ) -> None:
        library = require("sentence_transformers", extra="torch", what="Training an encoder")
        self.network = library.SentenceTransformer(str(folder), device=options.device)
        if options.max_length is not None:
            self.network.max_seq_length = options.max_length
        self.train, self.valid, self.rule, self.options = train, valid, loss, options
        self._texts = np.array(train.texts.to_pylist(), object)
        self._length = np.array([len(text) for text in self._texts])

    def batches(self, epoch: int, random: np.random.Generator) -> list[Batch]:
        """Return texts (clusters), or lefts, rights and negatives, of each batch."""
        del epoch
        size = self.options.batch_size
        if isinstance(self.rule, SupervisedContrastive):
            return cut(_by_twos(self.train.cluster, random), size)
        if isinstance(self.rule, InBatchNegatives):
            left, right = self.train.positives(random)
            columns = [left, right, *self._mined(left, self.rule.hard).T]
            order = random.permutation(len(left))
            return cut(np.stack(columns, axis=1)[order].astype(np.int64), size)
        pairs = self._pairs(random)
        length = np.maximum(self._length[pairs[:, 0]], self._length[pairs[:, 1]])
        found = cut(pairs[like_lengths(length, size, random)], size)
        return [found[place] for place in random.permutation(len(found))]

    def loss(self, batch: Batch, random: np.random.Generator) -> Any:
        """Return the loss of a batch."""
        del random
        torch = require("torch", extra="torch", what="Training an encoder")
        if isinstance(self.rule, SupervisedContrastive):
            return self.rule.value(self._vectors(batch), self._cluster(batch))
        if isinstance(self.rule, OnlineContrastive):
            left, right = self._vectors(batch[:, :2].T.ravel()).chunk(2)
            match = torch.from_numpy(batch[:, 2] == 1).to(left.device)
            return self.rule.value(left, right, match)
        columns = batch.T[(batch >= 0).all(axis=0)]
        rows = self._vectors(columns.ravel()).reshape(*columns.shape, -1)
        return self.rule.value(rows, self._cluster(columns))

    def evaluate(self) -> Mapping[str, float]:
        """Return the figures of the validation examples."""
        if self.valid is None:
            return {}
        return figures(self.valid, self.encode(self.valid.texts.to_pylist()))

    def encode(self, texts: list[str]) -> Dense:
        """Return unit vectors of texts, as the saved model gives them."""
        rows = self.network.encode(texts, batch_size=32, show_progress_bar=False)
        return unit_rows(rows)

    def save(self, folder: str | Path) -> None:
        """Write a folder that sentence-transformers loads."""
        self.network.save(str(folder), create_model_card=False)

    def _mined(self, left: IntArray, count: int) -> IntArray:
        if not count:
            return np.zeros((len(left), 0), np.int32)
        rows = self.encode(self._texts.tolist())
        queries, place = np.unique(left, return_inverse=True)
        return hard_negatives(self.train, rows, queries, count)[place]

    def _pairs(self, random: np.random.Generator) -> Batch:
        """Return left, right and label of pairs; negatives are mined where none was given."""
        if self.train.labelled:
            columns = [self.train.left, self.train.right, self.train.label]
            return np.stack(columns, axis=1).astype(np.int64)
        left, right = self.train.positives(random)
        wrong = self._mined(left, 1)[:, 0]
        known = wrong >= 0
        columns = [
            np.concatenate([left, left[known]]),
            np.concatenate([right, wrong[known]]),
            np.repeat([1, 0], [len(left), known.sum()]),
        ]
        return np.stack(columns, axis=1).astype(np.int64)

    def _vectors(self, places: Batch) -> Any:
        """Return unit vectors of texts by place, each distinct one computed once."""
        torch = require("torch", extra="torch", what="Training an encoder")
        distinct, back = np.unique(places, return_inverse=True)
        network = self.network
        prepare = getattr(network, "preprocess", None) or network.tokenize
        features = prepare(self._texts[distinct].tolist())
        features = {
            name: one.to(network.device) if hasattr(one, "to") else one
            for name, one in features.items()
        }
        rows = network(features)["sentence_embedding"].float()
        rows = torch.nn.functional.normalize(rows, dim=1)
        return rows[torch.from_numpy(back.ravel()).to(rows.device)]

    def _cluster(self, places: Batch) -> Any:
        torch = require("torch", extra="torch", what="Training an encoder")
        return torch.from_numpy(self.train.cluster[places]).to(self.network.device)


def check_loss(loss: Any) -> None:
    """Refuse what is no loss."""
    if not isinstance(loss, AnyLoss):
        raise ArgumentError(
            "loss must be SupervisedContrastive(), OnlineContrastive() or InBatchNegatives(), got "
            f"{loss!r}."
        )


def cut(rows: Batch, size: int) -> list[Batch]:
    """Cut into batches; a last one of a single row joins the one before."""
    ends = list(range(size, len(rows), size))
    if ends and len(rows) - ends[-1] < 2:
        ends.pop()
    return [part for part in np.split(rows, ends) if len(part) > 1]


def like_lengths(
    length: npt.NDArray[Any], size: int, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Shuffle rows, then bring those of like length together, some batches at a time.

    >>> like_lengths(np.array([3, 1, 2]), 2, np.random.default_rng(0)).tolist()
    [1, 2, 0]
    """
    order = random.permutation(len(length))
    span = size * _TOGETHER
    parts = (order[first : first + span] for first in range(0, len(order), span))
    return np.concatenate([part[np.argsort(length[part], kind="stable")] for part in parts])


def _by_twos(cluster: IntArray, random: np.random.Generator) -> Batch:
    """Order texts so that two of one cluster stand together, and the twos in any order.

    >>> cluster = np.array([0, 1, 0, 1, 2])
    >>> cluster[_by_twos(cluster, np.random.default_rng(0))].tolist()
    [0, 0, 1, 1, 2]
    """
    order = np.lexsort((random.random(len(cluster)), cluster))
    first = np.searchsorted(cluster[order], cluster[order])
    two = (np.arange(len(order)) - first) // 2
    group = np.unique(np.stack([cluster[order], two]), axis=1, return_inverse=True)[1].ravel()
    rank = random.permutation(int(group.max()) + 1)
    return order[np.argsort(rank[group], kind="stable")].astype(np.int64)
