"""Calls that ask a language model."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sameas.core.errors import ArgumentError
from sameas.frames._neighbours import Keys, between, codes_of
from sameas.frames._rows import check_new
from sameas.frames._tables import Part, Table, assemble, key_columns, read
from sameas.linktransformer._models import DEFAULT_MODEL, encoder_of
from sameas.linktransformer._servers import client_of
from sameas.linktransformer._sides import Names, check_k, joined, keys_of, outer, texts_of

if TYPE_CHECKING:
    from sameas.models.client import Answers, ChatRequest, Client

__all__ = [
    "chat_request",
    "merge_k_judge",
    "merge_knn_openai",
    "merge_knn_with_llm",
    "transform_rows",
    "with_column",
]

_JUDGE = "Do A and B name the same thing? Say so, and how sure you are, from 0 to 1."
_VERDICT = {
    "type": "object",
    "properties": {"match": {"type": "boolean"}, "confidence": {"type": "number"}},
    "required": ["match", "confidence"],
    "additionalProperties": False,
}
_CORRECT = "Correct the spelling of A. Answer with the corrected text only."


def merge_k_judge(
    df1: Any,
    df2: Any,
    on: Names | None = None,
    model: Any = DEFAULT_MODEL,
    left_on: Names | None = None,
    right_on: Names | None = None,
    k: int = 3,
    suffixes: tuple[str, str] = ("_x", "_y"),
    batch_size: int = 128,
    openai_key: str | None = None,
    gemini_key: str | None = None,
    drop_sim_threshold: float | None = None,
    knn_sbert_model: Any = None,
    knn_api_model: Any = None,
    judge_llm_model: str | Client | None = None,
    llm_provider: str = "auto",
    llm_prompt: str | None = None,
    llm_params: Mapping[str, Any] | None = None,
    confidence_threshold: float | None = None,
    max_retries: int = 5,
    ratelimit_sleep_time: float = 15,
) -> Any:
    """Join each row of `df1` with its `k` nearest rows of `df2`, each judged by a language model.

    Parameters
    ----------
    df1, df2, on, model, left_on, right_on, k, suffixes, batch_size, drop_sim_threshold
        As in `merge_knn`; `knn_sbert_model` goes before `model`, and `knn_api_model`, an
        embedding model of the server, before both.
    openai_key, gemini_key : str, optional
        Key of the server that judges. A key names its server: nothing is sent without one, or
        without a client.
    judge_llm_model : str or Client
        Required. A `sameas.models.client.Client` brings its own server, key and budget.
    llm_provider : {"auto", "openai", "gemini"}
        A server named here takes its key from ``OPENAI_API_KEY`` or ``GEMINI_API_KEY``.
    llm_prompt : str, optional
        The question about A and B.
    llm_params : mapping, optional
        ``temperature`` (0), ``max_tokens`` (50), ``seed``.
    confidence_threshold : float, optional
        A match less sure than this counts as none.
    max_retries, ratelimit_sleep_time
        Attempts, and the longest wait between them in seconds.

    Returns
    -------
    frame
        As from `merge_knn`, with ``llm_is_match`` (0 or 1), ``llm_confidence`` and
        ``llm_raw_response``; null where a row found nothing.

    Notes
    -----
    Equal pairs of texts are asked once. Texts are sent as quoted data, which gives no orders.
    """
    del batch_size
    check_k(k)
    if judge_llm_model is None:
        raise ArgumentError("judge_llm_model is required: the name of a model, or a Client.")
    left, right = read(df1, "df1"), read(df2, "df2")
    columns = keys_of(left, right, on, left_on, right_on)
    if knn_api_model is not None:
        encoder = encoder_of(knn_api_model, openai_key, gemini_key)
    else:
        encoder = encoder_of(knn_sbert_model or model, None, None)
    keys = [
        texts_of(side, names, encoder) for side, names in zip((left, right), columns, strict=True)
    ]
    found = between(Keys(keys[0]), Keys(keys[1]), int(k), encoder)
    texts = left.texts(columns[0]), right.texts(columns[1])
    one, other, score = outer(len(left), found.left, found.right, found.similarity)
    if drop_sim_threshold is not None:
        kept = score >= drop_sim_threshold
        one, other, score = one[kept], other[kept], score[kept]
    secrets = {"openai": openai_key, "gemini": gemini_key}
    if secrets.get(llm_provider, "") is None:
        secrets[llm_provider] = os.environ.get(f"{llm_provider.upper()}_API_KEY")
    wait = max_retries, ratelimit_sleep_time
    client = client_of(judge_llm_model, secrets, llm_provider, wait)
    pairs = np.flatnonzero(other >= 0)
    asked = [
        (texts[0][int(a)].as_py(), texts[1][int(b)].as_py())
        for a, b in zip(one[pairs], other[pairs], strict=True)
    ]
    requests = [_judgement(pair, llm_prompt or _JUDGE, llm_params) for pair in asked]
    verdicts = _verdicts(client.chat(requests), pairs, len(one), confidence_threshold)
    return joined(left, right, one, other, score, suffixes, more=verdicts)


#: Further names of the same function.
merge_knn_openai = merge_knn_with_llm = merge_k_judge


def transform_rows(
    df: Any,
    on: Names | None = None,
    *,
    openai_key: str | None,
    model: str | Client = "gpt-4o",
    openai_prompt: str | None = None,
    openai_params: Mapping[str, Any] | None = None,
    batch_size: int = 50,
    output_column: str | None = None,
    progress_bar: bool = True,
) -> Any:
    """Add a text that a language model made of another; by default its spelling corrected.

    Parameters
    ----------
    df : frame
    on : str or sequence
        Columns to read; several are joined.
    openai_key : str or None
        None where `model` is a `sameas.models.client.Client`.
    model : str or Client
    openai_prompt : str, optional
        What to do with the text, which it calls A.
    openai_params : mapping, optional
        ``temperature`` (0), ``max_tokens`` (256), ``seed``.
    batch_size, progress_bar
        Left to the client.
    output_column : str, optional
        ``transformed_{on}`` by default.

    Returns
    -------
    frame
        All rows, with one more column; null where there is no text.
    """
    del batch_size, progress_bar
    table = read(df, "df")
    columns = key_columns(on, table, table)[0]
    name = output_column or f"transformed_{'-'.join(columns)}"
    check_new(name, table.names)
    values, (code,) = codes_of([table.texts(columns)])
    client = client_of(model, {"openai": openai_key}, "openai", (5, 15.0))
    requests = [
        chat_request(openai_prompt or _CORRECT, {"A": text}, openai_params, 256, None)
        for text in values.to_pylist()
    ]
    made = pa.array([answer.text.strip() for answer in client.chat(requests)], pa.large_string())
    return with_column(table, name, made.take(pa.array(code, mask=code < 0)))


def with_column(table: Table, name: str, values: pa.Array) -> Any:
    return assemble([Part(table, np.arange(len(table)), {})], {name: values})


def _judgement(
    pair: tuple[str, str], question: str, params: Mapping[str, Any] | None
) -> ChatRequest:
    return chat_request(question, {"A": pair[0], "B": pair[1]}, params, 50, _VERDICT)


def chat_request(
    question: str,
    data: Mapping[str, str],
    params: Mapping[str, Any] | None,
    tokens: int,
    schema: Mapping[str, Any] | None,
) -> ChatRequest:
    from sameas.models.client import ChatRequest, data_messages

    options = dict(params or {})
    strange = sorted(set(options) - {"temperature", "max_tokens", "seed"})
    if strange:
        raise ArgumentError(
            f"Parameters of the model: expected temperature, max_tokens or seed, got {strange}."
        )
    options.setdefault("max_tokens", tokens)
    return ChatRequest(data_messages(question, data), schema=schema, **options)


def _verdicts(
    answers: Answers, pairs: Sequence[int] | Any, rows: int, least: float | None
) -> dict[str, pa.Array]:
    """Return the columns with verdicts; null where nothing was asked."""
    match, sure = np.full(rows, np.nan), np.full(rows, np.nan)
    raw = np.full(rows, None, object)
    for row, answer in zip(pairs, answers, strict=True):
        if answer.error is not None or answer.parsed is None:
            raise ArgumentError(f"The model gave no verdict: {answer.error or answer.text!r}.")
        sure[row] = min(max(float(answer.parsed["confidence"]), 0.0), 1.0)
        match[row] = float(bool(answer.parsed["match"]) and (least is None or sure[row] >= least))
        raw[row] = answer.text
    whole = pa.array(match, from_pandas=True).cast(pa.int64())
    return {
        "llm_is_match": whole,
        "llm_confidence": pa.array(sure, from_pandas=True),
        "llm_raw_response": pa.array(raw.tolist(), pa.string()),
    }
