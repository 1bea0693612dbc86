"""The same on a real PostgreSQL server, where one can be started."""

import numpy as np
import pytest

from sameas.linker import Options
from sameas.resolver import Resolver, load_tables, rebuild_store


@pytest.fixture
def address(postgres_server):
    import psycopg

    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return postgres_server


def test_the_same_entities_as_in_sqlite(address, fitted, new_record, tmp_path):
    rng = np.random.default_rng(6)
    with Resolver(fitted, address) as one, Resolver(fitted, tmp_path / "x.db") as other:
        for _ in range(60):
            id = str(rng.integers(0, 25))
            known = other.counts()["records"] and rng.random() < 0.25
            for resolver, record in zip((one, other), [new_record(rng)] * 2, strict=True):
                try:
                    if known:
                        resolver.delete(source="a", id=id)
                    else:
                        resolver.put(record, source="a", id=id)
                except LookupError:
                    pass
        one.correct(*[("a", row.id) for row in live(one)[:2]], "same")
        other.correct(*[("a", row.id) for row in live(other)[:2]], "same")
        assert [event[:7] for event in told(one)] == [event[:7] for event in told(other)]
        assert one.check().problems == ()
        rebuild_store(fitted, one.store, options=Options(threads=1))
        assert one.check().problems == ()


def live(resolver):
    with resolver.store.read() as work:
        return list(work.every_record())


def told(resolver):
    with resolver.store.read() as work:
        return list(work.each_event())


def test_a_load_and_two_servers_on_one_database(address, fitted, new_record):
    rng = np.random.default_rng(7)
    rows = [new_record(rng) for _ in range(30)]
    table = {"id": [str(n) for n in range(30)]} | {
        name: [row[name] for row in rows] for name in rows[0]
    }
    with Resolver(fitted, address) as one, Resolver(fitted, address) as other:
        load_tables(fitted, one.store, {"a": table}, options=Options(threads=1))
        for n in range(12):
            (one, other)[n % 2].put(new_record(rng), source="b", id=n)
        assert one.counts() == other.counts()
        assert other.counts()["records"] == 42
        assert other.check().problems == ()
        assert "postgresql://" in one.store.name
