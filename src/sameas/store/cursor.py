"""What the tables of a store ask of a database, and what they share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

__all__ = ["Cursor", "Tables"]


class Cursor(Protocol):
    """The two things that differ between databases: placeholders and lists of values."""

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """Run a query and return all rows."""

    def each(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """Run a query and give its rows one after another."""

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Run a statement."""

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement for every row."""

    def among(self, column: str) -> str:
        """Return a condition with one placeholder: the column is one of a list of integers."""

    def listed(self, values: Iterable[int]) -> Any:
        """Return a list of integers as the value of that placeholder."""


class Tables:
    """Some tables of a store inside a transaction.

    Parameters
    ----------
    cursor : Cursor
    """

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def _among(self, table: str, columns: str, key: str, numbers: Iterable[int]) -> list[Any]:
        return self._cursor.rows(
            f"SELECT {columns} FROM {table} WHERE {self._cursor.among(key)}",
            (self._cursor.listed(numbers),),
        )
