"""Addresses of files: a path of this machine is one too."""

from __future__ import annotations

from pathlib import Path

__all__ = ["address_of"]


def address_of(address: str) -> str:
    """Return a path as an address; an address stays as it is.

    Examples
    --------
    >>> address_of("s3://bucket/work"), address_of("/tmp/work")
    ('s3://bucket/work', 'file:///tmp/work')
    """
    return address if "://" in address else Path(address).absolute().as_uri()
