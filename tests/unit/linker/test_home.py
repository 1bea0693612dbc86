"""Who moved is still the same person: the parts of an address count as one."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.comparison import NgramCosine
from sameas.linker.home import parts_of_homes
from sameas.linker.levels import unlabelled_comparisons
from sameas.linker.planning import plan_tables
from sameas.records import Field

PARTS = ["ka", "ro", "mi", "ten", "bel", "so", "lu", "gar", "vi", "den", "po", "ras"]
KINDS = {
    "given_name": "given_name", "surname": "surname", "born": "date", "house_number": "category",
    "street": "street", "flat": "category",
}  # fmt: skip


def register(number, *, seed=0):
    """Return a register, and the same persons later, two in five of them elsewhere."""
    random = np.random.default_rng(seed)

    def word(size):
        return "".join(random.choice(PARTS, size))

    given, surnames = [word(2) for _ in range(60)], [word(3) for _ in range(150)]
    streets = [f"{word(2)} {random.choice(['road', 'lane', 'street'])}" for _ in range(80)]

    def home():
        return [str(random.integers(1, 400)), random.choice(streets), f"flat {word(1)}"]

    born = np.datetime64("1940-01-01") + random.integers(0, 20_000, number)
    early = [[random.choice(given), random.choice(surnames), str(day), *home()] for day in born]
    late = [row[:3] + (home() if random.random() < 0.4 else row[3:]) for row in early]
    return tuple(
        pa.table({"id": range(number), **dict(zip(KINDS, zip(*rows, strict=True), strict=True))})
        for rows in (early, late)
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_who_moved_is_found_again(seed):
    tables = register(1500, seed=seed)
    plan = plan_tables(*tables)
    linker = plan.linker()
    links = linker.link(*tables, options=plan.options()).links.to_pylist()
    right = sum(row["left_id"] == row["right_id"] for row in links)
    assert right > 0.97 * 1500
    assert right > 0.99 * len(links)


def test_whose_address_it_is_is_told_by_the_other_words():
    names = ["employer_street", "employer_house_number", "home_street", "home_house_number"]
    fields = [Field("surname", "surname"), *(Field(n, "street") for n in names)]
    assert parts_of_homes(fields) == [tuple(names[:2]), tuple(names[2:])]


def test_a_nationality_is_no_place_to_live():
    names = ["city", "postal_code", "nationality"]
    fields = [Field("surname", "surname"), *(Field(n, "category") for n in names)]
    assert parts_of_homes(fields) == [("city", "postal_code")]


def test_what_is_neither_a_person_nor_a_firm_is_compared_field_by_field():
    fields = [
        Field("shop", "name"),
        Field("street", "street"),
        Field("flat", "category"),
    ]
    assert parts_of_homes(fields) == []
    assert not any(isinstance(item, NgramCosine) for item in unlabelled_comparisons(fields))


def test_the_parts_of_an_address_are_compared_once():
    compared = unlabelled_comparisons([Field(name, kind) for name, kind in KINDS.items()])
    assert compared[-1] == NgramCosine(("house_number", "street", "flat"), 2, 3)
    assert len(compared) == 3
