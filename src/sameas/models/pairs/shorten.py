"""The first layers of a transformer as a model of its own: half the layers, half the time."""

from __future__ import annotations

import shutil
from pathlib import Path

from sameas.core.errors import ArgumentError
from sameas.core.optional import require
from sameas.models.resolve import weights_folder

__all__ = ["first_layers"]


def first_layers(model: str | Path, into: str | Path, layers: int) -> Path:
    """Write the first layers of a transformer, to be fine-tuned, with its tokenizer.

    Parameters
    ----------
    model : str or path
        A folder, an installed package, the hub.
    into : path
        The new folder.
    layers : int

    Raises
    ------
    ArgumentError
        If the model has fewer layers.
    """
    transformers = require("transformers", extra="torch", what="A transformer with fewer layers")
    folder, into = weights_folder(model), Path(into)
    config = transformers.AutoConfig.from_pretrained(str(folder))
    whole = int(config.num_hidden_layers)
    if not 1 <= layers <= whole:
        raise ArgumentError(f"layers: {model} has {whole} layers, got {layers}.")
    shutil.copytree(folder, into, dirs_exist_ok=True)
    config.num_hidden_layers = layers  # what the weights hold beyond is not read
    config.save_pretrained(str(into))
    return into
