"""A small made-up problem: places of two registers that spell names differently."""

from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from sameas.comparison import Context, Distance, Faded, JaroWinkler, SoftTfidf
from sameas.linker import Linker
from sameas.matching import Boosting

WORDS = ["blue", "door", "cafe", "old", "mill", "star", "gym", "river", "bank", "corner", "oak"]
FIELDS = {"name": "name", "latitude": "latitude", "longitude": "longitude"}


def make_problem(count=120, seed=1):
    rng = np.random.default_rng(seed)
    places = 55 + rng.random((count, 2)) * 0.02
    names = [" ".join([*rng.choice(WORDS, 2, replace=False), str(n % 17)]) for n in range(count)]
    left = {"id": [f"l{n:03d}" for n in range(count)], "name": names,
            "latitude": places[:, 0].tolist(), "longitude": places[:, 1].tolist()}  # fmt: skip
    moved = places + rng.normal(size=(count, 2)) * 1e-4
    typed = [name if rng.random() < 0.6 else name.replace("e", "a") for name in names]
    right = {"id": [f"r{n:03d}" for n in range(count)], "name": typed,
             "latitude": moved[:, 0].tolist(), "longitude": moved[:, 1].tolist()}  # fmt: skip
    rows = []
    for n in range(count):
        split = ("train", "train", "valid", "test")[n % 4]
        rows.append((f"l{n:03d}", f"r{n:03d}", True, split))
        other = (n + 4 * int(rng.integers(1, count // 4))) % count
        rows.append((f"l{n:03d}", f"r{other:03d}", False, split))
    columns = zip(*rows, strict=True)
    labels = pa.table(dict(zip(("left_id", "right_id", "label", "split"), columns, strict=True)))
    return SimpleNamespace(
        left=left, right=right, labels=labels, pairs=labels.select(["left_id", "right_id"])
    )


def make_linker(**settings):
    comparisons = (JaroWinkler("name"), SoftTfidf("name"), Distance())
    defaults = {
        "comparisons": comparisons, "context": Context((Faded(SoftTfidf("name")),)),
        "matcher": Boosting(iterations=20, leaves=7, min_leaf=5, members=1),
    }  # fmt: skip
    return Linker(FIELDS, **(defaults | settings))


@pytest.fixture(scope="session")
def new_linker():
    return make_linker


@pytest.fixture(scope="session")
def new_problem():
    return make_problem


@pytest.fixture(scope="session")
def problem():
    return make_problem()


@pytest.fixture(scope="session")
def fitted(problem):
    return make_linker().fit(problem.left, problem.right, labels=problem.labels)
