"""The tables of several fitted matchers together, each under the name of its part."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from sameas.matching.base import FittedMatcher

__all__ = ["part_of", "tables_of_parts"]


def tables_of_parts(parts: Mapping[str, FittedMatcher]) -> dict[str, pa.Table]:
    """Return the tables of all parts, as ``part-table``."""
    return {
        f"{part}-{name}": table
        for part, matcher in parts.items()
        for name, table in matcher.to_tables().items()
    }


def part_of(tables: Mapping[str, pa.Table], part: str) -> dict[str, pa.Table]:
    """Return the tables of one part, under the names that its matcher knows.

    Examples
    --------
    >>> both = {"first-trees": pa.table({}), "final-trees": pa.table({})}
    >>> list(part_of(both, "first"))
    ['trees']
    """
    start = f"{part}-"
    return {name[len(start) :]: one for name, one in tables.items() if name.startswith(start)}
