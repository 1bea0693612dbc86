"""Public names of a package whose modules are imported when a name is first used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

__all__ = ["import_when_used"]


def import_when_used(
    package: str, homes: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` of a package that imports little by itself.

    Most runs need few of a package's modules, and each costs milliseconds.

    Parameters
    ----------
    package : str
        Its dotted name, ``__name__``.
    homes : mapping of str to sequence of str
        For each module of the package the public names that it holds. The modules
        themselves can be reached as attributes too.

    Examples
    --------
    >>> lookup, names = import_when_used("sameas.core", {"addresses": ["is_address"]})
    >>> lookup("is_address")("places.csv")
    False
    >>> lookup("is_adress")
    Traceback (most recent call last):
    AttributeError: module 'sameas.core' has no attribute 'is_adress'
    """
    home_of = {name: module for module, names in homes.items() for name in names}

    def lookup(name: str) -> Any:
        if name in home_of:
            return getattr(import_module(f"{package}.{home_of[name]}"), name)
        if name in homes:
            return import_module(f"{package}.{name}")
        raise AttributeError(
            f"module {package!r} has no attribute {name!r}", name=name, obj=sys.modules[package]
        )

    def names() -> list[str]:
        return list(sys.modules[package].__all__)

    return lookup, names
