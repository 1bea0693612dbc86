import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.core.errors import ArgumentError, ColumnError, LabelError
from sameas.labeling import read_labels

IDS = ["a", "b", "c", "d", "e"]


def find(source, ids):
    """Sources x and y hold the same ids; x stands first. Without a source: x."""
    offset = {None: 0, "x": 0, "y": len(IDS)}[source]
    return np.array([offset + IDS.index(i) if i in IDS else -1 for i in ids.to_pylist()], np.int32)


def table(rows, **columns):
    left, right, label = zip(*rows, strict=True)
    return pa.table({"left_id": left, "right_id": right, "label": label} | columns)


def as_tuples(pairs):
    return list(zip(pairs.left.tolist(), pairs.right.tolist(), pairs.label.tolist(), strict=True))


BOTH = [("a", "b", True), ("c", "d", False)]


def test_plain():
    pairs = read_labels(table(BOTH), find)
    assert as_tuples(pairs) == [(0, 1, 1), (2, 3, 0)]
    assert pairs.left.dtype == pairs.right.dtype == np.int32
    assert pairs.label.dtype == np.int8
    assert pairs.split is None
    assert pairs.notes == ()
    assert pairs.rows("train").tolist() == [True, True]


@pytest.mark.parametrize(
    "label",
    [
        pa.array([True, False, None]),
        pa.array([1, 0, None], pa.int8()),
        pa.array([1, 0, None], pa.int64()),
        pa.array([1.0, 0.0, None]),
        pa.array([1.0, 0.0, float("nan")]),
        pa.array(["match", "non-match", None]),
        pa.array(["Yes", "NO", ""]),
        pa.array([" true", "false ", "undecided"]),
        pa.array(["1", "0", "?"], pa.large_string()),
        pa.array(["y", "n", None]).dictionary_encode(),
    ],
)
def test_every_usual_way_to_write_a_label(label):
    rows = pa.table({"left_id": ["a", "a", "a"], "right_id": ["b", "c", "d"], "label": label})
    assert read_labels(rows, find).label.tolist() == [1, 0, -1]


def test_chunked_columns():
    halves = [table([row]) for row in BOTH]
    assert len(read_labels(pa.concat_tables(halves), find).left) == 2


def test_labels_that_mean_nothing():
    with pytest.raises(LabelError, match=r"2 values of 'label'.* such as 'maybe', 'perhaps'"):
        read_labels(table([("a", "b", "maybe"), ("a", "c", "perhaps"), ("a", "d", "yes")]), find)
    with pytest.raises(LabelError, match=r"1 values of 'label'.* such as 2"):
        read_labels(table([("a", "b", 2), ("a", "c", 1)]), find)


def test_missing_column():
    with pytest.raises(ColumnError, match=r"labels.csv has no column 'label'. Did you mean"):
        read_labels(table(BOTH).rename_columns(["left_id", "right_id", "labels"]), find,
                    name="labels.csv")  # fmt: skip


def test_swapped_sides_are_the_same_pair():
    pairs = read_labels(table([("b", "a", True), ("a", "b", True), ("d", "c", False)]), find)
    assert as_tuples(pairs) == [(0, 1, 1), (2, 3, 0)]
    assert pairs.notes == ("The label table: 1 rows repeat a pair and were merged",)


def test_sources():
    expected = [(0, 6, 1), (2, 8, 0)]
    assert as_tuples(read_labels(table(BOTH), find, sources=("x", "y"))) == expected
    columns = {"left_source": ["x", "y"], "right_source": ["y", "x"]}
    swapped = table([("a", "b", True), ("d", "c", False)], **columns)
    assert as_tuples(read_labels(swapped, find)) == expected


def test_missing_source():
    with pytest.raises(LabelError, match="1 values of 'left_source' are missing"):
        read_labels(table(BOTH, left_source=["x", None]), find)


def test_unknown_ids_are_counted_and_named():
    rows = [*BOTH, ("z1", "b", True), ("z2", "b", True), ("a", "z3", True)]
    with pytest.raises(LabelError) as caught:
        read_labels(table(rows), find)
    text = str(caught.value)
    assert "2 of 'left_id', such as 'z1', 'z2'; 1 of 'right_id', such as 'z3'; 5 labels" in text
    assert "swapped" not in text


def test_all_unknown_hints_at_swapped_columns():
    with pytest.raises(LabelError, match="are left_id and right_id swapped"):
        read_labels(table([("y", "z", True)]), find)


def test_both_verdicts():
    rows = [*BOTH, ("b", "a", False)]
    with pytest.raises(LabelError, match=r"1 pairs bear both verdicts, such as \('a', 'b'\)"):
        read_labels(table(rows), find)
    pairs = read_labels(table([*rows, ("a", "e", True)]), find, conflicts="drop")
    assert as_tuples(pairs) == [(0, 4, 1), (2, 3, 0)]
    assert "1 pairs bear both verdicts and were left out" in pairs.notes[-1]
    with pytest.raises(ArgumentError, match="conflicts must be"):
        read_labels(table(rows), find, conflicts="ignore")


def test_a_verdict_wins_over_undecided():
    pairs = read_labels(table([*BOTH, ("a", "b", None), ("a", "c", None)]), find)
    assert as_tuples(pairs) == [(0, 1, 1), (0, 2, -1), (2, 3, 0)]
    assert pairs.rows("train").tolist() == [True, False, True]


def test_a_record_paired_with_itself():
    pairs = read_labels(table([*BOTH, ("a", "a", True)]), find)
    assert len(pairs.left) == 2
    assert "1 records paired with themselves" in pairs.notes[0]
    with pytest.raises(LabelError, match="0 matches and 0 non-matches"):
        read_labels(table([("a", "a", True)]), find)


def test_splits():
    rows = [*BOTH, ("a", "c", True), ("a", "d", False)]
    pairs = read_labels(table(rows, split=["train", "Train", "validation", "test"]), find)
    assert pairs.split.tolist() == [0, 1, 2, 0]
    assert pairs.rows("test").tolist() == [False, False, True, False]
    with pytest.raises(ArgumentError, match="Did you mean 'test'"):
        pairs.rows("tset")


def test_wrong_split():
    with pytest.raises(LabelError, match=r"such as 'trian'. Did you mean 'train'?"):
        read_labels(table(BOTH, split=["train", "trian"]), find)
    with pytest.raises(LabelError, match="1 values of 'split'"):
        read_labels(table(BOTH, split=["train", None]), find)


def test_a_pair_in_several_splits_stays_in_the_last():
    rows = [*BOTH, ("a", "b", True), ("a", "c", True)]
    pairs = read_labels(table(rows, split=["train", "train", "test", "train"]), find)
    assert pairs.split.tolist() == [2, 0, 0]
    assert "1 pairs stand in several splits" in pairs.notes[-1]


def test_one_class_in_train():
    with pytest.raises(LabelError, match="1 matches and 0 non-matches in the split 'train'"):
        read_labels(table(BOTH, split=["train", "test"]), find)
    with pytest.raises(LabelError, match="0 matches and 1 non-matches; training"):
        read_labels(table(BOTH[1:]), find)


def test_no_rows():
    with pytest.raises(LabelError, match="0 matches and 0 non-matches"):
        read_labels(table(BOTH).slice(0, 0), find)


@settings(max_examples=50, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(IDS), st.sampled_from(IDS), st.sampled_from([True, False, None])),
        max_size=30,
    ),
    seed=st.integers(0, 100),
)
def test_order_and_side_do_not_matter(rows, seed):
    rows = [*rows, ("a", "b", True), ("c", "d", False)]
    random = np.random.default_rng(seed)
    other = [rows[i] for i in random.permutation(len(rows))]
    other = [(b, a, c) if random.random() < 0.5 else (a, b, c) for a, b, c in other]
    results = []
    for some in (rows, other):
        try:
            results.append(as_tuples(read_labels(table(some), find, conflicts="drop")))
        except LabelError as error:
            results.append(str(error))
    assert results[0] == results[1]
