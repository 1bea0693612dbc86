from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time

import pytest

from sameas.core.errors import DataError
from sameas.models.client import AnswerStore, ChatRequest, Client, Endpoint
from sameas.models.client.store import Stored

JOB = """
import sys
from sameas.models.client import ChatRequest, Client, Endpoint

url, store, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Client(Endpoint(url, "tiny", concurrency=3), store=store) as client:
    answers = client.chat([ChatRequest(f"question {number}") for number in range(count)])
print(len(answers), {one.text for one in answers})
"""


def job(server, store, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", JOB, server.url, str(store), str(count)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def one(key: str, answer: bytes = b"x") -> Stored:
    return Stored(key, "chat", "m", answer, 1, 1, 0.0)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 here")
def test_after_a_kill_only_requests_in_flight_are_paid_again(server, tmp_path) -> None:
    count, server.delay = 40, 0.05
    process = job(server, tmp_path / "answers.db", count)
    ends = time.monotonic() + 60
    while len(server.requests) < 15 and time.monotonic() < ends:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    killed_after = len(server.requests)
    assert 15 <= killed_after < count
    with Client(Endpoint(server.url, "tiny"), store=tmp_path / "answers.db") as client:
        answers = client.chat([ChatRequest(f"question {number}") for number in range(count)])
        assert answers.cost.cached >= killed_after - 3
    assert [answer.text for answer in answers] == ["yes"] * count
    assert len(server.requests) <= count + 3


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_after_an_interrupt_those_in_flight_are_awaited_and_kept(server, tmp_path) -> None:
    count, server.delay = 40, 0.05
    process = job(server, tmp_path / "answers.db", count)
    ends = time.monotonic() + 60
    while len(server.requests) < 10 and time.monotonic() < ends:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in said
    assert 10 <= len(server.requests) < count
    with Client(Endpoint(server.url, "tiny"), store=tmp_path / "answers.db") as client:
        client.chat([ChatRequest(f"question {number}") for number in range(count)])
    # One may have been on its way when the interrupt came, and was sent and not yet awaited.
    assert count <= len(server.requests) <= count + 1


def test_two_processes_share_a_store(server, tmp_path) -> None:
    count, server.delay = 40, 0.02
    processes = [job(server, tmp_path / "answers.db", count) for _ in range(2)]
    for process in processes:
        said, wrong = process.communicate(timeout=120)
        assert said.strip() == "40 {'yes'}", wrong
    assert len(server.requests) == count, "nothing is paid twice"
    assert len(AnswerStore(tmp_path / "answers.db")) == count


def test_threads_with_stores_of_their_own_share_the_file(server, tmp_path) -> None:
    server.delay = 0.02

    def ask() -> None:
        with Client(Endpoint(server.url, "tiny"), store=tmp_path / "answers.db") as client:
            client.chat([ChatRequest(f"question {number}") for number in range(20)])
            client.embed([f"text {number}" for number in range(20)], batch_size=5)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.requests) == 20 + 4


def test_nothing_is_ever_changed_or_removed(tmp_path) -> None:
    store = AnswerStore(tmp_path / "answers.db")
    store.put([one("a", b"first")])
    store.put([one("a", b"second"), one("b")])
    assert store.get(["a"])["a"].answer == b"first"
    store.close()
    db = sqlite3.connect(tmp_path / "answers.db")
    for order in ("DELETE FROM answers", "UPDATE answers SET model = 'x'"):
        with pytest.raises(sqlite3.IntegrityError, match="never"):
            db.execute(order)
    db.close()


def test_many_keys_at_once(tmp_path) -> None:
    store = AnswerStore(tmp_path / "answers.db")
    store.put([one(str(number)) for number in range(1700)])
    assert len(store.get(map(str, range(3000)))) == len(store) == 1700


def test_questions_are_not_kept(server, tmp_path) -> None:
    with Client(Endpoint(server.url, "tiny"), store=tmp_path / "answers.db") as client:
        client.chat([ChatRequest("a name that is private")])
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"private" not in kept
    assert b"tiny" in kept


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_the_file_is_for_its_owner(tmp_path) -> None:
    AnswerStore(tmp_path / "answers.db").close()
    assert stat.S_IMODE((tmp_path / "answers.db").stat().st_mode) == 0o600


def test_files_of_something_else_are_refused_and_left(tmp_path) -> None:
    (tmp_path / "text").write_text("no database, but long enough to be read as one" * 50)
    db = sqlite3.connect(tmp_path / "other.db")
    db.execute("CREATE TABLE t (x)")
    db.commit()
    db.close()
    before = (tmp_path / "other.db").read_bytes()
    for name in ("text", "other.db"):
        with pytest.raises(DataError, match=name):
            AnswerStore(tmp_path / name)
    assert (tmp_path / "other.db").read_bytes() == before
