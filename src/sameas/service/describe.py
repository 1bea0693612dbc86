"""What only the linker knows is added to the OpenAPI document: the fields of a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    OpenAPIResponse,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)
from litestar.openapi.spec.enums import OpenAPIType

from sameas.records import Field
from sameas.service.examples import example_record

if TYPE_CHECKING:
    from litestar.openapi.spec import OpenAPI, Operation

    from sameas.linker.spec import LinkerSpec

__all__ = ["complete"]

_NUMBERS = ("latitude", "longitude", "number")
_KEYED = "KeyedRecord"
_PLAIN = "RecordFields"
_PROBLEM = "application/problem+json"


def complete(document: OpenAPI, spec: LinkerSpec, *, secured: bool) -> None:
    """Add the fields of records with examples, all problems, and how to show a key."""
    parts = document.components
    assert isinstance(parts, Components)
    assert parts.schemas is not None
    fields = {field.name: _field(field) for field in spec.fields}
    required = [name for name in fields if name not in spec.optional]
    example = example_record(spec)
    key = Schema(type=OpenAPIType.STRING, min_length=1, max_length=1000)
    keyed = {"source": key, "id": key, **fields}
    parts.schemas[_PLAIN] = _record(fields, required, example)
    about = {"source": "crawler", "id": "17", **example}
    parts.schemas[_KEYED] = _record(keyed, ["source", "id", *required], about)
    if secured:
        parts.security_schemes = {"key": SecurityScheme(type="http", scheme="bearer")}
    for path, item in (document.paths or {}).items():
        for name in ("get", "put", "post", "delete"):
            operation = getattr(item, name)
            if operation is not None:
                _complete(path, name, operation, secured=secured)


def _complete(path: str, method: str, operation: Operation, *, secured: bool) -> None:
    responses = {
        status: told
        for status, told in (operation.responses or {}).items()
        if status.startswith("2")
    }
    content = OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Problem"))
    if "201" in responses:  # it was there already, with the same content
        responses["200"] = responses["201"]
    responses["default"] = OpenAPIResponse(
        "What is wrong, and in which field.", content={_PROBLEM: content}
    )
    operation.responses = responses
    if secured and path not in ("/health", "/ready"):
        operation.security = [{"key": []}]
    body = {("/v1/match", "post"): _PLAIN, ("/v1/records", "post"): _KEYED}
    schema = body.get((path, method), _PLAIN if method == "put" else None)
    if schema is not None:
        asked = OpenAPIMediaType(schema=Reference(ref=f"#/components/schemas/{schema}"))
        operation.request_body = RequestBody(content={"application/json": asked}, required=True)
    elif path == "/v1/records/bulk":
        line = Schema(type=OpenAPIType.STRING, description=f"A {_KEYED} a line.")
        asked = OpenAPIMediaType(schema=line)
        operation.request_body = RequestBody(content={"application/x-ndjson": asked}, required=True)


def _record(fields: dict[str, Schema], required: list[str], example: dict[str, Any]) -> Schema:
    return Schema(
        type=OpenAPIType.OBJECT, properties=dict(fields), required=required,
        additional_properties=False, examples=[example],
    )  # fmt: skip


def _field(field: Field) -> Schema:
    kind = OpenAPIType.NUMBER if field.kind in _NUMBERS else OpenAPIType.STRING
    return Schema(type=[kind, OpenAPIType.NULL], description=f"kind of field: {field.kind}")
