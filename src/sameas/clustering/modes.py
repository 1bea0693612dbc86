"""The modes of linking, as users name them."""

from __future__ import annotations

from sameas.clustering.base import Clusterer
from sameas.clustering.components import ConnectedComponents
from sameas.clustering.one_to_one import OneToOne
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, choices_hint

__all__ = ["MODES", "LinkMode", "link_mode"]


@dataclass(frozen=True, slots=True)
class LinkMode:
    """What a mode of linking means.

    Attributes
    ----------
    within : bool
        Whether two records of one source are compared at all.
    clusterer : Clusterer
    unique : {None, "first", "last"}
        The table, in the order given, of which an entity holds one record at most.
    """

    within: bool
    clusterer: Clusterer
    unique: str | None = None


#: ``many``: any number of partners in the other sources; ``one-to-one``: at most one in each;
#: ``one-to-many``: any number for a record of the first table, and at most one in the first
#: table for any other record; ``many-to-one``: the same with the last table; ``also-within``:
#: duplicates inside a source are found too.
MODES = {
    "many": LinkMode(within=False, clusterer=ConnectedComponents()),
    "one-to-one": LinkMode(within=False, clusterer=OneToOne()),
    "one-to-many": LinkMode(within=False, clusterer=ConnectedComponents(), unique="first"),
    "many-to-one": LinkMode(within=False, clusterer=ConnectedComponents(), unique="last"),
    "also-within": LinkMode(within=True, clusterer=ConnectedComponents()),
}


def link_mode(name: str) -> LinkMode:
    """Return a mode of linking by its name.

    Raises
    ------
    ArgumentError
        If there is no such mode.

    Examples
    --------
    >>> link_mode("one-to-one").within
    False
    """
    if name not in MODES:
        raise ArgumentError(
            f"Unknown mode {name!r}.{choices_hint(name, MODES)} Known: {', '.join(MODES)}."
        )
    return MODES[name]
