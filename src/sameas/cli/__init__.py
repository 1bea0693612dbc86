"""The command line: ``sameas VERB TABLES``, one file a command."""

from __future__ import annotations

from sameas.cli._group import main

__all__ = ["main"]
