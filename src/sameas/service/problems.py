"""Errors as answers: problem+json, which names the field and tells nothing of the inside."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from sameas.core.errors import ArgumentError, SameasError
from sameas.resolver import (
    ContradictionError,
    LinkerChangedError,
    RecordError,
    RecordExistsError,
    UnknownRecordError,
)
from sameas.service.backend import BusyError, LateError
from sameas.service.messages import Problem
from sameas.store import StoreBusyError, StoreError

__all__ = ["HANDLERS", "as_problem", "problem_response"]

logger = logging.getLogger(__name__)

#: Errors of ours and their status, the special ones first.
_STATUS: tuple[tuple[type[Exception], HTTPStatus], ...] = (
    (UnknownRecordError, HTTPStatus.NOT_FOUND),
    (RecordExistsError, HTTPStatus.CONFLICT),
    (ContradictionError, HTTPStatus.CONFLICT),
    (RecordError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (BusyError, HTTPStatus.SERVICE_UNAVAILABLE),
    (LateError, HTTPStatus.SERVICE_UNAVAILABLE),
    (LinkerChangedError, HTTPStatus.SERVICE_UNAVAILABLE),
    (StoreBusyError, HTTPStatus.SERVICE_UNAVAILABLE),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
    (ArgumentError, HTTPStatus.UNPROCESSABLE_ENTITY),
)
#: What is behind these is not for callers.
_PLAIN: dict[type[Exception], str] = {
    LinkerChangedError: "The store is being prepared for another linker; try again later.",
    StoreBusyError: "The store is busy; nothing was changed. Try again.",
    StoreError: "The store cannot be used at the moment; nothing was changed. Try again later.",
}


def as_problem(error: Exception) -> Problem:
    """Say what is wrong, as far as the caller can use it."""
    if isinstance(error, HTTPException):
        return _of_framework(error)
    for kind, status in _STATUS:
        if isinstance(error, kind):
            if kind in _PLAIN:
                logger.error("%s: %s", kind.__name__, error)
            detail = _PLAIN.get(kind, str(error))
            field = getattr(error, "field", None)
            return Problem(status.phrase, status, detail, field=field or msgspec.UNSET)
    if isinstance(error, RecursionError):
        status = HTTPStatus.BAD_REQUEST
        return Problem(status.phrase, status, "The body is nested too deeply.")
    logger.error("an unexpected error", exc_info=None if isinstance(error, SameasError) else error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return Problem(status.phrase, status, "The service has failed; its log says more.")


def _of_framework(error: HTTPException) -> Problem:
    status = HTTPStatus(error.status_code)
    detail, field = str(error.detail), msgspec.UNSET
    if isinstance(error, ValidationException) and isinstance(error.extra, list) and error.extra:
        first: Any = error.extra[0]
        detail = str(first.get("message", detail))
        key = first.get("key", "data")
        field = msgspec.UNSET if key == "data" else key  # the whole body has no name
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.SERVICE_UNAVAILABLE:
        logger.error("an unexpected error", exc_info=error)
        detail = "The service has failed; its log says more."
    return Problem(status.phrase, status, detail, field=field)


def problem_response(problem: Problem) -> Response[Problem]:
    """Return a problem as an answer."""
    again = problem.status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS)
    headers = {"retry-after": "1"} if again else {}
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    return Response(
        problem, status_code=problem.status, headers=headers, media_type="application/problem+json"
    )


def _handle(_: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    return problem_response(as_problem(error))


HANDLERS: dict[type[Exception] | int, Any] = {Exception: _handle, HTTPException: _handle}
