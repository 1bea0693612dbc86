"""Who keeps an entity id when entities merge and split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Assignment", "assign"]


@dataclass(slots=True)
class Assignment:
    """The entities of some records after a change.

    Attributes
    ----------
    entity : dict of record to int or None
        None: a new entity; `fresh` says which records share it.
    fresh : list of list of int
        Records of each new entity.
    forward : dict of int to int
        Entities without members, and which entity they were merged into.
    empty : list of int
        Entities without members that were merged into none: all of theirs were deleted.
    """

    entity: dict[int, int | None] = field(default_factory=dict)
    fresh: list[list[int]] = field(default_factory=list)
    forward: dict[int, int] = field(default_factory=dict)
    empty: list[int] = field(default_factory=list)


def assign(
    clusters: Sequence[Sequence[int]],
    previous: Mapping[int, int],
    born: Mapping[int, int],
    entity_born: Mapping[int, int],
) -> Assignment:
    """Give clusters the ids of the entities that their records were in.

    An entity goes to the cluster with most of its members; on a tie to that of its oldest
    member. A cluster that several entities go to takes the oldest of them, and the others
    forward to it. Age is the sequence number, never a clock.

    Parameters
    ----------
    clusters : sequence of sequences of record numbers
        With all live members of every entity of `entity_born`.
    previous : mapping of record to entity
        Records that had none are absent.
    born : mapping of record to sequence number
    entity_born : mapping of entity to sequence number

    Examples
    --------
    Entities 1 = {a=10, b=11} and 2 = {c=12} are merged; then 10 is cut off.

    >>> births = {10: 1, 11: 2, 12: 3}
    >>> assign([[10, 11, 12]], {10: 1, 11: 1, 12: 2}, births, {1: 1, 2: 3}).forward
    {2: 1}
    >>> assign([[10], [11, 12]], {10: 1, 11: 1, 12: 1}, births, {1: 1}).entity
    {11: 1, 12: 1, 10: None}
    """
    claims: dict[int, list[int]] = {}
    best: dict[int, tuple[int, int, int]] = {}
    for place, cluster in enumerate(clusters):
        members: dict[int, list[int]] = {}
        for record in cluster:
            if record in previous:
                members.setdefault(previous[record], []).append(born[record])
        for entity, births in members.items():
            # The most members; among equals the oldest member.
            best[entity] = min(best.get(entity, (0, 0, 0)), (-len(births), min(births), place))
    for entity, (_, _, place) in best.items():
        claims.setdefault(place, []).append(entity)
    found = Assignment()
    for place, cluster in enumerate(clusters):
        wanting = sorted(claims.get(place, []), key=lambda entity: (entity_born[entity], entity))
        if not wanting:
            found.fresh.append(list(cluster))
            continue
        found.entity.update(dict.fromkeys(cluster, wanting[0]))
        found.forward.update(dict.fromkeys(wanting[1:], wanting[0]))
    for cluster in found.fresh:
        found.entity.update(dict.fromkeys(cluster))
    found.empty = [entity for entity in entity_born if entity not in best]
    return found
