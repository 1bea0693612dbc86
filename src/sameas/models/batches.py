"""Batches of tokens: each distinct text once, texts of like length together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from sameas.core.errors import DataError
from sameas.core.optional import require
from sameas.core.progress import progress
from sameas.models.base import Dense, Texts, unit_rows
from sameas.models.distinct import distinct_texts
from sameas.models.files import read_json

__all__ = [
    "Forward",
    "by_length",
    "encode_batches",
    "read_tokenizer",
    "separator_token",
    "token_limit",
]

#: Token ids and mask, int64[b, t], to vectors, float32[b, d].
Forward: TypeAlias = Callable[[npt.NDArray[np.int64], npt.NDArray[np.int64]], Dense]

#: Texts that are cut into tokens at a time.
_CHUNK = 16_384


def read_tokenizer(folder: Path, *, extra: str) -> Any:
    """Return the tokenizer of a model folder, without padding and without a limit."""
    tokenizers = require("tokenizers", extra=extra, what="An encoder with a model")
    if (folder / "tokenizer.json").is_file():
        tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    else:
        transformers = require("transformers", extra="torch", what="A model without tokenizer.json")
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder)).backend_tokenizer
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def token_limit(folder: Path, asked: int | None) -> int:
    """Return the longest text in tokens: what was asked, else what the model was made for."""
    own = (read_json(folder / "sentence_bert_config.json") or {}).get("max_seq_length")
    config = read_json(folder / "config.json") or {}
    room = int(config.get("max_position_embeddings") or 512)
    if config.get("model_type") in ("roberta", "xlm-roberta", "camembert", "mpnet"):
        room -= 2  # positions begin behind the padding token
    return min(asked or own or room, room)


def separator_token(folder: Path) -> str:
    """Return the token that a model was taught to see between two texts, else a space."""
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        token = (read_json(folder / name) or {}).get("sep_token")
        token = token.get("content") if isinstance(token, dict) else token
        if token:
            return str(token)
    return " "


def encode_batches(
    texts: Texts,
    *,
    tokenizer: Any,
    limit: int,
    dimensions: int,
    forward: Forward,
    tokens: int = 4_096,
) -> Dense:
    """Encode texts in batches of like length.

    Parameters
    ----------
    texts
    tokenizer : tokenizers.Tokenizer
    limit : int
        Longer texts are cut to so many tokens, the special ones included.
    dimensions : int
    forward : Forward
        The model, with its pooling.
    tokens : int
        Tokens of a batch, padding included; bounds the memory.

    Returns
    -------
    float32[n, d]
        Unit rows; zeros for a missing text.
    """
    values, code = distinct_texts(texts)
    rows = np.zeros((len(values) + 1, dimensions), np.float32)
    pad = (tokenizer.padding or {}).get("pad_id", 0)
    tokenizer.enable_truncation(limit)
    with progress("encoding", total=len(values)) as advance:
        for first in range(0, len(values), _CHUNK):
            found = tokenizer.encode_batch(values.slice(first, _CHUNK).to_pylist())
            length = np.array([len(one.ids) for one in found], np.int64)
            for members in by_length(length, tokens):
                ids = np.full((len(members), max(int(length[members].max()), 1)), pad, np.int64)
                mask = np.zeros_like(ids)
                for line, member in enumerate(members):
                    ids[line, : length[member]] = found[member].ids
                    mask[line, : length[member]] = 1
                rows[first + members] = forward(ids, mask)
                advance(len(members))
    if not np.isfinite(rows).all():
        raise DataError("The model gave vectors that are not finite numbers.")
    return unit_rows(rows)[code]


def by_length(length: npt.NDArray[np.int64], tokens: int) -> list[npt.NDArray[np.int64]]:
    """Cut texts, sorted by length, into batches of at most so many tokens.

    >>> [batch.tolist() for batch in by_length(np.array([3, 1, 2, 9]), 6)]
    [[1, 2], [0], [3]]
    """
    order = np.argsort(length, kind="stable")
    batches, first = [], 0
    while first < len(order):
        last = first + 1
        while last < len(order) and length[order[last]] * (last + 1 - first) <= tokens:
            last += 1
        batches.append(order[first:last])
        first = last
    return batches
