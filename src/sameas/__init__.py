"""Find which records mean the same thing."""

from __future__ import annotations

__version__ = "0.1.0"
