from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from sameas.core.errors import ArgumentError, ColumnError
from sameas.datasets.check import Check
from sameas.datasets.hashing import mix
from sameas.datasets.places import PlaceSettings, generate_places, write_places
from sameas.datasets.places.checks import check_places
from sameas.datasets.places.neighbours import distances, geohash_cells, pairs_within
from sameas.datasets.places.shard import SCHEMA, build_shard
from sameas.datasets.places.vocabulary import JOINS, PEOPLE, vocabulary
from sameas.datasets.places.world import MAX_RECORDS, SHARD_ENTITIES, build_world
from sameas.datasets.texts import typing_errors


@pytest.fixture(scope="module")
def places() -> pa.Table:
    return generate_places(160_000)


@pytest.fixture(scope="module")
def checks(places: pa.Table) -> list[Check]:
    return check_places(places)


def test_all_acceptance_checks_hold(checks: list[Check]) -> None:
    assert len(checks) > 30
    assert [str(check) for check in checks if not check.passed] == []


def test_another_seed_holds_too() -> None:
    failed = [str(check) for check in check_places(generate_places(100_000, seed=7))
              if not check.passed]  # fmt: skip
    assert failed == []


def test_schema_and_required_values(places: pa.Table) -> None:
    assert places.schema == SCHEMA
    for column in ("id", "name", "latitude", "longitude", "entity_id"):
        assert places[column].null_count == 0
    assert pc.count_distinct(places["id"]).as_py() == places.num_rows
    assert pc.min(pc.utf8_length(places["name"])).as_py() >= 1
    assert set(pc.utf8_length(places["id"]).unique().to_pylist()) == {16}
    latitude, longitude = places["latitude"].to_numpy(), places["longitude"].to_numpy()
    assert np.abs(latitude).max() <= 90
    assert longitude.min() >= -180
    assert longitude.max() < 180


def test_trial_cities_are_among_the_first_records(places: pa.Table) -> None:
    latitude, longitude = places["latitude"].to_numpy(), places["longitude"].to_numpy()
    assert (latitude > 70).any()
    for side in (longitude > 179.9, longitude < -179.9):
        assert side.sum() > 100
    for side in (longitude > 0, longitude < 0):
        assert (side & (np.abs(longitude) < 0.1)).sum() > 100
    for side in (latitude > 0, latitude < 0):
        assert (side & (np.abs(latitude) < 0.1)).sum() > 100


def test_the_largest_block_is_there_for_every_seed() -> None:
    for seed in (1, 2, 3):
        world = build_world(seed, PlaceSettings())
        parts = world.parts(15)
        assert parts.city[0] == 0
        assert parts.core[0] == PlaceSettings().core_limit
    table = build_shard(build_world(3, PlaceSettings()), 15)
    cells = geohash_cells(table["latitude"].to_numpy(), table["longitude"].to_numpy())
    assert np.unique(cells, return_counts=True)[1].max() >= 2_000


def test_parents_are_records_of_another_entity_and_stand_before_their_children(
    places: pa.Table,
) -> None:
    row = {identifier: number for number, identifier in enumerate(places["id"].to_pylist())}
    entity = places["entity_id"].to_numpy()
    children = np.flatnonzero(pc.is_valid(places["parent_id"]).to_numpy())
    parents = np.array([row[key] for key in pc.drop_null(places["parent_id"]).to_pylist()])
    assert (parents < children).all()
    assert (entity[parents] != entity[children]).all()
    latitude, longitude = places["latitude"].to_numpy(), places["longitude"].to_numpy()
    apart = distances(latitude, longitude, parents, children)
    assert np.mean(apart == 0) > 0.8
    names = np.array([set(name.lower().split()) for name in places["name"].to_pylist()])
    shared = [bool(names[a] & names[b]) for a, b in zip(parents, children, strict=True)]
    assert np.mean(shared) > 0.8


def test_chains_share_one_homepage(places: pa.Table) -> None:
    pages = pc.value_counts(pc.drop_null(places["homepage"]))
    counts = np.sort(pages.field("counts").to_numpy())[::-1]
    assert counts[0] > places.num_rows / 1_000


def test_duplicates_do_not_stand_side_by_side(places: pa.Table) -> None:
    entity = places["entity_id"].to_numpy()
    assert np.mean(entity[1:] == entity[:-1]) < 0.001
    rank = np.argsort(np.argsort(places["id"].to_numpy(zero_copy_only=False)))
    assert abs(np.corrcoef(rank, np.arange(len(rank)))[0, 1]) < 0.02
    assert abs(np.corrcoef(rank, entity)[0, 1]) < 0.02


def test_a_smaller_table_is_the_beginning_of_a_larger_one(places: pa.Table) -> None:
    for rows in (1, 10_000, 77_777):
        assert generate_places(rows).equals(places.slice(0, rows).combine_chunks())


def test_ten_thousand_records_have_their_duplicates() -> None:
    found = {check.name: check.value for check in check_places(generate_places(10_000))}
    assert 0.12 < found["duplicates, share of records"] < 0.17
    assert 5 < found["neighbours within 250 m, mean"] < 40


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    digests = []
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        path = tmp_path / name
        write_places(path, 5_000, seed=seed)
        digests.append(hashlib.sha256(path.read_bytes()).hexdigest())
    assert digests[0] == digests[1] != digests[2]


def test_a_file_holds_the_same_rows_in_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "places.parquet"
    write_places(str(path), 60_000, seed=2)
    assert pq.ParquetFile(path).num_row_groups == 2
    assert pq.read_table(path).equals(generate_places(60_000, seed=2))


def test_settings_change_the_table() -> None:
    settings = PlaceSettings(cluster_sizes=(1.0, 0.0, 0.0), child_share=0.0)
    table = generate_places(40_000, settings=settings)
    assert pc.count_distinct(table["entity_id"]).as_py() == 40_000
    assert table["parent_id"].null_count == 40_000
    names = set(generate_places(20_000, settings=PlaceSettings(chains=10))["name"].to_pylist())
    assert len(names) > 10_000


@pytest.mark.parametrize("records", [0, -1, MAX_RECORDS + 1, 2.5, True, "10"])
def test_a_bad_number_of_records_is_refused(records: int) -> None:
    with pytest.raises(ArgumentError, match="records must be a whole number"):
        generate_places(records)


def test_bad_arguments_are_refused_before_a_file_is_made(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="seed"):
        write_places(tmp_path / "x", 10, seed=-1)
    assert not (tmp_path / "x").exists()
    with pytest.raises(ArgumentError, match="chain_share"):
        PlaceSettings(chain_share=1.5)
    with pytest.raises(ArgumentError, match="at most 1"):
        PlaceSettings(chain_share=0.99)
    with pytest.raises(ArgumentError, match="name_noise"):
        PlaceSettings(name_noise=(0.5, 0.5))
    with pytest.raises(ArgumentError, match="far_median must be positive"):
        PlaceSettings(far_median=0.0)
    with pytest.raises(ArgumentError, match="finite"):
        PlaceSettings(far_spread=float("nan"))
    with pytest.raises(ColumnError, match="entity_id"):
        check_places(generate_places(100).drop_columns(["entity_id"]))


def test_the_world_holds_28_million_records_and_every_shard_is_full() -> None:
    world = build_world(1, PlaceSettings())
    assert len(world.order) * SHARD_ENTITIES * 1.17 > MAX_RECORDS
    assert sorted(world.order.tolist()) == list(range(len(world.order)))
    for shard in range(0, len(world.order), 50):
        parts = world.parts(shard)
        assert parts.entities.sum() == SHARD_ENTITIES
        assert parts.entities.min() > 0
        assert np.abs(parts.latitude).max() < 80


def test_words_are_different_and_joins_come_last() -> None:
    known = vocabulary()
    people = known.spelling.slice(0, PEOPLE)
    assert pc.count_distinct(people).as_py() > 0.999 * PEOPLE
    assert known.spelling.slice(known.joins).to_pylist() == list(JOINS)
    assert known.spelling[int(known.possessive(np.array([0], np.int32))[0])].as_py() == "Adam's"
    assert known.spelling[int(known.number([27])[0])].as_py() == "27"


def test_typing_errors_are_single() -> None:
    texts = pa.array(["Marlow Bakery", "Café Zürich", "ab", ""] * 50)
    typed = typing_errors(texts, np.random.default_rng(0))
    for before, after in zip(texts.to_pylist(), typed.to_pylist(), strict=True):
        assert after[:1] == before[:1]
        assert abs(len(after) - len(before)) <= 1
        if len(before) < 3:
            assert after == before
    changed = pc.not_equal(texts, typed).to_numpy(zero_copy_only=False)
    assert changed.reshape(-1, 4)[:, :2].mean() > 0.8
    assert len(typing_errors(pa.array([], pa.string()), np.random.default_rng(0))) == 0


def test_mixing_is_keyed() -> None:
    assert (mix(1, [1, 2, 3]) != mix(2, [1, 2, 3])).all()
    assert mix(1, -1).shape == (1,)


@pytest.mark.parametrize("centre", [(0.0, 0.0), (89.999, 0.0), (-90.0, 45.0), (10.0, 180.0)])
def test_pairs_within_a_distance_are_those_of_brute_force(centre: tuple[float, float]) -> None:
    rng = np.random.default_rng(3)
    latitude = np.clip(centre[0] + rng.normal(0, 0.01, 300), -90, 90)
    longitude = (centre[1] + rng.normal(0, 0.01, 300) + 180) % 360 - 180
    left, right = np.triu_indices(300, 1)
    close = distances(latitude, longitude, left, right) <= 250
    wanted = set(zip(left[close].tolist(), right[close].tolist(), strict=True))
    found = [
        (min(pair), max(pair))
        for batch in pairs_within(latitude, longitude, 250.0)
        for pair in zip(*(side.tolist() for side in batch), strict=True)
    ]
    assert len(found) == len(set(found))
    assert set(found) == wanted
