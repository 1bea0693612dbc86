"""Addresses of databases, which stand where a path may stand."""

from __future__ import annotations

import re

__all__ = ["is_address", "parted", "without_password"]


def is_address(text: str) -> bool:
    """Say whether a text is the address of a PostgreSQL database, not a path.

    Examples
    --------
    >>> is_address("postgresql://host/db::places"), is_address("places.csv")
    (True, False)
    """
    return text.startswith(("postgresql://", "postgres://"))


def parted(text: str) -> tuple[str, str | None]:
    """Part ``address::table``; the host of an address may hold ``::`` itself.

    Examples
    --------
    >>> parted("postgresql://[::1]/db::shop.places"), parted("postgresql://[::1]/db")
    (('postgresql://[::1]/db', 'shop.places'), ('postgresql://[::1]/db', None))
    """
    address, sign, table = text.rpartition("::")
    if not sign or "/" in table or "]" in table:
        return text, None
    return address, table or None


def without_password(address: str) -> str:
    """Return an address that may be shown and kept.

    Examples
    --------
    >>> without_password("postgresql://me:secret@host/db?password=secret&port=1::places")
    'postgresql://me@host/db?port=1::places'
    """
    shown = re.sub(r"^(\w+://[^:/?]*):.*@(?=[^@]*$)", r"\1@", address)
    return re.sub(r"(?<=[?&])password=[^&:]*(&|(?=::)|$)", "", shown).rstrip("?&")
