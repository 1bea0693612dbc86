"""Model, part and article numbers: written with or without hyphens, alone or inside a title."""

from __future__ import annotations

import numpy as np

from sameas.comparison.base import as_tuple
from sameas.core.dataclass import dataclass
from sameas.core.prepared import Columns, IntArray, Need, Texts, Tokens
from sameas.core.specs import register
from sameas.kernels.runs import common_runs

__all__ = ["CodeInText"]


@register("comparison", "code_in_text")
@dataclass(frozen=True, slots=True)
class CodeInText:
    """How much of a code of one record stands in the wording of the other.

    A code is a word that holds a digit ("NP-FH50"), or the whole value of an identifier.
    Spaces and punctuation are left out on both sides, so "HL-4570CDW" stands in "Brother
    HL4570CDW laser" as a whole, and "GS108E" in "gs108e100nas". Three columns: ``_code_run``,
    the characters of the longest run; ``_code_share_less`` and ``_code_share_more``, the
    share of the best code of either side, the smaller and the larger. A side without a
    code is left out; NaN if both are without. Cost: some microseconds a pair.

    Parameters
    ----------
    field : str or tuple of str
        Where codes are looked for and looked up; several fields are joined.
    identifier : str, optional
        A field whose whole value is a code; by default the words with digits of `field` are.
    shortest : int
        Codes of fewer characters say nothing.

    Examples
    --------
    >>> CodeInText(("title", "model")).names()[0]
    'title_model_code_run'
    """

    field: str | tuple[str, ...]
    identifier: str | None = None
    shortest: int = 4

    def names(self) -> tuple[str, ...]:
        prefix = self.identifier or "_".join(as_tuple(self.field))
        return tuple(f"{prefix}_code_{part}" for part in ("run", "share_less", "share_more"))

    def needs(self) -> tuple[Need, ...]:
        text = Need("text", as_tuple(self.field), (("form", "compact"),))
        if self.identifier is None:
            return text, Need("tokens", as_tuple(self.field), (("form", "words_with_digits"),))
        return text, Need("text", (self.identifier,), (("form", "compact"),))

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        text: Texts = columns[self.needs()[0]]
        codes: Texts | Tokens = columns[self.needs()[1]]
        if isinstance(codes, Tokens):
            words, spelling = (codes.start, codes.token), (
                codes.spelling_start, codes.spelling_units,
            )  # fmt: skip
        else:
            start = np.arange(len(codes.start))
            words = start, start[:-1].astype(np.int32)
            spelling = codes.start, codes.units
        pairs = codes.code[left], codes.code[right], text.code[left], text.code[right]
        inside = text.start, text.units
        return list(common_runs(words, spelling, inside, pairs, shortest=self.shortest))
