"""Whatever a table holds, a plan of it links it, or says what is missing."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import SameasError
from sameas.linker import plan_tables

WORDS = [
    "red",
    "blue",
    "mill",
    "door",
    "lion",
    "star",
    "gym",
    "park",
    "sea",
    "old",
    "café",
    "röstî",
    "東京",
    "москва",
    "inc",
    "the",
]
NAMES = (
    "name", "title", "address", "age", "x", "date of birth", "phone", "e-mail", "latitude", "sex",
    "tags", "empty", "author", "model no", "longitude", "c`1", "ünï", "price", "city", "zip",
)  # fmt: skip
COLUMNS = (
    lambda r, n: [" ".join(r.choice(WORDS, r.integers(1, 3))) for _ in range(n)],
    lambda r, n: [" ".join(r.choice(WORDS, r.integers(1, 12))) for _ in range(n)],
    lambda r, n: [f"{r.integers(1, 99)} {r.choice(WORDS)} street" for _ in range(n)],
    lambda r, n: r.integers(0, 5, n).tolist(),
    lambda r, n: r.normal(0, 100, n).tolist(),
    lambda r, n: [f"{r.integers(1900, 2020)}-{r.integers(1, 13):02}-03" for _ in range(n)],
    lambda r, n: [f"+44 131 {r.integers(100, 999)} {r.integers(1000, 9999)}" for _ in range(n)],
    lambda r, n: [f"{r.choice(WORDS)}@x.org" for _ in range(n)],
    lambda r, n: r.uniform(-90, 90, n).tolist(),
    lambda r, n: [r.choice(WORDS, r.integers(0, 3)).tolist() for _ in range(n)],
    lambda r, n: [None] * n,
    lambda r, n: ["same"] * n,
    lambda r, n: (r.random(n) > 0.5).tolist(),
    lambda r, n: [f"A{r.integers(0, 10**6)}" for _ in range(n)],
)


def any_table(random, rows):
    columns = {"id": list(range(rows))} if random.random() < 0.7 else {}
    for _ in range(random.integers(1, 6)):
        values = COLUMNS[random.integers(len(COLUMNS))](random, rows)
        missing = random.choice([0, 0, 0.2, 0.9])
        columns[str(random.choice(NAMES))] = [
            None if random.random() < missing else value for value in values
        ]
    return pa.table(columns)


def some_of(random, table):
    """Draw rows, perhaps of fewer columns; ids are new."""
    rows = random.integers(0, len(table), int(random.choice([1, 5, 60])))
    drawn = table.take(pa.array(rows))
    if "id" in drawn.column_names:
        drawn = drawn.set_column(0, "id", pa.array(range(len(drawn))))
    return drawn.drop_columns(drawn.column_names[-1:]) if random.random() < 0.3 else drawn


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(40))
def test_a_result_or_a_reason(seed):
    random = np.random.default_rng(seed)
    table = any_table(random, int(random.choice([1, 2, 10, 40, 120])))
    tables = (table, some_of(random, table)) if random.random() < 0.5 else (table,)
    try:
        plan = plan_tables(*tables)
        linker = plan.linker()
        run = linker.link if len(tables) > 1 else linker.dedupe
        result = run(*tables, options=plan.options())
    except SameasError:  # says what is missing; anything else fails
        return
    records = sum(map(len, tables))
    aside = {(row["source"], row["row"]) for row in result.quarantine.to_pylist()
             if row["field"] is None}  # fmt: skip
    assert len(result.clusters) == records - len(aside)
