"""Columns of one table that hold together what one column of another holds."""

import itertools

import numpy as np
import pyarrow as pa
import pytest

from sameas.linker import Linker, plan_tables
from sameas.records.recognise import IGNORE, recognise

GIVEN = ["Mary", "James", "Linda", "Robert", "Susan", "Thomas", "Karen", "Daniel"]
SURNAMES = ["Baker", "Kuford", "Rodriguez", "Green", "Neumann", "Painter", "Mason", "Hill"]
STREETS = ["Station Street", "Albert Road", "Mill Lane", "High Street", "Park Avenue"]
TOWNS = ["Wuberg", "Cirtford", "Doleael", "Suzaisham"]
ROWS = 120


@pytest.fixture(scope="module")
def people():
    draw = np.random.default_rng(1)
    rows = list(itertools.product(GIVEN, SURNAMES))
    rows = [rows[int(place)] for place in draw.integers(0, len(rows), ROWS)]
    return pa.table({
        "surname": [row[1] for row in rows],
        "given_name": [row[0] for row in rows],
        "house": draw.integers(1, 99, ROWS),
        "street": draw.choice(STREETS, ROWS),
        "town": draw.choice(TOWNS, ROWS),
        "postcode": [f"{number:05}" for number in draw.integers(10_000, 10_040, ROWS)],
        "notes": [" ".join(draw.choice([*GIVEN, *SURNAMES, *STREETS, *TOWNS], 8))
                  for _ in range(ROWS)],
    })  # fmt: skip


@pytest.fixture(scope="module")
def flat(people):
    rows = people.to_pylist()
    return pa.table({
        "full name": [f"{row['given_name']} {row['surname']}" for row in rows],
        "address": [f"{row['house']} {row['street']}, {row['town']} {row['postcode']}"
                    for row in rows],
    })  # fmt: skip


def columns_of(found):
    return {field.name: dict(field.columns) for field in found.fields if field.kind != IGNORE}


@pytest.mark.parametrize("turned", [False, True])
def test_parts_are_joined_for_the_whole(people, flat, turned):
    tables = {"b": flat, "a": people} if turned else {"a": people, "b": flat}
    found = columns_of(recognise(tables))
    assert found["full name"] == {"b": "full name", "a": "given_name + surname"}
    assert found["address"] == {"b": "address", "a": "house + street + town + postcode"}
    kinds = {field.name: field.kind for field in recognise(tables).fields}
    assert kinds == {"full name": "person", "address": "address", "notes": IGNORE}


def test_the_partner_of_a_whole_may_be_one_of_its_parts(people, flat):
    street = people.rename_columns(
        ["address" if name == "street" else name for name in people.column_names]
    )
    found = columns_of(recognise({"a": street, "b": flat}))
    assert found["address"] == {"b": "address", "a": "house + address + town + postcode"}


def test_three_tables(people, flat):
    found = columns_of(recognise({"a": people, "b": flat, "c": flat}))
    assert found["full name"] == {"b": "full name", "c": "full name", "a": "given_name + surname"}


def test_columns_with_partners_of_their_own_stay_apart(people):
    found = columns_of(recognise({"a": people, "b": people}))
    assert all(" + " not in column for columns in found.values() for column in columns.values())


def test_a_citation_holds_all_columns_of_a_paper():
    draw = np.random.default_rng(2)
    words = np.array([f"word{n}" for n in range(300)] + ["1997"])
    papers = pa.table({
        "title": [" ".join(draw.choice(words, 6)) for _ in range(ROWS)],
        "authors": [f"{draw.choice(GIVEN)} {draw.choice(SURNAMES)}" for _ in range(ROWS)],
        "venue": draw.choice(["vldb", "sigmod record", "tods"], ROWS),
        "year": draw.integers(1994, 2004, ROWS),
        "pages": draw.integers(1, 900, ROWS),
    })  # fmt: skip
    cited = pa.table({"reference": [
        f"{row['authors']}: {row['title']}. {row['venue']} {row['year']}."
        for row in papers.to_pylist()
    ]})  # fmt: skip
    found = columns_of(recognise({"papers": papers, "cited": cited}))
    assert found == {"reference": {
        "cited": "reference", "papers": "title + authors + venue + year"}}  # fmt: skip


def test_a_long_text_is_no_part_of_a_short_one(people, flat):
    name = flat.select(["full name"])
    notes = people.select(["surname", "notes"])
    found = columns_of(recognise({"a": notes, "b": name}))
    assert all(" + " not in column for columns in found.values() for column in columns.values())


def test_a_plan_says_and_uses_it(people, flat):
    people = people.append_column("id", pa.array(range(ROWS)))
    flat = flat.append_column("id", pa.array(range(ROWS)))
    plan = plan_tables({"a": people, "b": flat})
    assert any(
        line.startswith("Joined for full name: given_name and surname of a together hold 100%")
        for line in plan.assumptions
    )
    linker = plan.linker()
    assert isinstance(linker, Linker)
    links = linker.link({"a": people, "b": flat}, options=plan.options()).links.to_pylist()
    same = [row for row in links if row["left_id"] == row["right_id"]]
    assert len(same) >= 0.95 * ROWS


@pytest.fixture(scope="module")
def dated():
    draw = np.random.default_rng(3)
    year, month, day = (draw.integers(*ends, ROWS) for ends in ((1930, 2000), (1, 13), (1, 29)))
    parts = pa.table({
        "surname": draw.choice(SURNAMES, ROWS), "birth_day": day, "birth_month": month,
        "birth_year": year, "rating": draw.integers(1, 6, ROWS),
    })  # fmt: skip
    dates = [f"{d:02}.{m:02}.{y}" for y, m, d in zip(year, month, day, strict=True)]
    return parts, pa.table({"surname": parts["surname"], "Geburtsdatum": dates})


def test_year_month_and_day_are_one_date(dated):
    parts, whole = dated
    joined = "birth_year + birth_month + birth_day"
    (field,) = (f for f in recognise({"t": parts}).fields if f.kind == "date")
    assert (field.name, dict(field.columns)) == ("birth_date", {"t": joined})
    assert "are one date" in field.why[-1]
    found = columns_of(recognise({"a": parts, "b": whole}))
    assert found["birth_date"] == {"a": joined, "b": "Geburtsdatum"}


@pytest.mark.parametrize(
    ("names", "called"),
    [
        (("by", "bm", "bd"), "b_date"),
        (("yob", "mob", "dob"), "date_ob"),
        (("birthyear", "birthmonth", "birthday"), "birth_date"),
        (("Geburtsjahr", "Geburtsmonat", "Geburtstag"), "geburts_date"),
    ],
)
def test_parts_of_a_date_may_be_initials_or_written_together(dated, names, called):
    parts, _ = dated
    year, month, day = names
    table = parts.rename_columns(["surname", day, month, year, "rating"])
    (field,) = (f for f in recognise({"t": table}).fields if f.kind == "date")
    assert (field.name, dict(field.columns)) == (called, {"t": " + ".join(names)})


def test_initials_of_numbers_that_are_no_date_stay_apart(dated):
    parts, _ = dated
    table = parts.rename_columns(["surname", "sd", "sm", "sy", "rating"])
    table = table.set_column(3, "sy", pa.array(np.arange(ROWS) % 90))
    assert "date" not in {field.kind for field in recognise({"t": table}).fields}


def test_numbers_that_are_no_date_stay_apart(dated):
    parts, _ = dated
    late = parts.set_column(2, "birth_month", pa.array(np.arange(ROWS)))
    kinds = {field.name: field.kind for field in recognise({"t": late}).fields}
    assert kinds["birth_day"] == "number"
    assert "date" not in kinds.values()
