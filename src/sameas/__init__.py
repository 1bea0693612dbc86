"""Find which records mean the same thing.

>>> import sameas
>>> linker = sameas.Linker({"name": "name", "city": "category"})
>>> linker
Linker(name, city; 1 blocking rule; not fitted)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = [
    "Field",
    "Linker",
    "LinkerSpec",
    "Options",
    "Resolver",
    "Result",
    "compare_runs",
    "read_table",
    "recipes",
]

_HOMES = {
    "Field": "sameas.records",
    "Linker": "sameas.linker",
    "LinkerSpec": "sameas.linker",
    "Options": "sameas.linker",
    "Resolver": "sameas.resolver",
    "Result": "sameas.linker",
    "compare_runs": "sameas.linker",
    "read_table": "sameas.records",
}

if TYPE_CHECKING:
    from sameas import recipes
    from sameas.linker import Linker, LinkerSpec, Options, Result, compare_runs
    from sameas.records import Field, read_table
    from sameas.resolver import Resolver


def __getattr__(name: str) -> Any:
    """Import public names when they are first used, so that ``import sameas`` is quick."""
    if name == "recipes":
        return import_module("sameas.recipes")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'sameas' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, "__version__"]
