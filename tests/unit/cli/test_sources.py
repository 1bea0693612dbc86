"""Names of sources, and which column is which field."""

from __future__ import annotations

import pytest

from sameas.cli._linkers import make_linker
from sameas.cli._options import LinkerChoice
from sameas.cli._sources import find_tables, mapping_of, name_sources
from sameas.core.errors import ArgumentError


@pytest.mark.parametrize(
    ("paths", "given", "names"),
    [
        (["osm.parquet", "fsq.csv.gz"], [], ["osm", "fsq"]),
        (["b.csv", "a.csv"], [], ["b", "a"]),
        (["x/p.csv", "y/p.csv"], [], ["left", "right"]),
        (["x/p.csv", "y/p.csv", "z/p.csv"], [], ["table_01", "table_02", "table_03"]),
        (["x/p.csv", "y/p.csv"], ["one", "two"], ["one", "two"]),
        (["base.duckdb::shops", "base.duckdb::places"], [], ["shops", "places"]),
        (["old.csv::cp1250", "new.tsv.gz::utf-16"], [], ["old", "new"]),
        (["places.v2.parquet"], [], ["places.v2"]),
    ],
)
def test_names(paths: list[str], given: list[str], names: list[str]) -> None:
    assert list(name_sources(paths, given).items()) == list(zip(names, paths, strict=True))


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([("name", "title")], {"b": {"name": "title"}, "a": {"name": "title"}}),
        ([("left.name", "title")], {"b": {"name": "title"}}),
        ([("right.id", "code")], {"a": {"id": "code"}}),
        ([("a.name", "x=y"), ("name", "z")], {"b": {"name": "z"}, "a": {"name": "x=y"}}),
        ([("dotted.field", "c")], {"b": {"dotted.field": "c"}, "a": {"dotted.field": "c"}}),
        ([], {}),
    ],
)
def test_mapping(entries, expected) -> None:
    assert mapping_of(entries, ["b", "a"], ["name", "dotted.field"]) == expected


def test_a_source_called_left_is_itself() -> None:
    entries = [("left.name", "x")]
    assert mapping_of(entries, ["right", "left"], ["name"]) == {"left": {"name": "x"}}


def test_sources_may_have_dots() -> None:
    found = mapping_of([("places.v2.name", "x")], ["places.v2", "places"], ["name"])
    assert found == {"places.v2": {"name": "x"}}


def test_left_is_no_source_of_three() -> None:
    with pytest.raises(ArgumentError, match="unknown source 'left'"):
        mapping_of([("left.name", "x")], ["a", "b", "c"], ["name"])


def test_labels_make_the_phone_evidence() -> None:
    choice = LinkerChoice(recipe="places")
    assert make_linker(choice).spec.silver == "phone"
    assert make_linker(choice, labelled=True).spec.silver is None
    none = LinkerChoice(recipe="places", silver="none")
    assert make_linker(none).spec.silver is None


def test_settings_reach_the_spec() -> None:
    spec = make_linker(LinkerChoice(recipe="places", goal="precision=0.9", seed=7)).spec
    assert (spec.goal.precision, spec.seed) == (0.9, 7)
    spec = make_linker(LinkerChoice(field=(("title", "text"), ("code", "identifier")),
                                    silver="code", goal="f0.5")).spec  # fmt: skip
    assert (spec.silver, spec.goal.beta, [field.name for field in spec.fields]) == (
        "code", 0.5, ["title", "code"],
    )  # fmt: skip


def test_a_table_of_a_database_gives_its_name():
    server = "postgresql://me@host:5432/db"
    assert find_tables([f"{server}::shop.places"]) == {"places": f"{server}::shop.places"}
    assert find_tables([f"{server}?sslmode=require"]) == {"db": f"{server}?sslmode=require"}
