"""Plans of tables that write telephone numbers otherwise."""

import numpy as np
import pytest

from sameas.linker import plan_tables

GIVEN = ["James", "Mary", "Robert", "Linda", "David", "Susan", "Karen", "Thomas", "Nancy", "Daniel"]
SURNAMES = [
    "Smith",
    "Brown",
    "Garcia",
    "Miller",
    "Lopez",
    "Wilson",
    "Moore",
    "Lee",
    "White",
    "Hill",
]


def people(prefix: str, *, count: int = 250):
    """Return persons of whom one in three has an e-mail address; numbers begin with `prefix`."""
    random = np.random.default_rng(3)
    given, surname = random.choice(GIVEN, count), random.choice(SURNAMES, count)
    numbers = random.integers(2_000_000_000, 9_999_999_999, count)
    year, month, day = (random.integers(*ends, count) for ends in ((1940, 2005), (1, 13), (1, 29)))
    mailed = random.random(count) < 0.33
    return {
        "id": list(range(count)),
        "name": [f"{one} {other}" for one, other in zip(given, surname, strict=True)],
        "born": [f"{y}-{m:02}-{d:02}" for y, m, d in zip(year, month, day, strict=True)],
        "phone": [f"{prefix}{number}" for number in numbers],
        "mail": [f"{given[n][0]}{surname[n]}{n}@mail.com" if mailed[n] else None
                 for n in range(count)],
    }  # fmt: skip


@pytest.mark.parametrize("prefix", ["", "+1 ", "001"])
def test_a_country_code_in_one_table_makes_no_number_another_one(prefix):
    tables = {"a": people(""), "b": people(prefix)}
    plan = plan_tables(tables)
    assert any("mail" not in rule.label for rule in plan.blocking)
    links = plan.linker().link(tables, options=plan.options()).links
    right = sum(row["left_id"] == row["right_id"] for row in links.to_pylist())
    assert right >= 0.98 * 250
    assert right >= 0.98 * links.num_rows
