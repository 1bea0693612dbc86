"""Arrow and numba are imported without what they import on the chance that somebody needs it.

pyarrow imports pandas and numba imports scipy and PyYAML wherever they find them, which is an
eighth of a CPU second of a command that hands none of them anything. (numba's compiler asks for
scipy once more, but kernels that are compiled already do without it: `sameas.kernels.kept`.)
numba also keeps the time of each call of LLVM, of which loading the kernels makes thousands: a
twentieth of a second; and Arrow parses the documentation of all options of its functions for the
documentation of these, which nobody reads here: a fiftieth. Only the command does without: a
library leaves its process alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

__all__ = ["import_alone"]

_NOT_NEEDED = ("pandas", "scipy")
#: numba reads settings from this file of the folder at hand, by PyYAML.
_SETTINGS = Path(".numba_config.yaml")
#: By this module Arrow reads what its options are documented with.
_OPTIONS = "pyarrow.vendored.docscrape"


class _Absent:
    """Finds none of the modules that are not needed, as if they were not installed."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: ModuleType | None = None) -> None:  # noqa: ARG004
        if name in _NOT_NEEDED or (name == "yaml" and not _SETTINGS.exists()):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


class _Unread(ModuleType):
    """Reads no documentation."""

    @staticmethod
    def NumpyDocString(text: str) -> dict[str, list[str]]:  # noqa: ARG004, N802
        return {"Parameters": []}


def import_alone() -> None:
    """Import Arrow and numba as if pandas, scipy and PyYAML were not there; afterwards they are.

    They are looked for once: pandas as soon as an array is made.
    """
    import llvmlite.binding.ffi as llvm

    sys.meta_path.insert(0, _Absent)
    keep_time, llvm.register_lock_callback = llvm.register_lock_callback, _keep_no_time
    unread = sys.modules.setdefault(_OPTIONS, _Unread(_OPTIONS))
    try:
        import numba  # noqa: F401
        import pyarrow as pa
        import pyarrow.compute

        pa.array([0])
    finally:
        llvm.register_lock_callback = keep_time
        sys.meta_path.remove(_Absent)
        if isinstance(unread, _Unread):
            del sys.modules[_OPTIONS]


def _keep_no_time(begin: Callable[[], None], end: Callable[[], None]) -> None:
    """Do without what numba calls before and after each call of LLVM."""
