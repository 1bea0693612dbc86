"""Configuration is frozen data: a spec is a frozen dataclass that turns into JSON and back.

Every field type, blocking rule, filter, comparison, matcher, clusterer and survivorship rule
is a spec. `register` gives it a family and a name; `to_dict` and `from_dict` do the rest.
An unknown name or key is an error that says what was meant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, TypeVar

from sameas.core.errors import ArgumentError, choices_hint

__all__ = ["family_of", "from_dict", "register", "registered", "spec_name", "to_dict"]

_REGISTRY: dict[str, dict[str, type]] = {}
_NAMES: dict[type, tuple[str, str]] = {}

T = TypeVar("T", bound=type)
#: Settings that are checked as they are read: their types, and what these are called.
_PLAIN: dict[str, tuple[tuple[type, ...], str]] = {
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "str": ((str,), "a text"),
    "bool": ((bool,), "true or false"),
}


def register(family: str, name: str) -> Callable[[T], T]:
    """Register a frozen dataclass as the spec `name` of a `family`."""

    def add(cls: T) -> T:
        known = _REGISTRY.setdefault(family, {})
        if known.get(name, cls).__qualname__ != cls.__qualname__:
            raise ArgumentError(f"The {family} name {name!r} is taken by {known[name].__name__}.")
        known[name] = cls
        _NAMES[cls] = (family, name)
        return cls

    return add


def registered(family: str) -> dict[str, type]:
    """Return the specs of a family by name (those whose modules have been imported)."""
    return dict(sorted(_REGISTRY.get(family, {}).items()))


def spec_name(spec: object) -> str:
    """Return the registered name of a spec object."""
    return _NAMES[type(spec)][1]


def family_of(value: object) -> str | None:
    """Return the family of a spec object, None of anything else."""
    return _NAMES.get(type(value), (None, ""))[0]


def to_dict(spec: Any, *, defaults: bool = True) -> dict[str, Any]:
    """Turn a spec, and the specs inside it, into plain data for JSON.

    Parameters
    ----------
    spec : registered frozen dataclass
    defaults : bool
        Also the fields that have their default. Without them the data stays the same when a
        spec gets a new field.

    Returns
    -------
    dict
        ``{"family": ..., "type": ..., <the dataclass fields>}``.
    """
    family, name = _NAMES[type(spec)]
    values = {
        field.name: _plain(getattr(spec, field.name), defaults)
        for field in fields(spec)
        if defaults or not _is_default(field, getattr(spec, field.name))
    }
    return {"family": family, "type": name, **values}


def _is_default(field: Field[Any], value: Any) -> bool:
    if field.default_factory is not MISSING:
        return bool(field.default_factory() == value)
    return field.default is not MISSING and bool(field.default == value)


def _plain(value: Any, defaults: bool) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return to_dict(value, defaults=defaults)
    if isinstance(value, tuple | list):
        return [_plain(item, defaults) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item, defaults) for key, item in value.items()}
    return value


def from_dict(data: Mapping[str, Any], *, family: str | None = None) -> Any:
    """Build the spec that `to_dict` wrote.

    Raises
    ------
    ArgumentError
        If the family, the type or a key is unknown, or a required key is absent.
    """
    found = str(data.get("family", family))
    if family is not None and found != family:
        raise ArgumentError(f"Expected a spec of the family {family!r}, got {found!r}.")
    known = _REGISTRY.get(found, {})
    name = str(data.get("type"))
    if name not in known:
        raise ArgumentError(
            f"Unknown {found} type {name!r}.{choices_hint(name, known)} "
            f"Known: {', '.join(sorted(known))}."
        )
    cls = known[name]
    allowed = {field.name: field for field in fields(cls)}
    given = {key: value for key, value in data.items() if key not in ("family", "type")}
    what = f"{name} {given['name']!r}" if isinstance(given.get("name"), str) else name
    for key in given:
        if key not in allowed:
            hint = choices_hint(key, allowed)
            raise ArgumentError(
                f"{what} has no setting {key!r}.{hint} It has: {', '.join(allowed)}."
            )
    for key, field in allowed.items():
        if key not in given and field.default is MISSING and field.default_factory is MISSING:
            raise ArgumentError(f"{what} needs the setting {key!r}.")
    for key, value in given.items():
        _check_type(name, allowed[key], value)
    return cls(**{key: _rich(value) for key, value in given.items()})


def _check_type(name: str, field: Field[Any], value: Any) -> None:
    """Refuse a text where a number belongs, and the like."""
    kind, _, rest = str(field.type).partition(" | ")
    if kind not in _PLAIN or (rest and rest != "None") or (rest and value is None):
        return
    types, words = _PLAIN[kind]
    if not isinstance(value, types) or (isinstance(value, bool) and kind != "bool"):
        raise ArgumentError(f"{name}: {field.name} must be {words}, got {value!r}.")


def _rich(value: Any) -> Any:
    if isinstance(value, Mapping):
        if "family" in value and "type" in value:
            return from_dict(value)
        return {key: _rich(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_rich(item) for item in value)
    return value
