"""Ids, columns that say nothing, and columns of several tables."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import ColumnError, DataError
from sameas.records.recognise import IGNORE, recognise

NAMES = ["Blue Door", "Old Mill", "Star Gym", "Red Lion", "Green Park", "Sea View"]


def kinds(found):
    return {field.name: field.kind for field in found.fields}


def test_the_id_is_found():
    table = pa.table({"name": NAMES, "code": list("abcdef"), "rec_id": range(6)})
    assert recognise({"t": table}).ids["t"].column == "rec_id"


def test_without_an_id_rows_are_numbered_and_it_is_told():
    found = recognise({"t": pa.table({"id": [1, 1, 2, 3, 4, 5], "name": NAMES})})
    assert found.ids["t"].column is None
    assert "1 rows repeat the value of another: rows are numbered" in found.ids["t"].why
    assert "--id id" in found.ids["t"].why
    gaps = recognise({"t": pa.table({"id": [1, None, None, 3, 4, 5], "name": NAMES})})
    assert "2 have none" in gaps.ids["t"].why


def test_the_id_may_be_given():
    table = pa.table({"id": range(6), "name": NAMES})
    assert recognise({"t": table}, id_column="none").ids["t"].column is None
    assert recognise({"t": table}, id_column="name").ids["t"].column == "name"
    with pytest.raises(ColumnError, match="nmae"):
        recognise({"t": table}, id_column="nmae")


def test_columns_are_matched_by_name_meaning_and_values():
    zips = ["10001"] * 3 + ["10002"] * 3
    place = np.linspace(50, 51, 6)
    left = pa.table({"id": range(6), "title": NAMES, "zip": zips, "lat": place})
    codes = ["10001"] * 4 + ["10003"] * 2
    right = pa.table(
        {"key": range(6), "latitude": place, "postal code": codes, "Name": NAMES[::-1]}
    )
    found = recognise({"a": left, "b": right})
    columns = {field.name: dict(field.columns) for field in found.fields}
    assert columns["title"] == {"a": "title", "b": "Name"}
    assert columns["zip"] == {"a": "zip", "b": "postal code"}
    assert columns["latitude"] == {"a": "lat", "b": "latitude"}
    assert found.ids["b"].column == "key"


def test_categories_without_a_common_value_are_two_fields():
    left = pa.table({"id": range(6), "name": NAMES, "county": ["Inyo", "Mono", "Nye"] * 2})
    right = pa.table({"id": range(6), "name": NAMES, "country": ["Peru", "Peru", "Chile"] * 2})
    found = recognise({"a": left, "b": right})
    assert kinds(found)["county"] == IGNORE


def test_columns_go_with_those_that_are_called_alike():
    streets, zips = [f"{name} road" for name in NAMES], ["10001", "10002"] * 3
    firms = [f"{name} works" for name in NAMES]
    mailing = {"mailing_street": streets, "mailing_city": NAMES, "mailing_zip": zips}
    left = pa.table({"id": range(6), "employer_zip": zips, "employer_street": firms, **mailing})
    right = pa.table({"id": range(6), "street": streets, "city": NAMES, "zip": zips})
    columns = [dict(field.columns) for field in recognise({"l": left, "r": right}).fields]
    assert {"l": "mailing_zip", "r": "zip"} in columns
    assert {"l": "employer_zip"} in columns


def test_a_column_of_one_table_only_is_ignored():
    left = pa.table({"id": range(6), "name": NAMES, "phone": ["+44 131 556 123" + str(n)
                                                              for n in range(6)]})  # fmt: skip
    found = recognise({"a": left, "b": left.select(["id", "name"])})
    assert kinds(found)["phone"] == IGNORE


def test_a_column_that_one_table_leaves_empty_is_ignored():
    left = pa.table({"id": range(6), "name": NAMES, "kind": ["inn", "gym", "zoo"] * 2})
    right = pa.table({"id": range(6), "name": NAMES, "kind": pa.nulls(6, pa.string())})
    found = recognise({"a": left, "b": right})
    kind = next(field for field in found.fields if field.name == "kind")
    assert kind.kind == IGNORE
    assert kind.why == ("only a has values in it: there is nothing to compare them with",)


def test_a_key_of_one_table_is_no_evidence_but_a_shared_code_is():
    own = pa.table({"id": range(6), "name": NAMES, "isbn": [f"97831614841{n}" for n in range(6)]})
    other = pa.table({"id": range(6), "name": NAMES, "isbn": [f"97899999999{n}" for n in range(6)]})
    assert kinds(recognise({"a": own}))["isbn"] == IGNORE
    assert kinds(recognise({"a": own, "b": other}))["isbn"] == IGNORE
    shared = kinds(recognise({"a": own, "b": own}))
    assert shared["isbn"] == "identifier"


def test_a_counter_is_ignored():
    table = pa.table({"id": list("abcdef"), "name": NAMES, "number": range(1, 7)})
    found = recognise({"a": table, "b": table})
    assert kinds(found)["number"] == IGNORE


def test_coordinates_in_one_column_are_two_fields():
    table = pa.table({"id": range(3), "name": NAMES[:3],
                      "geo": ["51.5,-0.12", "48.1,11.6", "40.7,-74.0"]})  # fmt: skip
    found = recognise({"t": table})
    held = {field.name: dict(field.columns) for field in found.fields}
    assert held["latitude"] == held["longitude"] == {"t": "geo"}


def test_coordinates_in_one_column_here_and_in_two_there_are_one_place():
    one = pa.table({"name": NAMES[:3], "where": ["51.5,-0.12", "48.1,11.6", "40.7,-74.0"]})
    two = pa.table({"name": NAMES[:3], "lat": [51.5, 48.1, 40.7], "lon": [-0.12, 11.6, -74.0]})
    for tables in ({"a": one, "b": two}, {"b": two, "a": one}, {"b": two, "a": one, "c": two}):
        held = {field.kind: dict(field.columns) for field in recognise(tables).fields}
        others = {source: "lat" for source in tables if source != "a"}
        assert held["latitude"] == {"a": "where"} | others
        assert held["longitude"] == {"a": "where"} | dict.fromkeys(others, "lon")
    without = pa.table({"name": NAMES[:3], "city": ["Bonn", "Ulm", "Kiel"]})
    assert kinds(recognise({"a": one, "d": without}))["where"] == IGNORE


@pytest.mark.parametrize(
    "written",
    [
        ["51,5073; -0,1276", "48,1372; 11,5755", "40,7128; -74,0060"],
        ["51.5073N 0.1276W", "48.1372N 11.5755E", "40.7128N 74.0060W"],
        ["51°30'26\"N 0°7'39\"W", "48°8'14\"N 11°34'32\"E", "40°42'46\"N 74°0'22\"W"],
        ['{"type":"Point","coordinates":[-0.1,51.5]}', '{"type":"Point","coordinates":[11.6,48]}'],
    ],
)
def test_coordinates_in_other_forms_are_no_texts(written):
    table = pa.table({"name": NAMES[: len(written)], "location": written})
    found = {field.name: field.kind for field in recognise({"t": table}).fields}
    assert (found["latitude"], found["longitude"]) == ("latitude", "longitude")
    assert "location" not in found


@pytest.mark.parametrize(
    ("one", "other", "first"),
    [("x", "y", "longitude"), ("Breite", "Länge", "latitude"), ("a", "b", "latitude")],
)
def test_two_numbers_beside_each_other_are_a_place(one, other, first):
    degrees = [[f"{10 + n},123{n}" for n in range(9)], [f"{20 + n},987{n}" for n in range(9)]]
    table = pa.table(
        {"name": [f"Place {n}" for n in "abcdefghi"], one: degrees[0], other: degrees[1]}
    )
    held = {field.kind: field.columns["t"] for field in recognise({"t": table}).fields}
    second = "latitude" if first == "longitude" else "longitude"
    assert (held[first], held[second]) == (one, other)


def test_reserved_and_repeated_names_are_changed():
    table = pa.table({"key": range(6), "source": NAMES, "lat": np.linspace(1, 2, 6),
                      "latitude": np.linspace(3, 4, 6)})  # fmt: skip
    names = [field.name for field in recognise({"t": table}).fields]
    assert "source" not in names
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("table", [pa.table({"a": pa.array([], pa.string())}), pa.table({})])
def test_an_empty_table_is_refused(table):
    with pytest.raises(DataError, match="t has no"):
        recognise({"t": table})


def test_two_precise_numbers_are_a_place_and_never_phones():
    place = np.random.default_rng(0).uniform(50, 51, (2, 60))
    table = pa.table(
        {
            "id": range(60),
            "p": place[0],
            "q": place[1] - 55,
            "n": [f"{a} {b * 3}" for a in NAMES for b in "abcdefghij"],
        }
    )
    assert kinds(recognise({"t": table})) == {
        "latitude": "latitude", "longitude": "longitude", "n": "name",
    }  # fmt: skip


def test_what_only_tells_the_tables_apart_is_ignored():
    one = pa.table({"id": range(6), "name": NAMES, "link": ["https://a.org"] * 6})
    other = pa.table({"id": range(6), "name": NAMES, "link": ["https://b.org"] * 6})
    assert kinds(recognise({"a": one, "b": other}))["link"] == IGNORE


@pytest.mark.parametrize(
    ("name", "values", "found"),
    [
        ("rec", [f"rec-{n // 2}-{'dup' if n % 2 else 'org'}" for n in range(40)], "rec"),
        ("lauf", range(100, 140), "lauf"),
        ("score", [n * n + 7 for n in range(40)], None),  # numbers that do not count
        ("rec", ["rec-1", *(f"rec-{n}" for n in range(39))], None),  # one twice
        ("mail", [f"a{n}@b.org" for n in range(40)], None),
        ("what", [f"Model {n}" for n in range(40)], None),
        ("isbn", [f"97831614841{n}" for n in range(40)], None),
    ],
)
def test_a_first_column_of_codes_is_the_id_whatever_its_name(name, values, found):
    table = pa.table({name: list(values), "title": [f"{NAMES[n % 6]} {n}" for n in range(40)]})
    assert recognise({"t": table}).ids["t"].column == found
    behind = recognise({"t": table.select(["title", name])})
    assert behind.ids["t"].column is None


def test_whole_numbers_held_as_floats_are_ids():
    """As pandas holds them where one was missing once."""
    table = pa.table({"id": [1.0, 2.0, 3.0], "name": ["a", "b", "a"]})
    assert recognise({"t": table}).ids["t"].column == "id"
    broken = pa.table({"id": [1.5, 2.0, 3.0], "name": ["a", "b", "a"]})
    assert recognise({"t": broken}).ids["t"].column is None


def persons(rows=2_000):
    """Make given names, common ones and many that are spelt wrong, and surnames."""
    draw = np.random.default_rng(7)
    common = draw.choice(["peter", "maria", "anna", "thomas"], rows)
    odd = [f"x{''.join(draw.choice(list('aeioubcd'), 6))}" for _ in range(rows)]
    given = np.where(draw.random(rows) < 0.5, common, odd)
    last = draw.choice([f"{a}{b}son" for a in "bcdfglmnpr" for b in ("a", "e", "or", "il", "us")],
                       rows)  # fmt: skip
    return given, last


def test_given_names_are_told_by_rows_though_most_values_are_rare():
    given, last = persons()
    table = pa.table(
        {"n1": given, "n2": last, "born": [f"{1950 + n % 50}-01-02" for n in range(2_000)]}
    )
    found = recognise({"t": table})
    assert kinds(found) == {"n1": "given_name", "n2": "surname", "born": "date"}
    (field,) = (f for f in found.fields if f.kind == "surname")
    assert "beside the given names of n1" in field.why[0]


def test_words_beside_given_names_are_no_surnames_if_their_column_says_what_they_are():
    given, last = persons()
    found = recognise({"t": pa.table({"n1": given, "city": last})})
    assert kinds(found) == {"n1": "given_name", "city": "category"}
    codes = [f"k{n % 700}" for n in range(2_000)]
    found = recognise({"t": pa.table({"n1": given, "xx": codes})})
    assert "surname" not in kinds(found).values()


def test_what_names_the_things_is_paired_though_it_is_called_otherwise():
    country = ["de", "fr", "it"] * 6
    firms = [f"{a} {b}" for a in ("Blue", "Old", "Star") for b in ("Mill", "Oak", "Sun")]
    others = [f"{a} {b}" for a in ("Red", "Old", "Star") for b in ("Mill", "Elm", "Sea")]
    left = pa.table({"name": firms * 2, "land": country})
    right = pa.table({"company": others * 2, "land": country})
    found = recognise({"a": left, "b": right})
    columns = {field.name: dict(field.columns) for field in found.fields}
    assert columns["name"] == {"a": "name", "b": "company"}
    assert kinds(found)["name"] == "organisation"


def test_where_persons_have_names_an_employer_is_paired_with_nothing():
    given, last = persons()
    names = {"first_name": given, "last_name": last}
    initials = [one[:1] for one in last]
    few = sorted(set(initials))[:2]  # "B and C Stores"
    firms = [f"{' and '.join(few)} Stores", *(f"Mill {n}" for n in range(len(last) - 1))]
    a = pa.table(names | {"spouse_middle_initial": initials})
    b = pa.table(names | {"employer_name": firms})
    found = recognise({"a": a, "b": b})
    (employer,) = (field for field in found.fields if "employer_name" in field.columns.values())
    assert employer.columns == {"b": "employer_name"}


def test_codes_that_two_tables_share_are_one_field_whatever_it_is_called():
    names = [f"firm {n}" for n in range(100)]
    left = pa.table({"firm": names, "registration_number": [f"F{n:07}" for n in range(3000, 3100)]})
    right = pa.table({"firm": names, "reg_no": [f"F{n:07}" for n in range(3080, 3180)]})
    found = recognise({"a": left, "b": right})
    columns = {field.name: dict(field.columns) for field in found.fields}
    assert columns["registration_number"] == {"a": "registration_number", "b": "reg_no"}
    shared = right.rename_columns(["firm", "zzz"])
    found = {f.name: dict(f.columns) for f in recognise({"a": left, "b": shared}).fields}
    assert found["registration_number"] == {"a": "registration_number", "b": "zzz"}
    other = shared.set_column(1, "zzz", [[f"F{n:07}" for n in range(90_000, 90_100)]])
    found = {f.name: dict(f.columns) for f in recognise({"a": left, "b": other}).fields}
    assert found["registration_number"] == {"a": "registration_number"}


def test_former_names_of_one_table_are_held_against_the_names_of_the_other():
    left = pa.table({"name": NAMES, "city": ["x", "y", "z"] * 2})
    right = pa.table({"title": NAMES, "formerly": ["Old Door", *[None] * 5], "city": ["x"] * 6})
    found = recognise({"a": left, "b": right})
    columns = {field.name: dict(field.columns) for field in found.fields}
    assert columns["name"] == {"a": "name", "b": "title"}
    assert (kinds(found)["formerly"], columns["formerly"]) == ("aliases", {"b": "formerly"})
    nameless = recognise({"a": left.select(["city"]), "b": right.select(["formerly", "city"])})
    assert kinds(nameless)["formerly"] == IGNORE


def test_towns_that_nearly_all_differ_name_the_records_where_nothing_else_does():
    first = ("Ayr", "Bonn", "Cork", "Hull", "Faro", "Gent", "Oban")
    last = ("ton", "ville", "burg", "dorf", "stad", "heim", "mouth", "ford")
    town = [f"{begin}{end}" for begin in first for end in last]
    lists = pa.table({"place": town, "country": ["x", "y"] * 28})
    assert kinds(recognise({"t": lists})) == {"place": "name", "country": "category"}
    named = lists.append_column("name", pa.array([f"Mill of {each}" for each in town]))
    assert kinds(recognise({"t": named}))["place"] == "category"
    few = pa.table({"place": ["York", "Hull"] * 28, "phone": [f"0131 55{n:05}" for n in range(56)]})
    assert kinds(recognise({"t": few}))["place"] == "category"
