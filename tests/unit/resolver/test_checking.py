"""The check of a store names what is wrong with it."""

import sqlite3
from contextlib import closing

import pytest

from sameas.resolver import Resolver

STEP = 0.0009  # about 100 m of latitude


@pytest.fixture
def filled(fitted, tmp_path):
    path = tmp_path / "places.db"
    with Resolver(fitted, path) as resolver:
        for n in range(4):
            place = {"name": "blue door", "latitude": 55.9 + (n // 2) * 9 * STEP}
            resolver.put(place | {"longitude": -3.2}, source="a", id=n)
    return path


DAMAGES = {
    "blocks lack a record": "DELETE FROM keys WHERE record = 2",
    "blocks hold a record too many": "INSERT INTO keys VALUES (77, 2)",
    "pairs stand in one list only": "UPDATE edges SET list = x'' WHERE record = 1",
    "records are in another entity": "UPDATE records SET entity = 2 WHERE record = 3",
    "records lack a row in whole": "DELETE FROM whole WHERE record = 4",
    "rows in thin are of no live record": "INSERT INTO thin VALUES (99, x'00')",
    "live records have no content": "UPDATE records SET content = NULL WHERE record = 1",
    "entities are retired with members": "UPDATE entities SET retired = 9",
    "entities forward to none": "UPDATE entities SET forward = 999",
    "are not as the clusterer decides": "UPDATE edges SET list = x''",
}


@pytest.mark.parametrize("said", DAMAGES)
def test_what_is_damaged_is_named(fitted, filled, said):
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute(DAMAGES[said])
        connection.commit()
    with Resolver(fitted, filled) as resolver:
        assert any(said in problem for problem in resolver.check().problems)


def test_a_whole_store_is_whole(fitted, filled):
    with Resolver(fitted, filled) as resolver:
        report = resolver.check()
    assert report.problems == ()
    assert report.figures["records"] == 4
