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
from sameas.service.direct import Direct
from sameas.service.guards import Door, Doorman, PatientBody, may
from sameas.service.keys import KeyFile
from sameas.service.problems import HANDLERS
from sameas.service.routes import ROUTES, bulk
from sameas.service.telemetry import Counters, Telemetry

__all__ = ["build_app", "build_service"]


def build_service(backend: Backend) -> Direct:
    """Build the service over a resolver: the framework, and the short way for plain questions.

    Parameters
    ----------
    backend : Backend
        Closed when the service stops.
    """
    settings = backend.settings
    counters = Counters(paths=settings.log_paths)
    keys = KeyFile(settings.keys) if settings.keys is not None else None
    doorman = Doorman(keys=keys, rate=settings.rate)
    return Direct(build_app(backend, counters, doorman), backend, counters, doorman)


def build_app(backend: Backend, counters: Counters, doorman: Doorman) -> Litestar:
    """Build the routes; the OpenAPI document is at ``/openapi.json``."""
    settings = backend.settings

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
            DefineMiddleware(Telemetry, counters=counters),
            DefineMiddleware(PatientBody, patience=settings.patience),
            DefineMiddleware(Door, doorman=doorman),
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
    complete(app.openapi_schema, backend.resolver.fitted.spec, secured=doorman.keys is not None)
    return app
