import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError, ColumnError, SavedLinkerError
from sameas.matching import TreeEnsemble


def stump(**changes):
    arrays = {
        "names": ("name", "distance"),
        "feature": np.array([1, -1, -1], np.int32),
        "threshold": np.array([100, 0, 0], np.float32),
        "left": np.array([1, -1, -1], np.int32),
        "missing_left": np.array([False, False, False]),
        "value": np.array([0, 0.9, 0.1]),
        "root": np.array([0], np.int32),
        "aggregation": "mean",
    }
    return TreeEnsemble(**(arrays | changes))


ROWS = np.array([[0.5, 100], [0.5, 101], [0.5, np.nan]], np.float32)


def test_scores():
    assert stump().score(ROWS).tolist() == [0.9, 0.1, 0.1]
    assert stump(missing_left=np.array([True, False, False])).score(ROWS)[2] == 0.9
    assert stump(missing=5.0).score(ROWS)[2] == 0.9
    logistic = stump(aggregation="logit", baseline=1.0).score(ROWS)
    np.testing.assert_allclose(logistic, 1 / (1 + np.exp([-1.9, -1.1, -1.1])))


def test_takes_other_layouts_and_types():
    expected = stump().score(ROWS)
    for rows in (np.asfortranarray(ROWS), ROWS.astype(np.float64), ROWS.tolist()):
        np.testing.assert_array_equal(stump().score(rows), expected)


@pytest.mark.parametrize(
    "changes",
    [
        {"feature": np.array([2, -1, -1], np.int32)},
        {"left": np.array([0, -1, -1], np.int32)},
        {"left": np.array([2, -1, -1], np.int32)},
        {"left": np.array([1, 1, -1], np.int32)},
        {"left": np.array([1, -1], np.int32)},
        {"root": np.array([3], np.int32)},
        {"root": np.array([-1], np.int32)},
        {"root": np.array([], np.int32)},
        {"value": np.array([0, np.nan, 0.1])},
        {"threshold": np.array([np.nan, 0, 0], np.float32)},
    ],
)
def test_refuses_damaged_nodes(changes):
    with pytest.raises(ArgumentError, match="do not fit together"):
        stump(**changes)


def test_refuses_an_unknown_aggregation():
    with pytest.raises(ArgumentError, match="aggregation must be 'mean' or 'logit'"):
        stump(aggregation="median")


def test_tables():
    tables = stump(missing=-1.0).to_tables()
    assert {name: table.num_rows for name, table in tables.items()} == {
        "nodes": 3,
        "trees": 1,
        "ensemble": 1,
        "columns": 2,
    }
    loaded = TreeEnsemble.from_tables(tables)
    assert loaded.names == ("name", "distance")
    assert loaded.missing == -1.0


def test_damaged_tables():
    tables = stump().to_tables()
    with pytest.raises(SavedLinkerError, match="no table 'trees'; it has: columns"):
        TreeEnsemble.from_tables({key: tables[key] for key in ("nodes", "columns", "ensemble")})
    with pytest.raises(SavedLinkerError, match="Table 'nodes'"):
        TreeEnsemble.from_tables(tables | {"nodes": tables["nodes"].drop_columns("left")})
    twice = pa.concat_tables([tables["ensemble"]] * 2)
    with pytest.raises(SavedLinkerError, match=r"Table 'ensemble'.* has 2 rows"):
        TreeEnsemble.from_tables(tables | {"ensemble": twice})
    with pytest.raises(SavedLinkerError, match="is damaged"):
        TreeEnsemble.from_tables(tables | {"nodes": tables["nodes"].slice(0, 2)})
    holes = pa.table({"name": ["name", None]})
    with pytest.raises(SavedLinkerError, match=r"Table 'columns'.*null"):
        TreeEnsemble.from_tables(tables | {"columns": holes})


def test_wrong_columns_are_named():
    with pytest.raises(ColumnError, match=r"Expected 2 comparison columns \(name, distance\)"):
        stump().score(ROWS[:, :1])
    with pytest.raises(ColumnError, match=r"Missing: distance. Did you mean 'distanse'?"):
        stump().score(ROWS, names=("name", "distanse"))
    with pytest.raises(ColumnError, match="Their order is: distance, name"):
        stump().score(ROWS, names=("distance", "name"))
