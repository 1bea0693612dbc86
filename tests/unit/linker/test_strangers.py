"""Persons of whom little is known are told from persons at random."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.datasets.persons import PersonSettings, generate_persons
from sameas.linker import plan_tables
from sameas.matching import FellegiSunter


def found(persons, names):
    """Deduplicate some columns; return precision and recall."""
    table = persons.select(["id", *names])
    plan = plan_tables(table)
    linker = plan.linker()
    clusters = linker.dedupe(table, options=plan.options()).clusters
    entity = dict(zip(clusters["id"].to_pylist(), clusters["entity"].to_pylist(), strict=True))
    mine = np.unique([entity[key] for key in table["id"].to_pylist()], return_inverse=True)[1]
    truth = np.unique(persons["entity_id"].to_numpy(), return_inverse=True)[1]
    both = mine.astype(np.int64) * len(truth) + truth
    links, true, right = (_pairs(part) for part in (mine, truth, both))
    return right / links, right / true


def _pairs(code):
    count = np.unique(code, return_counts=True)[1]
    return int((count * (count - 1) // 2).sum())


@pytest.mark.parametrize("seed", [5, 6])
@pytest.mark.parametrize(
    ("column", "least"), [("email", (0.8, 0.7)), ("date_of_birth", (0.94, 0.94))]
)
def test_names_and_one_column_more_are_enough(column, least, seed):
    persons = generate_persons(8_000, seed=seed)
    precision, recall = found(persons, ["given_name", "surname", column])
    assert precision > least[0]
    assert recall > least[1]


def test_what_a_user_sets_stays():
    persons = generate_persons(2_000, seed=5).select(["id", "given_name", "surname", "email"])
    plan = plan_tables(persons)
    linker = plan.linker(matcher=FellegiSunter())
    linker.dedupe(persons, options=plan.options())
    columns = [item.column for item in linker.fitted_.matcher.levels]
    assert any(column.endswith("margin_smaller") for column in columns)


def test_where_rules_leave_enough_candidates_show_it():
    table = generate_persons(2_000, seed=5)
    table = pa.table({name: table[name] for name in table.column_names if name != "entity_id"})
    plan = plan_tables(table)
    linker = plan.linker()
    linker.dedupe(table, options=plan.options())
    columns = [item.column for item in linker.fitted_.matcher.levels]
    assert any(column.endswith("margin_smaller") for column in columns)


@pytest.mark.parametrize(("shared", "told"), [(1 / 2, True), (2 / 3, False)])
def test_who_asks_for_more_than_half_is_not_told_by_strangers(shared, told):
    """Variants of a thing are as unlike strangers as its copies are."""
    persons = generate_persons(4_000, seed=5).select(
        ["id", "given_name", "surname", "date_of_birth"]
    )
    linker = plan_tables(persons).linker(matcher=FellegiSunter(shared=shared)).fit(persons)
    columns = [item.column for item in linker.fitted_.matcher.levels]
    assert told != any(column.endswith("margin_smaller") for column in columns)


@pytest.mark.parametrize("seed", [5, 6])
def test_households_are_not_taken_for_persons(seed):
    persons = generate_persons(8_000, seed=seed)
    precision, _ = found(persons, ["given_name", "surname", "address", "city", "postal_code"])
    assert precision > 0.85


def test_names_in_each_others_place_are_found():
    persons = generate_persons(4_000, seed=5, settings=PersonSettings(swapped_names=0.2))
    precision, recall = found(persons, ["given_name", "surname", "date_of_birth"])
    assert precision > 0.9
    assert recall > 0.9


@pytest.mark.parametrize("seed", [5, 6])
def test_where_an_address_is_made_of_the_name_namesakes_are_not_persons(seed):
    persons = generate_persons(8_000, seed=seed)
    kept = np.random.default_rng(0).random(len(persons)) < 0.1
    kept[np.unique(persons["entity_id"].to_numpy(), return_index=True)[1]] = True
    precision, recall = found(persons.filter(pa.array(kept)), ["given_name", "surname", "email"])
    assert precision > 0.65
    assert recall > 0.6
