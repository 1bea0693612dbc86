"""Joins by the calls of LinkTransformer, on tables of our own."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pytest

import sameas.linktransformer as lt
from sameas.core.errors import ArgumentError, ColumnError

LEFT = pd.DataFrame(
    {
        "name": ["Rex Rotary", "Bar Rosso", None, "Zulu"],
        "town": ["a", "b", "a", "d"],
        "n": range(4),
    },
    index=[3, 3, 4, 5],
)
RIGHT = pd.DataFrame(
    {
        "name": ["bar rosso", "rex-rotary", "Rex Rotari", "Quux"],
        "town": ["b", "b", "a", "c"],
        "w": [10, 11, 12, 13],
    }
)


def test_merge_gives_one_row_for_each_of_df1() -> None:
    before = LEFT.copy(), RIGHT.copy()
    out = lt.merge(LEFT, RIGHT, on="name", model="lexical")
    assert list(out.columns) == [
        *["name_x", "town_x", "n", "id_lt_x", "name_y", "town_y", "w", "id_lt_y", "score"]
    ]
    assert out["n"].tolist() == [0, 1, 2, 3]
    assert out["name_y"].tolist()[:2] == ["rex-rotary", "bar rosso"]
    assert out["id_lt_y"].tolist()[:2] == [1, 0]
    assert out["score"].tolist()[:2] == pytest.approx([1, 1])
    assert out.index.tolist() == [0, 1, 2, 3]
    assert out["name_y"].isna()[2]
    pd.testing.assert_frame_equal(LEFT, before[0])
    pd.testing.assert_frame_equal(RIGHT, before[1])


def test_all_common_columns_are_the_default_and_suffixes_are_free() -> None:
    out = lt.merge(LEFT, RIGHT, model="lexical", suffixes=("_l", "_r"))
    assert {"name_l", "town_r", "id_lt_l", "id_lt_r"} <= set(out.columns)


def test_a_list_of_columns_against_one_column() -> None:
    right = pd.DataFrame({"label": ["b bar rosso", "a rex rotary"]})
    out = lt.merge(LEFT[:2], right, left_on=["name", "town"], right_on="label", model="lexical")
    assert out["label"].tolist() == ["a rex rotary", "b bar rosso"]


def test_blocks_part_and_rows_of_lone_blocks_follow() -> None:
    out = lt.merge_blocking(LEFT, RIGHT, on="name", model="lexical", blocking_vars=["town"])
    assert set(out["n"].dropna()) == {0, 1, 2, 3}
    first = out[out["n"] == 0].iloc[0]
    assert first["name_y"] == "Rex Rotari"
    assert out[out["n"] == 3]["score"].isna().all()
    assert out["score"].isna().tolist()[-2:] == [True, True]
    plain = lt.merge(LEFT, RIGHT, on="name", model="lexical")
    assert list(out.columns) == [*plain.columns, "name", "town"]
    assert out["name"].tolist()[-2:] == ["Zulu", "Quux"]
    assert out["town"].tolist()[-2:] == ["d", "c"]
    assert out[["name", "town"]][:-2].isna().all(axis=None)
    assert out[["name_x", "town_x", "name_y", "town_y"]][-2:].isna().all(axis=None)


def test_lonely_rows_of_other_kinds_of_frames() -> None:
    left = pl.DataFrame({"name": ["rex", "bar"], "code": [1, 2]})
    right = pl.DataFrame({"name": ["rex", "zulu"], "code": ["1", "3"]})
    out = lt.merge_blocking(left, right, on="name", model="lexical", blocking_vars=["code"])
    assert out["name_y"].to_list() == ["rex", None, None]
    assert out["name"].to_list() == [None, "bar", "zulu"]
    assert out["code"].to_list() == [None, "2", "3"]


def test_knn_lists_the_nearest_first() -> None:
    out = lt.merge_knn(LEFT, RIGHT, on="name", model="lexical", k=2)
    mine = out[out["n"] == 0]
    assert mine["name_y"].tolist() == ["rex-rotary", "Rex Rotari"]
    assert mine["score"].is_monotonic_decreasing
    assert mine["id_lt_y"].tolist() == [1, 2]
    strict = lt.merge_knn(LEFT, RIGHT, on="name", model="lexical", k=2, drop_sim_threshold=0.9)
    assert strict["n"].tolist() == [0, 1]


def test_range_takes_all_above_and_keeps_the_others() -> None:
    out = lt.merge_range(LEFT, RIGHT, on="name", model="lexical", sim_threshold=0.2)
    assert out["n"].tolist() == [0, 0, 1, 2, 3]
    assert out["score"].isna().tolist() == [False, False, False, True, True]
    with pytest.raises(ArgumentError, match="sim_threshold"):
        lt.merge_range(LEFT, RIGHT, on="name", model="lexical", sim_threshold=2)


def test_range_finds_more_than_one_search_brings() -> None:
    right = pd.DataFrame({"name": [f"rex rotary {i}" for i in range(100)]})
    out = lt.merge_range(LEFT[:1], right, on="name", model="lexical", sim_threshold=0.01)
    assert len(out) == 100


def test_aggregate_rows() -> None:
    goods = pl.DataFrame({"item": ["red wine", "cotton shirt"]})
    groups = pl.DataFrame({"group": ["shirts", "wines"]})
    out = lt.aggregate_rows(goods, groups, model="lexical", left_on="item", right_on="group")
    assert out["group"].to_list() == ["wines", "shirts"]


def test_merge_type_warns_of_keys_that_are_not_unique() -> None:
    twice = pd.concat([RIGHT, RIGHT])
    with pytest.warns(UserWarning, match="df2 are not unique"):
        lt.merge(LEFT, twice, merge_type="1:1", on="name", model="lexical")
    with pytest.raises(ArgumentError, match="merge_type"):
        lt.merge(LEFT, twice, merge_type="1-1", on="name", model="lexical")


def test_errors() -> None:
    with pytest.raises(ArgumentError, match="id_lt"):
        lt.merge(LEFT.assign(id_lt=1), RIGHT, on="name", model="lexical")
    with pytest.raises(ColumnError, match="Did you mean 'name'"):
        lt.merge(LEFT, RIGHT, on="nmae", model="lexical")
    with pytest.raises(ArgumentError, match="go together"):
        lt.merge(LEFT, RIGHT, left_on="name", model="lexical")
    with pytest.raises(ArgumentError, match="openai_key"):
        lt.merge(LEFT, RIGHT, on="name", model="lexical", openai_key="secret")
    with pytest.raises(ArgumentError, match="model='lexical'"):
        lt.merge(LEFT, RIGHT, on="name", model="./no-such-folder")


def test_empty_frames() -> None:
    assert len(lt.merge(LEFT[:0], RIGHT, on="name", model="lexical")) == 0
    out = lt.merge(LEFT, RIGHT[:0], on="name", model="lexical")
    assert out["score"].isna().all()
    assert len(out) == 4
