"""The retriever: the nearest keys of each query, by any encoder."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.feather as feather

from sameas.core.errors import ArgumentError, DataError
from sameas.core.progress import progress
from sameas.models.base import Dense, Encoder, Neighbours, Sparse, Texts
from sameas.models.choose import KINDS, AnyIndex, build_index, check_choice
from sameas.models.distinct import distinct_texts
from sameas.models.index import cores, joined, spans
from sameas.models.load import load_encoder

__all__ = ["Retriever"]

logger = logging.getLogger(__name__)

#: Distinct queries that are encoded and searched at a time.
_BATCH = 32_768


class Retriever:
    """Finds the nearest keys of each query by the cosine of their vectors.

    Parameters
    ----------
    encoder : str or Encoder
        As for `load_encoder`. An encoder without statistics is fitted on the keys.
    index : {"auto", "exact", "approximate"}
        ``"auto"`` is exact up to 20 thousand distinct keys (dense vectors: 50 thousand).
    recall : float
        Share of the exact ten nearest that an approximate index must find on a sample of 200
        keys; the least effort that reaches it is taken, and what was reached is in `report`.
    threads : int, optional
        All cores by default.

    Notes
    -----
    Each distinct text is encoded and searched once. Ties go to the lower key number, so the
    result does not depend on the number of threads or the size of a batch.

    Examples
    --------
    >>> retriever = Retriever("lexical").fit(["Rex Rotary", "Bar Rosso", None])
    >>> found = retriever.search(["rex rotari", "", "rosso bar"], k=1)
    >>> found.index.tolist()
    [[0], [-1], [1]]
    """

    def __init__(
        self,
        encoder: str | Encoder = "lexical",
        *,
        index: str = "auto",
        recall: float = 0.99,
        threads: int | None = None,
    ) -> None:
        check_choice(index, recall)
        self.encoder: Encoder = load_encoder(encoder)
        self.choice, self.recall = index, recall
        self.threads = cores(threads)
        self._texts = pa.array([], pa.large_string())
        self._code = np.zeros(0, np.int32)
        self._index: AnyIndex | None = None

    def __len__(self) -> int:
        """Return the number of keys, missing ones included."""
        return len(self._code)

    def __repr__(self) -> str:
        """Name the encoder, the keys and the index."""
        kind = self._index.kind if self._index is not None else "not fitted"
        return f"Retriever({self.encoder.name}; {len(self)} keys; {kind})"

    def fit(self, keys: Texts) -> Retriever:
        """Take the keys in; earlier ones are forgotten.

        Parameters
        ----------
        keys : sequence of str or Arrow array
            Key numbers are their positions. Null, empty and blank keys are never found.
        """
        self._texts, self._code = distinct_texts(keys)
        if not self.encoder.fitted:
            self.encoder = self.encoder.fit(keys)
        rows = self.encoder.encode(self._texts)
        self._index = build_index(rows, index=self.choice, recall=self.recall, threads=self.threads)
        logger.info("index: %s", self._index.kind)
        return self

    @property
    def report(self) -> dict[str, Any]:
        """What is searched and how: encoder, keys, distinct texts, index, recall on the sample."""
        index = self._index
        return {
            "encoder": self.encoder.name,
            "keys": len(self),
            "distinct": len(self._texts),
            "index": index.kind if index is not None else "not fitted",
            "recall": getattr(index, "recall", 1.0) if index is not None else None,
        }

    def add(self, keys: Texts) -> Retriever:
        """Append keys; statistics of the encoder stay as they were fitted."""
        if self._index is None:
            return self.fit(keys)
        values, code = distinct_texts(keys)
        known = _places(values, self._texts)
        fresh = np.flatnonzero(known < 0)
        number = known.copy()
        number[fresh] = len(self._texts) + np.arange(len(fresh))
        new = values.take(pa.array(fresh))
        self._texts = pa.concat_arrays([self._texts, new])
        self._code = np.concatenate([self._code, np.append(number, -1)[code].astype(np.int32)])
        self._index = self._index.add(self.encoder.encode(new))  # type: ignore[arg-type]
        return self

    def search(self, queries: Texts, k: int = 10) -> Neighbours:
        """Return the `k` nearest keys of each query.

        Parameters
        ----------
        queries : sequence of str or Arrow array
        k : int

        Returns
        -------
        Neighbours
            A missing query has no neighbours. Sparse encoders return only keys that share an
            n-gram with the query.
        """
        if self._index is None:
            raise ArgumentError("The retriever has no keys yet: call fit(keys) before search.")
        if k < 1:
            raise ArgumentError(f"k must be at least 1, got {k}.")
        values, code = distinct_texts(queries)
        parts = []
        with progress("searching", total=len(values)) as advance:
            for first, last in spans(len(values), _BATCH):
                rows = self.encoder.encode(values.slice(first, last - first))
                parts.append(self._search_rows(rows, k))
                advance(last - first)
        found = joined([*parts, Neighbours(np.full((1, k), -1, np.int32), _nothing(k))], k)
        return Neighbours(found.index[code], found.similarity[code])

    def _search_rows(self, rows: Dense | Sparse, k: int) -> Neighbours:
        """Search distinct texts, then name all keys that bear each text found."""
        assert self._index is not None
        found = self._index.search(rows, k, threads=self.threads)  # type: ignore[arg-type]
        index, similarity = found.index, found.similarity
        if isinstance(rows, np.ndarray):
            index[~rows.any(axis=1)] = -1
        present = np.flatnonzero(self._code >= 0)
        if len(present) == len(self._texts):  # every key has a text of its own
            return _named(index, similarity, present.astype(np.int32))
        return _expanded(index, similarity, self._code, len(self._texts))

    def save(self, folder: str | Path) -> None:
        """Write keys, vectors and the encoder's settings to a folder."""
        if self._index is None:
            raise ArgumentError("The retriever has no keys yet: call fit(keys) before save.")
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.encoder.save(folder / "encoder")
        self._index.save(folder)
        np.save(folder / "code.npy", self._code)
        feather.write_feather(pa.table({"text": self._texts}), str(folder / "texts.arrow"))
        about = {
            "format": 1,
            "index": next(name for name, kind in KINDS.items() if isinstance(self._index, kind)),
            "encoder": self.encoder.name,
            "version": self.encoder.version,
        }
        (folder / "retriever.json").write_text(json.dumps(about, indent=1), encoding="utf-8")

    @classmethod
    def load(
        cls, folder: str | Path, *, encoder: Encoder | None = None, threads: int | None = None
    ) -> Retriever:
        """Read what `save` wrote.

        Parameters
        ----------
        folder : path
        encoder : Encoder, optional
            The encoder, when it is loaded already; by default the saved one is.

        Raises
        ------
        DataError
            If the folder holds no retriever, or the encoder has changed since.
        """
        folder = Path(folder)
        try:
            about = json.loads((folder / "retriever.json").read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise DataError(f"{folder} holds no saved retriever (no retriever.json).") from error
        retriever = cls(encoder or load_encoder(str(folder / "encoder")), threads=threads)
        if retriever.encoder.version != about["version"]:
            raise DataError(
                f"{folder} was made with another version of the encoder {about['encoder']!r}: "
                "its vectors cannot be compared with new ones. Fit and save it again."
            )
        retriever._code = np.load(folder / "code.npy")
        table = feather.read_table(str(folder / "texts.arrow"))
        retriever._texts = table.column("text").combine_chunks()
        retriever._index = KINDS[about["index"]].load(folder)
        return retriever


def _nothing(k: int) -> npt.NDArray[np.float32]:
    return np.full((1, k), np.nan, np.float32)


def _places(values: pa.Array, known: pa.Array) -> npt.NDArray[np.int64]:
    import pyarrow.compute as pc

    place = pc.index_in(values, value_set=known).fill_null(-1)
    return np.asarray(place.to_numpy(zero_copy_only=False), np.int64)


def _named(
    index: npt.NDArray[np.int32],
    similarity: npt.NDArray[np.float32],
    number: npt.NDArray[np.int32],
) -> Neighbours:
    """Turn numbers of texts into numbers of keys, -1 into no similarity."""
    named = np.append(number, np.int32(-1))[index].astype(np.int32)
    return Neighbours(named, np.where(named >= 0, similarity, np.float32(np.nan)))


def _expanded(
    index: npt.NDArray[np.int32],
    similarity: npt.NDArray[np.float32],
    code: npt.NDArray[np.int32],
    texts: int,
) -> Neighbours:
    """Name all keys of each text found: the best `k` of them, ties by key number."""
    from sameas.kernels.best import expand

    order = np.argsort(code, kind="stable").astype(np.int32)
    begin = np.searchsorted(code[order], np.arange(texts + 1))
    named, scores = expand(index, similarity, begin.astype(np.int64), order)
    return Neighbours(named, scores)
