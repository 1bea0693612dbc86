"""Classes of rows: by a trained model, or by a language model that is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sameas.core.errors import ArgumentError
from sameas.frames._neighbours import codes_of
from sameas.frames._rows import check_new
from sameas.frames._tables import Table, key_columns, read
from sameas.linktransformer._llm import chat_request, with_column
from sameas.linktransformer._servers import client_of
from sameas.linktransformer._settings import options_of, table_of, unused
from sameas.models import load_classifier

if TYPE_CHECKING:
    from sameas.models.client import Client

__all__ = ["classify_rows", "train_clf_model"]

_NOTHING: dict[str, Any] = {}
_NO_COLUMNS: list[str] = []
_YES_NO = {"Yes": 1, "No": 0}


def classify_rows(
    df: Any,
    on: str | Sequence[str] | None = None,
    model: Any = None,
    num_labels: int = 2,
    label_map: Mapping[str, int] | None = None,
    batch_size: int = 128,
    openai_key: str | None = None,
    openai_topic: str | None = None,
    openai_prompt: str | None = None,
    openai_params: Mapping[str, Any] = _NOTHING,
    progress_bar: bool = True,
) -> Any:
    """Add ``clf_preds_{on}``, the number of each row's class.

    Parameters
    ----------
    df : frame
    on : str or sequence
        Columns to read; by default all. Several are joined, also in the new column's name.
    model : str, path, TextClassifier or Client
        A classifier: what `train_clf_model` wrote, a folder, a package, the hub. With
        `openai_key`, or as a `sameas.models.client.Client`, a language model that is asked.
    num_labels : int
        How many classes the classifier must have.
    label_map : mapping of names to numbers, optional
        By default the classifier's own numbers; for a language model Yes is 1 and No is 0.
    batch_size, progress_bar
        Left to the model.
    openai_key : str, optional
        Key of the server that is asked; it names the server.
    openai_topic : str, optional
        Asks whether the text is about this topic.
    openai_prompt : str, optional
        Asks this instead; the text is called A, the answers are those of `label_map`.
    openai_params : mapping
        ``temperature`` (0), ``max_tokens`` (16), ``seed``.

    Returns
    -------
    frame
        All rows, with one more column; null where there is no text.
    """
    from sameas.models.client import Client

    del batch_size, progress_bar
    if model is None:
        raise ArgumentError("model is required: a classifier, or a language model with its key.")
    table = read(df, "df")
    columns = key_columns(on, table, table)[0]
    name = f"clf_preds_{'-'.join(columns)}"
    check_new(name, table.names)
    if openai_key is not None or isinstance(model, Client):
        client = client_of(model, {"openai": openai_key}, "openai", (5, 15.0))
        question = openai_prompt, openai_topic
        return _asked(table, columns, client, question, label_map or _YES_NO, openai_params)
    classifier = load_classifier(model)
    if len(classifier.labels) != num_labels:
        raise ArgumentError(
            f"num_labels={num_labels}, but the classifier has {len(classifier.labels)} labels: "
            f"{', '.join(classifier.labels)}."
        )
    numbers = [(label_map or {}).get(label, place) for place, label in enumerate(classifier.labels)]
    odds = classifier.probabilities(table.texts(columns))
    known = np.asarray(~np.isnan(odds).any(axis=1))
    best = np.where(known[:, None], odds, -1.0).argmax(axis=1)
    return with_column(table, name, pa.array(np.array(numbers)[best], mask=~known))


def _asked(
    table: Table,
    columns: list[str],
    client: Client,
    question: tuple[str | None, str | None],
    label_map: Mapping[str, int],
    params: Mapping[str, Any],
) -> Any:
    """Ask about each distinct text once."""
    prompt, topic = question
    if prompt is None and topic is None:
        raise ArgumentError("Give openai_topic, or openai_prompt: what is a text to be asked for?")
    answers = list(label_map)
    words = prompt or f"Is A about this topic: {topic}?"
    schema = {
        "type": "object",
        "properties": {"answer": {"type": "string", "enum": answers}},
        "required": ["answer"],
        "additionalProperties": False,
    }
    values, (code,) = codes_of([table.texts(columns)])
    requests = [
        chat_request(
            f"{words} Answer with {' or '.join(answers)}.", {"A": text}, params, 16, schema
        )
        for text in values.to_pylist()
    ]
    found = []
    for answer in client.chat(requests):
        if answer.error is not None or answer.parsed is None:
            raise ArgumentError(f"The model gave no class: {answer.error or answer.text!r}.")
        found.append(label_map[answer.parsed["answer"]])
    name = f"clf_preds_{'-'.join(columns)}"
    numbers = pa.array(found, pa.int64())
    return with_column(table, name, numbers.take(pa.array(code, mask=code < 0)))


def train_clf_model(
    data: Any = None,
    model: Any = "distilroberta-base",
    on: Sequence[str] = _NO_COLUMNS,
    label_col_name: str = "label",
    train_data: Any = None,
    val_data: Any = None,
    test_data: Any = None,
    data_dir: str | Path = ".",
    training_args: Mapping[str, Any] = _NOTHING,
    config: Any = None,
    eval_steps: int | None = None,
    save_steps: int | None = None,
    batch_size: int | None = None,
    lr: float | None = None,
    epochs: int | None = None,
    model_save_dir: str | Path = ".",
    weighted_loss: bool = False,
    weight_list: Sequence[float] | None = None,
    wandb_log: bool = False,
    wandb_name: str = "topic",
    print_test_mistakes: bool = False,
) -> tuple[str, float | None, dict[str, int]]:
    """Train a classifier of rows; see `sameas.frames.train_classifier`.

    Parameters
    ----------
    data : frame or path
        All rows: 15 % choose the best, 15 % are only measured at the end. Or give `train_data`,
        `val_data` and `test_data`. A path may lie in `data_dir`.
    model : str or encoder
        A transformer is fine-tuned as a whole; ``"lexical"`` and other encoders get a head.
    on : sequence
        Columns to read, joined.
    label_col_name : str
    training_args, config : mapping
        `config` may be the path of a JSON file. Names as Hugging Face has them
        (``learning_rate``, ``num_train_epochs``, ``per_device_train_batch_size``,
        ``weight_decay``, ``seed``); the arguments after them go before. Defaults: 1 epoch, rate
        2e-5, batch 8.
    eval_steps, save_steps
        Not needed: the validation rows are looked at four times an epoch.
    model_save_dir : path
        The model lies in ``best_model`` there; if it is taken, in ``best_model_2`` and so on.
    weighted_loss, weight_list
        Classes count the same, or by these weights in the order of the label map.
    wandb_log, wandb_name
        Warned about: callbacks of `sameas.models.training` do that.
    print_test_mistakes : bool
        Log the test rows that are classified wrongly.

    Returns
    -------
    (str, float, dict)
        The folder, macro-F1 on the validation rows, and each label with its number.
    """
    unused(wandb_log, wandb_name, (eval_steps, save_steps))
    from sameas.linktransformer._train import classifier_parts, measure_classes
    from sameas.linktransformer._train import free_folder as free
    from sameas.models.training import train_classifier

    if not on:
        raise ArgumentError("on: name the columns to read.")
    listed = [on] if isinstance(on, str) else list(on)
    given = [table_of(one, data_dir) for one in (data, train_data, val_data, test_data)]
    train, valid, test = classifier_parts(given, listed, label_col_name)
    given_by_name = {"batch_size": batch_size, "learning_rate": lr, "epochs": epochs}
    options = options_of(
        [{"epochs": 1, "batch_size": 8, "evaluations": 4}, config, training_args, given_by_name]
    )
    weighted: bool | dict[str, float] = bool(weighted_loss)
    if weight_list is not None:
        names = sorted(set(train[1].drop_null().to_pylist()))
        if len(names) != len(weight_list):
            raise ArgumentError(
                f"weight_list: expected a weight for each of {', '.join(names)}, got {weight_list}."
            )
        weighted = dict(zip(names, map(float, weight_list), strict=True))
    done = train_classifier(
        *train, model=model, into=free(Path(model_save_dir) / "best_model"), validation=valid,
        weighted=weighted, options=options,
    )  # fmt: skip
    measure_classes(done, test, mistakes=print_test_mistakes)
    return str(done.folder), done.metric, done.label_map
