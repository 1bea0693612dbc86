"""Faults: killed writers, a locked database, a full disk, a clock that goes backwards."""

import json
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sameas.linker.saving import save_linker
from sameas.resolver import Resolver
from sameas.store import SQLiteStore, StoreBusyError, StoreError, open_store

KILLING = Path(__file__).with_name("killing.py")


def test_nothing_acknowledged_is_lost_when_a_writer_is_killed(tmp_path, fitted):
    save_linker(tmp_path / "model", fitted)
    command = [sys.executable, KILLING, tmp_path / "model", tmp_path / "places.db", "20", "3"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["acknowledged"] >= 20


def test_a_writer_waits_for_another_one_and_then_gives_up(tmp_path, new_store_linker):
    place = {"name": "star", "latitude": 55.9, "longitude": -3.2}
    store = SQLiteStore(tmp_path / "x.db", wait=0.2)
    with Resolver(new_store_linker(), store) as resolver:
        resolver.put(place, source="a", id=1)
        other = sqlite3.connect(tmp_path / "x.db", isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusyError, match="Nothing was changed"):
            resolver.put(place, source="a", id=2)
        assert resolver.match(place).decision  # readers do not wait
        other.execute("COMMIT")
        assert resolver.put(place, source="a", id=2).kind == "inserted"
        other.close()


def test_a_new_file_that_many_open_at_once_opens_for_each(tmp_path):
    def begin(path):
        together.wait()
        try:
            SQLiteStore(path, wait=30).close()
        except StoreError as error:
            failed.append(error)

    failed, together = [], threading.Barrier(4)
    for n in range(60):  # SQLite let one of about eight rounds fail
        path = tmp_path / f"{n}.db"
        threads = [threading.Thread(target=begin, args=(path,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []


def test_two_writers_lose_nothing(tmp_path, new_store_linker):
    fitted = new_store_linker()

    def write(name):
        with Resolver(fitted, SQLiteStore(tmp_path / "x.db", wait=60)) as resolver:
            for n in range(12):
                place = {"name": "blue door", "latitude": 55.9 + n * 0.0006, "longitude": -3.2}
                resolver.put(place, source=name, id=n)

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Resolver(fitted, tmp_path / "x.db") as resolver:
        assert resolver.counts()["records"] == 24
        assert resolver.check().problems == ()


def test_a_full_disk_is_said_and_changes_nothing(tmp_path, new_store_linker):
    fitted = new_store_linker()
    store = SQLiteStore(tmp_path / "x.db")
    with Resolver(fitted, store) as resolver:
        place = {"name": "star", "latitude": 55.9, "longitude": -3.2}
        resolver.put(place, source="a", id=1)
        pages = store._connection().execute("PRAGMA page_count").fetchone()[0]
        store._connection().execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match="full"):
            resolver.put_many(
                [("a", n, place | {"name": "star " * 150 + str(n)}) for n in range(2, 60)]
            )
        assert resolver.counts()["records"] == 1
        store._connection().execute("PRAGMA max_page_count = 1000000")
        resolver.put(place, source="a", id=2)
        assert resolver.check().problems == ()


def test_a_clock_that_goes_backwards_decides_nothing(resolver, monkeypatch):
    from sameas.store import events

    years = iter(range(2030, 1990, -1))

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(next(years), 1, 1, tzinfo=UTC)

    monkeypatch.setattr(events, "datetime", Clock)
    place = {"name": "star", "latitude": 55.9, "longitude": -3.2}
    resolver.put(place, source="a", id=1)
    first = resolver.record("a", 1).entity
    resolver.put(place | {"latitude": 55.903}, source="a", id=2)
    resolver.put(place | {"latitude": 55.9015}, source="a", id=3)
    assert {resolver.record("a", n).entity for n in (1, 2, 3)} == {first}
    times = [event.at for event in resolver.changes()]
    assert times == sorted(times, reverse=True)
    assert resolver.check().problems == ()


def test_other_files_are_not_taken_for_a_store(tmp_path):
    (tmp_path / "x.db").write_bytes(b"no database at all, but long enough to be looked at " * 9)
    with pytest.raises(StoreError, match="cannot be used"):
        open_store(tmp_path / "x.db")
    with sqlite3.connect(tmp_path / "y.db") as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    with pytest.raises(StoreError, match="no store of sameas"):
        open_store(tmp_path / "y.db")
    store = SQLiteStore(tmp_path / "z.db")
    store._connection().execute("PRAGMA user_version = 99")
    store.close()
    with pytest.raises(StoreError, match="newer"):
        open_store(tmp_path / "z.db")
