from __future__ import annotations

import datetime

import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import ColumnError
from sameas.core.tables import LABELS
from sameas.labeling import (
    contradictions,
    gather_labels,
    label_rows,
    read_labels,
    resolve_labels,
    triangles,
)

NOON = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)


def rows(pairs, labels, labeler="llm:x", confidence=None, at=NOON) -> pa.Table:
    left, right = zip(*pairs, strict=True)
    count = len(pairs)
    table = pa.table(
        {
            "left_source": ["t"] * count, "left_id": list(left),
            "right_source": ["t"] * count, "right_id": list(right),
        }
    )  # fmt: skip
    sure = None if confidence is None else np.asarray(confidence, float)
    return label_rows(table, np.array(labels, np.int8), labeler=labeler, confidence=sure, at=at)


def resolved(*tables) -> list[dict]:
    return resolve_labels(pa.concat_tables(tables)).to_pylist()


def test_rows_have_the_schema_of_labels() -> None:
    table = rows([("a", "b"), ("a", "c")], [1, -1])
    assert table.schema == LABELS
    assert table["label"].to_pylist() == [True, None]


def test_a_person_is_believed_before_machines() -> None:
    many = [rows([("a", "b")], [1], f"llm:{n}", [0.99]) for n in range(3)]
    [one] = resolved(*many, rows([("b", "a")], [0], "person:ada"))
    assert (one["label"], one["labeler"], one["conflict"], one["rows"]) == (
        False, "person:ada", True, 4,
    )  # fmt: skip
    assert one["reason"] == "3 said match, 1 said non-match"


def test_among_machines_the_confidences_are_added() -> None:
    sure, unsure = rows([("a", "b")], [0], "llm:x", [0.95]), rows([("a", "b")], [1], "llm:y", [0.7])
    [one] = resolved(sure, unsure)
    assert one["label"] is False
    odds = np.log(19) - np.log(7 / 3)
    assert one["confidence"] == pytest.approx(1 / (1 + np.exp(-odds)), abs=1e-6)


def test_a_balance_of_nothing_stays_undecided() -> None:
    [one] = resolved(
        rows([("a", "b")], [0], "llm:x", [0.8]), rows([("a", "b")], [1], "llm:y", [0.8])
    )
    assert (one["label"], one["confidence"], one["conflict"]) == (None, None, True)


def test_the_last_word_of_a_labeler_counts() -> None:
    later = NOON + datetime.timedelta(hours=1)
    [one] = resolved(
        rows([("a", "b")], [0], "person:ada", at=later), rows([("a", "b")], [1], "person:ada")
    )
    assert (one["label"], one["rows"]) == (False, 2)


def test_undecided_is_no_word() -> None:
    [one] = resolved(rows([("a", "b")], [-1], "person:ada"), rows([("a", "b")], [1], "llm:x"))
    assert (one["label"], one["labeler"], one["conflict"]) == (True, "llm:x", False)


def test_it_does_not_depend_on_the_order_of_rows() -> None:
    random = np.random.default_rng(0)
    pairs = [(f"{a}", f"{b}") for a in range(6) for b in range(6) if a != b]
    table = pa.concat_tables(
        [rows(pairs, random.integers(0, 2, len(pairs)), f"llm:{n}", random.random(len(pairs)))
         for n in range(3)]
    )  # fmt: skip
    mixed = table.take(pa.array(random.permutation(table.num_rows)))
    names = ["label", "confidence", "labeler", "rows", "conflict"]

    def plain(found: pa.Table) -> list:
        ends = [tuple(sorted(pair)) for pair in zip(
            found["left_id"].to_pylist(), found["right_id"].to_pylist(), strict=True)]  # fmt: skip
        return list(zip(ends, *(found[name].to_pylist() for name in names), strict=True))

    assert plain(resolve_labels(table)) == plain(resolve_labels(mixed))


def test_an_empty_table_stays_one() -> None:
    found = resolve_labels(LABELS.empty_table())
    assert found.num_rows == 0
    assert found.column_names[-2:] == ["rows", "conflict"]


def test_tables_of_any_origin_become_one() -> None:
    plain = pa.table({"left_id": [1, 2], "right_id": [7, 8], "label": ["match", None]})
    both = gather_labels(
        {"person:ada": plain, "llm:x": rows([("a", "b")], [1])}, sources=("l", "r")
    )
    assert both["labeler"].to_pylist() == ["person:ada", "person:ada", "llm:x"]
    assert both["left_source"].to_pylist() == ["l", "l", "t"]
    assert both["label"].to_pylist() == [True, None, True]
    with pytest.raises(ColumnError, match="sources="):
        gather_labels({"person:ada": plain})


def test_training_may_resolve_instead_of_dropping() -> None:
    table = pa.concat_tables([
        rows([("a", "b"), ("a", "c")], [1, 0], "llm:x", [0.9, 0.9]),
        rows([("a", "b")], [0], "llm:y", [0.6]),
    ])  # fmt: skip
    number = {"a": 0, "b": 1, "c": 2}

    def find(source, ids):
        return np.array([number[one] for one in ids.to_pylist()], np.int32)

    pairs = read_labels(table, find, conflicts="resolve")
    assert (pairs.right.tolist(), pairs.label.tolist()) == ([1, 2], [1, 0])


def test_contradictions_are_listed_with_their_chain() -> None:
    table = rows(
        [("a", "b"), ("b", "c"), ("c", "d"), ("a", "d"), ("x", "y"), ("x", "a")],
        [1, 1, 1, 0, 1, 0],
        confidence=[0.9, 0.6, 0.8, 0.7, 0.9, 0.9],
    )
    [found] = contradictions(table).to_pylist()
    assert (found["left_id"], found["right_id"]) == ("a", "d")
    assert (found["matches"], found["weakest"], found["via"]) == (3, 0.6, ["t:b", "t:c"])
    assert triangles(table) == (0, 0)  # the chain is longer than two


def test_triangles_are_counted_once() -> None:
    whole = [("a", "b"), ("b", "c"), ("a", "c")]
    assert triangles(rows(whole, [1, 1, 1])) == (1, 0)
    assert triangles(rows(whole, [1, 1, 0])) == (1, 1)
    assert triangles(rows(whole, [1, 0, 0])) == (0, 0)
    assert triangles(rows(whole[:2], [1, 1])) == (0, 0)
