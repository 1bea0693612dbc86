"""Keys that too many records share: left out of the candidates, and counted."""

import numpy as np
import pytest

from sameas.blocking import ExactKey, Key, Part
from sameas.cli._show import run_lines
from sameas.linker import Linker
from sameas.matching import FellegiSunter


@pytest.mark.parametrize("rule", [
    ExactKey(("city",), at_most=20), Key((Part("city"),), at_most=20),
])  # fmt: skip
def test_frequent_keys_are_counted(rule, tmp_path):
    random = np.random.default_rng(0)
    name = [f"{chr(97 + n % 26)}{n // 2} mill" for n in range(240)]
    city = ["metropolis" if n < 90 else f"town {n // 4}" for n in range(240)]
    city[-1] = None
    table = {"id": [f"r{n}" for n in range(240)], "name": name, "city": city,
             "number": random.integers(0, 9, 240).tolist()}  # fmt: skip
    fields = {"name": "name", "city": "category", "number": "number"}
    linker = Linker(fields, blocking=(rule, ExactKey(("name",))), matcher=FellegiSunter())
    report = linker.dedupe(table).report
    first, second = report["blocking"]
    assert (first["frequent"], first["unreachable"]) == (90, 91)
    assert second["frequent"] == 0
    said = "\n".join(run_lines(report, tmp_path))
    assert "90 records bear a key that too many share" in said


def test_of_many_rules_that_leave_records_out_it_is_said_once(tmp_path):
    name = [f"{chr(97 + n % 26)}{n // 2} mill" for n in range(240)]
    table = {"id": [f"r{n}" for n in range(240)], "name": name}
    for number in range(6):
        table[f"town{number}"] = [f"t{n // 4}" if n > 20 * number else None for n in range(240)]
    fields = {"name": "name"} | {f"town{number}": "category" for number in range(6)}
    rules = tuple(ExactKey((f"town{number}",)) for number in range(1, 6))
    report = Linker(fields, blocking=rules, matcher=FellegiSunter()).dedupe(table).report
    said = [line for line in report["assumptions"] if "only other rules" in line]
    assert said == [
        "5 of 5 blocking rules do not reach every record, for a value is missing or too many share "
        "it: each leaves out 21 to 101 records, whose matches only other rules can find."
    ]
    assert report["met_nobody"] == 21
    assert "21 records met no other record at all." in report["assumptions"]
