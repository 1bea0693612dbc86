"""The routes: each asks the resolver for one thing."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, delete, get, post, put
from litestar.exceptions import ValidationException
from litestar.params import Body, Parameter

from sameas.resolver import Change, EntityView, Match, RecordView
from sameas.service import messages
from sameas.service.backend import Backend
from sameas.service.bulk import put_lines
from sameas.service.telemetry import Counters

__all__ = ["ROUTES"]

Limit = Annotated[int, Parameter(ge=0, le=1_000, description="Candidates in the answer.")]
Given = Annotated[dict[str, Any], Body(description="A record: values by field.")]


def _counted(done: Change, counters: Counters) -> Change:
    counters.writes.labels(done.kind).inc()
    return done


@post("/v1/match", status_code=200, opt={"role": "read"}, summary="Is a record already there?")
async def match(
    data: Given, backend: Backend, counters: Counters, limit: Limit = 10, explain: bool = False
) -> Match:
    """Answer with candidates, scores and decision; nothing is stored.

    `source` and `id` may be given too: a record that is stored under them is not a candidate of
    itself.
    """
    found = await backend.match(data, limit=limit, explain=explain)
    counters.match(found)
    return found


@post("/v1/records", status_code=201, opt={"role": "write"}, summary="Insert a record")
async def insert(data: Given, backend: Backend, counters: Counters) -> Response[Change]:
    """Insert a record, with its `source` and `id` beside the fields; 409 if it is there."""
    for name in ("source", "id"):
        if name not in data:
            raise ValidationException(extra=[{"key": name, "message": f"{name} is missing."}])
    source, id = data.pop("source"), data.pop("id")
    done = await backend.put(data, source=source, id=id, mode="insert")
    return Response(_counted(done, counters), status_code=200 if done.kind == "unchanged" else 201)


@put("/v1/records/{source:str}/{id:str}", opt={"role": "write"}, summary="Insert or update")
async def put_record(
    source: str, id: str, data: Given, backend: Backend, counters: Counters
) -> Change:
    """Put a record under its key; the same again changes nothing."""
    data = {name: value for name, value in data.items() if name not in ("source", "id")}
    done = await backend.put(data, source=source, id=id, mode="put")
    return _counted(done, counters)


@post(
    "/v1/records/bulk", status_code=200, opt={"role": "write", "bulk": True},
    summary="Insert or update many", media_type="application/x-ndjson",
)  # fmt: skip
async def bulk(request: Request[Any, Any, Any], backend: Backend, counters: Counters) -> bytes:
    """Put records, one JSON object a line, and answer with one line each, in their order.

    A line that cannot be used is answered with its problem; the others are done. Lines are
    written in transactions of 500, so a batch that is cut off has whole ones of them.
    """
    return await put_lines(await request.body(), backend, counters)


@get("/v1/records/{source:str}/{id:str}", opt={"role": "read"}, summary="A record")
async def record(source: str, id: str, backend: Backend) -> RecordView:
    """Return a record and its entity; nulls if it was deleted."""
    return await backend.ask(lambda resolver: resolver.record(source, id))


@delete(
    "/v1/records/{source:str}/{id:str}", status_code=200, opt={"role": "write"},
    summary="Erase a record",
)  # fmt: skip
async def erase(source: str, id: str, backend: Backend, counters: Counters) -> Change:
    """Erase the content of a record; its key and history stay."""
    done = await backend.write(lambda resolver: resolver.delete(source=source, id=id))
    return _counted(done, counters)


@get("/v1/entities/{entity:str}", opt={"role": "read"}, summary="An entity")
async def entity(entity: str, backend: Backend) -> EntityView:
    """Return golden record, members and history; an id that was merged away leads on."""
    return await backend.ask(lambda resolver: resolver.entity(entity))


@post("/v1/corrections", status_code=200, opt={"role": "write"}, summary="Correct a decision")
async def correct(data: messages.Correction, backend: Backend, counters: Counters) -> Change:
    """Say that two records are the same thing or are not; it is obeyed at once."""
    left, right = (data.left.source, data.left.id), (data.right.source, data.right.id)
    about = {"author": data.author, "reason": data.reason}
    done = await backend.write(lambda one: one.correct(left, right, data.verdict, **about))
    return _counted(done, counters)


@get("/v1/changes", opt={"role": "read"}, summary="What has changed")
async def changes(
    backend: Backend,
    since: Annotated[int, Parameter(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Parameter(ge=1, le=10_000)] = 1_000,
) -> messages.Changes:
    """Return events after a sequence number, in order."""
    found = await backend.ask(lambda resolver: resolver.changes(since, limit=limit))
    return messages.Changes(found, found[-1].seq if found else since)


@get("/health", opt={"open": True}, summary="Does the process live?")
async def health() -> dict[str, str]:
    """Answer as long as the process does."""
    return {"status": "alive"}


@get("/ready", opt={"open": True}, summary="Can requests be served?")
async def ready(backend: Backend) -> messages.Ready:
    """Look into the store; say what to know of the answers. 503 if it cannot be used."""
    seq = await backend.ask(lambda resolver: resolver.last_change())
    resolver = backend.resolver
    kind = resolver.store.name.split("://")[0] if "://" in resolver.store.name else "sqlite"
    return messages.Ready(
        True, resolver.version, resolver.threshold, list(resolver.order_dependent), seq, kind
    )


@get("/metrics", opt={"role": "read"}, summary="Figures for Prometheus", media_type="text/plain")
async def metrics(counters: Counters) -> bytes:
    """Return counters and histograms."""
    return counters.text()


ROUTES = [
    match, insert, put_record, bulk, record, erase, entity, correct, changes, health, ready,
    metrics,
]  # fmt: skip
