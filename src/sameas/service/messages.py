"""What goes over the wire: the bodies of requests and answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

__all__ = [
    "Candidate",
    "Change",
    "Changes",
    "Correction",
    "Entity",
    "Event",
    "Key",
    "Match",
    "Problem",
    "Ready",
    "Record",
]

Text = Annotated[str, Meta(min_length=1, max_length=1000)]
Remark = Annotated[str, Meta(max_length=10_000)]


class Key(Struct, forbid_unknown_fields=True):
    """The name of a record: its source, and its id there."""

    source: Text
    id: Text


class Candidate(Struct):
    """A record of the store that may be the one asked about."""

    source: str
    id: str
    entity: str
    score: float
    decision: bool
    record: dict[str, Any]
    explanation: dict[str, Any] | None = None


class Match(Struct):
    """What is known of a record that was asked about; nothing was stored."""

    decision: bool
    entity: str | None
    candidates: list[Candidate]
    found: int
    looked: int
    capped: int
    threshold: float
    linker: str
    order_dependent: list[str]


class Event(Struct):
    """One change of the store."""

    seq: int
    kind: str
    source: str | None
    id: str | None
    entity: str | None
    previous: str | None
    score: float | None
    linker: str
    at: str
    detail: dict[str, Any]


class Change(Struct):
    """What a write did; it is on the disk."""

    source: str
    id: str
    kind: str
    entity: str | None
    seq: int
    events: list[Event]
    looked: int
    candidates: int
    capped: int
    order_dependent: list[str]


class Changes(Struct):
    """Events after a sequence number; ask again from `last` on."""

    events: list[Event]
    last: int


class Record(Struct):
    """A record of the store; entity and record are null once it was deleted."""

    source: str
    id: str
    entity: str | None
    record: dict[str, Any] | None
    inserted: int
    changed: int


class Entity(Struct):
    """An entity: golden record, members, history, ids that were merged into it."""

    entity: str
    asked: str
    retired: bool
    golden: dict[str, Any]
    provenance: dict[str, Any]
    members: list[Record]
    formerly: list[str]
    history: list[Event]


class Correction(Struct, forbid_unknown_fields=True):
    """What a person says of two records; a verdict of null takes it back."""

    left: Key
    right: Key
    verdict: Literal["same", "different"] | None
    author: Remark | None = None
    reason: Remark | None = None


class Ready(Struct):
    """Whether requests can be served, and what to know of the answers."""

    ready: bool
    linker: str
    threshold: float
    order_dependent: list[str]
    seq: int
    store: str


class Problem(Struct, omit_defaults=True):
    """An error (RFC 9457); `field` is the one that is wrong."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"
    field: str | UnsetType = UNSET
