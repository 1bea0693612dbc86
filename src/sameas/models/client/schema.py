"""JSON in the text of a model: found, decoded, and held against a schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["misfit", "parse_answer"]

_TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
#: Places in a text where JSON is looked for.
_PLACES = 64


def parse_answer(text: str, schema: Mapping[str, Any]) -> tuple[Any, str | None]:
    """Return the first JSON in a text that fits a schema, or None and what is wrong.

    Examples
    --------
    >>> schema = {"type": "object", "properties": {"match": {"type": "boolean"}}}
    >>> parse_answer('Sure: ```{"match": true}``` as you wish', schema)
    ({'match': True}, None)
    >>> parse_answer("I cannot say.", schema)
    (None, 'the answer holds no JSON')
    """
    wrong = "the answer holds no JSON"
    decoder = json.JSONDecoder()
    places = [0, *(place for place, letter in enumerate(text) if letter in "{[")]
    for place in places[:_PLACES]:
        try:
            value, _ = decoder.raw_decode(text[place:].lstrip())
        except (ValueError, RecursionError):
            continue
        found = misfit(value, schema)
        if found is None:
            return value, None
        if wrong == "the answer holds no JSON":
            wrong = f"the answer does not fit the schema: {found}"
    return None, wrong


def misfit(value: Any, schema: Mapping[str, Any], *, place: str = "$") -> str | None:
    """Say what does not fit: type, enum, const, required, properties, items; nothing else is read.

    Examples
    --------
    >>> misfit({"a": "x"}, {"type": "object", "properties": {"a": {"type": "integer"}}})
    '$.a is no integer'
    """
    names = schema.get("type")
    if names is not None:
        allowed = (names,) if isinstance(names, str) else tuple(names)
        if not any(_is(value, name) for name in allowed):
            return f"{place} is no {' or '.join(allowed)}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{place} is none of {', '.join(map(str, schema['enum']))}"
    if "const" in schema and value != schema["const"]:
        return f"{place} is not {schema['const']!r}"
    if isinstance(value, dict):
        return _misfit_of_object(value, schema, place)
    if isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for number, item in enumerate(value):
            if found := misfit(item, schema["items"], place=f"{place}[{number}]"):
                return found
    return None


def _misfit_of_object(value: dict[str, Any], schema: Mapping[str, Any], place: str) -> str | None:
    for name in schema.get("required", ()):
        if name not in value:
            return f"{place} lacks {name!r}"
    properties = schema.get("properties", {})
    for name, item in value.items():
        if name in properties:
            if found := misfit(item, properties[name], place=f"{place}.{name}"):
                return found
        elif schema.get("additionalProperties") is False:
            return f"{place} has the unknown {name!r}"
    return None


def _is(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(name, (object,)))
