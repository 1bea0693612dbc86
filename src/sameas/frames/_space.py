"""Texts as points, by any encoder that can be named."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.models.base import Encoder
from sameas.models.cache import CachedEncoder, cache_folder
from sameas.models.lexical import LexicalEncoder
from sameas.models.load import load_encoder
from sameas.models.mixed import MixedSpace, default_weights, parts_of
from sameas.models.space import TextSpace as Space

__all__ = ["AnySpace", "Similarities", "Space", "any_space_of", "separator_of", "space_of"]

Similarities = npt.NDArray[np.float32]
AnySpace: TypeAlias = Space | MixedSpace


def space_of(texts: pa.Array, model: Any) -> Space:
    """Encode distinct texts without nulls.

    Parameters
    ----------
    texts : string array
    model : str, path or encoder
        What `sameas.models.load_encoder` takes. Vectors of models are kept on disk
        (`sameas.models.cache.cache_folder`), so a second run encodes nothing.
    """
    return Space.of(texts, with_cache(load_encoder(model)))


def any_space_of(texts: pa.Array, model: Any) -> AnySpace:
    """Encode distinct texts without nulls; ``"lexical+NAME"`` takes the mean of two cosines."""
    parts = parts_of(model)
    if not parts:
        return space_of(texts, model)
    spaces = tuple(space_of(texts, part) for part in parts)
    return MixedSpace(spaces, default_weights([space.name for space in spaces]))


def separator_of(model: Any) -> str:
    """Return what stands between columns: a space, unless the model tells them apart."""
    return str(getattr(model, "separator", " "))


def with_cache(encoder: Encoder) -> Encoder:
    """Put the cache of vectors on disk over an encoder, unless it is cheaper to encode."""
    folder = cache_folder()
    if folder is None or not encoder.fitted or isinstance(encoder, CachedEncoder | LexicalEncoder):
        return encoder
    return CachedEncoder.over(encoder, folder)
