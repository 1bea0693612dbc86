"""Where requests go: address, model, name of the key's variable, and how hard to try.

Nothing here has a default address, and no spec ever holds a key.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import field
from urllib.parse import urlsplit

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.specs import register

__all__ = ["Endpoint", "Rate", "Retry"]

#: Fields of a request that the client sets itself.
_OURS = frozenset({"api_key", "input", "messages", "model", "n", "stream"})


@register("endpoint_part", "retry")
@dataclass(frozen=True, slots=True)
class Retry:
    """Back-off between attempts: `first` seconds, doubled each time, up to `longest`, jittered.

    Parameters
    ----------
    times : int
        Attempts after the first one.
    first, longest : float
        Seconds. A server that asks for more than `longest` (``Retry-After``) is obeyed up to
        ten times `longest`; beyond that the request fails and says so.
    seed : int
        The jitter (half to whole of the wait) depends on seed, request and attempt alone.

    Examples
    --------
    >>> Retry(times=2).times
    2
    """

    times: int = 5
    first: float = 0.5
    longest: float = 30.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.times < 0 or not 0 <= self.first <= self.longest:
            raise ArgumentError(
                "Retry needs times >= 0 and 0 <= first <= longest, got "
                f"times={self.times}, first={self.first}, longest={self.longest}."
            )


@register("endpoint_part", "rate")
@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many requests and tokens in any 60 seconds; None is without limit.

    Examples
    --------
    >>> Rate(requests_per_minute=500)
    Rate(requests_per_minute=500, tokens_per_minute=None)
    """

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None

    def __post_init__(self) -> None:
        for name in ("requests_per_minute", "tokens_per_minute"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ArgumentError(f"{name} must be at least 1 or None, got {value!r}.")


@register("endpoint", "openai")
@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server that speaks the OpenAI API: hosted, vLLM, Ollama, llama.cpp.

    Parameters
    ----------
    base_url : str
        Up to and with the version, such as ``"http://localhost:8080/v1"``.
    model : str
        Name of the model as the server knows it.
    key_variable : str or None
        Name of the environment variable that holds the key. The key itself is read when a
        `Client` is made and stands in no spec, log or error. None sends no key.
    concurrency : int
        Requests at the same time.
    timeout : float
        Seconds for a whole answer.
    retry : Retry
    rate : Rate
    extra : mapping
        Further fields of every request, such as ``{"chat_template_kwargs": {...}}``.

    Examples
    --------
    >>> Endpoint("http://localhost:8080/v1", "qwen").url("embeddings")
    'http://localhost:8080/v1/embeddings'
    """

    base_url: str
    model: str
    key_variable: str | None = None
    concurrency: int = 4
    timeout: float = 120.0
    retry: Retry = Retry()
    rate: Rate = Rate()
    extra: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        _check_url(self.base_url)
        if not isinstance(self.model, str) or not self.model:
            raise ArgumentError("Endpoint: model must be the name of a model.")
        name = self.key_variable
        if name is not None and not re.fullmatch(r"[A-Z_][A-Z0-9_]*", name):
            raise ArgumentError(
                "Endpoint: key_variable must be the name of an environment variable, in capitals "
                "(such as OPENAI_API_KEY), never the key itself."
            )
        if self.concurrency < 1 or not self.timeout > 0:
            raise ArgumentError(
                "Endpoint needs concurrency >= 1 and timeout > 0, got "
                f"concurrency={self.concurrency}, timeout={self.timeout}."
            )
        taken = sorted(_OURS & set(self.extra))
        if taken:
            raise ArgumentError(f"Endpoint: extra must not set {', '.join(taken)}.")

    def url(self, path: str) -> str:
        """Return the address of one method of the API."""
        return f"{self.base_url.rstrip('/')}/{path}"

    @classmethod
    def from_environment(cls, model: str, *, key_variable: str = "OPENAI_API_KEY") -> Endpoint:
        """Return the endpoint that ``OPENAI_BASE_URL`` names; read only when this is called.

        Raises
        ------
        ArgumentError
            If the variable is not set. There is no default address.
        """
        base_url = os.environ.get("OPENAI_BASE_URL")
        if not base_url:
            raise ArgumentError("OPENAI_BASE_URL is not set; there is no default address.")
        return cls(base_url, model, key_variable if key_variable in os.environ else None)


def _check_url(base_url: str) -> None:
    if not isinstance(base_url, str) or not base_url:
        raise ArgumentError(
            "Endpoint: base_url must name a server, such as 'http://localhost:8080/v1'; there is "
            "no default."
        )
    parts = urlsplit(base_url)
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ArgumentError(
            "Endpoint: base_url must hold no user, password, query or fragment, because it is "
            "saved and logged. Name the key's variable in key_variable."
        )
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ArgumentError(
            f"Endpoint: base_url must begin with http:// or https://, got {base_url!r}."
        )
