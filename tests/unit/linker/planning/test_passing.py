"""What records of one thing do not share, a balance or a last login, has no part in a plan."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.datasets.persons import generate_persons
from sameas.linker import plan_tables

PASSING = ("signup", "last_login", "balance", "notes", "page")


@pytest.fixture(scope="module")
def persons():
    return generate_persons(1_500, seed=3)


def customers(table, seed=1):
    """Persons with columns of a customer file that differ from record to record."""
    rng, count = np.random.default_rng(seed), table.num_rows
    since = np.datetime64("2015-01-01") + rng.integers(0, 3_000, count)
    login = np.datetime64("2020-01-01T00:00") + rng.integers(0, 10**6, count)
    words = np.array(
        ["called", "late", "refund", "asked", "card", "sent", "wrong", "invoice", "new"]
    )
    notes = [" ".join(rng.choice(words, rng.integers(4, 9))) for _ in range(count)]
    pages = [f"https://shop.example/u/{n}" for n in rng.integers(0, 10**9, count)]
    return (
        table.append_column("signup", pa.array(since))
        .append_column("last_login", pa.array(login.astype("datetime64[us]")))
        .append_column("balance", pa.array(rng.gamma(2, 300, count).round(2)))
        .append_column("notes", pa.array(notes))
        .append_column("page", pa.array(pages))
    )


def pairs_of(table, by):
    size = np.unique(np.array(table[by].to_pylist()), return_counts=True)[1]
    return int((size * (size - 1) // 2).sum())


def test_duplicates_are_found_beside_columns_that_differ_in_all_records(persons):
    table = customers(persons)
    plan = plan_tables(table)
    kinds = {field.name: field.kind for field in plan.fields}
    assert [kinds[name] for name in PASSING] == ["ignore"] * 5
    own = ("given_name", "surname", "date_of_birth", "address", "city", "phone", "email")
    assert "ignore" not in [kinds[name] for name in own]
    assert any("agree on nearly everything else" in line for line in plan.assumptions)
    result = plan.linker().dedupe(table, options=plan.options())
    right = dict(zip(table["id"].to_pylist(), table["entity_id"].to_pylist(), strict=True))
    rows = result.links.to_pylist()
    true = sum(right[row["left_id"]] == right[row["right_id"]] for row in rows)
    assert true / len(rows) > 0.95
    assert true > 0.85 * pairs_of(table, "entity_id")


@pytest.mark.parametrize("name", PASSING)
def test_each_alone(persons, name):
    table = customers(persons)
    alone = table.drop_columns([other for other in PASSING if other != name])
    assert {field.name: field.kind for field in plan_tables(alone).fields}[name] == "ignore"


def test_two_tables_too(persons):
    table = customers(persons)
    half = table.num_rows // 2
    plan = plan_tables(table.slice(0, half), table.slice(half))
    kinds = {field.name: field.kind for field in plan.fields}
    assert [kinds[name] for name in PASSING] == ["ignore"] * 5


def test_a_date_of_birth_stays_whatever_it_is_called(persons):
    plan = plan_tables(persons.rename_columns(
        ["col_7" if name == "date_of_birth" else name for name in persons.column_names]
    ))  # fmt: skip
    assert {field.name: field.kind for field in plan.fields}["col_7"] == "date"


def test_a_number_that_copies_share_stays(persons):
    rng = np.random.default_rng(2)
    size = {entity: rng.gamma(2, 300) for entity in persons["entity_id"].to_pylist()}
    noisy = [size[one] * rng.uniform(0.97, 1.03) for one in persons["entity_id"].to_pylist()]
    plan = plan_tables(persons.append_column("size", pa.array(noisy)))
    assert {field.name: field.kind for field in plan.fields}["size"] == "number"


def test_without_duplicates_nothing_is_known_and_nothing_is_linked(persons):
    _, first = np.unique(np.array(persons["entity_id"].to_pylist()), return_index=True)
    alone = customers(persons.take(pa.array(np.sort(first))))
    plan = plan_tables(alone)
    assert plan.linker().dedupe(alone, options=plan.options()).links.num_rows == 0
