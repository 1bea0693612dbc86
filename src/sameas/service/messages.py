"""What goes over the wire beside the answers of a resolver, which go as they are."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from sameas.resolver import Event

__all__ = ["Changes", "Correction", "Key", "Problem", "Ready"]

Text = Annotated[str, Meta(min_length=1, max_length=1000)]
Remark = Annotated[str, Meta(max_length=10_000)]


class Key(Struct, forbid_unknown_fields=True):
    """The name of a record: its source, and its id there."""

    source: Text
    id: Text


class Changes(Struct):
    """Events after a sequence number; ask again from `last` on."""

    events: tuple[Event, ...]
    last: int


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
