"""An encoder behind a real HTTP server on this machine."""

import json
import threading
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pandas as pd
import pytest

from sameas.core.errors import ArgumentError
from sameas.frames import merge
from sameas.models import Encoder, Retriever, load_encoder

pytest.importorskip("httpx")
from sameas.models.client import Budget, BudgetError, Client, Endpoint


def vector(text: str, width: int) -> list[float]:
    """Counts of letters: texts of the same letters are alike."""
    counts = [float(text.lower().count(chr(97 + n))) for n in range(width)]
    return [one + 0.01 * sha256(text.encode()).digest()[0] / 255 for one in counts]


@pytest.fixture
def server():
    seen: dict = {"bodies": [], "keys": []}

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *words) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen["bodies"].append(body)
            seen["keys"].append(self.headers.get("Authorization"))
            width = body.get("dimensions", 26)
            data = [
                {"index": at, "embedding": vector(text, width)}
                for at, text in enumerate(body["input"])
            ]
            answer = json.dumps({"data": data, "usage": {"prompt_tokens": 1}}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    seen["url"] = f"http://127.0.0.1:{http.server_port}/v1"
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield seen
    http.shutdown()
    http.server_close()
    thread.join()


def test_a_server_gives_unit_rows_and_sees_each_text_once(server) -> None:
    encoder = load_encoder(Endpoint(server["url"], "letters"))
    assert isinstance(encoder, Encoder)
    rows = encoder.encode(["Rex", None, "Bar", "Rex", "  "])
    np.testing.assert_allclose((rows**2).sum(1), [1, 0, 1, 1, 0], atol=1e-6)
    assert [body["input"] for body in server["bodies"]] == [["Rex", "Bar"]]
    assert rows.dtype == np.float32
    assert encoder.encode([None]).shape == (1, 0)


def test_a_name_a_key_and_dimensions(server, monkeypatch) -> None:
    monkeypatch.setenv("LETTERS_KEY", "very-secret")
    name = f"{server['url']}#letters"
    encoder = load_encoder(name, key_variable="LETTERS_KEY", dimensions=5)
    assert encoder.encode(["Rex"]).shape == (1, 5)
    assert server["keys"] == ["Bearer very-secret"]
    assert encoder.name == name
    assert "very-secret" not in repr(encoder)
    assert encoder.version != load_encoder(name).version
    with pytest.raises(ArgumentError, match="v1#model"):
        load_encoder(server["url"])


def test_it_is_saved_without_its_key_and_read_again(server, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LETTERS_KEY", "very-secret")
    encoder = load_encoder(f"{server['url']}#letters", key_variable="LETTERS_KEY")
    texts = ["Rex Rotary", "Bar Rosso", "Zulu"]
    Retriever(encoder).fit(texts).save(tmp_path)
    assert not [f for f in tmp_path.rglob("*") if f.is_file() and b"very" in f.read_bytes()]
    again = Retriever.load(tmp_path)
    assert again.search(["rosso bar"], 1).index.tolist() == [[1]]
    assert server["keys"][-1] == "Bearer very-secret"


def test_verbs_take_a_client_with_its_budget(server) -> None:
    left = pd.DataFrame({"name": ["rotary rex", "Zulu"]})
    right = pd.DataFrame({"name": ["Zulu", "Rex Rotary"]})
    client = Client(Endpoint(server["url"], "letters"))
    merged = merge(left, right, on="name", model=load_encoder(client), threshold=0.9)
    assert merged["name_right"].tolist() == ["Rex Rotary", "Zulu"]
    poor = Client(Endpoint(server["url"], "letters"), budget=Budget(requests=0))
    with pytest.raises(BudgetError):
        load_encoder(poor).encode(["Rex"])
    with pytest.raises(ArgumentError, match="settings already"):
        load_encoder(client, budget=None)
