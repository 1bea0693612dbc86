"""The airport registers, and the split of their records."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from sameas.core.errors import ArgumentError, MissingExtraError
from sameas.datasets import airports as module
from sameas.datasets.airports import Airports, load_airports, split_by_hash, true_links


@pytest.fixture(scope="module")
def airports() -> Airports:
    return load_airports()


def test_the_registers_have_the_size_that_the_docs_state(airports: Airports) -> None:
    sizes = airports.left.num_rows, airports.right.num_rows, airports.truth.num_rows
    assert sizes == (28_298, 18_771, 13_308)


def test_ids_are_unique_hashes_in_order(airports: Airports) -> None:
    for table in (airports.left, airports.right):
        ids = table["id"].to_pylist()
        assert ids == sorted(set(ids))
        assert all(re.fullmatch(r"[0-9a-f]{16}", text) for text in ids)


def test_no_evidence_column_is_a_code_or_an_address_made_of_codes(airports: Airports) -> None:
    codes = airports.left["icao"], airports.right["icao"]
    for table, icao in zip(airports.without_codes(), codes, strict=True):
        assert {"icao", "iata"}.isdisjoint(table.column_names)
        for name, column in zip(table.column_names, table.columns, strict=True):
            if pa.types.is_string(column.type):
                assert not pc.any(pc.match_substring_regex(column, "radar|flightaware")).as_py()
                assert pc.sum(pc.equal(column, icao)).as_py() <= 1, name  # an airport named OERG


def test_empty_texts_are_null(airports: Airports) -> None:
    for table in (airports.left, airports.right):
        for column in table.columns:
            if pa.types.is_string(column.type):
                assert not pc.any(pc.equal(column, "")).as_py()


def test_one_record_stands_off_the_globe_and_stays_as_it_is(airports: Airports) -> None:
    off = [
        row["name"]
        for table in (airports.left, airports.right)
        for row in table.filter(pc.greater(pc.abs(table["latitude"]), 90)).to_pylist()
    ]
    assert off == ["Loon Creek"]


def test_linked_records_bear_one_code(airports: Airports) -> None:
    code_of = [
        dict(zip(table["id"].to_pylist(), table["icao"].to_pylist(), strict=True))
        for table in (airports.left, airports.right)
    ]
    for link in airports.truth.to_pylist():
        assert code_of[0][link["left_id"]] == code_of[1][link["right_id"]]


def test_a_code_that_two_records_bear_links_nothing() -> None:
    left = pa.table({"id": ["a", "b", "c"], "icao": ["X", "X", "Y"]})
    right = pa.table({"id": ["d", "e", "f"], "icao": ["X", "Y", None]})
    assert true_links(left, right).to_pylist() == [{"left_id": "c", "right_id": "e"}]


def test_no_codes_at_all_link_nothing() -> None:
    nothing = pa.table({"id": ["a"], "icao": pa.array([None], pa.string())})
    links = true_links(nothing, nothing)
    assert links.num_rows == 0
    assert links.column_names == ["left_id", "right_id"]


def test_the_split_depends_on_the_id_alone() -> None:
    ids = [f"r{i}" for i in range(10_000)]
    drawn = split_by_hash(ids, 0.3)
    assert abs(drawn.mean() - 0.3) < 0.02
    np.testing.assert_array_equal(split_by_hash(pa.chunked_array([ids[::-1]]), 0.3), drawn[::-1])
    assert not (drawn & ~split_by_hash(ids, 0.5)).any(), "a larger share keeps the smaller one"


@pytest.mark.parametrize(("share", "expected"), [(0, 0), (1, 3)])
def test_a_share_of_nothing_and_of_everything(share: float, expected: int) -> None:
    assert split_by_hash(["a", "b", "c"], share).sum() == expected
    assert split_by_hash([], share).shape == (0,)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_outside_zero_and_one_is_refused(share: float) -> None:
    with pytest.raises(ArgumentError, match="share must lie between 0 and 1"):
        split_by_hash(["a"], share)


def test_without_the_extra_the_message_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(module_name: str, *, extra: str, what: str) -> None:
        raise MissingExtraError(f"{what} needs {module_name}: sameas[{extra}]")

    monkeypatch.setattr(module, "require", absent)
    with pytest.raises(MissingExtraError, match=r"sameas\[demo\]"):
        load_airports()
