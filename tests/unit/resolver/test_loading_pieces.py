"""A first load piece by piece ends in the store that a load in one piece makes."""

import numpy as np
import pytest

from sameas.core.errors import ArgumentError
from sameas.linker import Options
from sameas.linker.pieces import run as pieces_run
from sameas.resolver import Resolver, load_tables

PIECES = 7


def table_of(new_record, count, *, first=0):
    rng = np.random.default_rng(first)
    rows = [new_record(rng) for _ in range(count)]
    for row in rows[::9]:
        row["name"] = None
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    columns["latitude"] = [value + (n % 5) * 0.2 for n, value in enumerate(columns["latitude"])]
    return {"id": [f"{first + n}" for n in range(count)]} | columns


def kept(resolver, number_of):
    """Return everything that a store holds, with keys of records in place of their numbers."""
    edge = resolver.machine.edge
    with resolver.store.read() as work:
        rows = list(work.every_record())
        name = {row.record: (row.source, row.id) for row in rows}
        number_of.update({(row.source, row.id): row.record for row in rows})
        thin, whole = (dict(each(name)) for each in (work.thin, work.whole))
        lists = {
            name[owner]: sorted(
                (name[int(one["other"])], float(one["score"]), int(one["rule"]), *one["first"])
                for one in np.frombuffer(content, edge)
            )
            for owner, content in work.edges(name)
        }  # fmt: skip
        return {
            "records": {key[1:] for key in rows},
            "events": [event[:8] for event in work.each_event()],
            "blocks": {(key, name[record]) for key, record in work.every_key()},
            "prepared": {name[n]: (thin[n], whole[n]) for n in name},
            "lists": lists,
        }


@pytest.mark.parametrize("mode", ["dedupe", "many"])
def test_the_store_is_the_same(new_store_linker, new_record, tmp_path, monkeypatch, mode):
    fitted = new_store_linker(mode=mode)
    tables = {"a": table_of(new_record, 120)}
    if mode == "many":
        tables["b"] = table_of(new_record, 60, first=500)
    monkeypatch.setattr(pieces_run, "records_a_piece", lambda *_, **__: 180 // PIECES)
    found, numbers = [], [{}, {}]
    for memory, number in zip((None, "1GB"), numbers, strict=True):
        with Resolver(fitted, tmp_path / f"{memory}.db") as resolver:
            options = Options(threads=2, memory=memory)
            report = load_tables(fitted, resolver.store, tables, options=options)
            assert report.records == report.new == sum(len(t["id"]) for t in tables.values())
            found.append(kept(resolver, number))
            figures = report.entities, report.created, report.quarantine.num_rows
            found[-1]["report"] = figures
            assert resolver.check().problems == ()
            place = {"name": "blue door cafe", "latitude": 56.1, "longitude": -3.2, "phone": None}
            found[-1]["match"] = resolver.match(place, limit=50)
    for name, value in found[0].items():
        assert found[1][name] == value, name
    assert numbers[0].keys() == numbers[1].keys()
    assert sorted(numbers[0].values()) == sorted(numbers[1].values())
    assert len(found[0]["lists"]) > 50


def test_it_is_for_a_first_load_of_ids_that_are_texts(fitted, new_record, tmp_path):
    table, options = table_of(new_record, 12), Options(threads=1, memory="1GB")
    with Resolver(fitted, tmp_path / "x.db") as resolver:
        numbers = table | {"id": list(range(12))}
        with pytest.raises(ArgumentError, match="texts"):
            load_tables(fitted, resolver.store, {"a": numbers}, options=options)
        assert resolver.counts()["records"] == 0
        load_tables(fitted, resolver.store, {"a": table}, options=options)
        with pytest.raises(ArgumentError, match="first load"):
            load_tables(fitted, resolver.store, {"b": table}, options=options)
