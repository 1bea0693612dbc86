"""How tables are put together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sameas.core.errors import check_one_of

__all__ = ["MODES", "check_mode", "default_mode"]

#: One table; across tables; each record once; each record of all tables but the first (the last)
#: once; also inside tables.
MODES = ("dedupe", "many", "one-to-one", "one-to-many", "many-to-one", "also-within")


def check_mode(mode: str) -> None:
    """Raise if there is no such mode."""
    check_one_of("mode", mode, MODES)


def default_mode(tables: Mapping[str, Any]) -> str:
    """Return "dedupe" for one table and "many" for several."""
    return "dedupe" if len(tables) == 1 else "many"
