"""The rows of a store as they are read and written."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ComparedRow", "CorrectionRow", "EntityRow", "EventRow", "RecordRow"]


class RecordRow(NamedTuple):
    """A record, or its tombstone: without an entity and without content."""

    record: int
    source: str
    id: str
    born: int
    changed: int
    entity: int | None
    content: str | None


class EntityRow(NamedTuple):
    """An entity; `retired` is the sequence number at which it lost its last member."""

    entity: int
    born: int
    retired: int | None
    forward: int | None


class CorrectionRow(NamedTuple):
    """What a person said of two records: the verdict is "same" or "different"."""

    left_source: str
    left_id: str
    right_source: str
    right_id: str
    verdict: str
    seq: int
    author: str | None
    reason: str | None


class EventRow(NamedTuple):
    """One change, in the order of its sequence number.

    Of a record: "inserted", "updated", "deleted". Of its membership, with the entity after
    and before (`previous`): "created", "joined", "merged", "split", "left". Of a pair:
    "corrected". `at` is for people; nothing is decided by it.
    """

    seq: int
    kind: str
    source: str | None
    id: str | None
    entity: int | None
    previous: int | None
    score: float | None
    linker: str
    at: str
    detail: str | None


class ComparedRow(NamedTuple):
    """A live record with what was prepared of it; `edges` is None without any candidate."""

    record: int
    source: str
    id: str
    entity: int
    content: str
    prepared: bytes
    edges: bytes | None
