"""The rule by a shared word, wherever the records are."""

from __future__ import annotations

import numpy as np

from sameas.blocking.base import BoolArray, Filter, KeyArray, Rows
from sameas.blocking.filters import SimilarWording
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import Columns, IntArray, Need, Tokens
from sameas.core.specs import register
from sameas.kernels.token_cells import token_cell_keys, token_cell_rows
from sameas.kernels.tokens import smallest_shared

__all__ = ["SharedWord"]

_NO_MARKS = np.zeros(0, np.uint64)


@register("blocking", "shared_word")
@dataclass(frozen=True, slots=True)
class SharedWord:
    """Records that share a rare word meet, in whatever field of `fields` it stands.

    Parameters
    ----------
    fields : tuple of str
        Their words are taken together, so a word that stands in another column is found.
    max_share : float
        A word makes keys only if at most this share of the fitted records bears it.
    form : str
        Normal form: "words_with_digits" for model and part numbers.
    filter : Filter, optional

    Notes
    -----
    A word that was not there when the linker was fitted is rare.
    """

    fields: tuple[str, ...]
    max_share: float = 0.001
    form: str = "normalise"
    filter: Filter | None = None

    def __post_init__(self) -> None:
        if not self.fields or not isinstance(self.fields, tuple):
            raise ArgumentError(f"fields must be a tuple of field names, got {self.fields!r}.")
        if not 0 < self.max_share <= 1:
            raise ArgumentError(f"max_share must lie in (0, 1], got {self.max_share}.")

    @property
    def label(self) -> str:
        """The rule in words."""
        kind = "word" if self.form == "normalise" else self.form.replace("_", " ")
        share = f"at most {100 * self.max_share:.2g} % of records"
        alike = ", alike in wording" if isinstance(self.filter, SimilarWording) else ""
        return f"a rare {kind} of {' and '.join(self.fields)} ({share}){alike}"

    def needs(self) -> tuple[Need, ...]:
        options = () if self.form == "normalise" else (("form", self.form),)
        return (Need("tokens", self.fields, options),)

    def rows(self, columns: Columns) -> Rows:
        tokens = self._tokens(columns)
        everywhere = np.zeros(len(tokens.code), np.uint64)
        record = np.arange(len(tokens.code), dtype=np.int32)
        key, record = token_cell_rows(
            record, everywhere, tokens.code, tokens.start, tokens.token, tokens.hash,
            tokens.share <= self.max_share, _NO_MARKS,
        )  # fmt: skip
        return Rows(key, record, np.zeros(len(key), bool))

    def bound(self, columns: Columns) -> None:
        return None

    def owns(self, columns: Columns, left: IntArray, right: IntArray, key: KeyArray) -> BoolArray:
        return np.asarray(self.block(columns, left, right) == key)

    def block(self, columns: Columns, left: IntArray, right: IntArray) -> KeyArray:
        word = self._smallest(columns, left, right)
        keys: KeyArray = token_cell_keys(word, np.zeros(len(word), np.uint64))
        return keys

    def meets(self, columns: Columns, left: IntArray, right: IntArray) -> BoolArray:
        return np.asarray(self._smallest(columns, left, right) != 0)

    def _tokens(self, columns: Columns) -> Tokens:
        tokens: Tokens = columns[self.needs()[0]]
        return tokens

    def _smallest(self, columns: Columns, left: IntArray, right: IntArray) -> KeyArray:
        tokens = self._tokens(columns)
        smallest: KeyArray = smallest_shared(
            tokens.code[left], tokens.code[right], tokens.start, tokens.token, tokens.hash,
            tokens.share <= self.max_share,
        )  # fmt: skip
        return smallest
