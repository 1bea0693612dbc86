"""The way to the hub, against a real server that speaks its language."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sameas.core.errors import ArgumentError
from sameas.models.training import push_to_hub


@pytest.fixture
def hub():
    seen: dict = {"calls": [], "files": {}, "token": None}

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *words) -> None:
            pass

        def answer(self, content: object) -> None:
            body = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.answer({"sha": "0" * 40, "siblings": [], "id": "me/new"})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            seen["calls"].append(self.path)
            seen["token"] = self.headers.get("Authorization")
            if self.path.endswith("/create"):
                seen["repository"] = json.loads(body)
                self.answer({"url": f"{seen['url']}/me/new", "id": "me/new", "name": "me/new"})
            elif "/preupload/" in self.path:
                files = json.loads(body)["files"]
                kind = {"uploadMode": "regular", "shouldIgnore": False, "oid": None}
                self.answer({"files": [{"path": one["path"], **kind} for one in files]})
            elif "/commit/" in self.path:
                for line in map(json.loads, body.splitlines()):
                    if line["key"] == "file":
                        content = base64.b64decode(line["value"]["content"])
                        seen["files"][line["value"]["path"]] = content
                commit = {"commitOid": "1" * 40, "success": True}
                self.answer({"commitUrl": f"{seen['url']}/me/new/commit/1", **commit})
            else:
                self.answer({})

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    seen["url"] = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield seen
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_folder_goes_to_the_hub(hub, tmp_path, monkeypatch) -> None:
    pytest.importorskip("huggingface_hub")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    (tmp_path / ".training").mkdir()
    for name in ("config.json", "README.md", ".training/state-1.json"):
        (tmp_path / name).write_text(f"content of {name}")
    address = push_to_hub(tmp_path, "me/new", endpoint=hub["url"])
    assert address == f"{hub['url']}/me/new/commit/1"
    assert "private" in json.dumps(hub["repository"])
    assert hub["token"] == "Bearer hf_secret"
    assert set(hub["files"]) == {"config.json", "README.md"}
    assert hub["files"]["README.md"] == b"content of README.md"


def test_what_cannot_be_sent(tmp_path) -> None:
    with pytest.raises(ArgumentError, match="no trained model"):
        push_to_hub(tmp_path, "me/new")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ArgumentError, match="owner/name"):
        push_to_hub(tmp_path, "new")
