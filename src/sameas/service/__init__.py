"""The online door over HTTP: ask, insert, correct; extra ``serve``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sameas.core.optional import require
from sameas.core.when_used import import_when_used
from sameas.service.keys import ROLES, ApiKey, KeyFile
from sameas.service.settings import Settings

if TYPE_CHECKING:
    from sameas.service.app import build_service
    from sameas.service.backend import Backend
    from sameas.service.server import serve

__all__ = ["ROLES", "ApiKey", "Backend", "KeyFile", "Settings", "build_service", "serve"]

_lookup, __dir__ = import_when_used(
    __name__, {"app": ["build_service"], "backend": ["Backend"], "server": ["serve"]}
)


def __getattr__(name: str) -> Any:
    """Import what serves when it is first used, or say which extra brings its libraries."""
    if name in __all__:
        for module in ("litestar", "uvicorn", "prometheus_client"):
            require(module, extra="serve", what="The service")
    return _lookup(name)
