"""The same on a real PostgreSQL server, where one can be started."""

import getpass
import os
import shutil
import subprocess
import tempfile

import numpy as np
import pytest

from sameas.linker import Options
from sameas.resolver import Resolver, load_tables, rebuild_store

pytest.importorskip("psycopg")
NEEDED = ("initdb", "pg_ctl")
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, NEEDED)), reason="PostgreSQL is not installed"
)


@pytest.fixture(scope="module")
def server():
    folder = tempfile.mkdtemp(prefix="pg", dir="/tmp")  # a path of a socket must be short
    as_user = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        import pwd

        try:
            nobody = pwd.getpwnam("postgres")
        except KeyError:
            nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "cwd": folder}
    user = "sameas" if as_user else getpass.getuser()
    data = f"{folder}/data"
    try:
        subprocess.run(
            ["initdb", "-D", data, "-U", user, "-A", "trust", "-E", "UTF8", "--no-locale"],
            check=True, capture_output=True, **as_user,
        )  # fmt: skip
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        subprocess.run(
            ["pg_ctl", "-D", data, "-o", options, "-w", "-l", f"{folder}/log", "start"],
            check=True, capture_output=True, **as_user,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL cannot be started: {error}")
    yield f"postgresql://{user}@/postgres?host={folder}"
    subprocess.run(
        ["pg_ctl", "-D", data, "-m", "immediate", "stop"], capture_output=True, **as_user
    )
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def address(server):
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return server


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
