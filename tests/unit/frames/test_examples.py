"""Tables as training data."""

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError, ColumnError
from sameas.frames import cluster_examples, pair_examples, table_examples

LEFT = {"code": [1, 2, 3, 3], "name": ["taxi", "nurse", "judge", "magistrate"]}
RIGHT = {"id": [3, 1, 9], "title": ["arbiter", "cab", "pilot"]}


def matches(found) -> set[tuple[str, str]]:
    texts = found.texts.to_pylist()
    pairs = zip(found.left.tolist(), found.right.tolist(), found.label.tolist(), strict=True)
    return {(texts[one], texts[other]) for one, other, good in pairs if good}


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_equal_ids_mean_the_same_thing(make) -> None:
    given = make(LEFT), make(RIGHT)
    found = table_examples(*given, on={"name": "title"}, ids={"code": "id"})
    assert matches(found) == {("taxi", "cab"), ("judge", "arbiter"), ("magistrate", "arbiter")}
    assert not found.labelled
    assert found.sizes["clusters"] == 2


def test_pairs_name_the_rows_of_two_tables() -> None:
    pairs = {"left_id": [1, 2, 2], "right_id": [1, 9, 3], "same": [True, False, None]}
    settings = {"on": {"name": "title"}, "ids": {"code": "id"}}
    found = table_examples(LEFT, RIGHT, pairs=pairs, label="same", **settings)
    assert matches(found) == {("taxi", "cab")}
    assert found.labelled
    assert found.sizes["pairs"] == 2
    assert table_examples(
        LEFT, RIGHT, pairs={**pairs, "right_id": [1, 9, 9]}, **settings
    ).label.all()
    with pytest.raises(ArgumentError, match="'7' is no value of the column 'code'"):
        table_examples(LEFT, RIGHT, pairs={"left_id": [7], "right_id": [1]}, **settings)
    with pytest.raises(ArgumentError, match="give pairs too"):
        table_examples(LEFT, RIGHT, label="same", **settings)
    with pytest.raises(ColumnError, match="no column 'cod'"):
        table_examples(LEFT, RIGHT, on={"name": "title"}, ids={"cod": "id"})


def test_rows_that_are_pairs() -> None:
    rows = pd.DataFrame(
        {"a": ["taxi", "nurse", None], "more": ["x", None, None], "b": ["cab", "pilot", "z"]}
    )
    rows["same"] = [1, 0, 1]
    kept = rows.copy()
    found = pair_examples(rows, on={"a": "b"}, label="same")
    assert matches(found) == {("taxi", "cab")}
    assert found.dropped == 1
    pd.testing.assert_frame_equal(rows, kept)
    with pytest.raises(ArgumentError, match="on must map"):
        pair_examples(rows, on="a")
    with pytest.raises(ArgumentError, match="holds text"):
        pair_examples(rows, on={"a": "b"}, label="b")


def test_records_of_one_name_are_one_record() -> None:
    rows = {"a": ["taxi", "cabbie"], "b": ["cab", "driver"], "i": [1, 1], "j": [5, 6]}
    apart = pair_examples(rows, on={"a": "b"})
    together = pair_examples(rows, on={"a": "b"}, ids={"i": "j"})
    assert (apart.sizes["clusters"], together.sizes["clusters"]) == (2, 1)


def test_clusters() -> None:
    rows = {"name": ["taxi", "cab", "nurse", "pilot"], "job": ["x", "x", None, None]}
    assert cluster_examples(rows, on="name", cluster="job").sizes == {
        **{"texts": 4, "clusters": 1, "pairs": 0, "matches": 0, "dropped": 0}
    }


def test_a_row_without_any_value_keeps_its_place() -> None:
    rows = {"a": ["x", None, "y"], "b": ["1", None, None], "j": [7, 8, 7]}
    found = cluster_examples(rows, on=["a", "b"], cluster="j")
    assert found.texts.to_pylist() == ["x 1", "y"]
    assert found.dropped == 1
    assert found.sizes["clusters"] == 1
