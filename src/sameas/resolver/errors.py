"""What can be wrong with a request to a resolver."""

from __future__ import annotations

from sameas.core.errors import ArgumentError, DataError, SameasError, SavedLinkerError

__all__ = [
    "ContradictionError",
    "LinkerChangedError",
    "RecordError",
    "RecordExistsError",
    "UnknownRecordError",
]


class RecordError(DataError):
    """A record cannot be used: a field has a value that is none.

    Attributes
    ----------
    field : str or None
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class RecordExistsError(RecordError):
    """A record was to be inserted that is there already, with other content."""


class UnknownRecordError(SameasError, LookupError):
    """There is no such record or entity in the store."""


class ContradictionError(ArgumentError):
    """A correction contradicts earlier ones."""


class LinkerChangedError(SavedLinkerError):
    """The store was filled by another linker; `Resolver.rebuild` brings it up to date."""
