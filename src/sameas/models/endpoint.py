"""Encoders behind an endpoint: any server with embeddings in the shape of the OpenAI API."""

from __future__ import annotations

from dataclasses import field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.optional import require
from sameas.core.specs import from_dict, to_dict
from sameas.models.base import Dense, Texts, unit_rows
from sameas.models.distinct import distinct_texts
from sameas.models.files import write_settings

if TYPE_CHECKING:
    from sameas.models.client import Client, Endpoint

__all__ = ["EndpointEncoder"]


@dataclass(frozen=True, slots=True, eq=False)
class EndpointEncoder:
    """Asks a server for the vectors of texts, each distinct text once.

    Attributes
    ----------
    client : Client
        Brings server, key, budget and a store of its own.
    dimensions : int or None
        For models that can shorten their vectors; None: as the server gives them.
    name : str
        ``"http://.../v1#model"``; no key is in it.
    version : str
        Of address, model and settings. A server that changes the model behind a name needs
        another cache.
    """

    client: Client = field(repr=False)
    dimensions: int | None
    name: str
    version: str
    fitted: bool = True
    between: ClassVar[str] = "<SEP>"

    @classmethod
    def over(
        cls, server: Client | Endpoint, *, dimensions: int | None = None, **options: Any
    ) -> EndpointEncoder:
        """Take a client, or make one for an endpoint; options are those of `Client`."""
        require("httpx", extra="llm", what="An encoder behind an endpoint")
        from sameas.models.client import Client, Endpoint

        if dimensions is not None and (isinstance(dimensions, bool) or dimensions < 1):
            raise ArgumentError(f"dimensions must be a whole number, got {dimensions!r}.")
        if isinstance(server, Endpoint):
            server = Client(server, **options)
        elif options:
            raise ArgumentError(f"A client has its settings already, got {next(iter(options))!r}.")
        end = server.endpoint
        parts = (end.base_url, end.model, sorted(end.extra.items()), dimensions)
        version = sha256(repr(("endpoint-1", *parts)).encode()).hexdigest()[:32]
        return cls(server, dimensions, f"{end.base_url}#{end.model}", version)

    @classmethod
    def named(
        cls, name: str, *, key_variable: str | None = None, **options: Any
    ) -> EndpointEncoder:
        """Read ``"http://localhost:8080/v1#model"``."""
        require("httpx", extra="llm", what="An encoder behind an endpoint")
        from sameas.models.client import Endpoint

        address, _, model = name.partition("#")
        if not model:
            raise ArgumentError(
                f"An encoder behind an endpoint is named 'http://host/v1#model', got {name!r}."
            )
        return cls.over(Endpoint(address, model, key_variable), **options)

    @classmethod
    def load(cls, settings: dict[str, Any]) -> EndpointEncoder:
        """Build what `save` wrote; the key is read from the environment again."""
        require("httpx", extra="llm", what="An encoder behind an endpoint")
        from sameas.models import client  # noqa: F401  registers the specs

        endpoint = from_dict(settings["endpoint"], family="endpoint")
        return cls.over(endpoint, dimensions=settings["dimensions"])

    def fit(self, texts: Texts) -> EndpointEncoder:  # noqa: ARG002
        """Return itself: there is nothing to fit."""
        return self

    def encode(self, texts: Texts) -> Dense:
        """Return one unit row a text; texts without content are not sent."""
        values, code = distinct_texts(texts)
        rows = self.client.embed(values.to_pylist(), dimensions=self.dimensions)
        if not rows.shape[1]:
            rows = np.zeros((len(rows), self.dimensions or 0), np.float32)
        rows = np.concatenate([rows, np.zeros((1, rows.shape[1]), np.float32)])
        return unit_rows(rows)[code]

    def save(self, folder: str | Path) -> None:
        """Write address, model and settings; never a key."""
        endpoint = to_dict(self.client.endpoint)
        write_settings(
            folder, {"type": "endpoint", "endpoint": endpoint, "dimensions": self.dimensions}
        )
