"""Which source writes the month first, and that it stays so."""

import numpy as np
import pyarrow as pa

from sameas.core.prepared import Need
from sameas.records import prepare

NEED = Need("dates", ("born",))


def dates(source, born, frozen=None):
    ids = [str(number) for number in range(len(born))]
    table = pa.table({"source": source, "id": ids, "born": pa.array(born, pa.string())})
    column = prepare(table, [NEED], {} if frozen is None else frozen)[NEED]
    return [tuple(row) for row in column.parts.tolist()], column.day_number


def test_each_source_has_its_own_order():
    source = ["a", "a", "b", "b", "c"]
    found, _ = dates(source, ["3/9/1987", "25/3/1987", "3/9/1987", "3/25/1987", "3/9/1987"])
    assert found[0] == (1987, 9, 3)
    assert found[2] == (1987, 3, 9)
    assert found[4] == (1987, 9, 3), "no vote of its own and none of the others: day first"


def test_a_source_without_sign_follows_the_others():
    found, _ = dates(["a", "a", "b"], ["3/9/1987", "3/25/1987", "3/9/1987"])
    assert found[2] == (1987, 3, 9)


def test_the_order_is_frozen():
    frozen = {}
    dates(["a", "a"], ["3/9/1987", "3/25/1987"], frozen)
    found, numbers = dates(
        ["a", "b", "b", "b"], ["3/9/1987", "3/9/1987", "25/3/1987", None], frozen
    )
    assert found == [(1987, 3, 9), (1987, 3, 9), (1987, 3, 25), (0, 0, 0)]
    assert numbers[0] == numbers[1]
    assert np.isnan(numbers[3])


def test_no_dates_at_all():
    found, numbers = dates(["a", "b"], [None, "?"])
    assert found == [(0, 0, 0)] * 2
    assert np.isnan(numbers).all()
