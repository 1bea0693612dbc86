"""Texts as points, by any encoder that can be named."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.models.load import load_encoder
from sameas.models.space import TextSpace as Space

__all__ = ["Similarities", "Space", "space_of"]

Similarities = npt.NDArray[np.float32]


def space_of(texts: pa.Array, model: Any) -> Space:
    """Encode distinct texts without nulls.

    Parameters
    ----------
    texts : string array
    model : str, path or encoder
        What `sameas.models.load_encoder` takes.
    """
    return Space.of(texts, load_encoder(model))
