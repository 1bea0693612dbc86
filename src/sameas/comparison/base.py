"""What a comparison is, and how many of them become a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sameas.core.errors import ArgumentError
from sameas.core.prepared import Columns, IntArray, Need

__all__ = ["Comparison", "as_tuple", "column_names", "compare", "fill", "with_form"]

#: Forms that belong to one kind of field and so are not named in its columns.
_UNNAMED = ("normalise", "digits", "postal_code", "url", "words_with_digits")


class Comparison(Protocol):
    """How alike two records are in one respect, as one column or a few.

    A comparison is symmetric: swapping left and right changes nothing. NaN means that the
    two cannot be compared, which is not the same as 0.
    """

    def names(self) -> tuple[str, ...]:
        """Name the columns."""

    def needs(self) -> tuple[Need, ...]:
        """Name the prepared columns that it reads."""

    def values(
        self, columns: Columns, left: IntArray, right: IntArray
    ) -> Sequence[npt.NDArray[np.floating]]:
        """Compute one array for each name, one value a pair."""


def column_names(comparisons: Sequence[Comparison]) -> tuple[str, ...]:
    """Return the column names of comparisons, in order.

    Raises
    ------
    ArgumentError
        If two comparisons give a column the same name.

    Examples
    --------
    >>> from sameas.comparison import Equal, JaroWinkler
    >>> column_names([JaroWinkler("name"), Equal("city")])
    ('name_jaro_winkler', 'city_equal')
    """
    names = [name for comparison in comparisons for name in comparison.names()]
    for name in names:
        if names.count(name) > 1:
            raise ArgumentError(f"Two comparisons give a column named {name!r}; drop one of them.")
    return tuple(names)


def compare(
    columns: Columns, comparisons: Sequence[Comparison], left: IntArray, right: IntArray
) -> npt.NDArray[np.float32]:
    """Compare record pairs in every respect.

    Parameters
    ----------
    columns : mapping of Need to prepared column
    comparisons : sequence of Comparison
    left, right : int32[p]
        Record numbers.

    Returns
    -------
    float32[p, k]
        One column for each name of `column_names`.
    """
    out = np.empty((len(left), len(column_names(comparisons))), np.float32)
    fill(out, columns, comparisons, left, right)
    return out


def fill(
    out: npt.NDArray[np.float32],
    columns: Columns,
    comparisons: Sequence[Comparison],
    left: IntArray,
    right: IntArray,
    *,
    chosen: Sequence[Comparison] | None = None,
    known: Sequence[tuple[Comparison, npt.NDArray[np.float32]]] = (),
) -> None:
    """Compare record pairs in some respects, into a matrix that has columns for all of them.

    Parameters
    ----------
    out : float32[p, at least k]
        Its first columns are those of `column_names`; only those of `chosen` are written.
    columns : mapping of Need to prepared column
    comparisons : sequence of Comparison
    left, right : int32[p]
        Record numbers.
    chosen : sequence of Comparison, optional
        All by default.
    known : sequence of (Comparison, float32[p])
        Columns that have been computed before; they are copied.
    """
    place = 0
    for comparison in comparisons:
        width = len(comparison.names())
        if chosen is None or comparison in chosen:
            had = next((values for item, values in known if item == comparison), None)
            made = comparison.values(columns, left, right) if had is None else [had]
            for offset, values in enumerate(made):
                out[:, place + offset] = values
        place += width


def as_tuple(field: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return one field or several as a tuple.

    Examples
    --------
    >>> as_tuple("name"), as_tuple(("brand", "title"))
    (('name',), ('brand', 'title'))
    """
    return (field,) if isinstance(field, str) else tuple(field)


def with_form(field: str, form: str) -> str:
    """Return how a column begins that compares a field in a form.

    Examples
    --------
    >>> with_form("phone", "digits"), with_form("email", "email_domain"), with_form("a", "latin")
    ('phone', 'email_domain', 'a_latin')
    """
    if form in _UNNAMED or form == field:
        return field
    return form if form.startswith(f"{field}_") else f"{field}_{form}"
