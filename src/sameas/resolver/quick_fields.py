"""Clean one record without a table.

Whatever is unusual (a character beyond the Latin ones, a value of another type, a field that is not
known here) makes it step back, and the record goes the way of all tables. Both ways give the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sameas.linker.spec import LinkerSpec
from sameas.records.quarantine import MAX_CHARACTERS
from sameas.resolver.plain_texts import is_plain

__all__ = ["content_of", "quick_fields"]

_TEXTS = ("name", "text", "address", "street", "postal_code", "phone", "url", "category",
          "identifier", "reference", "person", "given_name", "surname", "organisation",
          "email")  # fmt: skip


class _NotHereError(Exception):
    """Something needs the way of all tables."""


def quick_fields(spec: LinkerSpec, record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Clean a record whose values need hardly any cleaning; None: they do.

    Examples
    --------
    >>> from sameas.linker.spec import as_spec
    >>> spec = as_spec({"name": "name", "latitude": "latitude", "longitude": "longitude"})
    >>> quick_fields(spec, {"name": " Bar ", "latitude": 1, "longitude": 2.5})
    {'name': 'Bar', 'latitude': 1.0, 'longitude': 2.5}
    >>> quick_fields(spec, {"name": "Bar", "latitude": 91, "longitude": 2.5}) is None
    True
    """
    found: dict[str, Any] = {}
    known = 0
    for field in spec.fields:
        name, kind = field.name, field.kind
        if name not in record:
            if name not in spec.optional:
                return None
            continue
        known += 1
        value = record[name]
        if value is None:
            continue
        try:
            value = _cleaned(kind, value)
        except _NotHereError:
            return None
        if value is not None:
            found[name] = value
    extra = sum(name in record for name in ("source", "id"))
    if known + extra != len(record) or not _placed(spec, found):
        return None
    return found


def _cleaned(kind: str, value: Any) -> Any:
    if kind in _TEXTS:
        return _text(value)
    if kind in ("number", "latitude", "longitude"):
        if isinstance(value, bool) or not isinstance(value, float | int):
            raise _NotHereError
        if not -1e15 < value < 1e15:  # also not a number
            raise _NotHereError
        return float(value)
    if kind in ("set", "aliases"):
        if not isinstance(value, list):
            raise _NotHereError
        items = [_text(item) for item in value]
        return sorted({item for item in items if item is not None}) or None
    raise _NotHereError


def _text(value: Any) -> str | None:
    if not isinstance(value, str) or len(value) > MAX_CHARACTERS or not is_plain(value):
        raise _NotHereError
    return value.strip(" ") or None


def _placed(spec: LinkerSpec, found: dict[str, Any]) -> bool:
    """Say whether the coordinates are both there and possible, or both absent."""
    for kind, most in (("latitude", 90.0), ("longitude", 180.0)):
        for field in spec.fields:
            if field.kind == kind and not abs(found.get(field.name, 0.0)) <= most:
                return False
    latitudes = [field.name for field in spec.fields if field.kind == "latitude"]
    longitudes = [field.name for field in spec.fields if field.kind == "longitude"]
    for one, other in zip(latitudes, longitudes, strict=False):
        if (one in found) != (other in found):
            return False
        if found.get(one) == 0 and found.get(other) == 0:
            return False
    return len(latitudes) == len(longitudes)


def content_of(spec: LinkerSpec, fields: Mapping[str, Any]) -> str:
    """Return cleaned fields as JSON, as `as_content` does."""
    found = {field.name: fields[field.name] for field in spec.fields if field.name in fields}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))
