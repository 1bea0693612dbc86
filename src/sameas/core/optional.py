"""Heavy libraries are imported where they are used, and their absence is named."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from sameas.core.errors import MissingExtraError

__all__ = ["require"]


def require(module: str, *, extra: str, what: str) -> ModuleType:
    """Import an optional library, or say which extra brings it.

    Parameters
    ----------
    module : str
        Dotted name of the module to import.
    extra : str
        The extra of sameas that installs it.
    what : str
        What the user was doing, as the subject of a sentence.

    Raises
    ------
    MissingExtraError
        If the library itself is absent. A library that is present but broken
        raises its own error.

    Examples
    --------
    >>> require("json", extra="train", what="Training").__name__
    'json'
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise MissingExtraError(
            f"{what} needs the library {module.split('.')[0]!r}, which is not installed: "
            f"pip install 'sameas[{extra}]'."
        ) from error
