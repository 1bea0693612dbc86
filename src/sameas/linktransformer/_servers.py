"""From keys to clients: a key names its server, and nothing is sent without one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sameas.core.errors import ArgumentError
from sameas.core.optional import require

if TYPE_CHECKING:
    from sameas.models.client import Client

__all__ = ["client_of"]

_SERVERS = {
    "openai": ("OPENAI_BASE_URL", "https://api.openai.com/v1"),
    "gemini": ("GEMINI_BASE_URL", "https://generativelanguage.googleapis.com/v1beta/openai"),
}


def client_of(
    model: Any, keys: Mapping[str, str | None], provider: str, wait: tuple[int, float]
) -> Client:
    """Return the client given, or one for the server that a key names.

    Parameters
    ----------
    model : str or Client
    keys : mapping of ``"openai"`` and ``"gemini"`` to keys
    provider : {"auto", "openai", "gemini"}
    wait : (int, float)
        Attempts after the first one, and the longest wait between them in seconds.
    """
    from sameas.models.client import Client, Endpoint, Retry

    if isinstance(model, Client):
        return model
    given = {name: key for name, key in keys.items() if key is not None}
    if provider not in ("auto", *_SERVERS):
        raise ArgumentError(f"llm_provider must be auto, openai or gemini, got {provider!r}.")
    if provider == "auto" and given:
        likely = "gemini" if str(model).startswith("gemini") else "openai"
        provider = likely if likely in given else next(iter(given))
    if provider not in given:
        raise ArgumentError(
            "No server was named: give openai_key= or gemini_key=, or a "
            "sameas.models.client.Client as the model."
        )
    httpx = require("httpx", extra="llm", what="Asking a language model")
    variable, address = _SERVERS[provider]
    times, longest = wait
    retry = Retry(times=times, first=min(0.5, longest), longest=longest)
    endpoint = Endpoint(os.environ.get(variable) or address, str(model), retry=retry)
    headers = {"Authorization": f"Bearer {given[provider]}"}
    return Client(endpoint, http=httpx.Client(headers=headers))
