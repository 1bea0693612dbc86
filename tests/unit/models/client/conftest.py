"""A real server in a thread that answers in the shapes of the OpenAI API, with faults on demand."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

WIDTH = 4


class Server:
    """What the server saw, and what it shall do next."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.times: list[float] = []
        #: Each takes the handler and the body, and returns True when it has answered.
        self.faults: deque[Callable[[Any, dict], bool]] = deque()
        self.always: Callable[[Any, dict], bool] | None = None
        self.delay = 0.0
        self.reply = lambda body: "yes"
        self.usage: dict[str, int] | None = {"prompt_tokens": 10, "completion_tokens": 2}
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        self.url = ""

    def chat(self, body: dict) -> dict:
        choice: dict[str, Any] = {
            "index": 0,
            "message": {"role": "assistant", "content": self.reply(body)},
            "finish_reason": "stop",
        }
        if body.get("logprobs"):
            top = [("yes", -0.2), ("no", -1.8), (" Yes", -4.0)][: body["top_logprobs"]]
            choice["logprobs"] = {
                "content": [
                    {
                        "token": "yes",
                        "logprob": -0.2,
                        "top_logprobs": [{"token": t, "logprob": p} for t, p in top],
                    }
                ]
            }
        answer: dict[str, Any] = {"object": "chat.completion", "choices": [choice]}
        return answer if self.usage is None else {**answer, "usage": self.usage}

    def embeddings(self, body: dict) -> dict:
        data = [
            {"object": "embedding", "index": at, "embedding": vector_of(text)}
            for at, text in enumerate(body["input"])
        ]
        used = sum(len(text.split()) for text in body["input"])
        # The order of the list is not promised, the index is.
        return {"data": data[::-1], "usage": {"prompt_tokens": used, "total_tokens": used}}


def vector_of(text: str) -> list[float]:
    """The vector that the server gives for a text."""
    return [byte / 16 for byte in hashlib.sha256(text.encode()).digest()[:WIDTH]]


def handler_of(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            pass

        def send(self, status: int, body: Any, **headers: str) -> None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with server.lock:
                server.requests.append(body)
                server.headers.append(dict(self.headers))
                server.times.append(time.monotonic())
                fault = server.faults.popleft() if server.faults else server.always
                server.at_once += 1
                server.most_at_once = max(server.most_at_once, server.at_once)
            time.sleep(server.delay)
            with server.lock:
                server.at_once -= 1
            if fault is not None and fault(self, body):
                return
            if self.path == "/v1/chat/completions":
                self.send(200, server.chat(body))
            elif self.path == "/v1/embeddings":
                self.send(200, server.embeddings(body))
            else:
                self.send(404, {"error": {"message": f"no {self.path}"}})

    return Handler


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_: Any) -> None:
            """A client that left in the middle is no error here."""

    http = Quiet(("127.0.0.1", 0), handler_of(found))
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    found.url = f"http://127.0.0.1:{http.server_port}/v1"
    yield found
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def answered() -> Callable[..., Callable[[Any, dict], bool]]:
    """Return a maker of faults: answer with a status, a body and headers."""

    def make(status: int, body: Any = b"", **headers: str) -> Callable[[Any, dict], bool]:
        def fault(handler: Any, _: dict) -> bool:
            handler.send(status, body, **headers)
            return True

        return fault

    return make
