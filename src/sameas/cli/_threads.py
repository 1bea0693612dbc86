"""Threads of the linear algebra library rest when there is nothing to do.

OpenBLAS lets its threads spin for some 20 ms after each product, in the hope of the next one; a
job that makes a product now and then pays for that with 0.2 CPU seconds. Only the command says
otherwise: a library leaves its process alone.
"""

from __future__ import annotations

import os

__all__ = ["rest_idle_threads"]

_SPIN = "16"  # two to the power of this, in cycles: some 20 microseconds


def rest_idle_threads() -> None:
    """Let idle threads sleep soon; to be called before NumPy is imported."""
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", _SPIN)
