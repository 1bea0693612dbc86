"""Firms of one business park are neighbours, not one firm; and who moved keeps its name."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.linker.defaults import default_context
from sameas.linker.home import parts_of_homes
from sameas.linker.planning import plan_tables
from sameas.linker.subjects import names_of_firms
from sameas.records import Field

PARTS = ["ka", "ro", "mi", "ten", "bel", "so", "lu", "gar", "vi", "den", "po", "ras"]
KINDS = {
    "company": "organisation", "street": "street", "city": "category", "zip": "postal_code",
}  # fmt: skip
FORMS = (("Ltd", "Limited"), ("Inc.", "Incorporated"), ("GmbH", "G.m.b.H."), ("", ""))
TRADES = ["Systems", "Networks", "Software", "Design", "Trading", "Instruments"]
STREETS = {"Street": "St.", "Road": "Rd", "Avenue": "Ave"}


class Makes:
    """Firms of a seed: a name in two spellings, and the address of a building that many share."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        cities = [self.word(2) for _ in range(6)]
        self.buildings = [
            (f"{self.random.integers(1, 99)} {self.word(3)}", self.random.choice(list(STREETS)),
             str(self.random.choice(cities)), f"{self.random.integers(10_000, 99_999)}")
            for _ in range(60)
        ]  # fmt: skip

    def word(self, size):
        return "".join(self.random.choice(PARTS, size)).capitalize()

    def firm(self):
        form = FORMS[self.random.integers(len(FORMS))]
        name = f"{self.word(3)} {self.random.choice(TRADES)}"
        return [f"{name} {end}".strip() for end in form]

    def row(self, name, building, *, short):
        street, kind, *place = building
        return [name, f"{street} {STREETS[kind] if short else kind}", *place]

    def building(self):
        return self.buildings[self.random.integers(len(self.buildings))]


def registers(both, alone, *, seed):
    """Return two registers; of the firms that both have one in six has moved in between."""
    makes = Makes(seed)
    left, right = [], []
    for number in range(both + 2 * alone):
        spellings, building = makes.firm(), makes.building()
        if number < both + alone:
            left.append(makes.row(spellings[0], building, short=False))
        if number < both or number >= both + alone:
            there = makes.building() if makes.random.random() < 1 / 6 else building
            right.append(makes.row(spellings[1], there, short=True))
    return tuple(
        pa.table({"id": range(len(rows)), **dict(zip(KINDS, zip(*rows, strict=True), strict=True))})
        for rows in (left, right)
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_neighbours_are_not_linked_and_who_moved_is(seed):
    both = 400
    tables = registers(both, 400, seed=seed)
    plan = plan_tables(*tables)
    assert {field.name: field.kind for field in plan.fields} == KINDS
    links = plan.linker().link(*tables, options=plan.options()).links.to_pylist()
    right = sum(row["left_id"] == row["right_id"] < both for row in links)
    assert right > 0.9 * both
    assert right > 0.95 * len(links)


def test_first_similarities_of_firms_are_those_of_their_names():
    fields = [Field(name, kind) for name, kind in KINDS.items()]
    context = default_context(fields)
    assert {f for item in context.over for need in item.needs() for f in need.fields} == {"company"}
    assert parts_of_homes(fields) == [("city", "zip")]


def test_of_what_has_a_name_or_a_title_the_firm_is_the_maker():
    firm, place = Field("publisher", "organisation"), Field("address", "address")
    assert names_of_firms([firm, place]) == [firm]
    assert names_of_firms([firm]) == []
    assert names_of_firms([firm, place, Field("song", "name")]) == []
    assert names_of_firms([firm, place, Field("title", "text")]) == []
    assert names_of_firms([firm, place, Field("remarks", "text")]) == [firm]
