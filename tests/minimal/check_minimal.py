"""Run by `make test` in an environment that holds the core dependencies alone.

A check is a function without arguments that raises when something is wrong; `CHECKS` lists them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

OPTIONAL = (
    "airports",
    "airportsdata",
    "imblearn",
    "matplotlib",
    "pandas",
    "polars",
    "python_calamine",
    "rapidfuzz",
    "scipy",
    "sklearn",
    "torch",
)


def nothing_optional_is_installed() -> None:
    """Without this, the other checks would prove nothing."""
    present = [name for name in OPTIONAL if find_spec(name) is not None]
    assert not present, f"the core dependencies bring optional libraries: {present}"


def the_package_imports() -> None:
    """The built package is imported, not the source tree beside it."""
    import sameas

    assert "site-packages" in Path(sameas.__file__).parts, sameas.__file__


def the_command_answers() -> None:
    """The installed command prints its help."""
    command = Path(sys.executable).parent / "sameas"
    done = subprocess.run([command, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"sameas --help ended with {done.returncode}: {done.stderr}"
    assert "Usage" in done.stdout, f"sameas --help printed no usage: {done.stdout!r}"


CHECKS: tuple[Callable[[], None], ...] = (
    nothing_optional_is_installed,
    the_package_imports,
    the_command_answers,
)


def main() -> int:
    """Run every check and say what failed."""
    failed = 0
    for check in CHECKS:
        try:
            check()
        except Exception as error:
            failed += 1
            sys.stdout.write(f"FAILED {check.__name__}: {error}\n")
    sys.stdout.write(f"minimal: {len(CHECKS) - failed} passed, {failed} failed\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
