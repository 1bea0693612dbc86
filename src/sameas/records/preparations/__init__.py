"""Every kind of prepared column; each registers itself under the kind of its need."""

from sameas.records.preparations import (
    aliases,
    dates,
    keys,
    measures,
    persons,
    texts,
    tokens,
    values,
)
from sameas.records.preparations.workspace import Workspace

__all__ = [
    "Workspace",
    "aliases",
    "dates",
    "keys",
    "measures",
    "persons",
    "texts",
    "tokens",
    "values",
]
