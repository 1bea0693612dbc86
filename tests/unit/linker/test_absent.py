"""Fields in which no two records of two tables can agree: a plan of last week, new codes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from sameas.blocking import ExactKey
from sameas.datasets.persons import generate_persons
from sameas.linker import Linker
from sameas.linker.absent import about_absent, absent_fields, values_of
from sameas.records import Field

KINDS = {"given_name": "given_name", "surname": "surname", "city": "category",
         "region": "category", "date_of_birth": "date"}  # fmt: skip
RULES = tuple(ExactKey((name,)) for name in ("surname", "date_of_birth", "city"))
REGIONS = ["North", "East", "South", "West"]
FIELDS = [Field(name, kind) for name, kind in KINDS.items()]


@pytest.fixture(scope="module")
def persons():
    """Two tables of persons whose cities lie in four regions."""
    rows = generate_persons(2_400, seed=4)
    number = [None if city is None else sum(map(ord, city)) % 4 for city in
              pc.utf8_lower(rows["city"]).to_pylist()]  # fmt: skip
    region = pa.array([None if n is None else REGIONS[n] for n in number])
    rows = rows.append_column("region", region)
    halves = [rows.take(pa.array(np.arange(start, len(rows), 2))) for start in (0, 1)]
    return halves, {"North": "1", "East": "2", "South": "3", "West": "4"}


def with_region(table, values):
    return table.set_column(table.column_names.index("region"), "region", values)


def f1(left, right, caplog):
    """Learn without labels, link, and hold the links against the truth."""
    caplog.clear()
    linker = Linker(KINDS, blocking=RULES)
    links = linker.fit(left, right).link(left, right).links
    ends = [dict(zip(t["id"].to_pylist(), t["entity_id"].to_pylist(), strict=True))
            for t in (left, right)]  # fmt: skip
    right_ones = sum(
        ends[0][a] == ends[1][b]
        for a, b in zip(links["left_id"].to_pylist(), links["right_id"].to_pylist(), strict=True)
    )
    there = pa.table({"e": right["entity_id"], "n": [1] * len(right)}).group_by("e")
    count = dict(zip(*there.aggregate([("n", "sum")]).to_pydict().values(), strict=True))
    true = sum(count.get(entity, 0) for entity in left["entity_id"].to_pylist())
    return 2 * right_ones / (true + len(links)), linker


@pytest.mark.parametrize("what", ["codes", "nothing on one side", "nothing at all"])
def test_a_part_of_an_address_that_cannot_agree_is_not_compared(persons, caplog, what):
    (left, right), codes = persons
    whole, _ = f1(left, right, caplog)
    assert "is not compared" not in caplog.text
    nothing = pa.nulls(len(right), pa.string())
    other = [None if v is None else codes[v] for v in right["region"].to_pylist()]
    changed = with_region(right, pa.array(other) if what == "codes" else nothing)
    if what == "nothing at all":
        left = with_region(left, pa.nulls(len(left), pa.string()))
    found, linker = f1(left, changed, caplog)
    assert found > whole - 0.05
    assert ("'region' is not compared" in caplog.text) == (what != "nothing at all")
    read = {name for need in linker.fitted_.spec.needs() for name in need.fields}
    assert "region" not in read
    assert "city" in read
    golden = linker.link(left, changed).entities
    assert "region" in golden.column_names, "not compared, but still told"


def test_with_labels_a_field_of_one_table_stays(persons):
    (left, right), _ = persons
    right = with_region(right, pa.nulls(len(right), pa.string()))
    table = pa.concat_tables([left, right])
    table = table.append_column("source", pa.array(["a"] * len(left) + ["b"] * len(right)))
    assert absent_fields(values_of(table, FIELDS, across=True), FIELDS) == {"region"}
    assert absent_fields(values_of(table, FIELDS, across=False), FIELDS) == set()


@pytest.mark.parametrize(
    ("left", "right", "absent"),
    [
        (["North"] * 60, ["1"] * 60, True),
        (["North"] * 60, ["1"] * 20, False),  # too few rows to say
        ([f"n{i}" for i in range(60)], [str(i) for i in range(60)], False),  # too many values
        (["North", "East"] * 60, ["1"] * 100 + ["east"], False),  # one is written alike
        (["North"] * 60, [None] * 60, True),
    ],
)
def test_what_tables_have_in_common(left, right, absent):
    table = pa.table({"source": ["a"] * len(left) + ["b"] * len(right), "region": left + right,
                      "city": ["Ayr"] * (len(left) + len(right))})  # fmt: skip
    fields = [Field("surname", "surname"), Field("city", "category"), Field("region", "category")]
    table = table.append_column("surname", table["city"])
    found = absent_fields(values_of(table, fields, across=True), fields)
    assert found == ({"region"} if absent else set())
    pieces = [values_of(part, fields, across=True) for part in (table[:50], table[50:])]
    assert absent_fields(pa.concat_tables(pieces), fields) == found


def test_a_field_without_any_value_is_not_told_twice():
    fields = [Field("name", "name"), Field("phone", "phone")]
    table = pa.table({"source": ["a", "b"], "name": ["Lee", "Ray"], "phone": pa.nulls(2, "string")})
    values = values_of(table, fields, across=True)
    assert absent_fields(values, fields) == {"phone"}
    assert about_absent(values, {"phone"}) == []
