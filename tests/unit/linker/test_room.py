"""Tables of more columns than patterns of pairs have room for."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError
from sameas.linker import Linker
from sameas.linker.planning import plan_tables
from sameas.matching import FellegiSunter, Levels

WORDS = ["ka", "ro", "mi", "ten", "bel", "so", "lu", "gar"]


def wide(columns, number=400):
    """Return persons who are there twice, with many further columns, mostly empty."""
    random = np.random.default_rng(0)

    def names(size, parts):
        return ["".join(random.choice(WORDS, parts)) for _ in range(size)]

    held = {"given_name": names(number, 2), "surname": names(number, 3)}
    held["date_of_birth"] = [str(np.datetime64("1950-01-01") + n * 37) for n in range(number)]
    for place in range(columns):
        values = names(number, 3)
        held[f"child_{place}_surname"] = [
            value if random.random() < 0.1 else None for value in values
        ]
    twice = {name: values * 2 for name, values in held.items()}
    return pa.table({"id": range(2 * number), **twice})


def test_a_table_of_very_many_columns_is_deduplicated(caplog):
    table = wide(36)
    plan = plan_tables(table)
    result = plan.linker().dedupe(table, options=plan.options())
    links = result.links.to_pylist()
    right = sum(int(row["left_id"]) % 400 == int(row["right_id"]) % 400 for row in links)
    assert right >= 380
    assert len(links) == right
    assert "comparisons are weighed together; those whose values are missing most" in caplog.text


def test_what_is_filled_most_stays():
    table = wide(36)
    plan = plan_tables(table)
    linker = plan.linker()
    linker.dedupe(table, options=plan.options())
    levels = {item.column for item in linker.fitted_.matcher.levels}
    assert {"given_name_crosswise", "surname_crosswise", "date_of_birth_date_similarity"} <= levels


def test_levels_that_were_chosen_are_not_left_out():
    names = ["surname", *(f"child_{place}_surname" for place in range(36))]
    chosen = tuple(Levels(f"{name}_full_name", (0.9, 0.8)) for name in names)
    linker = Linker(dict.fromkeys(names, "surname"), matcher=FellegiSunter(chosen))
    with pytest.raises(ArgumentError, match="37 comparisons with 148 levels make more patterns"):
        linker.dedupe(wide(36))
