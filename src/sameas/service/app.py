"""The service as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

import sameas
from sameas.service.backend import Backend
from sameas.service.describe import complete
from sameas.service.guards import Doorman, PatientBody, may
from sameas.service.keys import KeyFile
from sameas.service.problems import HANDLERS
from sameas.service.routes import ROUTES, bulk
from sameas.service.telemetry import Counters, Telemetry

__all__ = ["build_app"]


def build_app(backend: Backend) -> Litestar:
    """Build the service over a resolver.

    Parameters
    ----------
    backend : Backend
        Closed when the service stops.

    Returns
    -------
    litestar.Litestar
        Its OpenAPI document is at ``/openapi.json``.
    """
    settings, counters = backend.settings, Counters()
    keys = KeyFile(settings.keys) if settings.keys is not None else None

    @asynccontextmanager
    async def life(_: Litestar) -> AsyncGenerator[None, None]:
        yield
        backend.close()

    def provided(value: Any) -> Provide:
        return Provide(lambda: value, sync_to_thread=False, use_cache=True)

    bulk.request_max_body_size = settings.bulk_body
    app = Litestar(
        route_handlers=ROUTES,
        dependencies={"backend": provided(backend), "counters": provided(counters)},
        middleware=[
            DefineMiddleware(Telemetry, counters=counters, paths=settings.log_paths),
            DefineMiddleware(PatientBody, patience=settings.patience),
            DefineMiddleware(Doorman, keys=keys, rate=settings.rate),
        ],
        guards=[may],
        exception_handlers=HANDLERS,
        request_max_body_size=settings.body,
        openapi_config=OpenAPIConfig(
            title="sameas", version=sameas.__version__, path="/",
            description="Is a record already there? Insert it, and get an entity id that stays.",
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        ),
        lifespan=[life],
        logging_config=None,
    )  # fmt: skip
    complete(app.openapi_schema, backend.resolver.fitted.spec, secured=keys is not None)
    return app
