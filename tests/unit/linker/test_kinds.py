"""Every kind of field in one linker: learnt by default comparisons, saved, loaded."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.blocking import SharedWord
from sameas.linker import Linker
from sameas.matching import Boosting

FIELDS = {
    "given": "given_name", "last": "surname", "author": "person", "firm": "organisation",
    "born": "date", "mail": "email", "phone": "phone", "site": "url", "weight": "quantity",
}  # fmt: skip
GIVEN = ["Robert", "Margaret", "William", "Elizabeth", "John", "Мария", "José"]
LAST = ["Smith", "Miller", "Jones", "Kowalski", "García", "Fischer", "Novák"]


def tables(count=80, seed=0):
    rng = np.random.default_rng(seed)
    given = [str(name) for name in rng.choice(GIVEN, count)]
    last = [f"{name}{chr(97 + n % 26)}" for n, name in enumerate(rng.choice(LAST, count))]
    days = [
        f"{d:02d}/{m:02d}/{1930 + n}" for n, (d, m) in enumerate(rng.integers(1, 13, (count, 2)))
    ]
    left = {
        "id": list(range(count)), "given": given, "last": last,
        "author": [f"{a} {b}" for a, b in zip(given, last, strict=True)],
        "firm": [f"{name} Ltd" for name in last], "born": days,
        "mail": [f"{name.lower()}@example.org" for name in last],
        "phone": [f"+44 131 556 {n:04d}" for n in range(count)],
        "site": [f"http://www.firm{n}.co.uk/x" for n in range(count)],
        "weight": [f"{n + 1} kg" for n in range(count)],
    }  # fmt: skip
    nick = {"Robert": "Bob", "Margaret": "Peggy", "William": "Bill", "Elizabeth": "Liz"}
    right = left | {
        "given": [nick.get(name, name) for name in given],
        "author": [f"{b}, {a[0]}." for a, b in zip(given, last, strict=True)],
        "firm": [f"{name} Limited" for name in last],
        "born": [f"{day[6:]}-{day[3:5]}-{day[:2]}" for day in days],
        "phone": [f"0044 131/556{n:04d}" for n in range(count)],
        "weight": [f"{1000 * (n + 1)} g" for n in range(count)],
    }
    return left, right


def labels(count=80):
    rows = [(n, n, True, "train" if n % 3 else "valid") for n in range(count)]
    rows += [(n, (n + 7) % count, False, "train" if n % 3 else "valid") for n in range(count)]
    names = ("left_id", "right_id", "label", "split")
    return pa.table(dict(zip(names, zip(*rows, strict=True), strict=True)))


@pytest.fixture(scope="module")
def fitted():
    left, right = tables()
    matcher = Boosting(iterations=10, leaves=4, min_leaf=5, members=1)
    linker = Linker(FIELDS, blocking=(SharedWord(("last",)),), context=None, matcher=matcher)
    return linker.fit(left, right, labels=labels())


def test_statistics_of_every_kind_are_saved(fitted, tmp_path):
    fitted.save(tmp_path / "model")
    loaded = Linker.load(tmp_path / "model")
    kept = set(loaded.fitted_.statistics)
    assert {"dates-born", "phones-phone", "persons-author", "form-organisation"} <= kept
    left, right = tables()
    pairs = labels().select(["left_id", "right_id"])
    one, two = (each.score(left, right, pairs=pairs) for each in (fitted, loaded))
    assert one.equals(two)


def test_matches_are_found_in_other_tables(fitted):
    left, right = tables(40, seed=5)
    scores = fitted.score(left, right, pairs=labels(40).select(["left_id", "right_id"]))
    found = scores["score"].to_numpy()
    assert found[:40].min() > found[40:].max()
