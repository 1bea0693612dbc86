"""Silver labels: a field held out of the evidence says which pairs are one thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, LabelError
from sameas.core.prepared import IntArray, Need

__all__ = ["SilverLabels", "check_evidence", "silver_labels"]


@dataclass(frozen=True, slots=True, eq=False)
class SilverLabels:
    """What the held-out field says of each pair.

    Attributes
    ----------
    label : int8[n]
        1 equal, 0 different, -1 missing on one side or both.
    field : str
        The held-out field.
    """

    label: npt.NDArray[np.int8]
    field: str

    @property
    def matches(self) -> int:
        """Number of pairs whose values are equal."""
        return int((self.label == 1).sum())

    @property
    def non_matches(self) -> int:
        """Number of pairs whose values differ."""
        return int((self.label == 0).sum())

    @property
    def undecided(self) -> int:
        """Number of pairs without a value on one side or both."""
        return int((self.label < 0).sum())

    @property
    def ratio(self) -> float:
        """Non-matches for one match (infinite without a match)."""
        return self.non_matches / self.matches if self.matches else float("inf")

    def describe(self) -> str:
        """Say the class ratio in a line."""
        share = self.undecided / max(1, len(self.label))
        return (
            f"silver labels from {self.field!r}: {self.matches:,} equal, {self.non_matches:,} "
            f"different (1 : {self.ratio:.1f}), {self.undecided:,} pairs ({share:.1%}) undecided"
        )


def silver_labels(
    codes: npt.NDArray[np.uint64], left: IntArray, right: IntArray, *, field: str
) -> SilverLabels:
    """Label pairs by a held-out field: equal is a match, different is none.

    Parameters
    ----------
    codes : uint64[records]
        Hash of each record's value, 0 if missing (`sameas.core.prepared.Codes`).
    left, right : int32[n]
        Record numbers of the pairs.
    field : str
        Name of the field; see also `check_evidence`.

    Returns
    -------
    SilverLabels

    Raises
    ------
    LabelError
        If no pair has equal values, or none has different ones: nothing can be learned.

    Notes
    -----
    Source: Cousseau and Barbosa, section 4 (equal or different phone digits; 24 non-matches
    for one match among their pairs). Such labels are noisy: branches share a phone, and a
    place changes its number.

    Examples
    --------
    >>> codes = np.array([7, 7, 9, 0], np.uint64)
    >>> left, right = np.array([0, 0, 0], np.int32), np.array([1, 2, 3], np.int32)
    >>> silver = silver_labels(codes, left, right, field="phone")
    >>> silver.label.tolist()
    [1, 0, -1]
    >>> print(silver.describe())
    silver labels from 'phone': 1 equal, 1 different (1 : 1.0), 1 pairs (33.3%) undecided
    """
    first, second = codes[left], codes[right]
    label = (first == second).astype(np.int8)
    label[(first == 0) | (second == 0)] = -1
    silver = SilverLabels(label, field)
    if not silver.matches or not silver.non_matches:
        raise LabelError(
            f"The silver field {field!r} gives {silver.matches:,} matches and "
            f"{silver.non_matches:,} non-matches among {len(label):,} candidate pairs "
            f"({silver.undecided:,} undecided); training needs both. Choose another field, widen "
            "the blocking, or give labels."
        )
    return silver


def check_evidence(field: str, used: Mapping[str, Iterable[str | Need]]) -> None:
    """Refuse a silver field that is also evidence: the matcher would only learn to read it.

    Parameters
    ----------
    field : str
        The held-out field.
    used : mapping of str to fields or needs
        Where fields are used: ``{"blocking": {...}, "the comparison 'phone'": {...}}``.

    Raises
    ------
    ArgumentError
        Naming every place that uses the field.

    Examples
    --------
    >>> check_evidence("phone", {"blocking": {"geo", "name"}})
    >>> check_evidence("phone", {"blocking": {"geo", "phone"}})
    Traceback (most recent call last):
        ...
    sameas.core.errors.ArgumentError: The silver field 'phone' is also evidence in: blocking. ...
    """
    places = []
    for place, items in used.items():
        fields = {
            name for item in items for name in (item.fields if isinstance(item, Need) else (item,))
        }
        if field in fields:
            places.append(place)
    if places:
        raise ArgumentError(
            f"The silver field {field!r} is also evidence in: {', '.join(places)}. Labels taken "
            "from a field must not be predicted from it: leave it out there, or choose another "
            "silver field."
        )
