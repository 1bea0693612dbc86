"""Train a transformer that reads both records of a pair and says whether they match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, LabelError
from sameas.core.specs import to_dict
from sameas.models.base import Texts
from sameas.models.pairs.apart import TOKENS, apart_numbers
from sameas.models.pairs.options import PAPER
from sameas.models.pairs.serialise import Serialisation, Shuffled
from sameas.models.resolve import weights_folder
from sameas.models.training.card import write_card
from sameas.models.training.classifier_task import ClassifierTask, LabelledTexts, class_weights
from sameas.models.training.loop import run_training
from sameas.models.training.options import Callback, TrainOptions
from sameas.models.training.train import WORK, finished, remove_work, run_key, versions

__all__ = ["PairData", "TrainedPairs", "train_pair_classifier"]

_LABELS = ("no match", "match")


@dataclass(frozen=True, slots=True, eq=False)
class PairData:
    """Pairs of records, column by column, with labels.

    Attributes
    ----------
    left, right : mapping of names to texts
        Columns of either record, one row a pair.
    label : bool[n]
    metres : float[n], optional
        How far apart the two records are, NaN where unknown; for forms that tell it.
    target : float32[n, 2], optional
        How much each pair counts as no match and as match in training, where a label is not
        certain or pairs count differently; by default 1 as its label says, times a weight.
    """

    left: Mapping[str, Texts]
    right: Mapping[str, Texts]
    label: npt.NDArray[np.bool_]
    metres: npt.NDArray[np.floating[Any]] | None = None
    target: npt.NDArray[np.float32] | None = None

    def texts(self, form: Serialisation) -> LabelledTexts:
        """Return both records of each pair as texts; a record without values is empty."""
        if form.distance is not None and self.metres is None:
            raise ArgumentError("A form with a distance needs the metres of the pairs.")
        first, second = (
            np.array(side.fill_null("").to_pylist(), object)
            for side in form.pair_texts(self.left, self.right, self.metres)
        )
        if not len(first) == len(second) == len(self.label):
            raise ArgumentError(
                f"Expected left, right and label of one length, got {len(first)}, {len(second)} "
                f"and {len(self.label)}."
            )
        numbers = None
        if form.distance == "number" and self.metres is not None:
            numbers = apart_numbers(self.metres)
        label = np.asarray(self.label).astype(np.int32)
        return LabelledTexts(first, second, label, numbers, self.target)


@dataclass(frozen=True, slots=True)
class TrainedPairs:
    """A trained pair classifier: folder, figures on the validation pairs, course."""

    folder: Path
    scores: dict[str, float]
    history: tuple[dict[str, Any], ...]


def train_pair_classifier(
    train: PairData,
    *,
    model: str | Path,
    into: str | Path,
    validation: PairData | None = None,
    form: Serialisation | None = None,
    augment: Shuffled | None = None,
    options: TrainOptions = PAPER,
    callbacks: Sequence[Callback] = (),
) -> TrainedPairs:
    """Train a pair classifier; best is the highest macro-F1 of the validation pairs.

    Parameters
    ----------
    train : PairData
    model : str or path
        Any transformer with weights: a folder, an installed package, the hub.
    into : path
        Folder of the new model, for `SequenceClassifier.load`. Unfinished training goes on.
    validation : PairData, optional
        None: the last weights are taken.
    form : Serialisation, optional
        ``"attributes"`` by default.
    augment : Shuffled, optional
        None: pairs as they are.
    options : TrainOptions
        By default those of the paper.
    callbacks : sequence of Callback

    Notes
    -----
    Both classes weigh the same in the loss, unless a target says how much each pair counts.
    """
    form = form or Serialisation()
    rows = train.texts(form)
    valid = None if validation is None else validation.texts(form)
    if len(np.unique(rows.label)) < 2:
        raise LabelError("Training pairs must be of both kinds, matches and non-matches.")
    base, into = weights_folder(model), Path(into)
    plain = {k: v for k, v in to_dict(options).items() if k not in ("family", "type")}
    settings = {
        "form": to_dict(form),
        "augment": None if augment is None else to_dict(augment),
        "options": plain,
    }
    key = run_key(base, rows, valid, settings)
    record = finished(into, key)
    if record is None:
        task = ClassifierTask(
            base,
            _LABELS,
            rows,
            valid,
            options,
            weights=class_weights(rows.label, 2) if rows.target is None else None,
            augment=None if augment is None else augment.over(form),
            tokens=TOKENS if form.distance == "bucket" else (),
        )
        history = run_training(task, options, into / WORK, key=key, callbacks=callbacks)
        task.save(into)
        names = ("macro_f1", "accuracy")
        sizes = {"training: pairs": len(rows), "training: matches": int(rows.label.sum())}
        if valid is not None:
            sizes["validation: pairs"] = len(valid)
        record = {
            "key": key,
            "base_model": str(model),
            "data": sizes,
            "settings": {
                "form": form.form,
                "lower": form.lower,
                "distance": form.distance,
                "augment": settings["augment"],
                **plain,
            },
            "scores": {name: history.best[name] for name in names if name in history.best},
            "history": list(history.entries),
            "versions": versions("sameas", "torch", "transformers"),
        }
        write_card(into, record, task="text-classification", library="transformers")
        remove_work(into)
    return TrainedPairs(into, record["scores"], tuple(record["history"]))
