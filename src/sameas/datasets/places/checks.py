"""Does a generated table look like real places? The acceptance checks of the specification.

The reference figures are those of labelled pairs of real places (OpenStreetMap against
Foursquare and Yelp in four cities), which all lie within 2 km of each other. So a true pair is
counted only within 2 km: pairs that a failed geocoding tore apart are left out, as they are
in the reference.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.dataclass import dataclass
from sameas.core.errors import ColumnError
from sameas.core.optional import require
from sameas.datasets.check import Check, pairs_of_one
from sameas.datasets.places.neighbours import distances, geohash_cells, pairs_within
from sameas.datasets.places.shard import SCHEMA

__all__ = ["Check", "check_places"]

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

_PAIR_LIMIT = 2_000.0
_NEAR = 250.0
_SAMPLE = 300_000
_DISTANCES = {5: 6.6, 10: 10.7, 25: 21.7, 50: 40.8, 75: 66.9, 90: 119.5, 95: 209.4, 99: 489.6}
_NAMES = {5: 0.811, 10: 0.878, 25: 0.930, 50: 1.0}
_SAME_NAME = ((0.0, 50.0, 0.999), (50.0, 100.0, 0.996), (100.0, 250.0, 0.853))


@dataclass(frozen=True, slots=True)
class _Facts:
    """What several checks read."""

    table: pa.Table
    latitude: FloatArray
    longitude: FloatArray
    entity: IntArray
    name: npt.NDArray[np.object_]
    name_code: IntArray
    left: IntArray
    right: IntArray
    distance: FloatArray


def check_places(table: pa.Table) -> list[Check]:
    """Compare a generated table with what is known of real places.

    Meant for 100 thousand records and more; costs about 20 µs and 500 bytes a record.

    Parameters
    ----------
    table : pyarrow.Table
        From `generate_places`, with its truth.

    Returns
    -------
    list of Check
        Names and distances of true pairs, chains, blocks, missing values, neighbours.

    Raises
    ------
    ColumnError
        If a column is missing.
    MissingExtraError
        If rapidfuzz is not installed.

    Examples
    --------
    >>> from sameas.datasets.places import generate_places
    >>> checks = check_places(generate_places(30_000))
    >>> [check.name for check in checks if "duplicates" in check.name and check.passed]
    ['duplicates, share of records']
    """
    for column in SCHEMA.names:
        if column not in table.column_names:
            raise ColumnError.missing(column, table.column_names, table="the table of places")
    facts = _facts(table)
    return [*_true_pairs(facts), *_attributes(facts), *_entities(facts), *_neighbours(facts)]


def _facts(table: pa.Table) -> _Facts:
    latitude, longitude = table["latitude"].to_numpy(), table["longitude"].to_numpy()
    entity = table["entity_id"].to_numpy()
    plain = pc.utf8_trim_whitespace(pc.utf8_lower(table["name"])).combine_chunks()
    code = pc.dictionary_encode(plain).indices.to_numpy().astype(np.int64)
    left, right = pairs_of_one(entity)
    distance = distances(latitude, longitude, left, right)
    near = distance <= _PAIR_LIMIT
    return _Facts(
        table, latitude, longitude, entity, plain.to_numpy(zero_copy_only=False), code,
        left[near], right[near], distance[near],
    )  # fmt: skip


def _similarity(left: Iterable[object], right: Iterable[object], scorer: str) -> FloatArray:
    """Compare texts pair by pair: "jaro_winkler" or "token_set"."""
    process = require("rapidfuzz.process", extra="test", what="Checking generated places")
    if scorer == "token_set":
        measure, scale = require("rapidfuzz.fuzz", extra="test", what="").token_set_ratio, 100.0
    else:
        distance = require("rapidfuzz.distance", extra="test", what="")
        measure, scale = distance.JaroWinkler.similarity, 1.0
    values: FloatArray = process.cpdist(left, right, scorer=measure, dtype=np.float64)
    return values / scale


def _true_pairs(facts: _Facts) -> list[Check]:
    """Check names, distances and cells of pairs that mean the same place."""
    left, right = facts.left, facts.right
    similar = _similarity(facts.name[left], facts.name[right], "jaro_winkler")
    cell = geohash_cells(facts.latitude, facts.longitude)
    checks = [
        *_quantiles("name Jaro-Winkler of true pairs", similar, _NAMES),
        *_quantiles("distance of true pairs, m", facts.distance, _DISTANCES),
        Check("equal name, share of true pairs", _mean(similar == 1)),
        Check("name Jaro-Winkler at least 0.7, share of true pairs", _mean(similar >= 0.7)),
        Check(
            "same geohash-6 cell, share of true pairs", _mean(cell[left] == cell[right]), 0.86, 0.91
        ),
    ]
    rows = len(facts.entity)
    largest = int(np.unique(cell, return_counts=True)[1].max())
    # The centre of the largest city is in the sixteenth shard (38 thousand records each).
    least = 2_000 if rows >= 650_000 else rows / 1_000
    return [*checks, Check("largest geohash-6 block, records", largest, least)]


def _quantiles(what: str, values: FloatArray, expected: dict[int, float]) -> list[Check]:
    """Check quantiles within 10 % of what is expected."""
    found = np.percentile(values, list(expected)) if len(values) else [np.nan] * len(expected)
    return [
        Check(f"{what}, p{percent}", float(value), 0.9 * goal, 1.1 * goal)
        for (percent, goal), value in zip(expected.items(), found, strict=True)
    ]


def _mean(values: npt.NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else np.nan


def _attributes(facts: _Facts) -> list[Check]:
    """Check the other fields of true pairs, and what is missing."""
    table = facts.table
    digits = pc.replace_substring_regex(table["phone"], "[^0-9]", "")
    codes = pc.replace_substring(table["postal_code"], " ", "")
    checks = []
    for name, column, goal in (
        ("equal phone digits", digits, 0.8),
        ("equal homepage", table["homepage"], 0.8),
        ("equal postal code", codes, 0.56),
    ):
        left, right = column.take(facts.left), column.take(facts.right)
        equal = _mean(pc.drop_null(pc.equal(left, right)).to_numpy())
        checks.append(
            Check(f"{name}, share of true pairs with both", equal, goal - 0.05, goal + 0.05)
        )
    known = pc.is_valid(table["address"]).to_numpy()
    both = known[facts.left] & known[facts.right]
    address = pc.utf8_lower(table["address"]).to_numpy(zero_copy_only=False)
    left, right = address[facts.left[both]], address[facts.right[both]]
    for what, scorer, goal in (
        ("Jaro-Winkler", "jaro_winkler", 0.683),
        ("token-set ratio", "token_set", 0.903),
    ):
        values = _similarity(left, right, scorer)
        checks += _quantiles(f"address {what} of true pairs", values, {50: goal})
    for name, low, high in (("phone", 0.4, 0.6), ("homepage", 0.4, 0.6), ("address", 0.0, 1.0),
                            ("postal_code", 0.0, 1.0)):  # fmt: skip
        share = table[name].null_count / max(table.num_rows, 1)
        checks.append(Check(f"{name} missing, share of records", share, low, high))
    return checks


def _entities(facts: _Facts) -> list[Check]:
    """Check how many duplicates there are, and how many places lie inside others."""
    entities = len(np.unique(facts.entity))
    rows = max(len(facts.entity), 1)
    inner = facts.entity[pc.is_valid(facts.table["parent_id"]).to_numpy()]
    spot = np.stack([facts.latitude, facts.longitude], axis=1)
    crowd = np.unique(spot, axis=0, return_counts=True)[1]
    return [
        Check("duplicates, share of records", 1 - entities / rows, 0.13, 0.16),
        Check("inside another place, share of entities", len(np.unique(inner)) / entities,
              0.04, 0.06),
        Check("most records on one coordinate", int(crowd.max()), 2),
    ]  # fmt: skip


def _neighbours(facts: _Facts) -> list[Check]:
    """Check who stands within 250 m of whom."""
    rows = len(facts.entity)
    count = np.zeros(rows, np.int64)
    alike: list[tuple[IntArray, IntArray]] = []
    sample: list[tuple[IntArray, IntArray]] = []
    step = max(rows * 20 // _SAMPLE, 1)
    for left, right in pairs_within(facts.latitude, facts.longitude, _NEAR):
        count += np.bincount(left, minlength=rows) + np.bincount(right, minlength=rows)
        same = facts.name_code[left] == facts.name_code[right]
        alike.append((left[same], right[same]))
        sample.append((left[::step], right[::step]))
    none = (np.empty(0, np.int64), np.empty(0, np.int64))
    left, right = (np.concatenate(side) for side in zip(none, *sample, strict=True))
    similar = _similarity(facts.name[left], facts.name[right], "jaro_winkler")
    checks = [
        Check("name Jaro-Winkler at least 0.7, share of pairs within 250 m",
              _mean(similar >= 0.7), 0.01, 0.05),
        Check("neighbours within 250 m, mean", float(count.mean()), 10, 30),
        *(Check(f"neighbours within 250 m, p{percent}", float(np.percentile(count, percent)))
          for percent in (50, 95, 99)),
        Check("neighbours within 250 m, maximum", int(count.max())),
    ]  # fmt: skip
    left, right = (np.concatenate(side) for side in zip(none, *alike, strict=True))
    distance = distances(facts.latitude, facts.longitude, left, right)
    match = facts.entity[left] == facts.entity[right]
    for low, high, goal in _SAME_NAME:
        share = _mean(match[(distance >= low) & (distance < high)])
        checks.append(
            Check(f"match, share of equal names {low:.0f} to {high:.0f} m apart", share,
                  goal - 0.05, goal + 0.05)
        )  # fmt: skip
    return checks
