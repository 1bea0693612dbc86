"""Stores at the command line: load, update, check-store, and corrections in a batch run."""

import sqlite3

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sameas.cli import _group
from sameas.linker.saving import save_linker
from sameas.resolver import Resolver


@pytest.fixture
def home(tmp_path, new_store_linker):
    save_linker(tmp_path / "model", new_store_linker())
    rows = {"name": ["blue door", "blue door", "old mill"], "phone": [None] * 3}
    near = {"latitude": [55.9, 55.9001, 55.91], "longitude": [-3.2] * 3}
    pq.write_table(pa.table({"id": [1, 2, 3]} | rows | near), tmp_path / "a.parquet")
    pq.write_table(
        pa.table({"id": [9], "name": ["old mill"], "latitude": [55.91], "longitude": [-3.2]}),
        tmp_path / "b.parquet",
    )
    return tmp_path


@pytest.fixture
def said(capsys):
    def call(*arguments, code=0):
        assert _group.run([str(argument) for argument in arguments]) == code
        found = capsys.readouterr()
        # Where an error is cut into lines depends on the length of the folder's name.
        return " ".join(found.err.split()) if code else found.out

    return call


def test_a_table_is_loaded_and_another_one_is_linked_into_it(home, said):
    store = home / "places.db"
    assert "entities: 2 new" in said(
        "load", home / "a.parquet", "--linker", home / "model", "--store", store
    )
    out = said("update", home / "b.parquet", "--store", store)
    assert "records: 1 new" in out
    assert "1 records joined one" in out
    assert "is whole" in said("check-store", "--store", store)


def test_a_first_load_within_a_given_memory(home, said):
    load = ("load", "--linker", home / "model", "--store", home / "places.db", "--memory", "1GB")
    assert "texts" in said(*load, home / "a.parquet", code=1)
    table = pq.read_table(home / "a.parquet")
    table = table.set_column(0, "id", table["id"].cast(pa.string()))
    pq.write_table(table, home / "texts.parquet")
    assert "entities: 2 new" in said(*load, home / "texts.parquet")
    assert "is whole" in said("check-store", "--store", home / "places.db")
    assert "first load" in said(*load, home / "texts.parquet", code=1)
    assert "first load" in said(*load, "--rebuild", code=2)


def test_a_batch_run_obeys_the_corrections_of_a_store(home, said):
    store = home / "places.db"
    said("load", home / "a.parquet", "--linker", home / "model", "--store", store)
    with Resolver(home / "model", store) as resolver:
        resolver.correct(("a", 1), ("a", 2), "different")
    said(
        "dedupe", home / "a.parquet", "--linker", home / "model", "--out", home / "run",
        "--constraints", store, "--no-report",
    )  # fmt: skip
    clusters = pq.read_table(home / "run" / "clusters.parquet")
    assert len(set(clusters["entity"].to_pylist())) == 3


def test_a_finished_run_is_loaded_with_its_scores(home, said):
    said("dedupe", home / "a.parquet", "--linker", home / "model", "--out", home / "run")
    store = home / "places.db"
    out = said("load", "--run", home / "run", "--linker", home / "model", "--store", store)
    assert "3 records, 2 entities" in out
    assert "is whole" in said("check-store", "--store", store)


def test_a_damaged_store_is_named(home, said):
    store = home / "places.db"
    said("load", home / "a.parquet", "--linker", home / "model", "--store", store)
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE records SET entity = 99 WHERE id = '3'")
    connection.close()
    error = said("check-store", "--store", store, code=1)
    assert "records are in another entity than their events say, such as a:3" in error
    assert "There is no store" in said("check-store", "--store", home / "no.db", code=1)


def test_another_linker_is_refused_until_the_store_is_rebuilt(home, said, new_store_linker):
    store = home / "places.db"
    said("load", home / "a.parquet", "--linker", home / "model", "--store", store)
    with Resolver(home / "model", store) as resolver:
        before = resolver.record("a", 1).entity
    save_linker(home / "newer", new_store_linker(rank=9.0))
    arguments = ("--linker", home / "newer", "--store", store)
    assert "--rebuild" in said("update", home / "b.parquet", *arguments, code=1)
    said("load", "--rebuild", *arguments)
    with Resolver(home / "newer", store) as resolver:
        assert resolver.record("a", 1).entity == before
        assert resolver.check().problems == ()
