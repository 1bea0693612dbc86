"""Train a classifier of texts: a transformer as a whole, or a head over any encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, DataError, LabelError
from sameas.core.optional import require
from sameas.core.prepared import IntArray
from sameas.core.specs import to_dict
from sameas.models.base import Encoder, Sparse, Texts
from sameas.models.classifier import HeadClassifier
from sameas.models.distinct import as_texts
from sameas.models.load import load_encoder
from sameas.models.resolve import weights_folder
from sameas.models.training.card import write_card
from sameas.models.training.classifier_task import (
    ClassifierTask,
    LabelledTexts,
    class_figures,
    class_weights,
)
from sameas.models.training.loop import run_training
from sameas.models.training.options import Callback, TrainOptions
from sameas.models.training.train import WORK, finished, remove_work, run_key, versions

__all__ = ["TrainedClassifier", "train_classifier"]

#: Weights of the classes: by their frequency, given, or all 1.
Weighted: TypeAlias = "bool | Mapping[str, float]"
_STRENGTHS = (0.1, 1.0, 10.0, 100.0)


@dataclass(frozen=True, slots=True)
class TrainedClassifier:
    """A trained classifier.

    Attributes
    ----------
    folder : Path
        What `load_classifier` takes.
    metric : float or None
        Macro-F1 on the validation rows.
    label_map : dict
        Each label with its number.
    scores : dict
        All figures on the validation rows.
    history : tuple of dict
        One entry an evaluation; of a head, one a strength of the regularisation.
    """

    folder: Path
    metric: float | None
    label_map: dict[str, int]
    scores: dict[str, float]
    history: tuple[dict[str, Any], ...]


def train_classifier(
    texts: Texts,
    labels: Texts,
    *,
    model: Any = "lexical",
    into: str | Path,
    validation: tuple[Texts, Texts] | float | None = 0.2,
    weighted: Weighted = False,
    options: TrainOptions | None = None,
    callbacks: Sequence[Callback] = (),
) -> TrainedClassifier:
    """Train a classifier of texts.

    Parameters
    ----------
    texts, labels : texts
        Rows where one is missing are left out.
    model : str, path, Encoder or Client
        A transformer (folder, installed package, hub) is fine-tuned as a whole. Over any other
        encoder (``"lexical"``, static, ONNX, an endpoint, or an `Encoder` object) a linear head
        is learned, with the extra ``train``.
    into : path
        Folder of the new model, for `load_classifier`. Unfinished training goes on.
    validation : (texts, labels), float or None
        Rows of their own, or a share of each class; they choose the best.
    weighted : bool or mapping
        True: each class counts the same; or a weight for each label.
    options : TrainOptions, optional
        Of a transformer.
    callbacks : sequence of Callback
        Of a transformer.

    Returns
    -------
    TrainedClassifier

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> jobs = ["taxi driver", "bus driver", "nurse", "night nurse"]
    >>> done = train_classifier(
    ...     jobs, ["road", "road", "care", "care"], into=mkdtemp() + "/new", validation=None
    ... )
    >>> done.label_map
    {'care': 0, 'road': 1}
    """
    options = options or TrainOptions()
    train, names = _read(texts, labels)
    if isinstance(validation, tuple):
        valid, _ = _read(*validation, names=names)
    elif validation is None:
        valid = None
    else:
        train, valid = _split(train, float(validation), options.seed)
    weights = _weights(weighted, train.label, names)
    base, into = _base(model), Path(into)
    settings = {
        "options": to_dict(options),
        "weights": None if weights is None else dict(zip(names, weights.tolist(), strict=True)),
    }
    if isinstance(base, Path):
        key = run_key(base, train, valid, settings)
        record = finished(into, key)
        if record is None:
            task = ClassifierTask(base, names, train, valid, options, weights=weights)
            history = run_training(task, options, into / WORK, key=key, callbacks=callbacks)
            task.save(into)
            entries, scores = list(history.entries), _figures(history.best)
    else:
        key = sha256(repr((base.version, train.version(), settings)).encode()).hexdigest()[:32]
        record = finished(into, key)
        if record is None:
            head, entries, scores = _head(base, names, train, valid, weights)
            head.save(into)
    if record is None:
        record = _record(model, names, (train, valid), settings, key)
        record |= {"scores": scores, "history": entries}
        library = "transformers" if isinstance(base, Path) else "sameas"
        write_card(into, record, task="text-classification", library=library)
        remove_work(into)
    return TrainedClassifier(
        into,
        record["scores"].get("macro_f1"),
        {name: number for number, name in enumerate(record["labels"])},
        record["scores"],
        tuple(record["history"]),
    )


def _base(model: Any) -> Path | Encoder:
    """Return the folder of a transformer to fine-tune, or an encoder that stays as it is."""
    if isinstance(model, str | Path):
        name = str(model)
        if name not in ("lexical", "wordllama") and not name.startswith(("onnx:", "http")):
            try:
                return weights_folder(model)
            except DataError:
                return load_encoder(model)
    return load_encoder(model)


def _read(
    texts: Texts, labels: Texts, *, names: Sequence[str] | None = None
) -> tuple[LabelledTexts, tuple[str, ...]]:
    first, named = as_texts(texts), as_texts(labels)
    if len(first) != len(named):
        raise ArgumentError(f"Expected one label a text, got {len(named)} for {len(first)} texts.")
    known = pc.and_(first.is_valid(), named.is_valid())
    first, named = first.filter(known), named.filter(known)
    if names is None:
        names = sorted(pc.unique(named).to_pylist())
    if len(names) < 2:
        raise LabelError(f"A classifier needs two labels at least, got {', '.join(names) or '0'}.")
    place = pc.index_in(named, value_set=pa.array(names, named.type))
    if place.null_count:
        strange = named.filter(place.is_null())[0].as_py()
        raise LabelError(f"The validation rows have the label {strange!r}, the others have not.")
    label = place.to_numpy(zero_copy_only=False).astype(np.int32)
    return LabelledTexts(np.array(first.to_pylist(), object), None, label), tuple(names)


def _split(
    rows: LabelledTexts, share: float, seed: int
) -> tuple[LabelledTexts, LabelledTexts | None]:
    """Put a share of each class aside, all rows of one text on one side."""
    if not 0 < share < 1:
        raise ArgumentError(f"validation: a share lies between 0 and 1, got {share!r}.")
    random = np.random.default_rng([seed, 3])
    _, text = np.unique(rows.first.astype(str), return_inverse=True)
    first = np.unique(text, return_index=True)[1]
    held = np.zeros(len(first), bool)
    for label in range(int(rows.label.max()) + 1):
        own = np.flatnonzero(rows.label[first] == label)
        held[random.permutation(own)[: round(share * len(own))]] = True
    if not held.any():
        raise ArgumentError(
            f"validation={share}: no class has rows enough for that; give more rows, or None."
        )
    apart = held[text]
    return rows.take(np.flatnonzero(~apart)), rows.take(np.flatnonzero(apart))


def _weights(
    weighted: Weighted, label: IntArray, names: Sequence[str]
) -> npt.NDArray[np.float64] | None:
    if isinstance(weighted, Mapping):
        given = {str(name): float(value) for name, value in weighted.items()}
        if set(given) != set(names) or min(given.values()) <= 0:
            raise ArgumentError(
                f"weighted: expected a weight above 0 for each of {', '.join(names)}, got "
                f"{dict(weighted)!r}."
            )
        return np.array([given[name] for name in names])
    return class_weights(label, len(names)) if weighted else None


def _head(
    encoder: Encoder,
    names: tuple[str, ...],
    train: LabelledTexts,
    valid: LabelledTexts | None,
    weights: npt.NDArray[np.float64] | None,
) -> tuple[HeadClassifier, list[dict[str, Any]], dict[str, float]]:
    """Learn a head; the validation rows choose how strong it is held back."""
    linear = require("sklearn.linear_model", extra="train", what="A classifier over an encoder")
    if not encoder.fitted:
        encoder = encoder.fit(train.first.tolist())
    rows = encoder.encode(train.first.tolist())
    width = rows.dimensions if isinstance(rows, Sparse) else rows.shape[1]
    features: Any = rows
    used: Any = slice(None)
    if isinstance(rows, Sparse):  # a dimension that no row has would get the weight 0
        features, used = _matrix(rows)
    own = None if weights is None else dict(enumerate(weights.tolist()))
    found: list[tuple[HeadClassifier, dict[str, Any]]] = []
    for strength in _STRENGTHS if valid is not None else (10.0,):
        fit = linear.LogisticRegression(C=strength, class_weight=own, max_iter=1_000)
        fit.fit(features, train.label)
        part, bias = np.asarray(fit.coef_, np.float64), np.asarray(fit.intercept_, np.float64)
        if len(part) == 1:  # two classes: one set of weights, for the second
            part, bias = np.concatenate([-part, part]) / 2, np.concatenate([-bias, bias]) / 2
        whole = np.zeros((width, len(names)))
        ends = np.full(len(names), -np.inf)  # a class without training rows never wins
        own_part = np.zeros((features.shape[1], len(names)))
        own_part[:, fit.classes_], ends[fit.classes_] = part.T, bias
        whole[used] = own_part
        head = HeadClassifier(encoder, names, whole, ends)
        entry: dict[str, Any] = {"C": strength}
        if valid is not None:
            guess = head.probabilities(valid.first.tolist()).argmax(1)
            entry |= class_figures(valid.label, guess, len(names))
        found.append((head, entry))
    head, best = max(found, key=lambda one: one[1].get("macro_f1", 0.0))
    return head, [entry for _, entry in found], _figures(best)


def _matrix(rows: Sparse) -> tuple[Any, npt.NDArray[np.int32]]:
    """Return a matrix of the dimensions that occur, and which these are."""
    sparse = require("scipy.sparse", extra="train", what="A classifier over an encoder")
    used, index = np.unique(rows.index, return_inverse=True)
    shape = (len(rows), len(used))
    return sparse.csr_matrix((rows.value, index, rows.start), shape=shape), used


def _figures(entry: Mapping[str, Any]) -> dict[str, float]:
    return {name: entry[name] for name in ("macro_f1", "accuracy") if name in entry}


def _record(
    model: Any,
    names: tuple[str, ...],
    parts: tuple[LabelledTexts, LabelledTexts | None],
    settings: dict[str, Any],
    key: str,
) -> dict[str, Any]:
    train, valid = parts
    sizes: dict[str, Any] = {"training: rows": len(train)}
    for name, count in zip(names, np.bincount(train.label, minlength=len(names)), strict=True):
        sizes[f"training: {name}"] = int(count)
    if valid is not None:
        sizes["validation: rows"] = len(valid)
    rows = {key: one for key, one in settings["options"].items() if key not in ("family", "type")}
    label = model if isinstance(model, str | Path) else getattr(model, "name", type(model).__name__)
    packages = ["sameas", "numpy"]
    return {
        "key": key,
        "base_model": str(label),
        "labels": list(names),
        "data": sizes,
        "settings": {"weights": settings["weights"], **rows},
        "versions": versions(*packages),
    }
