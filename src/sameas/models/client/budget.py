"""A budget that is never exceeded: what a request may cost is reserved before it is sent."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.specs import register
from sameas.models.client.cost import NOTHING, Prices, Usage
from sameas.models.client.errors import BudgetError

__all__ = ["Budget", "Ledger"]

logger = logging.getLogger(__name__)


@register("budget", "budget")
@dataclass(frozen=True, slots=True)
class Budget:
    """What a client may spend in its life; None is without limit.

    Parameters
    ----------
    requests : int or None
        Requests sent, each repeated attempt included.
    tokens : int or None
        Prompt and completion tokens.
    money : float or None
        In the currency of the prices, which have to be given.
    minutes : float or None
        Minutes since the first request.

    Examples
    --------
    >>> Budget(requests=1000, minutes=30)
    Budget(requests=1000, tokens=None, money=None, minutes=30)
    """

    requests: int | None = None
    tokens: int | None = None
    money: float | None = None
    minutes: float | None = None

    def __post_init__(self) -> None:
        for name in ("requests", "tokens", "money", "minutes"):
            value = getattr(self, name)
            if value is not None and not value >= 0:
                raise ArgumentError(f"Budget: {name} must not be negative, got {value!r}.")


class Ledger:
    """Counts what is spent and what is reserved; safe among threads.

    `reserve` waits while requests in flight may still return a part of their reservation, and
    raises when nothing in flight could make room.
    """

    def __init__(
        self,
        budget: Budget,
        prices: Prices | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if budget.money is not None and prices is None:
            raise ArgumentError("A budget in money needs prices=Prices(...).")
        self.budget, self.prices, self._clock = budget, prices, clock
        self._changed = threading.Condition()
        self._spent, self._held = NOTHING, NOTHING
        self._begun: float | None = None

    @property
    def spent(self) -> Usage:
        """What settled requests cost."""
        with self._changed:
            return self._spent

    def seconds_left(self) -> float:
        """Return the seconds until the budget of minutes ends (infinite without one)."""
        if self.budget.minutes is None:
            return float("inf")
        begun = self._clock() if self._begun is None else self._begun
        return begun + 60 * self.budget.minutes - self._clock()

    def reserve(self, need: Usage) -> None:
        """Set `need` aside, or raise `BudgetError`."""
        with self._changed:
            if self._begun is None:
                self._begun = self._clock()
            while True:
                if self.seconds_left() <= 0:
                    raise BudgetError(f"The budget of {self.budget.minutes:g} minutes is used up.")
                if self._beyond(self._spent + self._held + need) is None:
                    self._held += need
                    return
                beyond = self._beyond(self._spent + need)
                if beyond is not None or not self._held.requests:
                    raise BudgetError(self._message(beyond or "requests", need))
                self._changed.wait(min(self.seconds_left(), 1.0))

    def settle(self, need: Usage, used: Usage) -> None:
        """Return a reservation and book what was used."""
        if used.tokens > need.tokens:
            logger.warning("a request used %d tokens, %d reserved", used.tokens, need.tokens)
        with self._changed:
            self._held -= need
            self._spent += used
            self._changed.notify_all()

    def _beyond(self, usage: Usage) -> str | None:
        """Name the first limit that `usage` would exceed."""
        budget = self.budget
        if budget.requests is not None and usage.requests > budget.requests:
            return "requests"
        if budget.tokens is not None and usage.tokens > budget.tokens:
            return "tokens"
        if budget.money is not None and self.prices is not None:
            limit = budget.money * (1 + 1e-9)
            return "money" if self.prices.of(usage) > limit else None
        return None

    def _message(self, beyond: str, need: Usage) -> str:
        prices, spent = self.prices, self._spent
        used, more, unit = {
            "requests": (spent.requests, need.requests, "requests"),
            "tokens": (spent.tokens, need.tokens, "tokens"),
            "money": (
                prices.of(spent) if prices else 0.0,
                prices.of(need) if prices else 0.0,
                prices.currency if prices else "",
            ),
        }[beyond]
        limit = getattr(self.budget, beyond)
        return (
            f"The budget of {limit:g} {unit} is used up: {used:.6g} spent, and the next request "
            f"may take up to {more:.6g}."
        )
