"""API keys: made once, kept as hashes, revoked at once."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import threading
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, RunError, check_one_of, choices_hint

__all__ = ["ROLES", "ApiKey", "KeyFile"]

#: Each role may do what those before it may.
ROLES = ("read", "write", "admin")
_PREFIX = "sameas_"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key.

    Attributes
    ----------
    name : str
        The public part; it stands in logs.
    role : str
        One of `ROLES`.
    digest : str
        SHA-256 of the key. The key is 256 random bits, so it needs no slow hash.
    created : str
    revoked : str or None
        When.
    note : str
        Whose it is.
    """

    name: str
    role: str
    digest: str
    created: str
    revoked: str | None = None
    note: str = ""

    def may(self, role: str) -> bool:
        """Say whether the key allows what a role may do."""
        return self.revoked is None and ROLES.index(self.role) >= ROLES.index(role)


class KeyFile:
    """A file of API keys, read again whenever it changes.

    Parameters
    ----------
    path : Path
        Need not exist yet.

    Examples
    --------
    >>> import tempfile
    >>> keys = KeyFile(Path(tempfile.mkdtemp()) / "keys.json")
    >>> secret = keys.add("read", note="the map")
    >>> keys.find(secret).may("read"), keys.find(secret).may("write")
    (True, False)
    >>> _ = keys.revoke(keys.find(secret).name)
    >>> keys.find(secret) is None
    True
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._known: dict[str, ApiKey] = {}

    def add(self, role: str, *, note: str = "") -> str:
        """Make a key and return it; nobody can read it from the file.

        Raises
        ------
        ArgumentError
            If there is no such role.
        """
        check_one_of("role", role, ROLES)
        name, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        key = f"{_PREFIX}{name}_{secret}"
        self._write([*self.all(), ApiKey(name, role, _digest(key), _now(), None, note)])
        return key

    def revoke(self, name: str) -> ApiKey:
        """Revoke a key by its public part.

        Raises
        ------
        ArgumentError
            If there is no such key.
        """
        known = {key.name: key for key in self.all()}
        if name not in known:
            raise ArgumentError(f"There is no key {name!r}.{choices_hint(name, known)}")
        gone = known[name] if known[name].revoked else _revoked(known[name])
        self._write([gone if key.name == name else key for key in known.values()])
        return gone

    def all(self) -> tuple[ApiKey, ...]:
        """Return all keys, the revoked ones too."""
        self._read()
        return tuple(self._known.values())

    def find(self, secret: str) -> ApiKey | None:
        """Return the key that a caller shows, None if it is unknown or revoked."""
        self._read()
        parts = secret.split("_", 2)
        key = self._known.get(parts[1]) if len(parts) == 3 else None
        same = hmac.compare_digest(key.digest if key else "", _digest(secret))
        return key if key is not None and same and key.revoked is None else None

    def _read(self) -> None:
        try:
            about = os.stat(self.path)
        except FileNotFoundError:
            self._known, self._stamp = {}, None
            return
        stamp = about.st_mtime_ns, about.st_size, about.st_ino
        with self._lock:
            if stamp == self._stamp:
                return
            try:
                rows = json.loads(self.path.read_text(encoding="utf-8"))["keys"]
                self._known = {row["name"]: ApiKey(**row) for row in rows}
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise RunError(f"The file of API keys {self.path} cannot be read.") from error
            self._stamp = stamp

    def _write(self, keys: list[ApiKey]) -> None:
        part = self.path.with_name(f".{self.path.name}.part")
        text = json.dumps({"keys": [asdict(key) for key in keys]}, indent=2)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.path)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _revoked(key: ApiKey) -> ApiKey:
    return ApiKey(key.name, key.role, key.digest, key.created, _now(), key.note)
