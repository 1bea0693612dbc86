"""What a resolver answers."""

from __future__ import annotations

from dataclasses import asdict, field
from typing import Any

from sameas.core.dataclass import dataclass
from sameas.reporting import Explanation

__all__ = [
    "Candidate",
    "Change",
    "CheckReport",
    "EntityView",
    "Event",
    "Match",
    "RecordView",
    "entity_name",
    "entity_number",
]


def entity_name(number: int) -> str:
    """Return the id of an entity as users know it.

    Examples
    --------
    >>> entity_name(17), entity_number("e17"), entity_number("17")
    ('e17', 17, None)
    """
    return f"e{number}"


def entity_number(name: str) -> int | None:
    """Return the number of an entity id, None if it is none."""
    digits = name[1:]
    plain = name[:1] == "e" and digits.isascii() and digits.isdigit() and len(digits) < 19
    return int(digits) if plain else None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record of the store that may be the one asked about.

    Attributes
    ----------
    source, id : str
    entity : str
    score : float
        Probability of a match.
    decision : bool
        Whether it reaches the threshold.
    record : dict
        Its fields.
    explanation : Explanation or None
    """

    source: str
    id: str
    entity: str
    score: float
    decision: bool
    record: dict[str, Any]
    explanation: Explanation | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "explanation"}
        if self.explanation is not None:
            plain["explanation"] = self.explanation.to_dict()
        return plain


@dataclass(frozen=True, slots=True)
class Match:
    """What is known of a record that was asked about; nothing was stored.

    Attributes
    ----------
    decision : bool
        Whether a candidate reaches the threshold.
    entity : str or None
        The entity of the best candidate that does. An insert may join others to it.
    candidates : tuple of Candidate
        Best first; at most as many as were asked for.
    found, looked, capped : int
        All candidates; records that stood in the same blocks; candidates that limits left out.
    threshold : float
    linker : str
        Version of the linker.
    order_dependent : tuple of str
        Why answers may depend on the order of inserts; empty: they do not.
    """

    decision: bool
    entity: str | None
    candidates: tuple[Candidate, ...]
    found: int
    looked: int
    capped: int
    threshold: float
    linker: str
    order_dependent: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        plain["candidates"] = [item.to_dict() for item in self.candidates]
        plain["order_dependent"] = list(self.order_dependent)
        return plain


@dataclass(frozen=True, slots=True)
class Event:
    """One change; see `sameas.store.EventRow` for the kinds."""

    seq: int
    kind: str
    source: str | None
    id: str | None
    entity: str | None
    previous: str | None
    score: float | None
    linker: str
    at: str
    detail: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Change:
    """What a write did.

    Attributes
    ----------
    source, id : str
    kind : str
        "inserted", "updated", "deleted", "corrected", or "unchanged".
    entity : str or None
        Of the record, after the change.
    seq : int
        The last sequence number by now.
    events : tuple of Event
    looked, candidates, capped : int
        As in `Match`.
    order_dependent : tuple of str
    """

    source: str
    id: str
    kind: str
    entity: str | None
    seq: int
    events: tuple[Event, ...] = ()
    looked: int = 0
    candidates: int = 0
    capped: int = 0
    order_dependent: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        plain["events"] = [event.to_dict() for event in self.events]
        plain["order_dependent"] = list(self.order_dependent)
        return plain


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record of the store.

    Attributes
    ----------
    source, id : str
    entity : str or None
        None: it was deleted.
    record : dict or None
        Its fields, cleaned; None: it was deleted.
    inserted, changed : int
        Sequence numbers.
    """

    source: str
    id: str
    entity: str | None
    record: dict[str, Any] | None
    inserted: int
    changed: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class EntityView:
    """An entity of the store.

    Attributes
    ----------
    entity : str
        Its id now.
    asked : str
        The id asked for, which may have been merged into another one.
    retired : bool
        It has no members any more: all were deleted.
    golden : dict
        The golden record.
    provenance : dict
        Which member, or members, gave each value, as ``source:id``.
    members : tuple of RecordView
        The oldest first.
    formerly : tuple of str
        Ids that were merged into this one.
    history : tuple of Event
    """

    entity: str
    asked: str
    retired: bool
    golden: dict[str, Any]
    provenance: dict[str, Any]
    members: tuple[RecordView, ...]
    formerly: tuple[str, ...]
    history: tuple[Event, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What the check of a store found.

    Attributes
    ----------
    figures : dict of str to int
        Records, tombstones, entities, corrections, events.
    problems : tuple of str
        Empty: the store is whole.
    """

    figures: dict[str, int]
    problems: tuple[str, ...]

    def __bool__(self) -> bool:
        """Say whether the store is whole."""
        return not self.problems
