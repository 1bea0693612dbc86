"""How a service is run."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a service is run.

    Parameters
    ----------
    host : str
        Address to listen at. Any but this machine's own needs `keys`.
    port : int
        0 takes a free one.
    keys : Path, optional
        File of API keys; see `sameas keys`. Without one everybody may do everything.
    rate : float
        Requests a second of one key, or of one address without keys; 0 for no limit. Short
        bursts of twice as many pass.
    body : int
        Largest body in bytes; `bulk_body` that of bulk requests.
    patience : float
        Seconds in which the head, and then the body, of a request must have come.
    answer : float
        Seconds after which an answer is given up.
    readers : int
        Threads that answer questions; one more writes.
    waiting : int
        Requests that may wait for a thread; more are turned away.
    log_paths : bool
        Write the path of each request, with ids of records, to the log.

    Raises
    ------
    ArgumentError
        If a value is out of range, or the address is open to others and there are no keys.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    keys: Path | None = None
    rate: float = 0.0
    body: int = 1_000_000
    bulk_body: int = 50_000_000
    patience: float = 10.0
    answer: float = 30.0
    readers: int = 2
    waiting: int = 1_000
    log_paths: bool = False

    def __post_init__(self) -> None:
        for name in ("body", "bulk_body", "patience", "answer", "readers", "waiting"):
            if not getattr(self, name) > 0:
                raise ArgumentError(f"{name} must be more than 0, got {getattr(self, name)!r}.")
        if not 0 <= self.port <= 65_535:
            raise ArgumentError(f"port must be from 0 to 65535, got {self.port!r}.")
        if self.rate < 0:
            raise ArgumentError(f"rate must be at least 0, got {self.rate!r}.")
        if self.keys is None and not _is_local(self.host):
            raise ArgumentError(
                f"host {self.host!r} can be reached from other machines, so keys are needed: make "
                "some with `sameas keys add --keys FILE --role read` and give the file."
            )
        if self.keys is not None and not os.path.exists(self.keys):
            raise ArgumentError(f"keys: there is no file {self.keys}; `sameas keys add` makes it.")


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
