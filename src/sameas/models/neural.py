"""Transformers in PyTorch, the models of sentence-transformers and Hugging Face."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.optional import require
from sameas.models.base import Dense, Texts, unit_rows
from sameas.models.batches import Forward, read_tokenizer, separator_token, token_limit
from sameas.models.distinct import distinct_texts
from sameas.models.files import read_json
from sameas.models.pooling import pool, pooling_of
from sameas.models.transformer import Late, Transformer, folder_version

__all__ = ["torch_encoder"]


def torch_encoder(
    folder: str | Path,
    *,
    name: str | None = None,
    max_length: int | None = None,
    batch_tokens: int = 4_096,
    device: str = "cpu",
) -> Transformer:
    """Read a model folder of PyTorch.

    Parameters
    ----------
    folder : path
        As `SentenceTransformer.save` or `PreTrainedModel.save_pretrained` write it. A model with
        modules of its own is run by sentence-transformers.
    name : str, optional
    max_length : int, optional
        Longest text in tokens; by default the model's own.
    batch_tokens : int
        Tokens of a batch, padding included.
    device : str
        ``"cpu"``, ``"cuda"``, ...
    """
    folder = Path(folder)
    for library in ("torch", "transformers"):
        if find_spec(library) is None:
            require(library, extra="torch", what="A transformer as encoder")
    pooling, limit = pooling_of(folder), token_limit(folder, max_length)
    label, version = name or f"torch:{folder}", folder_version(folder, limit)
    if pooling is None:
        run, between = _whole(folder, device, limit), separator_token(folder)
        return Transformer(label, version, limit, batch_tokens, run, between=between)
    network = Late(lambda: _transformer(folder, device))
    size = (read_json(folder / "config.json") or {}).get("hidden_size")
    return Transformer.of_tokens(
        _pooled(network, pooling),
        name=label,
        version=version,
        tokenizer=read_tokenizer(folder, extra="torch"),
        limit=limit,
        tokens=batch_tokens,
        dimensions=int(size or network().config.hidden_size),
        between=separator_token(folder),
    )


def _transformer(folder: Path, device: str) -> Any:
    library = require("transformers", extra="torch", what="A transformer as encoder")
    return library.AutoModel.from_pretrained(str(folder)).to(device).eval()


def _pooled(network: Callable[[], Any], pooling: str) -> Forward:
    """Return the function from tokens to vectors."""

    def forward(ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]) -> Dense:
        import torch

        with torch.inference_mode():
            model = network()
            known = torch.from_numpy(mask).to(model.device)
            found = model(input_ids=torch.from_numpy(ids).to(model.device), attention_mask=known)
            hidden = found.last_hidden_state.float()
            rows = pool(hidden, known[..., None].float(), pooling)
            return np.asarray(rows.cpu().numpy(), np.float32)

    return forward


def _whole(folder: Path, device: str, limit: int) -> Callable[[Texts], Dense]:
    """Return the function from texts to vectors of a model with modules of its own."""
    library = require("sentence_transformers", extra="torch", what=f"The model {folder.name}")
    model = library.SentenceTransformer(str(folder), device=device)
    model.max_seq_length = limit
    dimensions = int(model.get_sentence_embedding_dimension())

    def encode(texts: Texts) -> Dense:
        values, code = distinct_texts(texts)
        rows = np.zeros((len(values) + 1, dimensions), np.float32)
        if len(values):
            rows[:-1] = model.encode(values.to_pylist(), show_progress_bar=False)
        return unit_rows(rows)[code]

    return encode
