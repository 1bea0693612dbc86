"""Errors that teach: which argument, what was expected, what came, the nearest valid choice."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

__all__ = [
    "ArgumentError",
    "ColumnError",
    "DataError",
    "LabelError",
    "MissingExtraError",
    "RunError",
    "SameasError",
    "SavedLinkerError",
    "check_one_of",
    "choices_hint",
    "path_hint",
]


class SameasError(Exception):
    """Base of every error that sameas raises on purpose."""


class ArgumentError(SameasError, ValueError):
    """An argument or option has a value that cannot be used."""


class ColumnError(SameasError, KeyError):
    """A table lacks a column, or a column has the wrong type."""

    def __str__(self) -> str:
        """Return the plain message (``KeyError`` would quote it)."""
        return str(self.args[0]) if self.args else ""

    @classmethod
    def missing(cls, name: str, columns: Iterable[str], *, table: str) -> ColumnError:
        """Build the error for a column that `table` does not have.

        Examples
        --------
        >>> print(ColumnError.missing("nmae", ["id", "name"], table="places.csv"))
        places.csv has no column 'nmae'. Did you mean 'name'? It has: id, name.
        """
        columns = list(columns)
        return cls(
            f"{table} has no column {name!r}.{choices_hint(name, columns)} "
            f"It has: {', '.join(columns) or 'no columns at all'}."
        )


class DataError(SameasError, ValueError):
    """A table or file cannot be read or used as it is."""


class LabelError(SameasError, ValueError):
    """Labels are missing, contradict each other or name unknown records."""


class MissingExtraError(SameasError, ImportError):
    """An optional library is needed; the message names the extra to install."""


class SavedLinkerError(SameasError, ValueError):
    """A saved linker cannot be read by this version, or its folder is damaged."""


class RunError(SameasError, RuntimeError):
    """A run could not be finished (disk full, interrupted, refused by budget)."""


def choices_hint(name: str, choices: Iterable[str]) -> str:
    """Say which valid choice is nearest to `name`, or nothing when none is near.

    Examples
    --------
    >>> choices_hint("jaro_winkle", ["jaro_winkler", "soft_tfidf"])
    " Did you mean 'jaro_winkler'?"
    >>> choices_hint("zzz", ["jaro_winkler"])
    ''
    """
    near = get_close_matches(name, list(choices), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def check_one_of(name: str, value: object, choices: Iterable[str]) -> None:
    """Refuse a value that is none of the choices; name the nearest one.

    Raises
    ------
    ArgumentError
        If it is none of them.

    Examples
    --------
    >>> check_one_of("mask", "shape", ["grey", "hidden"])
    Traceback (most recent call last):
        ...
    sameas.core.errors.ArgumentError: mask must be one of grey, hidden; got 'shape'.
    """
    known = list(choices)
    if value not in known:
        hint = choices_hint(str(value), known)
        raise ArgumentError(f"{name} must be one of {', '.join(known)}; got {value!r}.{hint}")


def path_hint(path: Path) -> str:
    """Say which file or folder that is there has the nearest name, or nothing."""
    folder = path.parent
    return choices_hint(
        path.name, [item.name for item in folder.iterdir()] if folder.is_dir() else []
    )
