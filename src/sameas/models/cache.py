"""Vectors on disk by content and model: a second run encodes nothing."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing
from dataclasses import field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import DataError
from sameas.core.progress import progress
from sameas.core.texts import buffers
from sameas.kernels.hashing import hash_strings
from sameas.models.base import Dense, Embeddings, Encoder, Sparse, Texts
from sameas.models.distinct import distinct_texts

__all__ = ["CachedEncoder", "EmbeddingCache", "cache_folder"]

logger = logging.getLogger(__name__)

#: Texts that are encoded and written at a time: what an interrupted run loses at most.
_CHUNK = 8_192
_ASKED = 30_000
_TABLE = """
CREATE TABLE IF NOT EXISTS vectors (
    hash INTEGER NOT NULL, text TEXT NOT NULL, vector BLOB NOT NULL,
    PRIMARY KEY (hash, text)
) WITHOUT ROWID
"""


def cache_folder() -> Path | None:
    """Return the folder where vectors are kept from run to run.

    The environment variable ``SAMEAS_CACHE`` names it, or is ``off``; by default it lies in
    ``XDG_CACHE_HOME`` or ``~/.cache``. It can be deleted at any time. None: nothing is kept.
    """
    named = os.environ.get("SAMEAS_CACHE", "")
    if named == "off":
        return None
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = (Path(named) if named else Path(home) / "sameas").expanduser()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        logger.warning("Vectors are not kept, for %s cannot be written: %s.", folder, error)
        return None
    return folder


@dataclass(frozen=True, slots=True)
class EmbeddingCache:
    """Vectors of one model version in one SQLite file.

    Writes are transactions in a write-ahead log: a killed process leaves whole rows only, and
    several processes may read and write at the same time.

    Parameters
    ----------
    folder : path
        Holds one file a model version, named by it.
    version : str

    Examples
    --------
    >>> import tempfile
    >>> cache = EmbeddingCache(Path(tempfile.mkdtemp()), "v1")
    >>> cache.put(pa.array(["Rex"]), np.ones((1, 2), np.float32))
    >>> rows, known = cache.get(pa.array(["Bar", "Rex"]))
    >>> known.tolist(), rows.tolist()
    ([False, True], [[1.0, 1.0]])
    """

    folder: Path
    version: str

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / f"embeddings-{self.version}.sqlite"

    def get(self, texts: pa.Array) -> tuple[Dense, npt.NDArray[np.bool_]]:
        """Return the vectors of the texts that are known, in their order, and which those are.

        Parameters
        ----------
        texts : large_string array
            Distinct, without nulls.
        """
        number = _hashes(texts)
        texts = texts.to_pylist()
        place = {text: row for row, text in enumerate(texts)}
        known = np.zeros(len(texts), bool)
        rows: dict[int, bytes] = {}
        with closing(self._open()) as store:
            for first in range(0, len(texts), _ASKED):
                asked = number[first : first + _ASKED].tolist()
                marks = ",".join("?" * len(asked))
                query = f"SELECT text, vector FROM vectors WHERE hash IN ({marks})"
                for text, vector in store.execute(query, asked):
                    row = place.get(text)
                    if row is not None:
                        rows[row] = vector
        found = np.array(sorted(rows), np.int64)
        known[found] = True
        if not rows:
            return np.zeros((0, 0), np.float32), known
        joined = b"".join(rows[row] for row in found.tolist())
        return np.frombuffer(joined, np.float32).reshape(len(found), -1), known

    def put(self, texts: pa.Array, rows: Dense) -> None:
        """Add vectors; those that another process has written meanwhile stay."""
        number = _hashes(texts).tolist()
        vectors = np.ascontiguousarray(rows, np.float32)
        entries = zip(number, texts.to_pylist(), map(bytes, vectors), strict=True)
        with closing(self._open()) as store, store:
            store.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)", entries)

    def __len__(self) -> int:
        """Return the number of vectors."""
        with closing(self._open()) as store:
            return int(store.execute("SELECT count(*) FROM vectors").fetchone()[0])

    def _open(self) -> sqlite3.Connection:
        self.folder.mkdir(parents=True, exist_ok=True)
        store = sqlite3.connect(self.path, timeout=120)
        try:
            store.execute("PRAGMA journal_mode=WAL")
            store.execute("PRAGMA synchronous=NORMAL")
            store.execute(_TABLE)
        except sqlite3.DatabaseError as error:
            store.close()
            raise DataError(
                f"{self.path} is no embedding cache ({error}): delete it, it is made anew."
            ) from error
        return store


@dataclass(frozen=True, slots=True, eq=False)
class CachedEncoder:
    """An encoder that reads vectors from a cache and computes only those it has not seen.

    Attributes
    ----------
    encoder : Encoder
        With dense vectors; sparse ones are made faster than they are read, so they pass by.
    folder : Path
    """

    encoder: Encoder
    folder: Path
    counts: dict[str, int] = field(default_factory=lambda: {"read": 0, "computed": 0}, repr=False)

    @classmethod
    def over(cls, encoder: Encoder, folder: str | Path) -> CachedEncoder:
        """Put a cache over an encoder (one over another would change nothing)."""
        inner = encoder.encoder if isinstance(encoder, CachedEncoder) else encoder
        return cls(inner, Path(folder).expanduser())

    @property
    def name(self) -> str:
        """The name of the encoder."""
        return self.encoder.name

    @property
    def version(self) -> str:
        """The version of the encoder."""
        return self.encoder.version

    @property
    def fitted(self) -> bool:
        """Whether the encoder is."""
        return self.encoder.fitted

    def fit(self, texts: Texts) -> CachedEncoder:
        """Return the fitted encoder with the same cache."""
        return replace(self, encoder=self.encoder.fit(texts))

    def encode(self, texts: Texts) -> Embeddings:
        """Return one unit row a text; what is computed is written piece by piece."""
        if self.name == "lexical":
            return self.encoder.encode(texts)
        values, code = distinct_texts(texts)
        every: Dense | None = None
        with progress("encoding", total=len(values)) as advance:
            for first in range(0, len(values), _CHUNK):
                rows = self._piece(values.slice(first, _CHUNK))
                if isinstance(rows, Sparse):
                    return self.encoder.encode(texts)
                if every is None:
                    every = np.zeros((len(values) + 1, rows.shape[1]), np.float32)
                every[first : first + len(rows)] = rows
                advance(len(rows))
        if every is None:
            return self.encoder.encode(texts)
        return every[:-1] if np.array_equal(code, np.arange(len(values))) else every[code]

    def _piece(self, values: pa.Array) -> Embeddings:
        """Read what is known of distinct texts, compute and write the rest."""
        cache = EmbeddingCache(self.folder, self.version)
        old, known = cache.get(values)
        missing = np.flatnonzero(~known)
        self.counts["read"] += len(old)
        self.counts["computed"] += len(missing)
        if not len(missing):
            return old
        asked = values.take(pa.array(missing))
        new = self.encoder.encode(asked)
        if isinstance(new, Sparse):
            return new
        cache.put(asked, new)
        rows = np.empty((len(values), new.shape[1]), np.float32)
        rows[missing] = new
        if len(old):
            rows[known] = old
        return rows

    def save(self, folder: str | Path) -> None:
        """Write the encoder; a cache belongs to a machine."""
        self.encoder.save(folder)


def _hashes(texts: pa.Array) -> npt.NDArray[np.int64]:
    """Return a signed 64-bit hash of each text: what the rows are sorted by."""
    return np.asarray(hash_strings(*buffers(texts.cast(pa.large_string()))).view(np.int64))
