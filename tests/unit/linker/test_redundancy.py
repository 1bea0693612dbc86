"""Two columns that say the same count once."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sameas.linker import Linker
from sameas.linker.redundancy import repeated, shared_information
from sameas.matching import FellegiSunter, Levels, SelfTraining
from sameas.matching.fellegi_sunter import Layout

METALS = ["gold", "silver", "tin", "lead", "zinc", "copper", "iron", "nickel", "cobalt", "lithium"]
WORDS = ["north", "blue", "lucky", "star", "king", "deer", "cedar", "iron", "lost", "queen", "old"]


def sites(number: int, *, seed: int = 0):
    """Return two registers: names that vary, metals, and the metals in another spelling."""
    random = np.random.default_rng(seed)
    tables = [{"id": [], "name": [], "metals": [], "raw": [], "depth": []} for _ in range(2)]
    for entity in range(number):
        name = " ".join(random.choice(WORDS, 3, replace=False))
        metals = sorted(random.choice(METALS, random.integers(1, 4), replace=False))
        depth = int(random.integers(10, 900))
        for side, table in enumerate(tables):
            if side and random.random() < 0.3:
                metals = sorted(random.choice(METALS, random.integers(1, 4), replace=False))
            words = name.split()
            table["id"].append(f"{side}{entity}")
            table["name"].append(" ".join(words[: 2 + int(random.random() < 0.7)]) + " mine" * side)
            table["metals"].append(metals)
            table["raw"].append([f"{metal.upper()} ore" for metal in metals])
            table["depth"].append(depth + int(random.integers(-3, 4)))
    return tables


KINDS = {"name": "name", "metals": "set", "raw": "set", "depth": "number"}


def found(kinds, matcher=None):
    """Return the F1 of a linker without labels."""
    left, right = (pa.table(table) for table in sites(400))
    linker = Linker(kinds, matcher=matcher or FellegiSunter())
    links = linker.link(left, right).links.to_pylist()
    right_ones = sum(row["left_id"][1:] == row["right_id"][1:] for row in links)
    return 2 * right_ones / (len(links) + 400)


def test_a_copy_of_a_column_counts_once(caplog):
    with_copy = found(KINDS)
    without = found({name: kind for name, kind in KINDS.items() if name != "raw"})
    assert with_copy == pytest.approx(without, abs=0.01)
    assert without > 0.9
    assert "raw_set_jaccard says of records at random what metals_set_jaccard says" in caplog.text


def test_levels_that_were_chosen_stay(caplog):
    chosen = (
        Levels("name_jaro_winkler", (0.95, 0.8)),
        Levels("metals_set_jaccard", (1.0, 0.2)),
        Levels("raw_set_jaccard", (1.0, 0.2)),
    )
    found(KINDS, FellegiSunter(levels=chosen))
    assert "says of records at random" not in caplog.text


def test_of_two_the_one_that_fewer_pairs_know_is_left_out():
    layout = Layout((Levels("a", (1.0, 0.5)), Levels("b", (1.0, 0.5)), Levels("c", (1.0,))), "abc")
    random = np.random.default_rng(0)
    same = random.integers(0, 3, 5000).astype(np.uint8)
    codes = np.stack([same, same, random.integers(0, 2, 5000).astype(np.uint8)], axis=1)
    assert repeated(layout, codes) == {1: 0}
    codes[::3, 0] = 3  # missing
    assert repeated(layout, codes) == {0: 1}
    assert repeated(layout, codes[:250]) == {}


@given(st.binary(min_size=1_000, max_size=1_200))
def test_shared_information_is_a_symmetric_share(drawn):
    codes = np.frombuffer(drawn[: len(drawn) // 2 * 2], np.uint8).reshape(-1, 2) % 5
    share = shared_information(codes)
    assert -1e-9 <= share <= 1 + 1e-9
    assert share == pytest.approx(shared_information(codes[:, ::-1]))


def test_the_run_says_so_with_trees_too(caplog):
    assert found(KINDS, SelfTraining()) > 0.9
    assert "raw_set_jaccard says of records at random what metals_set_jaccard says" in caplog.text


def test_of_two_that_say_the_same_the_earlier_stays_though_a_few_more_know_the_other():
    layout = Layout((Levels("born", (1.0,)), Levels("event", (1.0,))), ("born", "event"))
    same = np.repeat(np.array([[0, 0], [1, 1]], np.uint8), 2_000, axis=0)
    few, many = same.copy(), same.copy()
    few[:40, 0] = 2  # missing
    many[np.arange(4_000) % 3 > 0, 0] = 2
    assert repeated(layout, few) == {1: 0}
    assert repeated(layout, many) == {0: 1}
