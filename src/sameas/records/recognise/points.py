"""Places that one table has in one column and another in two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sameas.records.recognise.guess import POINT, guess
from sameas.records.recognise.profile import Profile

__all__ = ["COORDINATES", "split_points"]

COORDINATES = ("latitude", "longitude")
Groups = list[dict[str, str]]


def split_points(
    groups: Sequence[dict[str, str]], profiles: Mapping[str, Mapping[str, Profile]]
) -> tuple[Groups, dict[str, dict[str, str]]]:
    """Take the column with both coordinates for the latitude and for the longitude of its table.

    Parameters
    ----------
    groups : sequence of (dict of source to column)
        Columns that hold the same, as `pair_columns` finds them.
    profiles : mapping of source to (mapping of column to Profile)

    Returns
    -------
    list of dict
        The other groups.
    dict of coordinate to (dict of source to column)
        Latitude and longitude of all tables; empty unless some have both in one column, all
        others have two, and no other column has a better claim.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from sameas.records.recognise.profile import profile
    >>> both, half = pa.chunked_array([["51.5, -0.12"]]), pa.chunked_array([["51.5"]])
    >>> profiles = {"a": {"at": profile("at", [both])},
    ...             "b": {name: profile(name, [half]) for name in ("lat", "lon")}}
    >>> split_points([{"a": "at"}, {"b": "lat"}, {"b": "lon"}], profiles)[1]
    {'latitude': {'a': 'at', 'b': 'lat'}, 'longitude': {'a': 'at', 'b': 'lon'}}
    """
    held: dict[str, dict[str, str]] = {kind: {} for kind in (POINT, *COORDINATES)}
    left = []
    for group in groups:
        kinds = {guess(profiles[source][column]).kind for source, column in group.items()}
        kind = kinds.pop() if len(kinds) == 1 else ""
        if kind in held and not held[kind].keys() & group.keys():
            held[kind] |= group
        else:
            left.append(group)
    points = held[POINT]
    two = held["latitude"].keys() & held["longitude"].keys()
    if not points or not two or points.keys() & two or points.keys() | two != profiles.keys():
        return list(groups), {}
    columns = {
        kind: {source: points.get(source) or held[kind][source] for source in profiles}
        for kind in COORDINATES
    }
    return left, columns
