"""A record competes for one seat in each other table."""

import numpy as np

from sameas.linker.exclusivity import measure_several
from sameas.linker.rivals import FittedRivals
from sameas.linker.seats import Seats

SIZES = np.array([2, 2, 2])


def test_two_tables_have_one_seat_a_record():
    seats = Seats.of(np.array([2, 3]))
    left, right = np.array([0, 1]), np.array([2, 4])
    assert len(seats) == 5
    assert [end.tolist() for end in seats.ends(left, right)] == [[0, 1], [2, 4]]
    assert seats.between(left, right).tolist() == [0, 0]


def test_partners_in_different_tables_do_not_compete():
    rivals = FittedRivals(None, (1.0, 1.0, 1.0))
    # Record 0 has a partner in the second and in the third table, and a second one in the third.
    left, right = np.array([0, 0, 0], np.int32), np.array([2, 4, 5], np.int32)
    own = np.array([6.0, 6.0, 3.0])
    window = rivals.settle(left, right, own, SIZES)
    change = rivals.changes(own, left, right, np.ones(3, bool), window)
    alone = rivals.settle(left[:1], right[:1], own[:1], SIZES)
    assert np.isclose(change[0], alone.change[0])
    assert change[2] < change[1] < change[0]


def test_two_of_several_tables_compete_as_two_alone():
    left, right = np.array([0, 0, 1], np.int32), np.array([2, 3, 3], np.int32)
    own = np.array([3.0, 1.0, 2.0])
    several = FittedRivals(None, (0.7, 0.7, 0.7)).settle(left, right, own, SIZES)
    two = FittedRivals(None, (0.7, 0.7)).settle(left, right, own, SIZES[:2])
    assert np.allclose(several.change, two.change)


def test_another_number_of_tables_changes_nothing():
    left, right = np.array([0], np.int32), np.array([2], np.int32)
    window = FittedRivals(None, (1.0, 1.0)).settle(left, right, np.array([3.0]), SIZES)
    assert not window.pull.any()
    assert not len(window.key)


def test_exclusivity_of_several_tables_is_measured_by_seats():
    # Both partners of record 0 sit in different tables: that is no sign of several partners.
    seats = Seats.of(SIZES)
    left, right = np.array([0, 0, 1, 1], np.int32), np.array([2, 4, 3, 5], np.int32)
    own = np.full(4, 5.0)
    free = measure_several(seats, left, right, own, single=(False,) * 3)
    assert free == 0.5  # nothing is known
    assert measure_several(seats, left, right, own, single=(True,) * 3) == 1.0
