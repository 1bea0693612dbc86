"""Arrow and numba are imported without what they import on the chance that somebody needs it.

pyarrow imports pandas and numba imports scipy wherever they find them, which is an eighth of a
CPU second of a command that hands neither of them anything. Only the command does so: a library
leaves its process alone.
"""

from __future__ import annotations

import sys
from types import ModuleType

__all__ = ["import_alone"]

_NOT_NEEDED = ("pandas", "scipy")


class _Absent:
    """Finds none of the modules that are not needed, as if they were not installed."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: ModuleType | None = None) -> None:  # noqa: ARG004
        if name in _NOT_NEEDED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def import_alone() -> None:
    """Import Arrow and numba as if pandas and scipy were not there; afterwards they are.

    Both look for them once, as soon as an array is made and when functions are registered.
    """
    sys.meta_path.insert(0, _Absent)
    try:
        import numba.np.arraymath  # noqa: F401
        import pyarrow as pa

        pa.array([0])
    finally:
        sys.meta_path.remove(_Absent)
