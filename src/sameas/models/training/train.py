"""Fine-tune an encoder: from examples to a folder with weights, card and figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.specs import to_dict
from sameas.models.files import content_hash
from sameas.models.resolve import weights_folder
from sameas.models.training.card import read_record, write_card
from sameas.models.training.encoder_task import EncoderTask, check_loss
from sameas.models.training.examples import TrainingTexts
from sameas.models.training.loop import History, run_training
from sameas.models.training.losses import AnyLoss, OnlineContrastive, SupervisedContrastive
from sameas.models.training.options import Callback, TrainOptions
from sameas.models.transformer import model_files

__all__ = ["Trained", "train_model"]

#: Where an unfinished run keeps its state, inside the folder of the model.
WORK = ".training"


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained model.

    Attributes
    ----------
    folder : Path
        What ``model=`` takes.
    scores : dict
        Figures on the validation rows, ``before`` and after; empty without such rows.
    threshold : float or None
        Cosine from which a pair is a match, by the best F1 of the validation pairs.
    history : tuple of dict
        One entry an evaluation.
    """

    folder: Path
    scores: dict[str, Any]
    threshold: float | None
    history: tuple[dict[str, Any], ...]


def train_model(
    examples: TrainingTexts,
    *,
    model: str | Path,
    into: str | Path,
    validation: TrainingTexts | float | None = 0.2,
    loss: AnyLoss | None = None,
    options: TrainOptions | None = None,
    callbacks: Sequence[Callback] = (),
) -> Trained:
    """Fine-tune an encoder so that texts that mean the same get near vectors.

    Parameters
    ----------
    examples : TrainingTexts
        From `pair_examples`, `cluster_examples` or `table_examples`.
    model : str or path
        To begin with: a folder, an installed package with weights, or a name on the hub.
    into : path
        Folder of the new model; sentence-transformers loads it too. If it holds an unfinished
        run of the same data and settings, that run goes on; a finished one is returned.
    validation : TrainingTexts, float or None
        TrainingTexts of their own, or a share of the clusters; they choose the best weights. None:
        the last weights are taken.
    loss : AnyLoss, optional
        By default `OnlineContrastive` for pairs of both kinds, else `SupervisedContrastive`.
    options : TrainOptions, optional
    callbacks : sequence of Callback
        Called with an `Event` after each step and evaluation, as for logging elsewhere.

    Returns
    -------
    Trained

    Notes
    -----
    Best is the highest F1 of the validation pairs at its best threshold, or the highest
    accuracy@1 where no non-matches are given. The model is also measured before the first step,
    and kept as it was if training makes nothing better.
    """
    options = options or TrainOptions()
    if loss is None:
        loss = OnlineContrastive() if examples.labelled else SupervisedContrastive()
    check_loss(loss)
    if isinstance(validation, TrainingTexts):
        train, valid = examples, validation
    elif validation is None:
        train, valid = examples, None
    else:
        train, valid = examples.split(validation, seed=options.seed)
        _check_parts(train, valid, validation)
    base, into = weights_folder(model), Path(into)
    settings = {"loss": to_dict(loss), "options": to_dict(options)}
    key = run_key(base, train, valid, settings)
    done = finished(into, key)
    if done is not None:
        return _trained(into, done)
    task = EncoderTask(base, train, valid, loss, options)
    history = run_training(
        task, options, into / WORK, key=key, callbacks=callbacks, first=valid is not None
    )
    record = {
        "key": key,
        "base_model": str(model),
        "data": _sizes(train, valid),
        "settings": _flat(settings),
        "scores": _scores(history),
        "history": list(history.entries),
        "steps": history.steps,
        "stopped": history.stopped,
        "versions": versions("sameas", "sentence-transformers", "torch", "transformers"),
    }
    task.save(into)
    write_card(into, record, task="sentence-similarity", library="sentence-transformers")
    remove_work(into)
    return _trained(into, record)


def finished(into: Path, key: str) -> dict[str, Any] | None:
    """Return the record of the same training if it is done; refuse a folder in other use."""
    record = read_record(into)
    if record is not None and record["key"] == key:
        return record
    if into.exists() and any(one.name != WORK for one in into.iterdir()):
        raise ArgumentError(
            f"into: {into} holds other files already; name a new folder, or delete that one."
        )
    return None


def run_key(base: Path, train: Any, valid: Any, settings: Any) -> str:
    """Hash what the weights of a run depend on."""
    parts = (
        content_hash(model_files(base)),
        train.version(),
        None if valid is None else valid.version(),
        settings,
    )
    return sha256(repr(parts).encode()).hexdigest()[:32]


def remove_work(into: Path) -> None:
    """Delete the state of a run that is done."""
    from sameas.models.training.checkpoint import Checkpoint

    Checkpoint(into / WORK, "").remove()


def versions(*packages: str) -> dict[str, str]:
    """Return the versions of packages."""
    return {name: metadata.version(name) for name in packages}


def _check_parts(train: TrainingTexts, valid: TrainingTexts, share: float) -> None:
    for part, what in ((train, "training"), (valid, "validation")):
        if not part.sizes["clusters"] or (part.labelled and part.label.all()):
            raise ArgumentError(
                f"validation={share}: too few examples, for {what} would have no "
                f"{'non-matches' if part.sizes['clusters'] else 'matches'}. Give more, or "
                "validation=None."
            )


def _sizes(train: TrainingTexts, valid: TrainingTexts | None) -> dict[str, Any]:
    parts = {"training": train} | ({} if valid is None else {"validation": valid})
    return {
        f"{part}: {name}": value for part, one in parts.items() for name, value in one.sizes.items()
    }


def _flat(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings as plain rows of the card."""
    loss, options = dict(settings["loss"]), dict(settings["options"])
    name = loss.pop("type")
    rows = {"loss": name, **{key: one for key, one in loss.items() if key != "family"}}
    return rows | {key: one for key, one in options.items() if key not in ("family", "type")}


def _scores(history: History) -> dict[str, Any]:
    skip = ("step", "epoch", "loss", "rate")
    after = {name: one for name, one in history.best.items() if name not in skip}
    if not after:
        return {}
    first = history.entries[0]
    return after | {f"{name} before": first[name] for name in after}


def _trained(into: Path, record: dict[str, Any]) -> Trained:
    threshold = record["scores"].get("threshold", math.nan)
    return Trained(
        into,
        record["scores"],
        None if math.isnan(threshold) else float(threshold),
        tuple(record["history"]),
    )
