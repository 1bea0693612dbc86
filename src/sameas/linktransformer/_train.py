"""Training of encoders, by the names that existing scripts use."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sameas.core.errors import ArgumentError, choices_hint
from sameas.frames._examples import cluster_examples, label_column
from sameas.frames._tables import Table
from sameas.linktransformer._settings import merged, options_of, table_of, unused
from sameas.models import load_classifier, load_encoder
from sameas.models.training import (
    OnlineContrastive,
    SupervisedContrastive,
    TrainedClassifier,
    TrainingTexts,
    of_pairs,
)
from sameas.models.training import train_model as train
from sameas.models.training.classifier_task import class_figures
from sameas.models.training.retrieval import figures

__all__ = ["classifier_parts", "free_folder", "measure_classes", "train_model"]

logger = logging.getLogger(__name__)

_TEN: dict[str, Any] = {"num_epochs": 10}
_LOSSES: dict[str, Any] = {"supcon": SupervisedContrastive, "onlinecontrastive": OnlineContrastive}
_OURS = (
    *("loss_type", "loss_params", "val_perc", "model_save_dir", "model_save_name", "test_at_end"),
    *("opt_model_description", "opt_model_lang", "eval_type"),
)
Names = str | Sequence[str]
Texts = tuple[pa.Array, pa.Array]


def train_model(
    data: Any = None,
    train_data: Any = None,
    val_data: Any = None,
    test_data: Any = None,
    model_path: str | Path = "sentence-transformers/all-mpnet-base-v2",
    left_col_names: Names | None = None,
    right_col_names: Names | None = None,
    left_id_name: Names | None = None,
    right_id_name: Names | None = None,
    label_col_name: str | None = None,
    clus_id_col_name: Names | None = None,
    clus_text_col_names: Names | None = None,
    config_path: str | Path | None = None,
    training_args: Mapping[str, Any] = _TEN,
    log_wandb: bool = False,
) -> str:
    """Fine-tune an encoder; see `sameas.frames.train_model`.

    Parameters
    ----------
    data : frame or path
        All rows: a fifth of the clusters chooses the best weights, a tenth is only measured at
        the end. Or give `train_data`, `val_data` and `test_data`.
    model_path : str or path
        To begin with.
    left_col_names, right_col_names : str or sequence
        Columns of pairs, joined; with `label_col_name` of both kinds, else all match.
    left_id_name, right_id_name : str or sequence
        Columns that name the records of the pairs.
    label_col_name : str, optional
    clus_id_col_name, clus_text_col_names : str or sequence
        Instead of pairs: the name of a row's cluster, and its text.
    config_path : path, optional
        Settings in JSON.
    training_args : mapping
        ``num_epochs``, ``train_batch_size``, ``learning_rate``, ``warm_up_perc``, ``loss_type``
        (``"supcon"`` or ``"onlinecontrastive"``), ``loss_params`` (``temperature``,
        ``margin``), ``val_perc``, ``model_save_dir``, ``model_save_name``, ``seed``. Unknown
        ones are warned about. It is not changed.
    log_wandb : bool
        Warned about: callbacks of `sameas.models.training` do that.

    Returns
    -------
    str
        The folder of the saved model, what `load_model` and ``model=`` take.

    Notes
    -----
    The rate rises in the first tenth of the steps unless ``warm_up_perc`` says otherwise, and
    the best weights are kept, where LinkTransformer 0.1.18 keeps the last.
    """
    unused(log_wandb, "")
    sources = [config_path, training_args]
    options, settings = options_of(sources, known=_OURS), merged(sources)
    columns = (left_col_names, right_col_names, clus_id_col_name, clus_text_col_names)
    ids = left_id_name, right_id_name

    def read(given: Any) -> TrainingTexts | None:
        table = table_of(given)
        return None if table is None else _examples(table, columns, ids, label_col_name)

    whole, first, valid, test = (read(one) for one in (data, train_data, val_data, test_data))
    if (whole is None) == (first is None):
        raise ArgumentError("Give either data, or train_data (with val_data and test_data).")
    share = float(settings.get("val_perc", 0.2))
    examples = first if first is not None else whole
    assert examples is not None
    if valid is None:
        examples, valid = examples.split(share, seed=options.seed)
        if test is None and first is None and len(valid) >= 4:
            valid, test = valid.split(0.5, seed=options.seed)
    home = Path(settings.get("model_save_dir", "models"))
    name = str(settings.get("model_save_name", "linkage_model"))
    done = train(
        examples, model=model_path, into=free_folder(home / name), validation=valid,
        loss=_loss(settings), options=options,
    )  # fmt: skip
    if test is not None and test.sizes["matches"] + test.sizes["clusters"]:
        rows = load_encoder(done.folder).encode(test.texts)
        assert isinstance(rows, np.ndarray)
        _write_test(done.folder, figures(test, rows))
    return str(done.folder)


def free_folder(wanted: Path) -> Path:
    """Return a folder that holds nothing: nobody's model is overwritten."""
    number, folder = 1, wanted
    while folder.exists() and any(one.name != ".training" for one in folder.iterdir()):
        number += 1
        folder = wanted.with_name(f"{wanted.name}_{number}")
    return folder


def classifier_parts(
    given: Sequence[Table | None], on: list[str], label: str
) -> tuple[Texts, Texts, Texts | None]:
    """Return texts and labels to train on, to choose by, and to measure at the end."""
    whole, train_rows, valid, test = (
        None if table is None else (table.texts(on), table.texts([label])) for table in given
    )
    if train_rows is not None and whole is None:
        if valid is None:
            raise ArgumentError("train_data goes with val_data: give both, or data.")
        return train_rows, valid, test
    if whole is None or train_rows is not None:
        raise ArgumentError("Give either data, or train_data and val_data.")
    order = np.random.default_rng(0).permutation(len(whole[0]))
    cuts = np.split(order, [round(0.7 * len(order)), round(0.85 * len(order))])
    parts = [(whole[0].take(pa.array(cut)), whole[1].take(pa.array(cut))) for cut in cuts]
    return parts[0], parts[1], parts[2]


def measure_classes(done: TrainedClassifier, test: Texts | None, *, mistakes: bool) -> None:
    """Measure the test rows once, beside the model."""
    if test is None or not len(test[0]):
        return
    odds = load_classifier(done.folder).probabilities(test[0])
    known = np.asarray(~np.isnan(odds).any(axis=1)) & np.asarray(test[1].is_valid())
    truth = np.array([done.label_map.get(one, -1) for one in test[1].to_pylist()])
    known &= truth >= 0
    if not known.any():
        return
    guess = odds[known].argmax(axis=1)
    truth = truth[known].astype(np.int32)
    _write_test(done.folder, class_figures(truth, guess, len(done.label_map)))
    if mistakes:
        names = list(done.label_map)
        texts = test[0].filter(pa.array(known))
        for row in np.flatnonzero(truth != guess):
            logger.warning(
                "%s is %s, not %s", texts[int(row)], names[truth[row]], names[guess[row]]
            )


def _write_test(folder: Path, found: Mapping[str, float]) -> None:
    logger.info("test rows: %s", dict(found))
    (folder / "test.json").write_text(json.dumps(dict(found), indent=1), encoding="utf-8")


def _loss(settings: Mapping[str, Any]) -> Any:
    kind = settings.get("loss_type")
    if kind is None:
        return None
    if kind not in _LOSSES:
        raise ArgumentError(
            f"loss_type must be supcon or onlinecontrastive, got {kind!r}."
            f"{choices_hint(str(kind), _LOSSES)}"
        )
    given = settings.get("loss_params") or {}
    names = {"supcon": "temperature", "onlinecontrastive": "margin"}
    return _LOSSES[kind](**{key: one for key, one in given.items() if key == names[kind]})


def _examples(
    table: Table,
    columns: tuple[Names | None, Names | None, Names | None, Names | None],
    ids: tuple[Names | None, Names | None],
    label: str | None,
) -> TrainingTexts:
    left, right, cluster, text = (_listed(one) for one in columns)
    if cluster or text:
        if left or right or not cluster or not text:
            raise ArgumentError(
                "clus_id_col_name and clus_text_col_names go together, and without left_col_names "
                "and right_col_names."
            )
        if len(cluster) > 1:
            raise ArgumentError(f"clus_id_col_name: expected one column, got {cluster}.")
        return cluster_examples(table.arrow, on=text, cluster=cluster[0])
    if not left or not right:
        raise ArgumentError("Give left_col_names and right_col_names, or the names of clusters.")
    names = [table.values(_listed(one)) for one in ids if one]
    if len(names) == 1:
        raise ArgumentError("left_id_name and right_id_name go together.")
    both = (names[0], names[1]) if names else None
    labels = label_column(table, label)
    return of_pairs(table.texts(left), table.texts(right), labels, ids=both)


def _listed(names: Names | None) -> list[str]:
    if names is None:
        return []
    return [names] if isinstance(names, str) else list(names)
