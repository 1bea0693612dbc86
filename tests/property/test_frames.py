"""What must hold for any table: no row is lost, nothing of the user's is changed."""

from __future__ import annotations

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sameas.frames import cluster, dedupe, merge

TEXT = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.sampled_from(["amber", "Amber!", "amber dew", "delta", "delta 2", "", " ", "ß", "東京"]),
)
FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def frame(texts: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame({"a": pd.Series(texts, dtype=object), "n": range(len(texts))})


@FEW
@given(
    st.lists(TEXT, max_size=12),
    st.lists(TEXT, max_size=12),
    st.sampled_from(["auto", None, 0.3]),
    st.booleans(),
    st.integers(1, 3),
)
def test_merge_keeps_every_left_row(
    one: list[str | None], other: list[str | None], threshold: object, single: bool, k: int
) -> None:
    left, right = frame(one), frame(other)
    before = left.copy(deep=True), right.copy(deep=True)
    merged = merge(left, right, on="a", threshold=threshold, k="one-to-one" if single else k)
    assert merged["n_left"].is_monotonic_increasing
    assert set(merged["n_left"]) == set(left["n"])
    counts = merged.groupby("n_left").size()
    assert counts.max() <= k if len(counts) else True
    pairs = merged.dropna(subset="n_right")
    assert not pairs.duplicated(["n_left", "n_right"]).any()
    if single:
        assert pairs["n_right"].is_unique
    pd.testing.assert_frame_equal(left, before[0])
    pd.testing.assert_frame_equal(right, before[1])


@FEW
@given(st.lists(TEXT, max_size=14), st.sampled_from(["auto", None, 0.3]))
def test_dedupe_keeps_one_row_of_every_cluster(texts: list[str | None], threshold: object) -> None:
    table = frame(texts)
    groups = cluster(table, on="a", threshold=threshold)["cluster"]
    kept = dedupe(table, on="a", threshold=threshold)
    assert kept["n"].tolist() == table["n"][~groups.duplicated()].tolist()
    blank = table["a"].isna() | (table["a"].astype(str).str.strip() == "")
    assert set(table["n"][blank]) <= set(kept["n"])


@FEW
@given(st.lists(TEXT, min_size=1, max_size=10), st.randoms())
def test_partners_do_not_depend_on_the_order_of_the_left_table(
    texts: list[str | None], random: object
) -> None:
    left, right = frame(texts), frame(["amber", "delta", "dew"])
    order = list(range(len(texts)))
    random.shuffle(order)  # type: ignore[attr-defined]
    plain = merge(left, right, on="a", threshold=0.2).set_index("n_left")["n_right"]
    mixed = merge(left.iloc[order], right, on="a", threshold=0.2).set_index("n_left")["n_right"]
    pd.testing.assert_series_equal(plain, mixed.sort_index())
