"""The encoder without any model: TF-IDF over character n-grams."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.texts import buffers
from sameas.kernels.grams import count_grams, to_units
from sameas.models.base import Sparse, Texts
from sameas.models.distinct import distinct_texts

__all__ = ["LexicalEncoder"]

_BITS = 20
#: Texts whose n-grams are counted at a time: bounds the memory.
_CHUNK = 32_768


@dataclass(frozen=True, slots=True, eq=False)
class LexicalEncoder:
    """TF-IDF over character n-grams: no model, no network, no further library.

    It finds shared spellings, not shared meanings. `fit` counts in how many texts each n-gram
    stands; without it all n-grams weigh the same.

    Parameters
    ----------
    low, high : int
        Sizes of the n-grams. Texts are in lower case, without punctuation, a space on both
        sides.
    frequency : int64[2**20], optional
        Texts that hold each dimension, from `fit`.
    documents : int
        Texts that were counted.

    Notes
    -----
    Weight of an n-gram: ``(1 + log count) * (log((1 + documents) / (1 + frequency)) + 0.1)``.

    Examples
    --------
    >>> encoder = LexicalEncoder().fit(["Rex Rotary", "Rex Cinema", "Bar Rosso"])
    >>> rows = encoder.encode(["rex-rotary", None])
    >>> len(rows), float((rows.value**2).sum().round(3))
    (2, 1.0)
    """

    low: int = 2
    high: int = 4
    frequency: npt.NDArray[np.int64] | None = None
    documents: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.low <= self.high <= 8:
            raise ArgumentError(
                f"low and high must be n-gram sizes with 1 <= low <= high <= 8, "
                f"got {self.low} and {self.high}."
            )

    @property
    def name(self) -> str:
        """Always ``"lexical"``."""
        return "lexical"

    @property
    def version(self) -> str:
        """Hash of sizes and frequencies."""
        state = sha256(f"lexical-1 {self.low} {self.high} {self.documents}".encode())
        if self.frequency is not None:
            used = np.flatnonzero(self.frequency)
            state.update(used.astype("<i4").tobytes())
            state.update(self.frequency[used].astype("<i8").tobytes())
        return state.hexdigest()[:32]

    @property
    def fitted(self) -> bool:
        """Whether frequencies are known."""
        return self.frequency is not None

    def fit(self, texts: Texts) -> LexicalEncoder:
        """Return an encoder with the frequencies of the n-grams in these texts."""
        values, code = distinct_texts(texts)
        times = np.bincount(code[code >= 0], minlength=len(values))
        frequency = np.zeros(1 << _BITS, np.int64)
        for first in range(0, len(values), _CHUNK):
            start, index, _ = self._count(values.slice(first, _CHUNK))
            weights = np.repeat(times[first : first + _CHUNK], np.diff(start)).astype(np.float64)
            frequency += np.bincount(index, weights, minlength=1 << _BITS).astype(np.int64)
        return replace(self, frequency=frequency, documents=int(times.sum()))

    def encode(self, texts: Texts) -> Sparse:
        """Return one sparse unit row a text."""
        values, code = distinct_texts(texts)
        pieces = max(len(values), 1)
        parts = [self._rows(values.slice(at, _CHUNK)) for at in range(0, pieces, _CHUNK)]
        length = np.concatenate([np.diff(part.start) for part in parts])
        start = np.concatenate([np.zeros(1, np.int64), np.cumsum(length)])
        index = np.concatenate([part.index for part in parts])
        value = np.concatenate([part.value for part in parts])
        rows = Sparse(start, index, value, 1 << _BITS)
        return rows if np.array_equal(code, np.arange(len(values))) else rows.take(code)

    def _rows(self, values: pa.Array) -> Sparse:
        """Return one sparse unit row for each of some distinct texts."""
        start, index, count = self._count(values)
        value = 1.0 + np.log(count, dtype=np.float64)
        if self.frequency is not None:
            value *= np.log((1.0 + self.documents) / (1.0 + self.frequency[index])) + 0.1
        owner = np.repeat(np.arange(len(values)), np.diff(start))
        length = np.sqrt(np.bincount(owner, value**2, minlength=len(values)))
        return Sparse(start, index, (value / length[owner]).astype(np.float32), 1 << _BITS)

    def save(self, folder: str | Path) -> None:
        """Write settings and frequencies to a folder."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        settings = {"type": "lexical", "low": self.low, "high": self.high}
        if self.frequency is not None:
            used = np.flatnonzero(self.frequency)
            np.save(folder / "dimension.npy", used.astype(np.int32))
            np.save(folder / "frequency.npy", self.frequency[used])
            settings["documents"] = self.documents
        (folder / "encoder.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, settings: dict[str, int]) -> LexicalEncoder:
        """Read what `save` wrote."""
        if "documents" not in settings:
            return cls(settings["low"], settings["high"])
        frequency = np.zeros(1 << _BITS, np.int64)
        frequency[np.load(folder / "dimension.npy")] = np.load(folder / "frequency.npy")
        return cls(settings["low"], settings["high"], frequency, settings["documents"])

    def _count(
        self, values: pa.Array
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """Count n-grams; a text without letters and digits has none."""
        plain = pc.utf8_lower(pc.utf8_normalize(values, "NFKC"))
        plain = pc.utf8_trim_whitespace(
            pc.replace_substring_regex(plain, r"[^\p{L}\p{M}\p{N}]+", " ")
        )
        start, index, count = count_grams(*to_units(*buffers(plain)), self.low, self.high, _BITS)
        hollow = pc.equal(plain, "").to_numpy(zero_copy_only=False)
        if hollow.any():
            length = np.diff(start)
            keep = np.repeat(~hollow, length)
            start = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.where(hollow, 0, length))])
            index, count = index[keep], count[keep]
        return start, index, count
