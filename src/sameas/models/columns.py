"""One vector a column, with weights, instead of one vector of the joined text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.models.base import Embeddings, Encoder, Sparse, Texts, unit_rows
from sameas.models.distinct import as_texts
from sameas.models.files import write_settings
from sameas.models.load import load_encoder

__all__ = ["ByColumn"]


@dataclass(frozen=True, slots=True, eq=False)
class ByColumn:
    """An encoder that looks at each column by itself.

    The cosine of two rows is the weighted mean of the cosines of their columns, as long as all
    have a text. On eight public sets the joined text, the default of all verbs, found more
    matches; columns of their own are right where one of them counts more than its length.

    Attributes
    ----------
    encoders : tuple of Encoder
        One a column.
    weights : tuple of float
    separator : str
        Stands between the columns of a text.

    Examples
    --------
    >>> model = ByColumn.of("lexical", weights=(3, 1))
    >>> from sameas.frames import merge
    >>> left = {"title": ["old mill", "star"], "maker": ["rex", "bar"]}
    >>> right = {"title": ["star", "old mill"], "maker": ["rex", "bar"]}
    >>> found = merge(left, right, on=["title", "maker"], model=model, threshold=None)
    >>> found["title_right"].to_pylist()
    ['old mill', 'star']
    """

    encoders: tuple[Encoder, ...]
    weights: tuple[float, ...]
    separator: str = "\u241f"

    @classmethod
    def of(cls, model: str | Path | Encoder, *, weights: Sequence[float]) -> ByColumn:
        """Take one encoder for all columns.

        Parameters
        ----------
        model
            What `load_encoder` takes.
        weights : sequence of float
            One a column, in the order of `on`; above 0.
        """
        given = np.asarray(weights, np.float64)
        if given.ndim != 1 or not len(given) or not (given > 0).all():
            raise ArgumentError(f"weights must be numbers above 0, one a column, got {weights!r}.")
        encoder = load_encoder(model)
        shares = tuple((given / given.sum()).tolist())
        return cls((encoder,) * len(shares), shares)

    @property
    def name(self) -> str:
        """The names of the encoders."""
        return " | ".join(encoder.name for encoder in self.encoders)

    @property
    def version(self) -> str:
        """Hash of the encoders and the weights."""
        versions = [encoder.version for encoder in self.encoders]
        return sha256(repr((versions, self.weights)).encode()).hexdigest()[:32]

    @property
    def fitted(self) -> bool:
        """Whether all encoders are."""
        return all(encoder.fitted for encoder in self.encoders)

    def fit(self, texts: Texts) -> ByColumn:
        """Return the same with statistics of each column."""
        parts = zip(self.encoders, self._split(texts), strict=True)
        return replace(self, encoders=tuple(encoder.fit(part) for encoder, part in parts))

    def encode(self, texts: Texts) -> Embeddings:
        """Return one unit row a text, the columns beside each other."""
        parts = self._split(texts)
        rows = [encoder.encode(part) for encoder, part in zip(self.encoders, parts, strict=True)]
        scale = np.sqrt(self.weights).astype(np.float32)
        sparse = [part for part in rows if isinstance(part, Sparse)]
        if len(sparse) == len(rows):
            return _beside(sparse, scale)
        if sparse:
            raise ArgumentError("Sparse and dense encoders cannot stand beside each other.")
        dense = [factor * np.asarray(part) for factor, part in zip(scale, rows, strict=True)]
        return unit_rows(np.concatenate(dense, axis=1))

    def save(self, folder: str | Path) -> None:
        """Write the encoders and the weights."""
        folder = Path(folder)
        for number, encoder in enumerate(self.encoders):
            encoder.save(folder / f"column{number}")
        write_settings(folder, {"type": "by_column", "weights": self.weights})

    @classmethod
    def load(cls, folder: Path, weights: Sequence[float]) -> ByColumn:
        """Read what `save` wrote."""
        columns = range(len(weights))
        encoders = tuple(load_encoder(folder / f"column{number}") for number in columns)
        return cls(encoders, tuple(weights))

    def _split(self, texts: Texts) -> list[pa.Array]:
        values = as_texts(texts)
        pieces = pc.split_pattern(values, self.separator)
        count = pc.unique(pc.list_value_length(pieces).drop_null()).to_pylist()
        if any(one != len(self.weights) for one in count):
            raise ArgumentError(
                f"The model has {len(self.weights)} weights, one a column, but a row has "
                f"{max(count)} columns: name as many columns in on=."
            )
        return [pc.list_element(pieces, number) for number in range(len(self.weights))]


def _beside(parts: list[Sparse], scale: npt.NDArray[np.float32]) -> Sparse:
    """Put sparse rows beside each other, in dimensions of their own, and give them length 1."""
    texts = len(parts[0])
    lengths = np.stack([np.diff(part.start) for part in parts])
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths.sum(axis=0))])
    before = start[:-1] + np.cumsum(lengths, axis=0) - lengths
    index = np.empty(start[-1], np.int32)
    value = np.empty(start[-1], np.float32)
    offset = 0
    for number, part in enumerate(parts):
        shift = np.repeat(before[number] - part.start[:-1], lengths[number])
        place = np.arange(len(part.index)) + shift
        index[place] = part.index + offset
        value[place] = part.value * scale[number]
        offset += part.dimensions
    owner = np.repeat(np.arange(texts), np.diff(start))
    length = np.sqrt(np.bincount(owner, value.astype(np.float64) ** 2, minlength=texts))
    return Sparse(start, index, (value / length[owner]).astype(np.float32), offset)
