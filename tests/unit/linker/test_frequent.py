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
