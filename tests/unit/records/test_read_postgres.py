"""Tables of a real PostgreSQL server, where one can be started."""

import datetime
import json

import pytest

from sameas import Linker
from sameas.core.errors import ColumnError, DataError
from sameas.records import read_table

SCHEMA = """
DROP SCHEMA IF EXISTS shop CASCADE; DROP SCHEMA public CASCADE;
CREATE SCHEMA public; CREATE SCHEMA shop;
CREATE TYPE mood AS ENUM ('open', 'shut');
CREATE TABLE places (
    id bigint, name text, latitude double precision, longitude real, labels text[],
    price numeric(12, 4), opened date, state mood, code uuid, "Odd ""name" varchar, gone int);
ALTER TABLE places DROP COLUMN gone;
INSERT INTO places VALUES
    (1, 'Café Móca', 55.95, -3.2, '{bar,cafe}', 12.5, '2020-01-31', 'open',
     '00000000-0000-0000-0000-000000000001', 'x'),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE VIEW shop.named AS SELECT id, name FROM places WHERE name IS NOT NULL;
CREATE TABLE shop.nothing (id int, name text);
"""


@pytest.fixture(scope="module")
def database(postgres_server):
    import psycopg

    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(SCHEMA)
    return postgres_server


def test_a_table_with_its_types(database):
    table = read_table(f"{database}::places").table
    first, second = table.to_pylist()
    assert first == {
        "id": 1, "name": "Café Móca", "latitude": 55.95, "longitude": pytest.approx(-3.2, abs=1e-6),
        "labels": ["bar", "cafe"], "price": "12.5000", "opened": "2020-01-31", "state": "open",
        "code": "00000000-0000-0000-0000-000000000001", 'Odd "name': "x",
    }  # fmt: skip
    assert set(second.values()) == {2, None}


def test_a_view_of_another_schema_and_some_columns(database):
    assert read_table(f"{database}::shop.named").table.to_pylist() == [
        {"id": 1, "name": "Café Móca"}
    ]
    some = read_table(f"{database}::public.places", columns=["name"]).table
    assert some.to_pydict() == {"name": ["Café Móca", None]}
    assert read_table(f"{database}::shop.nothing").table.column_names == ["id", "name"]


@pytest.mark.parametrize(
    ("table", "columns", "error", "said"),
    [
        ("::place", None, DataError, "has no table 'place'. Did you mean 'places'"),
        ("", None, DataError, "needs a table: write .*::TABLE. It has: places, shop.named"),
        ("::places", ["nam"], ColumnError, "'nam'"),
    ],
)
def test_what_is_not_there(database, table, columns, error, said):
    with pytest.raises(error, match=said):
        read_table(f"{database}{table}", columns=columns)


def test_a_server_that_is_not_there_without_the_password():
    with pytest.raises(DataError, match="cannot be read as a PostgreSQL database") as caught:
        read_table("postgresql://me:secret@127.0.0.1:1/db::places")
    assert "secret" not in str(caught.value)


def test_linked_as_from_a_file_and_kept_without_the_password(database, tmp_path):
    import psycopg

    rows = [(n, f"{word} {n // 2}") for n, word in enumerate(["Blue Door", "Blue Doors"] * 30)]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS many")
        connection.execute("CREATE TABLE many (id int, name text, born date)")
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO many VALUES (%s, %s, %s)",
                [(*row, datetime.date(2000, 1, 1)) for row in reversed(rows)],
            )
    labels = {
        "left_id": [n for n, _ in rows[::2]] + [n for n, _ in rows[:-2:2]],
        "right_id": [n for n, _ in rows[1::2]] + [n for n, _ in rows[3::2]],
        "label": [1] * 30 + [0] * 29,
    }
    held = {"id": [n for n, _ in rows], "name": [name for _, name in rows]}
    linker = Linker({"name": "name"}).fit(held, labels=labels)
    user, rest = database.split("@")
    address = f"{user}:secret@{rest}::many"
    found = linker.dedupe(address, out=tmp_path / "run")
    assert found.links.equals(linker.dedupe(held).links)
    assert found.links.num_rows > 0
    kept = json.loads((tmp_path / "run" / "run.json").read_text())["inputs"]["tables"]
    assert kept == {"table": f"{database}::many"}
