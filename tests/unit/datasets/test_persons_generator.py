from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from rapidfuzz.distance import OSA

from sameas.core.errors import ArgumentError, ColumnError
from sameas.datasets.check import Check, pairs_of_one
from sameas.datasets.persons import (
    PersonSettings,
    generate_persons,
    iter_persons,
    write_persons,
)
from sameas.datasets.persons.checks import check_persons
from sameas.datasets.persons.dates import swap_or_change_digit
from sameas.datasets.persons.generate import MAX_RECORDS
from sameas.datasets.persons.people import SHARD_PERSONS, draw_people
from sameas.datasets.persons.shard import SCHEMA, build_shard
from sameas.datasets.persons.typos import KINDS, misspell
from sameas.datasets.persons.vocabulary import SURNAME_COUNT, names
from sameas.datasets.persons.words import FEMALE, MALE, SURNAMES

_CLEAN = {
    field: 0.0
    for field in PersonSettings.__dataclass_fields__
    if isinstance(getattr(PersonSettings(), field), float) and not field.endswith("offset")
} | {"poor_factor": 1.0, "cluster_tail": 0.4, "email_missing": 0.0}


def clean(**changes: float) -> PersonSettings:
    """Return settings without any noise but the given one."""
    return PersonSettings(**{**_CLEAN, **changes})


def changed(table: pa.Table, column: str) -> list[tuple[str, str]]:
    """Return the differing values of a column in pairs of one person's first two records."""
    left, right = pairs_of_one(table["entity_id"].to_numpy())
    sides = (table[column].take(pa.array(side)).to_pylist() for side in (left, right))
    return [(a, b) for a, b in zip(*sides, strict=True) if a != b]


@pytest.fixture(scope="module")
def persons() -> pa.Table:
    return generate_persons(100_000)


def test_all_acceptance_checks_hold(persons: pa.Table) -> None:
    checks = check_persons(persons)
    assert len(checks) > 25
    assert [str(check) for check in checks if not check.passed] == []


def test_another_seed_holds_too() -> None:
    failed = [str(check) for check in check_persons(generate_persons(60_000, seed=7))
              if not check.passed]  # fmt: skip
    assert failed == []


def test_schema_and_required_values(persons: pa.Table) -> None:
    assert persons.schema == SCHEMA
    for column in ("id", "entity_id"):
        assert persons[column].null_count == 0
    assert pc.count_distinct(persons["id"]).as_py() == persons.num_rows
    assert set(pc.utf8_length(persons["id"]).unique().to_pylist()) == {16}
    assert set(persons["sex"].unique().to_pylist()) == {"m", "f", None}
    for column, pattern in (
        ("date_of_birth", r"^\d{4}-\d\d-\d\d$"),
        ("postal_code", r"^\d{5}$"),
        ("phone", r"^(\+1)?[-. (]*\d{3}[-. )]*\d{3}[-. ]?\d{4}$"),
    ):
        known = persons[column].drop_null()
        assert pc.all(pc.match_substring_regex(known, pattern)).as_py()


def test_without_noise_the_records_of_a_person_are_equal() -> None:
    table = generate_persons(20_000, settings=clean())
    fields = [name for name in SCHEMA.names if name not in ("id", "phone")]
    groups = table.select(fields).group_by(fields, use_threads=False).aggregate([])
    assert groups.num_rows == pc.count_distinct(table["entity_id"]).as_py()
    assert table.num_rows > 1.3 * groups.num_rows


def test_people_of_one_household_share_their_address() -> None:
    table = generate_persons(20_000, settings=clean(partner_same_surname=0.7))
    first = table.group_by("entity_id", use_threads=False).aggregate(
        [("address", "first"), ("surname", "first")]
    )
    homes = pc.value_counts(first["address_first"]).field("counts").to_numpy()
    assert 2 < np.average(homes) < 3
    families = first.group_by(["address_first", "surname_first"]).aggregate(
        [("entity_id", "count")]
    )
    assert np.mean(families["entity_id_count"].to_numpy() > 1) > 0.35


def test_twins_share_the_date_of_birth_and_not_the_name() -> None:
    settings = PersonSettings(twin_share=1.0, flatmates_share=0.0, junior_share=0.0)
    people = draw_people(settings, np.random.default_rng(0))
    same = (people.household[1:] == people.household[:-1]) & (people.born[1:] == people.born[:-1])
    assert same.sum() > 2_000
    assert (people.given[1:][same] != people.given[:-1][same]).all()
    # A couple, or two single people, may have one date by chance.
    assert np.mean(people.surname[1:][same] == people.surname[:-1][same]) > 0.99


def test_dates_of_birth_do_not_heap_and_mail_is_ones_own() -> None:
    table = generate_persons(60_000, settings=clean())
    people = table.group_by("entity_id", use_threads=False).aggregate(
        [("date_of_birth", "first"), ("email", "first")]
    )
    born, mail = (pc.value_counts(people[f"{name}_first"]) for name in ("date_of_birth", "email"))
    assert pc.max(born.field("counts")).as_py() < 20
    assert np.mean(mail.field("counts").to_numpy() > 1) < 0.001


def test_juniors_are_called_like_the_head_of_the_household() -> None:
    settings = PersonSettings(junior_share=1.0, flatmates_share=0.0, household_sizes=(0, 0, 1))
    people = draw_people(settings, np.random.default_rng(0))
    head, son = people.sex[0::3][:10_000] == 0, people.sex[2::3][:10_000] == 0
    given = people.given[0::3][:10_000], people.given[2::3][:10_000]
    single = people.surname[2::3][:10_000] == people.surname[0::3][:10_000]
    assert single.all()
    assert (given[0] == given[1])[head & son].all()
    assert people.born[0::3][:10_000].mean() < people.born[2::3][:10_000].mean() - 20 * 365


def test_names_are_skewed_and_differ_by_decade() -> None:
    known = names(6.0, 12.0)
    assert len(known.surname) == SURNAME_COUNT == len(known.surname_upto)
    assert known.surname[0].as_py() == SURNAMES[0] == "Smith"
    share = np.diff(known.surname_upto, prepend=0)
    assert 0.007 < share[0] < 0.012
    assert share[0] > 10 * share[200]
    assert share.sum() == pytest.approx(1)
    for sex, words in enumerate((MALE, FEMALE)):
        assert known.given[int(known.given_start[sex])].as_py() == words[0]
        commonest = np.diff(known.given_upto[sex], prepend=0).argmax(axis=1)
        assert len(set(commonest.tolist())) > 1
    assert len(set(MALE)) == len(MALE)
    assert len(set(FEMALE)) == len(FEMALE)
    assert len(set(SURNAMES)) == len(SURNAMES)


def test_short_forms_are_those_of_the_name() -> None:
    known = names(6.0, 12.0)
    row = known.given.index("William").as_py()
    forms = [known.given[int(form)].as_py() for form in known.short[row]]
    assert forms == ["Bill", "Will", "Billy"]
    pairs = changed(generate_persons(20_000, settings=clean(nickname=0.5)), "given_name")
    assert ("William", "Bill") in pairs or ("Bill", "William") in pairs


def test_kinds_of_name_noise_come_alone() -> None:
    for a, b in changed(generate_persons(8_000, settings=clean(initial=0.3)), "given_name"):
        assert a[0] == b[0]
        assert min(len(a), len(b)) <= 2
    table = generate_persons(20_000, settings=clean(new_surname=1.0, double_surname=1.0))
    pairs = changed(table, "surname")
    assert len(pairs) > 500
    assert all("-" in a + b and (a.startswith(b) or b.startswith(a)) for a, b in pairs)
    assert changed(table, "given_name") == []
    swapped = generate_persons(8_000, settings=clean(swapped_names=0.3))
    given, surname = (swapped[name].to_pylist() for name in ("given_name", "surname"))
    left, right = pairs_of_one(swapped["entity_id"].to_numpy())
    seen = [(i, j) for i, j in zip(left, right, strict=True) if given[i] != given[j]]
    assert len(seen) > 500
    assert all((given[i], surname[i]) == (surname[j], given[j]) for i, j in seen)


def test_swapped_days_are_months_of_the_other_record() -> None:
    pairs = changed(generate_persons(8_000, settings=clean(date_swapped=0.3)), "date_of_birth")
    assert len(pairs) > 200
    assert all(a[:4] == b[:4] and a[5:7] == b[8:] and a[8:] == b[5:7] for a, b in pairs)


def test_households_move_together() -> None:
    table = generate_persons(20_000, settings=clean(moved=1.0, moved_far=0.0))
    left, right = pairs_of_one(table["entity_id"].to_numpy())
    address, city = table["address"], table["city"]
    same = pc.equal(address.take(pa.array(left)), address.take(pa.array(right)))
    assert 0.2 < pc.mean(same).as_py() < 0.7  # two later records
    assert pc.all(pc.equal(city.take(pa.array(left)), city.take(pa.array(right)))).as_py()
    homes = table.group_by("address").aggregate([("entity_id", "count_distinct")])
    assert np.mean(homes["entity_id_count_distinct"].to_numpy() > 1) > 0.3


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_of_a_kind_is_one_error(kind: str) -> None:
    texts = pa.array(["Philippe", "Müller", "O'Brien", "Schmidt", "Li", "Aaaa"] * 30)
    rows = np.arange(0, len(texts), 2)
    shares = tuple(float(name == kind) for name in KINDS)
    typed = misspell(texts, rows, shares, np.random.default_rng(1))
    before, after = texts.to_pylist(), typed.to_pylist()
    assert after[1::2] == before[1::2]
    pairs = [(a, b) for a, b in zip(before[::2], after[::2], strict=True) if a != "Li"]
    assert np.mean([a != b for a, b in pairs]) > 0.9
    assert all(OSA.distance(a, b) <= (2 if kind == "sound" else 1) for a, b in pairs)
    grown = {"insert": 1, "double": 1, "delete": -1, "transpose": 0, "scan": 0}
    if kind in grown:
        likely = [len(b) - len(a) for a, b in pairs if a != "Aaaa"]
        assert set(likely) == {grown[kind]}
    assert misspell(texts, np.array([], np.int64), shares, np.random.default_rng(1)).equals(texts)


def test_digits_stay_digits() -> None:
    texts = np.frombuffer(b"1961-04-09" * 50, np.uint8).reshape(50, 10)
    typed = swap_or_change_digit(texts, np.full(50, 5), np.random.default_rng(0))
    assert (typed != texts).any(axis=1).all()
    assert (typed[:, [4, 7]] == ord("-")).all()


def test_a_smaller_table_is_the_beginning_of_a_larger_one(persons: pa.Table) -> None:
    for rows in (1, 10_000, 77_777):
        assert generate_persons(rows).equals(persons.slice(0, rows).combine_chunks())


def test_shards_do_not_depend_on_each_other_nor_on_threads(persons: pa.Table) -> None:
    assert generate_persons(100_000, threads=3).equals(persons)
    tables = list(iter_persons(100_000))
    alone = build_shard(1, PersonSettings(), 1)
    assert alone.equals(tables[1].slice(0))
    assert pc.min(alone["entity_id"]).as_py() >= SHARD_PERSONS


def test_duplicates_do_not_stand_side_by_side(persons: pa.Table) -> None:
    entity = persons["entity_id"].to_numpy()
    assert np.mean(entity[1:] == entity[:-1]) < 0.002
    rank = np.argsort(np.argsort(persons["id"].to_numpy(zero_copy_only=False)))
    assert abs(np.corrcoef(rank, entity)[0, 1]) < 0.02


def test_ten_thousand_records_have_their_duplicates() -> None:
    found = {check.name: check.value for check in check_persons(generate_persons(10_000))}
    assert 0.25 < found["duplicates, share of records"] < 0.33


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    digests = []
    for name, seed, threads in (("a", 5, 1), ("b", 5, 2), ("c", 6, 1)):
        path = tmp_path / name
        write_persons(path, 5_000, seed=seed, threads=threads)
        digests.append(hashlib.sha256(path.read_bytes()).hexdigest())
    assert digests[0] == digests[1] != digests[2]


def test_a_file_holds_the_same_rows_in_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "persons.parquet"
    write_persons(str(path), 60_000, seed=2)
    assert pq.ParquetFile(path).num_row_groups == 2
    assert pq.read_table(path).equals(generate_persons(60_000, seed=2))


@pytest.mark.parametrize("records", [0, -1, MAX_RECORDS + 1, 2.5, True, "10"])
def test_a_bad_number_of_records_is_refused(records: int) -> None:
    with pytest.raises(ArgumentError, match="records must be a whole number"):
        generate_persons(records)


def test_bad_arguments_are_refused_before_a_file_is_made(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="seed"):
        write_persons(tmp_path / "x", 10, seed=-1)
    assert not (tmp_path / "x").exists()
    with pytest.raises(ArgumentError, match="threads"):
        iter_persons(10, threads=0)
    for settings, message in (
        ({"moved": 1.5}, "moved must lie in"),
        ({"cluster_sizes": (0.9, 0.2, 0.1)}, "at most 1"),
        ({"typo_kinds": (0.5, 0.5)}, "typo_kinds must be 7 shares"),
        ({"household_sizes": (0.5, 0.4)}, "household_sizes must be shares"),
        ({"surname_offset": 0.0}, "surname_offset must be positive"),
        ({"poor_factor": 0.5}, "poor_factor must be at least 1"),
        ({"nickname": float("nan")}, "finite"),
    ):
        with pytest.raises(ArgumentError, match=message):
            PersonSettings(**settings)  # type: ignore[arg-type]
    with pytest.raises(ColumnError, match="entity_id"):
        check_persons(generate_persons(100).drop_columns(["entity_id"]))


def test_a_check_says_whether_it_holds() -> None:
    assert str(Check("share", 0.5, 0.4, 0.6)) == "share: 0.5 [0.4, 0.6] ok"
    assert not Check("share", float("nan")).passed
