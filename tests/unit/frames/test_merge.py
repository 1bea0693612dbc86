"""Joins by meaning: what comes back, in which order, of which kind."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError, ColumnError
from sameas.evaluation import FixedThreshold, PrecisionAtLeast
from sameas.frames import aggregate, dedupe, merge

WORDS = ["amber", "bronze", "cedar", "delta", "ember", "frost", "garnet", "hazel", "indigo"]
WORDS += ["jasper", "karst", "linden", "marble", "nickel", "opal", "pyrite"]


def shops(n: int = 60) -> pd.DataFrame:
    """Make shops of three words each, every other one twice in the words of `firms`."""
    random = np.random.default_rng(5)
    names = [" ".join(random.choice(WORDS, 3, replace=False)) + f" {i:03}" for i in range(n)]
    return pd.DataFrame({"name": names, "id": range(n)})


def firms(left: pd.DataFrame) -> pd.DataFrame:
    """Two thirds of the shops, words in another order, and as many strangers."""
    known = left.iloc[: 2 * len(left) // 3]
    turned = [" ".join(reversed(name.split())) + " ltd" for name in known["name"]]
    strange = [f"quixotic {chr(97 + i % 26)}{i} zzyzx" for i in range(len(left) // 2)]
    ids = [*known["id"], *[-1] * len(strange)]
    return pd.DataFrame({"firm": turned + strange, "id": ids})


def test_auto_threshold_finds_partners_and_leaves_the_others() -> None:
    left = shops()
    right = firms(left)
    merged = merge(left, right, on={"name": "firm"})
    assert list(merged.columns) == ["name", "id_left", "firm", "id_right", "similarity", "score"]
    assert merged["id_left"].tolist() == left["id"].tolist()
    paired = merged.dropna(subset="firm")
    assert (paired["id_left"] == paired["id_right"]).mean() > 0.95
    assert 35 <= len(paired) <= 45
    assert paired["score"].between(0, 1).all()
    assert "probabilities learned" in merged.attrs["sameas"]["note"]


def test_a_number_is_a_least_similarity_and_a_goal_works_on_scores() -> None:
    left = shops()
    right = firms(left)
    plain = merge(left, right, on={"name": "firm"}, threshold=0.6)
    assert plain["similarity"].min() >= 0.6
    fixed = merge(left, right, on={"name": "firm"}, threshold=FixedThreshold(0.9))
    assert fixed["score"].min() >= 0.9
    precise = merge(left, right, on={"name": "firm"}, threshold=PrecisionAtLeast(0.99))
    assert "precision" in precise.attrs["sameas"]["note"]
    everyone = merge(left, right, on={"name": "firm"}, threshold=None)
    assert everyone["firm"].notna().sum() >= plain["firm"].notna().sum()


def test_k_rows_of_each_left_row_the_nearest_first() -> None:
    left = {"a": ["amber bronze", "zzz"]}
    right = {
        "a": ["amber bronze cedar", "amber", "amber bronze", "amber bronze"],
        "n": [0, 1, 2, 3],
    }
    merged = merge(left, right, k=3, threshold=None).to_pylist()
    assert [row["n"] for row in merged] == [2, 3, 0, None]
    assert [row["a_left"] for row in merged] == ["amber bronze"] * 3 + ["zzz"]
    assert merged[0]["similarity"] == pytest.approx(1)


def test_one_to_one_takes_every_right_row_once() -> None:
    left = {"a": ["amber bronze", "amber bronze!"]}
    right = {"a": ["amber bronze", "amber bronzes"]}
    many = merge(left, right, threshold=None)["a_right"].to_pylist()
    single = merge(left, right, threshold=None, k="one-to-one")["a_right"].to_pylist()
    assert many == ["amber bronze", "amber bronze"]
    assert sorted(single) == ["amber bronze", "amber bronzes"]
    with pytest.raises(ArgumentError, match="or 'one-to-one', got 'one'"):
        merge(left, right, k="one")


def test_rows_without_any_text_keep_their_place() -> None:
    left = {"a": ["x y", None, "mill", "  "], "b": ["k", None, None, None]}
    right = {"a": [None, "mill", "x y"], "b": [None, None, "k"], "n": [0, 1, 2]}
    merged = merge(left, right, on=["a", "b"], threshold=None)
    assert merged["n"].to_pylist() == [2, None, 1, None]


def test_blocks_have_to_be_equal() -> None:
    left = {"a": ["amber", "amber", "amber", "amber"], "land": ["x", "y", None, "w"]}
    right = {"b": ["amber", "amber dew"], "state": ["y", "x"]}
    merged = merge(left, right, on={"a": "b"}, block={"land": "state"}, threshold=None)
    assert merged["b"].to_pylist() == ["amber dew", "amber", None, None]


@pytest.mark.parametrize("kind", ["pandas", "polars", "polars-lazy", "arrow", "duckdb"])
def test_every_kind_of_frame_comes_back_as_it_was_and_is_not_changed(kind: str) -> None:
    left = pa.table({"a": ["amber", None, "delta"], "n": [1, 2, 3]})
    right = pa.table({"a": ["Delta", "amber!"], "w": [1.5, None]})
    make = {
        "pandas": lambda table: table.to_pandas(),
        "polars": pl.from_arrow,
        "polars-lazy": lambda table: pl.from_arrow(table).lazy(),
        "arrow": lambda table: table,
        "duckdb": duckdb.from_arrow,
    }[kind]
    one, other = make(left), make(right)
    merged = merge(one, other, on="a", threshold=0.5)
    assert isinstance(merged, type(one))
    table = {
        "pandas": lambda: pa.Table.from_pandas(merged, preserve_index=False),
        "polars": lambda: merged.to_arrow(),
        "polars-lazy": lambda: merged.collect().to_arrow(),
        "arrow": lambda: merged,
        "duckdb": lambda: merged.to_arrow_table(),
    }[kind]()
    assert table["a_right"].to_pylist() == ["amber!", None, "Delta"]
    assert table["n"].to_pylist() == [1, 2, 3]
    if kind == "pandas":
        pd.testing.assert_frame_equal(one, left.to_pandas())


def test_the_index_and_the_types_of_pandas_stay() -> None:
    left = pd.DataFrame(
        {"a": pd.Categorical(["amber", "delta", "amber"]), "x": [object(), {1}, None]},
        index=["p", "p", "q"],
    )
    right = pd.DataFrame({"a": ["amber", "delta"], "n": [1, 2]}, index=[9, 9])
    merged = merge(left, right, on="a")
    assert merged.index.tolist() == ["p", "p", "q"]
    assert merged["a_left"].dtype == left["a"].dtype
    assert merged["x"].tolist() == left["x"].tolist()
    assert merged["n"].tolist() == [1, 2, 1]


@pytest.mark.parametrize("lazy", [False, True])
def test_categories_of_polars_and_dictionaries_of_arrow_stay(lazy: bool) -> None:
    size, kind = pl.Enum(["s", "m"]), pl.Categorical()
    left = pl.DataFrame(
        {"a": ["amber", "delta", None], "size": ["s", "m", None], "kind": ["x", None, "y"]},
        schema_overrides={"size": size, "kind": kind},
    )
    right = left.rename({"kind": "sort"})
    given = left.lazy() if lazy else left
    merged = merge(given, right, on="a", threshold=0.5).lazy().collect()
    assert merged.schema["size_left"] == merged.schema["size_right"] == size
    assert merged.schema["kind"] == merged.schema["sort"] == kind
    assert merged["size_right"].to_list() == ["s", "m", None]
    kept = dedupe(given, on="a", threshold=0.5).lazy().collect()
    assert kept.schema == left.schema
    coded = pa.array(["x", None, "x"]).dictionary_encode()
    table = pa.table({"a": ["amber", "delta", "amber"], "kind": coded})
    assert dedupe(table, on="a", threshold=0.5).schema.field("kind").type == coded.type
    assert merge(table, table, on="a", threshold=0.5)["kind_right"].type == coded.type


def test_nothing_is_overwritten() -> None:
    left = pa.table({"a": ["amber"], "score": ["mine"], "similarity": [7], "a_left": ["x"]})
    right = pa.table({"a": ["amber"], "score": ["theirs"]})
    merged = merge(left, right, on="a", threshold=None)
    assert merged["score_left"].to_pylist() == ["mine"]
    assert merged["score_right"].to_pylist() == ["theirs"]
    assert merged["similarity_left"].to_pylist() == [7]
    assert merged["a_left"].to_pylist() == ["x"]
    assert merged["a_left_left"].to_pylist() == ["amber"]
    assert merged["similarity"].to_pylist() == [pytest.approx(1)]


@pytest.mark.parametrize("empty", ["left", "right", "both"])
def test_empty_frames(empty: str) -> None:
    full = pd.DataFrame({"a": ["amber", None], "n": [1, 2]})
    left = full.iloc[:0] if empty != "right" else full
    right = full.iloc[:0] if empty != "left" else full
    merged = merge(left, right, on="a")
    assert len(merged) == len(left)
    assert merged["similarity"].isna().all()


def test_mixed_types_are_read_as_text() -> None:
    left = pd.DataFrame({"a": [12, "12b", None, 3.5]})
    right = pd.DataFrame({"b": ["12", "3.5", "12b"]})
    merged = merge(left, right, on={"a": "b"}, threshold=None)
    assert merged["b"].tolist()[:2] == ["12", "12b"]
    assert merged["b"].tolist()[3] == "3.5"
    assert merged["a"].tolist()[:2] == [12, "12b"]


def test_errors_name_the_column_and_the_choice() -> None:
    left, right = {"name": ["x"]}, {"name": ["x"]}
    with pytest.raises(ColumnError, match="right has no column 'nam'"):
        merge(left, right, on={"name": "nam"})
    with pytest.raises(ArgumentError, match="no column name in common"):
        merge(left, {"other": ["x"]})
    with pytest.raises(ArgumentError, match="threshold must be"):
        merge(left, right, threshold="best")
    with pytest.raises(ArgumentError, match="from -1 to 1"):
        merge(left, right, threshold=2)
    with pytest.raises(ArgumentError, match="two different texts"):
        merge(left, right, suffixes=("", ""))
    with pytest.raises(ArgumentError, match="least similarity"):
        merge(left, right, threshold=FixedThreshold(0.5))
    with pytest.raises(ArgumentError, match="k must be"):
        merge(left, right, k=0)
    with pytest.raises(ArgumentError, match="holds list"):
        merge({"a": [["x"]]}, {"a": ["x"]})


def test_aggregate_gives_every_row_its_nearest_entry() -> None:
    goods = pd.DataFrame({"item": ["red table wine", "cotton shirts", None]}, index=[3, 4, 5])
    merged = aggregate(goods, {"group": ["shirts", "wines"]}, on={"item": "group"})
    assert merged["group"].tolist()[:2] == ["wines", "shirts"]
    assert merged.index.tolist() == [3, 4, 5]
    assert merged["group"].isna().tolist() == [False, False, True]


def test_probabilities_are_learned_within_blocks_too() -> None:
    left = shops()
    right = firms(left)
    left["land"], right["land"] = left["id"] % 3, [max(i, 0) % 3 for i in right["id"]]
    merged = merge(left, right, on={"name": "firm"}, block="land")
    assert merged["score"].notna().sum() >= 35
    paired = merged.dropna(subset="firm")
    assert (paired["id_left"] == paired["id_right"]).mean() > 0.95


def test_tables_in_which_every_row_has_its_equal() -> None:
    left = shops()
    merged = merge(left, left.rename(columns={"name": "same"}), on={"name": "same"})
    assert merged["same"].tolist() == left["name"].tolist()
    assert merged["score"].min() > 0.9


def test_strangers_have_no_matches() -> None:
    random = np.random.default_rng(0)
    words = [["".join(random.choice(list("abcdefghij"), 6)) for _ in range(99)] for _ in "lr"]
    left, right = ({"a": [" ".join(random.choice(side, 3)) for _ in range(99)]} for side in words)
    merged = merge(left, right)
    assert "score" not in merged.column_names
    assert merged["a_right"].null_count == 99


def test_a_column_against_several() -> None:
    left = pd.DataFrame({"address": ["high street 12 york", "park lane 7 leeds"]})
    right = pd.DataFrame({"street": ["park lane 7", "high street 12"], "town": ["leeds", "york"]})
    merged = merge(left, right, on={"address": ["street", "town"]}, threshold=0.9)
    assert merged["town"].tolist() == ["york", "leeds"]
    with pytest.raises(ArgumentError, match="block: expected as many"):
        merge(left, right, on={"address": "street"}, block={"address": ["street", "town"]})


def test_columns_named_by_numbers() -> None:
    merged = merge(pd.DataFrame({0: ["rex"], 1: ["x"]}), pd.DataFrame({0: ["rex"]}), on=0)
    assert list(merged.columns) == ["0_left", 1, "0_right", "similarity"]


def test_an_empty_suffix_leaves_the_name() -> None:
    left, right = pd.DataFrame({"name": ["rex"]}), pd.DataFrame({"name": ["rex"], "score": [1]})
    merged = merge(left, right, on="name", threshold=0.5, suffixes=("", "_r"))
    assert list(merged.columns) == ["name", "name_r", "score_r", "similarity"]


def test_one_column_is_no_table() -> None:
    with pytest.raises(ArgumentError, match=r"left must be a table, got one column \(Series\)"):
        merge(pd.Series(["rex"], name="name"), pd.DataFrame({"name": ["rex"]}), on="name")
