"""What single columns are taken for, by name and by value, in several languages."""

import datetime

import pyarrow as pa
import pytest

from sameas.records import FIELD_KINDS
from sameas.records.concepts import CONCEPTS, concept_of
from sameas.records.recognise import IGNORE, POINT, guess, profile

PEOPLE = ["Anna Meyer", "Peter Schmidt", "Maria Lopez", "John Smith", "Sophie Martin"]
FIRST = ["Anna", "Peter", "Maria", "John", "Sophie", "Thomas"]
LAST = ["Meyer", "Schmidt", "Lopez", "Smith", "Martin", "Rossi"]
DATES = ["1987-03-01", "1990-12-31", "2001-07-09", "1955-01-20"]
PHONES = ["+44 131 556 1234", "+49 30 1234567", "+33 1 22 33 44 55"]
FIRMS = ["Acme Ltd", "Müller GmbH", "Dupont S.A.", "Big Corp", "Rossi S.p.A."]
STREETS = ["12 High Street", "7 Mill Lane", "101 Rue Royale", "5 Main St"]
SENTENCE = "a long text with quite a lot of words in it, number"


def of(name, values):
    return guess(profile(name, [pa.chunked_array([pa.array(values)])]))


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("first_name", FIRST, "given_name"), ("Vorname", FIRST, "given_name"),
        ("prénom", FIRST, "given_name"), ("nombre de pila", FIRST, "given_name"),
        ("surname", LAST, "surname"), ("Nachname", LAST, "surname"), ("cognome", LAST, "surname"),
        ("apellidos", LAST, "surname"), ("lastName", LAST, "surname"),
        ("full_name", PEOPLE, "person"), ("name", PEOPLE, "person"), ("nom", PEOPLE, "person"),
        ("full_name", FIRMS, "organisation"),
        ("dob", DATES, "date"), ("Geburtsdatum", DATES, "date"), ("naissance", DATES, "date"),
        ("fecha_nacimiento", DATES, "date"), ("dob", [19870301, 19901231], "date"),
        ("PLZ", [10115, 80331, 20095], "postal_code"), ("zip", ["02139", "10001"], "postal_code"),
        ("code postal", ["75001", "69002"], "postal_code"),
        ("cap", ["00184", "20121"], "postal_code"),
        ("telefono", PHONES, "phone"), ("Tel.", PHONES, "phone"), ("mobile", PHONES, "phone"),
        ("strasse", STREETS, "street"), ("calle", STREETS, "street"), ("rue", STREETS, "street"),
        ("Adresse", STREETS, "address"), ("indirizzo", STREETS, "address"),
        ("stadt", ["Berlin", "Bonn", "Ulm"], "category"), ("ville", ["Paris", "Lyon"], "category"),
        ("empresa", ["Uno", "Dos", "Tres"], "organisation"), ("name", FIRMS, "organisation"),
        ("lat", [51.5, 48.1, 40.7], "latitude"), ("Breitengrad", [51.5, 48.1], "latitude"),
        ("lng", [-0.12, 11.6, -74.0], "longitude"), ("longitud", [-0.1, 11.6], "longitude"),
        ("latitude", ["51,5073", "-48,1"], "latitude"), ("lat", ["51.5°", "48.1°"], "latitude"),
        ("lon", ["0°7'39\"W", "11°34'32\"E"], "longitude"),
        ("price", ["$ 12.50", "$ 3.99", "$ 100"], "quantity"), ("price", [1.5, 2.5], "number"),
        ("year", [1999, 2003, 2010], "number"),
        ("isbn", ["3161484100", "0306406152"], "identifier"),
        ("model_no", ["NP-FD1", "KDL40", "X100V"], "identifier"), ("sexo", ["m", "f"], "category"),
        ("tags", ["a;b", "b;c;d", "e;f"], "set"), ("tags", [["a", "b"], ["c"]], "set"),
        ("description", [f"{SENTENCE} {n}" for n in range(5)], "text"),
        ("title", [f"{SENTENCE} {n}" for n in range(5)], "text"),
        ("titre", ["Le Rouge", "Candide", "Nana"], "name"),
        ("parent_id", ["a1", "a2"], "reference"),
        ("born", [datetime.date(1990, 1, 2), datetime.date(1991, 3, 4)], "date"),
        ("active", [True, False, True], "category"), ("hausnummer", [3, 5, 12], "category"),
    ],
)  # fmt: skip
def test_names_and_values_agree(name, values, kind):
    found = of(name, values)
    assert found.kind == kind, found
    assert found.confidence >= 0.6
    assert found.why


@pytest.mark.parametrize("name", ["other_names", "aliases", "alternate names", "AKA"])
def test_further_names_are_aliases_as_lists_and_as_texts(name):
    assert of(name, [["Old Mill", "The Mill"], ["Rose Inn"], None]).kind == "aliases"
    assert of(name, ["Old Mill|The Mill", "Rose Inn", None, "Blue Door|Door"]).kind == "aliases"
    assert of("tags", [["a", "b"], ["c"]]).kind == "set"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a@b.org", "c.d@e.com", "f@g.de"], "email"),
        (["https://a.org/x", "http://b.com", "www.c.de"], "url"),
        (DATES, "date"), (["31/12/1990", "01/02/1988"], "date"),
        (["5-Apr-11", "12-Dec-09"], "date"),
        (PHONES, "phone"), (PEOPLE, "person"), (FIRST, "given_name"), (FIRMS, "organisation"),
        (["EH9 1QW", "SW1A 1AA", "G12 8QQ"], "postal_code"),
        (["1.5 kg", "300 g", "2 lb"], "quantity"), (["1.234,50", "99,90", "12.000,00"], "quantity"),
        (["1 234,5", "950", "12 000,00", "3,20"], "quantity"), (["1'234.50", "2'000"], "quantity"),
        (["51.5,-0.12", "48.1, 11.6", "40.7,-74.0"], POINT),
        (["POINT(-0.12 51.5)", "POINT (11.6 48.1)"], POINT), ([1.25, 3.5, 7.75], "number"),
        (["9f86d081884c7d659a2f", "60303ae22b998861bce3"], "identifier"),
        (["red", "blue", "red", "blue", "red"] * 4, "category"),
        ([f"{SENTENCE} {n}" for n in range(5)], "text"), (STREETS, "street"),
    ],
)  # fmt: skip
def test_values_alone(values, kind):
    found = of("xq", values)
    assert found.kind == kind, found


@pytest.mark.parametrize(
    ("name", "values", "why"),
    [
        ("x", pa.nulls(5), "no values"), ("x", ["", " ", "NULL", None], "no values"),
        ("country", ["UK"] * 9, "every value is the same"),
        ("cluster_id", [1, 1, 2], "answer"), ("entity_id", ["e1", "e1", "e2"], "answer"),
        ("created_at", [datetime.datetime(2020, 1, n) for n in (1, 2, 3)], "when the row"),
        ("last_modified", ["2020-01-01T10:00:00", "2020-01-02T11:00:00"], "when the row"),
        ("nested", [{"a": 1}, {"a": 2}], "structures"),
        ("source", ["survey", "survey", "register"] * 9, "where the row comes from"),
        ("Datenquelle", ["a", "b"] * 9, "where the row comes from"),
        ("type_confidence", [0.5, 0.9, 0.7], "how sure"),
        ("crs", ["EPSG:4326", "EPSG:4267"], "how coordinates are written"),
        ("geometry_type", ["point", "polygon"], "how coordinates are written"),
    ],
)  # fmt: skip
def test_columns_without_use_are_ignored(name, values, why):
    found = of(name, values)
    assert found.kind == IGNORE
    assert why in "; ".join(found.why)


def test_sources_that_are_texts_of_their_own_are_evidence():
    assert of("source", [f"Smith {year}, page 3" for year in range(1950, 1960)]).kind != IGNORE
    assert of("source", [f"https://a.org/{page}" for page in range(9)]).kind == "url"


def test_a_name_does_not_beat_the_values():
    assert of("latitude", ["north", "south", "east"]).kind != "latitude"
    assert of("email", ["yes", "no", "yes"]).kind != "email"


def test_concepts_are_kinds_or_known_to_the_rules():
    special = {
        "house_number", "city", "region", "timestamp", "year", "point", "entity", "id",
        "provenance", "certainty", "projection",
    }  # fmt: skip
    assert set(CONCEPTS) - special <= set(FIELD_KINDS)
    assert concept_of("") is None
    assert concept_of("___") is None


def test_a_sample_stands_for_a_long_column():
    column = pa.chunked_array([pa.array([f"u{n}@x.org" for n in range(300_000)])])
    found = profile("x", [column])
    assert found.rows == 200_000
    assert len(found.values) == 50_000
    assert guess(found).kind == "email"


def test_broken_text_does_not_stop_it():
    broken = pa.array([b"caf\xe9", b"ok"], pa.binary())
    text = pa.Array.from_buffers(pa.string(), 2, broken.buffers())
    assert guess(profile("x", [pa.chunked_array([text])])).kind


def test_rows_are_counted_by_their_trimmed_texts():
    column = pa.chunked_array([["a ", " a", None, "", "n/a", "--"], ["-1", "a", "ß", "\u00a0b"]])
    found = profile("x", [column])
    assert (found.rows, found.known, found.distinct) == (10, 6, 4)
    assert found.values.to_pylist() == ["a", "-1", "ß", "b"]
    both = profile("x", [column, column])
    assert (both.rows, both.known, both.distinct) == (20, 12, 4)


def test_labels_about_a_person_are_no_names():
    labels = ["Reference person", "Spouse", "Child", "Grandchild"] * 9
    assert of("relationship_to_reference_person", labels).kind == "category"
    assert of("contact_person", [f"{one} {two}" for one in FIRST for two in LAST]).kind == "person"


def test_a_flat_is_a_part_of_an_address():
    assert of("unit_number", ["apt 2", "apt 31b", "floor 3"] * 5).kind == "category"


def test_the_key_of_a_firm_is_no_key_of_its_people():
    codes = [f"E-{number}" for number in range(9)]
    found = of("employer_id", codes * 5)
    assert found.kind == "category"
    assert "key of another thing" in found.why[-1]
    assert of("company_id", codes).kind == "identifier"  # of companies it is their own
    assert of("passport_number", codes * 5).kind == "identifier"


@pytest.mark.parametrize("name", ["company_number", "reg_no", "vendor_number", "product_number"])
def test_the_number_of_a_thing_is_no_name(name):
    codes = [f"{n:08}" if n % 3 else f"HRB {n}" for n in range(9_000_000, 9_000_060)]
    assert of(name, codes).kind == "identifier"
    assert of(name, ["Blue Door Ltd", "Old Mill Inc", "Star Gym Ltd"]).kind != "identifier"
