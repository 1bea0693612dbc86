"""Slow clients, a killed server, a newer linker, and what a program finds that tries everything."""

import asyncio
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlparse

import pytest

from sameas.linker.saving import load_linker, save_linker
from sameas.resolver import rebuild_store
from sameas.service import Backend, Settings
from sameas.store import open_store


def connect(service):
    url = urlparse(service.url)
    return socket.create_connection((url.hostname, url.port), timeout=30)


def heard(sock):
    parts = []
    try:
        while part := sock.recv(4096):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


@pytest.fixture(scope="module")
def impatient(serve):
    return serve("--patience", "1")


def test_a_port_that_is_taken_is_said(saved, tmp_path):
    program = Path(__file__).with_name("serve_program.py")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, str(program), str(saved), str(tmp_path / "a.db"), "--port", port]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert f"RunError: The service cannot listen at 127.0.0.1:{port}" in " ".join(
        ended.stderr.split()
    )


def test_a_head_that_comes_a_byte_a_second_is_given_up(impatient):
    with connect(impatient) as sock:
        begin = time.monotonic()
        sock.sendall(b"POST /v1/match HT")
        assert heard(sock) == b""
        assert time.monotonic() - begin < 20
    assert impatient.http.get("/health").status_code == 200


def test_a_body_that_comes_a_byte_a_second_is_given_up(impatient):
    with connect(impatient) as sock:
        sock.sendall(
            b"POST /v1/match HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            b"connection: close\r\ncontent-length: 1000\r\n\r\n{"
        )
        answer = heard(sock)
    assert b" 408 " in answer.splitlines()[0]
    assert b"did not come within 1 s" in answer


def test_a_body_in_parts_is_read_whole(impatient, place):
    content = json.dumps(place).encode()
    with connect(impatient) as sock:
        head = b"POST /v1/match HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        sock.sendall(head + b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(content))
        for part in (content[:9], content[9:30], content[30:]):
            time.sleep(0.1)
            sock.sendall(part)
        assert b" 200 " in heard(sock).splitlines()[0]


def test_a_locked_store_holds_up_nobody_else(saved, place, tmp_path):
    store = open_store(tmp_path / "places.db", wait=20.0)
    backend = Backend(saved, store, Settings())
    store.close()  # who has it open cannot be locked out
    holder = sqlite3.connect(store.path, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")

    async def ask():
        asked = asyncio.ensure_future(backend.match(place, limit=1, explain=False))
        begin = time.monotonic()
        await asyncio.sleep(0.2)
        turned = time.monotonic() - begin
        assert not asked.done()
        holder.close()
        return turned, await asked

    turned, found = asyncio.run(ask())
    backend.close()
    assert turned < 2
    assert found.decision is False


def test_what_was_acknowledged_survives_kill_9(serve, place, tmp_path):
    service, acknowledged = serve(folder=tmp_path), []
    for n in range(20):
        done = service.http.put(f"/v1/records/k/{n}", json=place)
        acknowledged.append((n, done.json()["entity"]))
    service.stop(kill=True)
    again = serve(folder=tmp_path)
    for n, entity in acknowledged:
        assert again.http.get(f"/v1/records/k/{n}").json()["entity"] == entity


def test_it_stops_when_told_to(serve):
    service = serve()
    assert service.http.get("/health").status_code == 200
    assert service.stop() in (0, -signal.SIGTERM)


def test_a_newer_linker_is_taken_while_serving(serve, saved, place, new_store_linker, tmp_path):
    linker = tmp_path / "model"
    save_linker(linker, load_linker(saved))
    service = serve(folder=tmp_path, linker=linker)
    entity = service.http.put("/v1/records/a/1", json=place).json()["entity"]
    newer = new_store_linker(rank=3.0)
    save_linker(linker, newer)
    assert service.http.get("/ready").json()["linker"] != newer.version
    store = open_store(service.store)
    rebuild_store(newer, store)
    store.close()
    found = service.http.post("/v1/match", json=place).json()
    assert found["linker"] == newer.version
    assert found["entity"] == entity
    assert service.http.get("/ready").json()["linker"] == newer.version


def test_the_document_is_true(service):
    """Try requests that the OpenAPI document allows and some that it does not."""
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings

    # A number may be no latitude: that is for the service to say, not for the document.
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    document = service.http.get("/openapi.json")
    assert document.status_code == 200
    schema = schemathesis.openapi.from_dict(document.json())
    schema.config.base_url = service.url
    tried = 0
    for operation in schema.exclude(path="/v1/records/bulk").get_all_operations():
        cases = operation.ok().as_strategy()

        @settings(
            max_examples=15, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        )  # fmt: skip
        @given(case=cases)
        def attempt(case):
            nonlocal tried
            tried += 1
            case.call_and_validate(excluded_checks=[positive_data_acceptance])

        attempt()
    assert tried > 50
