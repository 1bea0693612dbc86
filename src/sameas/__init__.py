"""Find which records mean the same thing.

>>> import sameas
>>> linker = sameas.Linker({"name": "name", "city": "category"})
>>> linker
Linker(name, city; 1 blocking rule; not fitted)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sameas.core.when_used import import_when_used

__version__ = "0.1.0"

__all__ = [
    "Field",
    "Linker",
    "LinkerSpec",
    "Options",
    "Resolver",
    "Result",
    "__version__",
    "compare_runs",
    "read_table",
    "recipes",
]

if TYPE_CHECKING:
    from sameas import recipes
    from sameas.linker import Linker, LinkerSpec, Options, Result, compare_runs
    from sameas.records import Field, read_table
    from sameas.resolver import Resolver

__getattr__, __dir__ = import_when_used(
    __name__,
    {
        "linker": ["Linker", "LinkerSpec", "Options", "Result", "compare_runs"],
        "recipes": [],
        "records": ["Field", "read_table"],
        "resolver": ["Resolver"],
    },
)
