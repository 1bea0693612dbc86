"""The online door over HTTP: ask, insert, correct; extra ``serve``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sameas.service.keys import ROLES, ApiKey, KeyFile
from sameas.service.settings import Settings

if TYPE_CHECKING:
    from sameas.service.app import build_service
    from sameas.service.backend import Backend
    from sameas.service.server import serve

__all__ = ["ROLES", "ApiKey", "Backend", "KeyFile", "Settings", "build_service", "serve"]

_LAZY = {"Backend": "backend", "build_service": "app", "serve": "server"}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from sameas.core.optional import require

    for module in ("litestar", "uvicorn", "prometheus_client"):
        require(module, extra="serve", what="The service")
    return getattr(require(f"{__name__}.{_LAZY[name]}", extra="serve", what="The service"), name)
