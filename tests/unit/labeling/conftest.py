"""A real server in a thread that compares the two names it is shown, with faults on demand."""

from __future__ import annotations

import importlib.util
import json
import math
import re
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

_SHARED = Path(__file__).parents[1] / "models" / "client" / "conftest.py"
_spec = importlib.util.spec_from_file_location("sameas_test_server", _SHARED)
_shared = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_shared)


def words_of(text: str) -> set[str]:
    """The words of the name inside braces."""
    return set(re.findall(r"\w+", re.search(r"name:([^;}]*)", text + "name:;")[1].lower()))


class NameServer(_shared.Server):
    """Says yes where the names share words; its log-odds are worth more than its yes."""

    shift = -2.0

    def chat(self, body: dict) -> dict:
        asked = body["messages"][-1]["content"]
        parts = re.findall(r"(?:A|B) is (\{[^}]*\})", asked)
        a, b = (words_of(part) for part in parts)
        share = len(a & b) / max(len(a | b), 1)
        odds = 10 * (share - 0.5) + self.shift
        yes = 1 / (1 + math.exp(-odds))
        said = "Yes" if odds >= 0 else "No"
        if body.get("response_format"):
            said = json.dumps({"match": odds >= 0})
        choice: dict[str, Any] = {
            "index": 0,
            "message": {"role": "assistant", "content": said},
            "finish_reason": "stop",
        }
        if body.get("logprobs"):
            top = [("Yes", math.log(max(yes, 1e-9))), ("No", math.log(max(1 - yes, 1e-9)))]
            token = "true" if odds >= 0 else "false"
            if not body.get("response_format"):
                token = said
            else:
                top = [(word, p) for word, (_, p) in zip(("true", "false"), top, strict=True)]
            best = max(p for _, p in top)
            choice["logprobs"] = {
                "content": [
                    {
                        "token": token,
                        "logprob": best,
                        "top_logprobs": [{"token": t, "logprob": p} for t, p in top],
                    }
                ]
            }
        return {"object": "chat.completion", "choices": [choice], "usage": self.usage}


@pytest.fixture
def llm() -> Iterator[NameServer]:
    found = NameServer()

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_: Any) -> None:
            """A client that left in the middle is no error here."""

    http = Quiet(("127.0.0.1", 0), _shared.handler_of(found))
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    found.url = f"http://127.0.0.1:{http.server_port}/v1"
    yield found
    http.shutdown()
    thread.join()
    http.server_close()
