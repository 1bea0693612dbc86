"""What can go wrong with a job of requests, and what was answered before it did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sameas.core.errors import RunError

__all__ = ["BudgetError", "EndpointError", "Fault"]


class EndpointError(RunError):
    """A server could not be reached, or refused a request, or answered nonsense.

    Attributes
    ----------
    fatal : bool
        No other request of the job could fare better: no server, no such model, no access.
    status : int or None
        The HTTP status, when there was one.
    answers : list
        Set by a job: its answers so far, in the order of the requests.
    """

    def __init__(self, message: str, *, fatal: bool = False, status: int | None = None) -> None:
        super().__init__(message)
        self.fatal = fatal
        self.status = status
        self.answers: Sequence[Any] = ()


class BudgetError(RunError):
    """The next request could go beyond the budget, so it was not sent.

    Attributes
    ----------
    answers : list
        Set by a job: its answers so far, in the order of the requests.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.answers: Sequence[Any] = ()


class Fault(Exception):  # noqa: N818 (inside the client only; becomes an EndpointError)
    """One attempt failed.

    Attributes
    ----------
    again : bool
        The same request may succeed later.
    paid : bool
        The server may have worked on it, so its cost is counted in full.
    wait : float or None
        Seconds the server asked to wait.
    """

    def __init__(
        self,
        message: str,
        *,
        again: bool = False,
        paid: bool = False,
        wait: float | None = None,
        fatal: bool = False,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.again, self.paid, self.wait = again, paid, wait
        self.fatal, self.status = fatal, status
