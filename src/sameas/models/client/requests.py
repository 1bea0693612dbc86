"""What is asked and what comes back: frozen data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, check_one_of
from sameas.models.client.cost import NOTHING, Cost, Usage

__all__ = ["Answers", "ChatAnswer", "ChatRequest", "Message", "TokenLogprob"]

ROLES = ("system", "user", "assistant", "developer")


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation.

    Examples
    --------
    >>> Message("user", "Hello").role
    'user'
    """

    role: str
    content: str

    def __post_init__(self) -> None:
        check_one_of("Message: role", self.role, ROLES)


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A question to a language model.

    Parameters
    ----------
    messages : sequence of Message, or str
        A text is one message of the user. Kept as a tuple.
    max_tokens : int
        Tokens of the answer at most; what the budget reserves.
    temperature : float
        0: the likeliest answer.
    seed : int or None
        For servers that take one.
    schema : mapping or None
        JSON schema of the answer.
    top_logprobs : int
        Log-probabilities of so many alternatives a token; 0 asks for none.
    stop : tuple of str
    sample : int
        Not sent: tells repeated questions apart, so that each has an answer of its own.

    Examples
    --------
    >>> ChatRequest("Is 7 prime?", top_logprobs=5).messages
    (Message(role='user', content='Is 7 prime?'),)
    """

    messages: Sequence[Message] | str
    max_tokens: int = 256
    temperature: float = 0.0
    seed: int | None = 0
    schema: Mapping[str, Any] | None = None
    top_logprobs: int = 0
    stop: tuple[str, ...] = ()
    sample: int = 0

    def __post_init__(self) -> None:
        if isinstance(self.messages, str):
            object.__setattr__(self, "messages", (Message("user", self.messages),))
        object.__setattr__(self, "messages", tuple(self.messages))
        if not self.messages or not all(isinstance(one, Message) for one in self.messages):
            raise ArgumentError("ChatRequest: messages must be a text or one or more Message.")
        if self.max_tokens < 1 or not 0 <= self.top_logprobs <= 20 or not self.temperature >= 0:
            raise ArgumentError(
                "ChatRequest needs max_tokens >= 1, temperature >= 0 and top_logprobs from 0 to "
                f"20, got max_tokens={self.max_tokens}, temperature={self.temperature}, "
                f"top_logprobs={self.top_logprobs}."
            )

    @property
    def turns(self) -> tuple[Message, ...]:
        """The messages."""
        return tuple(one for one in self.messages if not isinstance(one, str))

    def content(self) -> dict[str, Any]:
        """Return all that shapes the answer, as plain data."""
        return {
            "messages": [[one.role, one.content] for one in self.turns],
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "seed": self.seed,
            "schema": self.schema,
            "top_logprobs": self.top_logprobs,
            "stop": list(self.stop),
            "sample": self.sample,
        }


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A token of an answer with its natural log-probability and the likeliest alternatives."""

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """An answer, or why there is none.

    Attributes
    ----------
    text : str
    parsed : object or None
        With a schema: the decoded answer, which fits the schema.
    logprobs : tuple of TokenLogprob
        Empty when not asked for, or when the server gives none.
    finish_reason : str
        ``"stop"``, ``"length"`` (cut at `max_tokens`), or what the server said.
    usage : Usage
        What the answer cost when it was given.
    cached : bool
        It came from the store and cost nothing now.
    error : str or None
        Why there is no answer, or why it does not fit the schema.
    """

    text: str = ""
    parsed: Any = None
    logprobs: tuple[TokenLogprob, ...] = ()
    finish_reason: str = ""
    usage: Usage = NOTHING
    cached: bool = False
    error: str | None = None


class Answers(list[ChatAnswer]):
    """A list of answers in the order of the requests.

    Attributes
    ----------
    cost : Cost
        Of this job.
    stopped : str or None
        Why the job ended before all requests were sent.
    """

    def __init__(
        self, answers: Iterable[ChatAnswer] = (), *, cost: Cost, stopped: str | None = None
    ) -> None:
        super().__init__(answers)
        self.cost = cost
        self.stopped = stopped
