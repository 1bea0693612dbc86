"""Edit distance of texts."""

from __future__ import annotations

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.prepared import Columns, IntArray, Need, Texts
from sameas.core.specs import register
from sameas.kernels.edits import edit_distance

__all__ = ["EditDistance"]


@register("comparison", "edit_distance")
@dataclass(frozen=True, slots=True)
class EditDistance:
    """Fewest insertions, deletions and substitutions that turn one text into the other.

    A count, 0 for equal texts; NaN if a side is missing. Cost: about 100 ns a pair of names,
    it grows with the product of the lengths. Source: Levenshtein (1966); with swaps the
    optimal string alignment distance of Damerau (1964).

    Parameters
    ----------
    field : str
    form : str
        Normal form of the text.
    swaps : bool
        Swapping two neighbouring characters is one edit, not two.

    Examples
    --------
    >>> EditDistance("surname").names(), EditDistance("surname", swaps=True).names()
    (('surname_edits',), ('surname_edits_and_swaps',))
    """

    field: str
    form: str = "normalise"
    swaps: bool = False

    def names(self) -> tuple[str, ...]:
        return (f"{self.field}_edits{'_and_swaps' if self.swaps else ''}",)

    def needs(self) -> tuple[Need, ...]:
        return (Need("text", (self.field,), (("form", self.form),)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        text: Texts = columns[self.needs()[0]]
        codes = text.code[left], text.code[right]
        return [edit_distance(*codes, text.start, text.units, self.swaps)]
