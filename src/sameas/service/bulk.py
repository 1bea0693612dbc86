"""Many records in one request: a JSON object a line in, an answer a line out."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from sameas.resolver import RecordError, Resolver, UnknownRecordError
from sameas.resolver.answers import Change
from sameas.service.backend import Backend
from sameas.service.problems import as_problem
from sameas.service.telemetry import Counters

__all__ = ["put_lines"]

_LINES = 500  # in one transaction
Line = tuple[str, Any, dict[str, Any]]


async def put_lines(body: bytes, backend: Backend, counters: Counters) -> bytes:
    """Put all lines; return one answer each, in their order."""
    lines = [line for line in body.split(b"\n") if line.strip()]
    out: list[bytes] = []
    for first in range(0, len(lines), _LINES):
        part = lines[first : first + _LINES]
        for answer in await backend.write(partial(_put, part)):
            if isinstance(answer, Change):
                counters.writes.labels(answer.kind).inc()
                plain = {"status": 200, **answer.to_dict()}
            else:
                plain = msgspec.to_builtins(as_problem(answer))
            out.append(msgspec.json.encode({"line": len(out) + 1, **plain}))
    return b"".join(line + b"\n" for line in out)


def _put(lines: list[bytes], resolver: Resolver) -> list[Change | RecordError | UnknownRecordError]:
    """Put the lines that can be used in one transaction."""
    answers: list[Change | RecordError | UnknownRecordError] = []
    places, records = [], []
    for place, line in enumerate(lines):
        try:
            records.append(_read(line))
            places.append(place)
        except RecordError as error:
            answers.append(error)
    for place, answer in zip(places, resolver.put_each(records), strict=True):
        answers.insert(place, answer)
    return answers


def _read(line: bytes) -> Line:
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError) as error:
        raise RecordError(f"The line is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise RecordError("A line is a JSON object: source, id and the fields.")
    for name in ("source", "id"):
        if name not in found:
            raise RecordError(f"{name} is missing.", name)
    return found.pop("source"), found.pop("id"), found
