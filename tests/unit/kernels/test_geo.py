"""Positions, distances, and the cells that a ball touches."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.kernels.geo import (
    EARTH_RADIUS,
    cell_keys,
    cell_visits,
    cell_width,
    chord_limit,
    distance,
    to_xyz,
)
from sameas.kernels.hashing import bitmap

quick = settings(max_examples=100, deadline=None)
NONE = np.zeros(0, np.uint64)
points = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def xyz_of(*places):
    latitude, longitude = np.array(places, float).reshape(-1, 2).T
    return to_xyz(latitude, longitude)


def haversine(a, b):
    (lat1, lon1), (lat2, lon2) = (map(math.radians, place) for place in (a, b))
    part = math.sin((lat2 - lat1) / 2) ** 2
    part += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS * math.asin(min(1.0, math.sqrt(part)))


def apart(a, b):
    return float(distance(np.zeros(1, np.int32), np.ones(1, np.int32), xyz_of(a, b))[0])


@quick
@given(points, points)
def test_distance_is_haversine_and_symmetric(a, b):
    expected = haversine(a, b)
    slack = 1.0 if expected > 1.9e7 else 1e-6 + 1e-9 * expected
    assert apart(a, b) == pytest.approx(expected, abs=slack)
    assert apart(a, b) == apart(b, a)
    assert apart(a, a) == 0


def test_known_distances():
    quarter = math.pi * EARTH_RADIUS / 2
    assert apart((0, 0), (90, 123)) == pytest.approx(quarter, rel=1e-12)
    assert apart((90, 0), (-90, 55)) == pytest.approx(2 * quarter, rel=1e-9)
    assert apart((10, 180), (10, -180)) == pytest.approx(0, abs=1e-6)
    assert apart((90, -20), (90, 100)) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("place", [(np.nan, 1.0), (1.0, np.nan), (np.nan, np.nan)])
def test_a_missing_coordinate_is_a_missing_place(place):
    assert math.isnan(apart((1, 1), place))
    assert math.isnan(apart(place, (1, 1)))
    assert cell_keys(xyz_of(place), 100.0).tolist() == [2**64 - 1]
    keys, records = cell_visits(xyz_of(place), 100.0, 100.0, NONE, 0, False)
    assert (len(keys), len(records)) == (0, 0)


@quick
@given(points, points, st.floats(0.5, 2.5e7))
def test_the_chord_limit_decides_as_the_arc(a, b, metres):
    one, two = xyz_of(a, b)
    arc = haversine(a, b)
    if abs(arc - metres) > (1.0 if arc > 1.9e7 else 1e-6 + 1e-9 * metres):
        assert (float(((one - two) ** 2).sum()) <= chord_limit(metres)) == (arc <= metres)


@quick
@given(
    st.lists(points, min_size=2, max_size=6), st.floats(0.5, 2e7), st.sampled_from((1.0, 2.0)),
    st.sampled_from((0.0, 1e-6, 1e-3, 1.0)),
)  # fmt: skip
def test_near_records_share_a_cell_or_the_lower_visits_the_higher(places, metres, wider, shrink):
    """Whatever the place: with anchors and visitors every near pair meets exactly once."""
    base = places[0]
    places = [
        (max(-90.0, min(90.0, base[0] + shrink * (a - base[0]))), base[1] + shrink * (b - base[1]))
        if shrink else (a, b)
        for a, b in places
    ]  # fmt: skip
    xyz, width = xyz_of(*places), wider * cell_width(metres)
    own = cell_keys(xyz, width).tolist()
    assert max(own) < 2**63
    keys, records = cell_visits(xyz, metres, width, NONE, 0, False)
    visits = list(zip(records.tolist(), keys.tolist(), strict=True))
    assert len(set(visits)) == len(visits)
    assert all(own[record] < key < 2**63 for record, key in visits)
    for i in range(len(places)):
        for j in range(i):
            if ((xyz[i] - xyz[j]) ** 2).sum() <= chord_limit(metres) and own[i] != own[j]:
                low, high = (i, j) if own[i] < own[j] else (j, i)
                assert (low, own[high]) in visits


def test_marked_cells_only_leave_out_empty_ones():
    rng = np.random.default_rng(0)
    xyz = xyz_of(*np.column_stack([50 + rng.random(500) * 0.1, rng.random(500) * 0.1]))
    width = cell_width(300.0)
    own = cell_keys(xyz, width)
    every = cell_visits(xyz, 300.0, width, NONE, 0, False)
    marked = cell_visits(xyz, 300.0, width, bitmap(own, 16), 16, False)
    of = lambda found: set(zip(found[0].tolist(), found[1].tolist(), strict=True))  # noqa: E731
    assert of(marked) <= of(every)
    assert {visit for visit in of(every) if visit[0] in set(own.tolist())} <= of(marked)
    assert len(of(marked)) < len(of(every))


def test_cells_stay_apart_for_the_smallest_radius():
    """The narrowest cells still have numbers of their own all around the Earth."""
    rng = np.random.default_rng(1)
    xyz = rng.normal(size=(5_000, 3))
    xyz *= EARTH_RADIUS / np.linalg.norm(xyz, axis=1)[:, None]
    width = cell_width(0.001)
    index = np.floor((xyz + EARTH_RADIUS * 1.05) / width)
    assert len(np.unique(index, axis=0)) == len(np.unique(cell_keys(xyz, width)))


def test_nothing_in_nothing_out():
    none = np.zeros((0, 3))
    assert cell_keys(none, 10.0).shape == (0,)
    assert [len(part) for part in cell_visits(none, 10.0, 10.0, NONE, 0, False)] == [0, 0]
    assert to_xyz(np.zeros(0), np.zeros(0)).shape == (0, 3)
    assert distance(np.zeros(0, np.int32), np.zeros(0, np.int32), none).shape == (0,)
