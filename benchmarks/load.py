"""Send requests at a steady rate over raw sockets: the load of `service.py`, a process of its own.

Reads a JSON object from stdin: port, rate (requests a second), connections, and requests (heads and
bodies). Requests are due at even steps whatever the answers take, and a latency runs from when its
request was due. Prints latencies (ms), statuses and the seconds it all took.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
from collections import deque
from typing import Any

_TIMER = 0.002  # seconds before a request is due that are waited awake


class Line(asyncio.Protocol):
    """One connection that is kept open and has one request under way."""

    def __init__(self, load: Load) -> None:
        self.load, self.got, self.wanted = load, b"", 0
        self.due = 0.0

    def connection_made(self, transport: Any) -> None:
        """Take the connection into use."""
        self.transport = transport
        self.load.free.append(self)

    def send(self, due: float, request: bytes) -> None:
        """Send a request that was due then."""
        self.due, self.got, self.wanted = due, b"", 0
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer."""
        self.got += data
        if not self.wanted:
            end = self.got.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.got[:end].lower()
            at = head.index(b"content-length:") + 15
            self.wanted = end + 4 + int(head[at:].split(b"\r\n", 1)[0])
        if len(self.got) >= self.wanted:
            self.load.answered(self, int(self.got[9:12]))


class Load:
    """Requests that are due, and connections that are free."""

    def __init__(self, requests: list[bytes], rate: float) -> None:
        self.requests, self.rate = requests, rate
        self.free: deque[Line] = deque()
        self.ready: deque[tuple[float, bytes]] = deque()
        self.took: list[float] = []
        self.status: dict[int, int] = {}
        self.done = asyncio.Event()

    def answered(self, line: Line, status: int) -> None:
        """Note an answer, and use the connection again."""
        self.took.append(1e3 * (time.perf_counter() - line.due))
        self.status[status] = self.status.get(status, 0) + 1
        self.free.append(line)
        self.pump()
        if len(self.took) == len(self.requests):
            self.done.set()

    def pump(self) -> None:
        """Send what is ready over what is free."""
        while self.ready and self.free:
            self.free.popleft().send(*self.ready.popleft())

    async def run(self, port: int, connections: int) -> dict[str, Any]:
        """Send all requests and wait for the answers."""
        loop = asyncio.get_running_loop()
        for _ in range(connections):
            await loop.create_connection(lambda: Line(self), "127.0.0.1", port)
        begin = time.perf_counter()
        for number, request in enumerate(self.requests):
            due = begin + number / self.rate
            await asyncio.sleep(max(due - _TIMER - time.perf_counter(), 0))
            while time.perf_counter() < due:  # awake: a timer of the loop is up to 1 ms late
                await asyncio.sleep(0)
            self.ready.append((due, request))
            self.pump()
        await self.done.wait()
        seconds = time.perf_counter() - begin
        return {"took": self.took, "status": self.status, "seconds": seconds}


async def main() -> None:
    given = json.load(sys.stdin)
    requests = []
    for head, body in given["requests"]:
        content = base64.b64decode(body)
        start = (
            f"{head} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            f"content-length: {len(content)}\r\n\r\n"
        )
        requests.append(start.encode() + content)
    load = Load(requests, given["rate"])
    print(json.dumps(await load.run(given["port"], given["connections"])))


if __name__ == "__main__":
    asyncio.run(main())
