"""`dataclass`, of which frozen ones with slots are made four times as fast.

Python compiles six methods for each such class, which was half of the time that it took to import
us. Here all classes share five of them. Type checkers see the `dataclass` of Python itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass

__all__ = ["dataclass"]

#: Give what is compared and what is hashed of an object, as tuples; two functions a class.
_GIVERS: dict[type, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {}


def _dataclass(cls: type | None = None, /, **how: Any) -> Any:
    """Make a dataclass; its methods are shared where it is frozen and has slots."""
    if cls is None:
        return lambda given: _dataclass(given, **how)
    if not (how.get("frozen", False) and how.get("slots", False)):
        return dataclasses.dataclass(cls, **how)
    shared: dict[str, Any] = {
        "__setattr__": _set_once,
        "__delattr__": _delete_nothing,
        "__repr__": _repr,
        "__getstate__": _state,
        "__setstate__": _set_state,
    }
    if how.get("eq", True):
        shared |= {"__eq__": _equal, "__hash__": _hash}
    for name, method in shared.items():
        if name not in cls.__dict__:
            setattr(cls, name, method)
    return dataclasses.dataclass(cls, **how | {"frozen": False, "repr": False, "eq": False})


def _givers(cls: type) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Return the functions that give what is compared and what is hashed of an object."""
    if cls not in _GIVERS:
        fields = dataclasses.fields(cls)
        compared = [field.name for field in fields if field.compare]
        hashed = [f.name for f in fields if (f.compare if f.hash is None else f.hash)]
        _GIVERS[cls] = attrgetter("__class__", *compared), attrgetter("__class__", *hashed)
    return _GIVERS[cls]


def _set_once(self: Any, name: str, value: Any) -> None:
    """Set a field that has no value yet, as ``__init__`` does; then it is frozen."""
    if hasattr(self, name):
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
    object.__setattr__(self, name, value)


def _delete_nothing(self: Any, name: str) -> None:  # noqa: ARG001
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _repr(self: Any) -> str:
    parts = (f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self) if f.repr)
    return f"{type(self).__qualname__}({', '.join(parts)})"


def _equal(self: Any, other: object) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    give, _ = _givers(self.__class__)
    return give(self) == give(other)


def _hash(self: Any) -> int:
    _, give = _givers(self.__class__)
    return hash(give(self))


def _state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


if not TYPE_CHECKING:
    dataclass = _dataclass
