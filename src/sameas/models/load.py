"""From a name to an encoder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sameas.core.errors import ArgumentError, DataError, choices_hint
from sameas.models.base import Encoder
from sameas.models.lexical import LexicalEncoder

__all__ = ["load_encoder"]


def load_encoder(model: str | Path | Encoder = "lexical", **options: Any) -> Encoder:
    """Load an encoder by name.

    Parameters
    ----------
    model : str, path or Encoder
        ``"lexical"`` (TF-IDF over character n-grams, which needs nothing else), a folder that
        `Encoder.save` wrote, or an encoder, which is returned as it is.
    **options
        Settings of the encoder.

    Raises
    ------
    ArgumentError
        If nothing bears the name; the message says what was tried.

    Examples
    --------
    >>> load_encoder("lexical", low=3, high=5)
    LexicalEncoder(low=3, high=5, frequency=None, documents=0)
    """
    if not isinstance(model, str | Path):
        if isinstance(model, Encoder):
            return model
        raise ArgumentError(f"model must be a name, a folder or an encoder, got {model!r}.")
    if model == "lexical":
        return LexicalEncoder(**options)
    if (Path(model) / "encoder.json").is_file():
        return _saved(Path(model))
    raise ArgumentError(
        f"No encoder bears the name {str(model)!r}.{choices_hint(str(model), ['lexical'])}"
    )


def _saved(folder: Path) -> Encoder:
    settings = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
    if settings.get("type") == "lexical":
        return LexicalEncoder.load(folder, settings)
    raise DataError(f"{folder}/encoder.json names the unknown type {settings.get('type')!r}.")
