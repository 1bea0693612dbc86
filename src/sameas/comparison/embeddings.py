"""The comparison of texts by the vectors of an encoder."""

from __future__ import annotations

from pathlib import PurePath

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import Columns, Embedded, IntArray, Need
from sameas.core.specs import register
from sameas.models.base import Space

__all__ = ["EmbeddingCosine"]

#: Sums of a network differ in the last digits with the company of a text.
_DIGITS = 4


@register("comparison", "embedding_cosine")
@dataclass(frozen=True, slots=True)
class EmbeddingCosine:
    """Cosine of the vectors that an encoder gives two texts; several fields are joined.

    Range [-1, 1], rounded to four digits; NaN if a side is missing. Cost: each distinct text
    is encoded once, then a tenth of a microsecond a dimension and hundred pairs.

    Parameters
    ----------
    fields : tuple of str
    model : str
        What `sameas.models.load_encoder` takes: ``"lexical"`` (no model), ``"wordllama"``, a
        folder, an installed package of weights, a name on the hub; ``"lexical+wordllama"`` and
        the like take the weighted mean of the cosines.
    form : str
        Normal form of the texts; encoders bring their own, so they stay as they are.

    Notes
    -----
    A fitted linker keeps the version of the model (``"lexical"``: its frequencies) and refuses
    to score with another one.

    Examples
    --------
    >>> EmbeddingCosine(("name",), "sentence-transformers/all-MiniLM-L6-v2").names()
    ('name_all-MiniLM-L6-v2_cosine',)
    """

    fields: tuple[str, ...]
    model: str = "lexical"
    form: str = "as_is"

    def __post_init__(self) -> None:
        if not self.fields or not isinstance(self.fields, tuple):
            raise ArgumentError(f"fields must be a tuple of field names, got {self.fields!r}.")
        if not isinstance(self.model, str) or not self.model:
            raise ArgumentError(
                f"model must be a name, so that the linker can be saved, got {self.model!r}: save "
                "the encoder to a folder and name that."
            )

    def names(self) -> tuple[str, ...]:
        form = "" if self.form == "as_is" else f"_{self.form}"
        return (f"{'_'.join(self.fields)}{form}_{PurePath(self.model).name}_cosine",)

    def needs(self) -> tuple[Need, ...]:
        return (Need("embeddings", self.fields, (("model", self.model), ("form", self.form))),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        embedded: Embedded = columns[self.needs()[0]]
        one, other = embedded.code[left], embedded.code[right]
        known = np.flatnonzero((one >= 0) & (other >= 0))
        out = np.full(len(left), np.nan, np.float32)
        space: Space = embedded.space
        out[known] = np.round(space.cosine(one[known], other[known]), _DIGITS)
        return [out]
