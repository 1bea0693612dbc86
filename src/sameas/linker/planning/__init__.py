"""Plans: fields and blocking that follow from the tables alone."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["Plan", "PlannedField", "PlannedRule", "plan_lines", "plan_tables"]

_HOMES = {
    "Plan": "plan",
    "PlannedField": "planned",
    "PlannedRule": "planned",
    "plan_lines": "show",
    "plan_tables": "make",
}

if TYPE_CHECKING:
    from sameas.linker.planning.make import plan_tables
    from sameas.linker.planning.plan import Plan
    from sameas.linker.planning.planned import PlannedField, PlannedRule
    from sameas.linker.planning.show import plan_lines


def __getattr__(name: str) -> Any:
    """Import public names when they are first used: a plan in a file is not made."""
    if name in _HOMES:
        return getattr(import_module(f"sameas.linker.planning.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'sameas.linker.planning' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
