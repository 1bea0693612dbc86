"""Warnings and notes of the library as plain lines on standard error."""

from __future__ import annotations

import logging

import click

__all__ = ["is_quiet", "is_verbose", "say", "set_up"]

_logger = logging.getLogger("sameas")


class _Lines(logging.Handler):
    """One plain line a record; a line that was shown before is not shown again."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line to standard error."""
        text = f"{record.levelname.lower()}: {record.getMessage()}"
        if record.levelno < logging.WARNING or text not in self.shown:
            self.shown.add(text)
            click.echo(text, err=True)


def set_up(*, quiet: bool, verbose: bool) -> None:
    """Show warnings, with `verbose` also notes, with `quiet` errors only."""
    level = logging.ERROR if quiet else logging.INFO if verbose else logging.WARNING
    _logger.setLevel(level)
    for handler in [item for item in _logger.handlers if isinstance(item, _Lines)]:
        _logger.removeHandler(handler)
    _logger.addHandler(_Lines())


def is_verbose() -> bool:
    """Whether notes and tracebacks are wanted."""
    return _logger.isEnabledFor(logging.INFO)


def is_quiet() -> bool:
    """Whether nothing but errors is wanted."""
    return not _logger.isEnabledFor(logging.WARNING)


def say(text: str = "") -> None:
    """Print a line of the summary, unless nothing but errors is wanted."""
    if not is_quiet():
        click.echo(text)
