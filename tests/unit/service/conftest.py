"""A real service, in a process of its own, over a small store."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from sameas.linker.saving import save_linker
from sameas.service import KeyFile

WAIT = 60.0


class Served:
    """A service that listens, and what is needed to talk to it."""

    def __init__(self, folder: Path, linker: Path, store: str, *options: str) -> None:
        self.folder, self.linker, self.store = folder, linker, store
        self.log = (folder / "log.txt").open("a+")
        program = Path(__file__).with_name("serve_program.py")
        command = [sys.executable, str(program), str(linker), store, *options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self.log, text=True, env={**os.environ}
        )
        line = self.process.stdout.readline()
        assert line, f"the service did not start: {self.said()}"
        self.url = f"http://127.0.0.1:{json.loads(line)['port']}"
        self.http = httpx.Client(base_url=self.url, timeout=WAIT)

    def said(self) -> str:
        self.log.seek(0)
        return self.log.read()

    def stop(self, *, kill: bool = False) -> int:
        self.http.close()
        (self.process.kill if kill else self.process.terminate)()
        code = self.process.wait(WAIT)
        self.process.stdout.close()
        self.log.close()
        return code


@pytest.fixture(scope="session")
def saved(new_store_linker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("linker") / "model"
    save_linker(folder, new_store_linker())
    return folder


@pytest.fixture(scope="session")
def serve(saved, tmp_path_factory):
    """Start services; all are stopped at the end."""
    running = []

    def start(*options, folder=None, linker=None, store=None):
        folder = folder or tmp_path_factory.mktemp("served")
        store = store or str(folder / "places.db")
        running.append(Served(folder, linker or saved, store, *options))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.stop()


@pytest.fixture(scope="module")
def service(serve):
    return serve()


@pytest.fixture(scope="session")
def secured(serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    keys = KeyFile(folder / "keys.json")
    made = {role: keys.add(role) for role in ("read", "write", "admin")}
    one = serve("--keys", str(folder / "keys.json"))
    one.keys, one.secrets = keys, made
    return one


@pytest.fixture
def place():
    return {"name": "blue door cafe", "latitude": 55.9, "longitude": -3.2, "phone": "0131 496 0001"}
