"""A transformer that learns the classes of texts, or of pairs of texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.optional import require
from sameas.core.prepared import IntArray
from sameas.models.batches import token_limit
from sameas.models.numbered import with_numbers
from sameas.models.training.checkpoint import Batch
from sameas.models.training.encoder_task import cut, like_lengths
from sameas.models.training.options import TrainOptions

__all__ = ["Augment", "ClassifierTask", "LabelledTexts", "class_figures", "class_weights"]

#: First and second texts, and a generator, to texts with other words in other places.
Augment: TypeAlias = Callable[
    [Sequence[str], Sequence[str] | None, np.random.Generator],
    tuple[Sequence[str], Sequence[str] | None],
]


@dataclass(frozen=True, slots=True, eq=False)
class LabelledTexts:
    """Texts, or pairs of texts, with the number of their class.

    Attributes
    ----------
    first : object[n]
    second : object[n] or None
    label : int32[n]
    numbers : float32[n, k] or None
        Given to the network beside the words.
    target : float32[n, c] or None
        How much each row counts as each class in training, where its class is not certain or
        rows count differently; by default 1 as that of its label.
    """

    first: npt.NDArray[np.object_]
    second: npt.NDArray[np.object_] | None
    label: IntArray
    numbers: npt.NDArray[np.float32] | None = None
    target: npt.NDArray[np.float32] | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.label)

    def version(self) -> str:
        """Return a hash of all of it."""
        state = sha256(self.label.tobytes())
        for side in (self.first, self.second):
            for text in () if side is None else side:
                state.update(text.encode() + b"\0")
        for more in (self.numbers, self.target):
            if more is not None:
                state.update(more.tobytes())
        return state.hexdigest()[:32]

    def take(self, rows: npt.NDArray[Any]) -> LabelledTexts:
        """Return some rows."""
        second = None if self.second is None else self.second[rows]
        numbers = None if self.numbers is None else self.numbers[rows]
        target = None if self.target is None else self.target[rows]
        return LabelledTexts(self.first[rows], second, self.label[rows], numbers, target)


class ClassifierTask:
    """A transformer with a head over classes as a `Task` of the training loop.

    Parameters
    ----------
    folder : path
        Of the model to begin with.
    labels : sequence of str
        Names of the classes.
    train : LabelledTexts
    valid : LabelledTexts or None
    options : TrainOptions
    weights : float64[c], optional
        Weight of each class in the loss.
    augment : Augment, optional
        Changes the texts of a training batch, anew each time.
    tokens : sequence of str
        New tokens, whose embeddings are learned.
    """

    def __init__(
        self,
        folder: str | Path,
        labels: Sequence[str],
        train: LabelledTexts,
        valid: LabelledTexts | None,
        options: TrainOptions,
        *,
        weights: npt.NDArray[np.float64] | None = None,
        augment: Augment | None = None,
        tokens: Sequence[str] = (),
    ) -> None:
        library = require("transformers", extra="torch", what="Training a classifier")
        torch = require("torch", extra="torch", what="Training a classifier")
        names = dict(enumerate(labels))
        with torch.random.fork_rng(devices=[]):  # the head begins with random weights
            torch.manual_seed(options.seed)
            self.network = library.AutoModelForSequenceClassification.from_pretrained(
                str(folder),
                num_labels=len(labels),
                id2label=names,
                label2id={label: number for number, label in names.items()},
            ).to(options.device)
            self.tokenizer = library.AutoTokenizer.from_pretrained(str(folder))
            if tokens and self.tokenizer.add_tokens(list(tokens)):
                # The mean of all words would make the new ones alike.
                self.network.resize_token_embeddings(len(self.tokenizer), mean_resizing=False)
        if train.numbers is not None:
            self.network = with_numbers(self.network, train.numbers.shape[1])
        self.limit = token_limit(Path(folder), options.max_length)
        self.train, self.valid, self.options, self.augment = train, valid, options, augment
        self.labels = tuple(labels)
        self._weights = None
        if weights is not None:
            self._weights = torch.tensor(weights, dtype=torch.float32, device=options.device)
        sides = [train.first] if train.second is None else [train.first, train.second]
        self._length = np.sum([[len(text) for text in side] for side in sides], axis=0)

    def batches(self, epoch: int, random: np.random.Generator) -> list[Batch]:
        """Return rows of like length together, the batches in any order."""
        del epoch
        order = like_lengths(self._length, self.options.batch_size, random)
        found = cut(order, self.options.batch_size)
        return [found[place] for place in random.permutation(len(found))]

    def loss(self, batch: Batch, random: np.random.Generator) -> Any:
        """Return the cross-entropy of a batch."""
        torch = require("torch", extra="torch", what="Training a classifier")
        rows = self.train.take(batch)
        taught = rows.label.astype(np.int64) if rows.target is None else rows.target
        target = torch.from_numpy(taught).to(self.network.device)
        logits = self._logits(rows, random)
        return torch.nn.functional.cross_entropy(logits, target, weight=self._weights)

    def evaluate(self) -> Mapping[str, float]:
        """Return macro-F1 and accuracy on the validation rows."""
        if self.valid is None:
            return {}
        return class_figures(self.valid.label, self.scores(self.valid).argmax(1), len(self.labels))

    def scores(self, rows: LabelledTexts) -> npt.NDArray[np.float32]:
        """Return the logits of rows, in batches of like length."""
        sides = [rows.first] if rows.second is None else [rows.first, rows.second]
        length = np.sum([[len(text) for text in side] for side in sides], axis=0)
        out = np.zeros((len(rows), len(self.labels)), np.float32)
        order = np.argsort(length, kind="stable")
        for first in range(0, len(order), 32):
            part = order[first : first + 32]
            out[part] = self._logits(rows.take(part)).cpu().numpy()
        return out

    def save(self, folder: str | Path) -> None:
        """Write a folder that transformers load."""
        self.network.save_pretrained(str(folder))
        self.tokenizer.save_pretrained(str(folder))

    def _logits(self, rows: LabelledTexts, random: np.random.Generator | None = None) -> Any:
        """Return the logits of rows; with a generator their texts are changed first."""
        first: Sequence[str] = rows.first.tolist()
        second: Sequence[str] | None = None if rows.second is None else rows.second.tolist()
        if self.augment is not None and random is not None:
            first, second = self.augment(first, second, random)
        given = self.tokenizer(
            list(first),
            None if second is None else list(second),
            truncation=True,
            max_length=self.limit,
            padding=True,
            return_tensors="pt",
        ).to(self.network.device)
        if rows.numbers is not None:
            torch = require("torch", extra="torch", what="Training a classifier")
            given["numbers"] = torch.from_numpy(rows.numbers).to(self.network.device)
        return self.network(**given).logits.float()


def class_figures(truth: IntArray, found: npt.NDArray[Any], classes: int) -> dict[str, float]:
    """Return ``macro_f1`` over the classes that occur, then ``accuracy``.

    Examples
    --------
    >>> class_figures(np.array([0, 0, 1]), np.array([0, 1, 1]), 3)["accuracy"]
    0.6666666666666666
    """
    both = np.bincount(truth[truth == found], minlength=classes)
    either = np.bincount(truth, minlength=classes) + np.bincount(found, minlength=classes)
    seen = either > 0
    f1 = 2 * both[seen] / either[seen]
    return {"macro_f1": float(f1.mean()), "accuracy": float((truth == found).mean())}


def class_weights(label: IntArray, classes: int) -> npt.NDArray[np.float64]:
    """Return weights that let each class count the same.

    Examples
    --------
    >>> class_weights(np.array([0, 0, 0, 1]), 2).round(3).tolist()
    [0.667, 2.0]
    """
    count = np.bincount(label, minlength=classes)
    return np.asarray(len(label) / (classes * np.maximum(count, 1)), np.float64)
