"""Prepared columns: what can be computed once per record, as plain arrays.

A step never reads the user's table. It declares what it needs (`Need`), the records room
computes it once for all records, and pair kernels see the arrays below only.
Repeated texts are stored once: a column is a ``code`` per record and one entry per
distinct text. Code -1 means missing everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, TypeAlias
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.prepared_values import Dates, Persons, Phones, Quantities

__all__ = [
    "Aliases",
    "Codes",
    "Column",
    "Columns",
    "Embedded",
    "FloatArray",
    "IntArray",
    "Need",
    "Numbers",
    "Points",
    "Sets",
    "Signatures",
    "Texts",
    "Tokens",
    "Vectors",
]

#: A name of a file may have 255 bytes.
_LONGEST_NAME = 200

IntArray: TypeAlias = npt.NDArray[np.int32]
FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Need:
    """One prepared column that a step asks for.

    Parameters
    ----------
    kind : str
        The preparation: ``"text"``, ``"tokens"``, ``"points"``, ...
    fields : tuple of str
        The fields it is computed from.
    options : tuple of (str, value) pairs
        Settings of the preparation, in a fixed order.

    Examples
    --------
    >>> Need("tokens", ("name",)).slug
    'tokens-name'
    """

    kind: str
    fields: tuple[str, ...]
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def slug(self) -> str:
        """A name for files, of this need alone: kind, fields and options joined."""
        fields = [quote(name, safe=" ").replace("-", "%2D") for name in self.fields]
        options = [f"{key}={value}".replace("/", "%2F") for key, value in self.options]
        name = "-".join([self.kind, *fields, *options])
        if len(name) <= _LONGEST_NAME:
            return name
        return f"{name[: _LONGEST_NAME - 20]}-{sha256(name.encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as 16-bit units; few of them are equal.

    Attributes
    ----------
    code : int32[n]
        The text of each record, -1 if missing.
    start : int64[m + 1]
        Where each text begins in `units`.
    units : uint16[...]
        One unit a character (characters beyond U+FFFF share the private-use range).
    """

    code: IntArray
    start: npt.NDArray[np.int64]
    units: npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Sets of tokens: sorted distinct token numbers of each distinct text.

    Token numbers follow the alphabetical order of the tokens, so a sum over the tokens of
    a record is taken in the same order in every run.

    Attributes
    ----------
    code : int32[n]
        Distinct text of each record, -1 if missing (or without any token).
    start : int64[m + 1]
        Where each distinct text begins in `token`.
    token : int32[...]
        Sorted distinct token numbers.
    weight : float64[v]
        Inverse document frequency of each token, from frozen statistics.
    share : float64[v]
        Share of documents that hold the token, from frozen statistics, in [0, 1].
    hash : uint64[v]
        The same token has the same hash in every run.
    spelling_start, spelling_units :
        The tokens' own characters, as in `Texts`.
    """

    code: IntArray
    start: npt.NDArray[np.int64]
    token: IntArray
    weight: FloatArray
    share: FloatArray
    hash: npt.NDArray[np.uint64]
    spelling_start: npt.NDArray[np.int64]
    spelling_units: npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Aliases:
    """Several names a record.

    Attributes
    ----------
    start : int64[n + 1]
        Where each record begins in `item`.
    item : int32[...]
        Rising distinct text numbers.
    text : Texts
        The distinct names.
    words : Tokens
        Their words; both number the distinct names alike.
    """

    start: npt.NDArray[np.int64]
    item: IntArray
    text: Texts
    words: Tokens


@dataclass(frozen=True, slots=True)
class Vectors:
    """Sparse unit vectors (TF-IDF), one per distinct text.

    Attributes
    ----------
    code : int32[n]
        Distinct text of each record, -1 if missing.
    start : int64[m + 1]
    index : int32[...]
        Sorted dimensions of each vector.
    value : float32[...]
        Their values; each vector has Euclidean length 1.
    dimensions : int
    """

    code: IntArray
    start: npt.NDArray[np.int64]
    index: IntArray
    value: npt.NDArray[np.float32]
    dimensions: int


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors of an encoder, one per distinct text, behind what compares and searches them.

    Attributes
    ----------
    code : int32[n]
        Distinct text of each record, -1 if missing.
    space : sameas.models.base.Space
        Row ``code[record]`` is the vector of a record.
    """

    code: IntArray
    space: Any


@dataclass(frozen=True, slots=True)
class Sets:
    """Sets of values as sorted 64-bit hashes, one set a record; an empty set is missing."""

    start: npt.NDArray[np.int64]
    value: npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Signatures:
    """A few bits a distinct text that tell quickly that two texts cannot agree.

    Attributes
    ----------
    bits : uint64[m] or uint64[m, 2]
        Aligned with the distinct texts of the column that they belong to.
    """

    bits: npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Codes:
    """Values that are equal or not: a 64-bit hash a record, 0 if missing.

    Attributes
    ----------
    value : uint64[n]
    frequent : int
        Records whose value counts as missing because too many bear it.
    """

    value: npt.NDArray[np.uint64]
    frequent: int = 0


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers, NaN if missing."""

    value: FloatArray


@dataclass(frozen=True, slots=True)
class Points:
    """Positions on the sphere, NaN if missing.

    Attributes
    ----------
    latitude, longitude : float64[n]
        Decimal degrees.
    xyz : float64[n, 3]
        The same point on the sphere with the Earth's mean radius, metres.
    """

    latitude: FloatArray
    longitude: FloatArray
    xyz: FloatArray


Column: TypeAlias = (
    Texts
    | Tokens
    | Vectors
    | Sets
    | Codes
    | Numbers
    | Points
    | Signatures
    | Dates
    | Persons
    | Phones
    | Quantities
    | Embedded
    | Aliases
)
Columns: TypeAlias = Mapping[Need, Any]
