"""What requests cost: counted in requests, tokens, money and seconds."""

from __future__ import annotations

import threading

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.specs import register

__all__ = ["NOTHING", "Cost", "Prices", "Tally", "Usage"]


@dataclass(frozen=True, slots=True)
class Usage:
    """Requests and tokens.

    Examples
    --------
    >>> Usage(1, 20, 5) + Usage(1, 10, 5)
    Usage(requests=2, prompt_tokens=30, completion_tokens=10)
    """

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )

    def __sub__(self, other: Usage) -> Usage:
        return Usage(
            self.requests - other.requests,
            self.prompt_tokens - other.prompt_tokens,
            self.completion_tokens - other.completion_tokens,
        )


NOTHING = Usage()


@register("budget", "prices")
@dataclass(frozen=True, slots=True)
class Prices:
    """What the server charges.

    Parameters
    ----------
    prompt, completion : float
        For a million tokens.
    request : float
        For a request.
    currency : str

    Examples
    --------
    >>> Prices(prompt=0.15, completion=0.60).of(Usage(10, 1_000_000, 100_000))
    0.21
    """

    prompt: float
    completion: float = 0.0
    request: float = 0.0
    currency: str = "USD"

    def __post_init__(self) -> None:
        if not (self.prompt >= 0 and self.completion >= 0 and self.request >= 0):
            raise ArgumentError(f"Prices must not be negative, got {self}.")

    def of(self, usage: Usage) -> float:
        """Return what `usage` costs."""
        tokens = usage.prompt_tokens * self.prompt + usage.completion_tokens * self.completion
        return tokens / 1e6 + usage.requests * self.request


@dataclass(frozen=True, slots=True)
class Cost:
    """What a job, or a client so far, has cost.

    Attributes
    ----------
    requests : int
        Requests sent, repeated attempts included.
    prompt_tokens, completion_tokens : int
        As the server counted them; where it did not (no count, no answer), the reserved bound.
    money : float or None
        None without prices.
    seconds : float
        Seconds spent waiting for the server, summed over requests at the same time.
    cached : int
        Answers that came from the store (texts, for embeddings).
    """

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    money: float | None = None
    seconds: float = 0.0
    cached: int = 0


class Tally:
    """Adds up the cost of a job, and of its parent; safe among threads."""

    def __init__(self, parent: Tally | None = None) -> None:
        self._parent = parent
        self._lock = threading.Lock()
        self._usage, self._seconds, self._cached = NOTHING, 0.0, 0

    def add(self, usage: Usage, seconds: float) -> None:
        """Book one attempt."""
        with self._lock:
            self._usage += usage
            self._seconds += seconds
        if self._parent is not None:
            self._parent.add(usage, seconds)

    def found(self, answers: int) -> None:
        """Book answers that came from the store."""
        with self._lock:
            self._cached += answers
        if self._parent is not None:
            self._parent.found(answers)

    def cost(self, prices: Prices | None) -> Cost:
        """Return the sum so far."""
        with self._lock:
            used = self._usage
            money = None if prices is None else prices.of(used)
            return Cost(
                used.requests,
                used.prompt_tokens,
                used.completion_tokens,
                money,
                self._seconds,
                self._cached,
            )
