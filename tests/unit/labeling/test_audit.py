from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import LabelError
from sameas.labeling import agreement, audit_labels, label_rows


def table(labels, labeler: str, *, weight=None) -> pa.Table:
    count = len(labels)
    pairs = pa.table({
        "left_source": ["l"] * count, "left_id": [f"{n}" for n in range(count)],
        "right_source": ["r"] * count, "right_id": [f"{n}" for n in range(count)],
    })  # fmt: skip
    if weight is not None:
        pairs = pairs.append_column("weight", pa.array(weight, pa.float64()))
    return label_rows(pairs, np.asarray(labels, np.int8), labeler=labeler)


def test_figures_are_those_of_the_books() -> None:
    # Cohen's table: 20 both yes, 5 only ours, 10 only theirs, 15 both no: kappa 0.4.
    ours = np.array([1] * 20 + [1] * 5 + [0] * 10 + [0] * 15, bool)
    theirs = np.array([1] * 20 + [0] * 5 + [1] * 10 + [0] * 15, bool)
    found = agreement(ours, theirs)
    assert (found.share, found.kappa) == pytest.approx((0.7, 0.4))
    assert (found.precision, found.recall) == pytest.approx((0.8, 2 / 3))
    assert found.macro_f1 == pytest.approx((40 / 55 + 30 / 45) / 2)
    one = found.intervals["macro_f1"]
    assert one.low < found.macro_f1 < one.high


def test_weights_make_a_sample_stand_for_all() -> None:
    ours, theirs = np.array([1, 1, 0, 0], bool), np.array([1, 0, 0, 0], bool)
    repeated = agreement(np.repeat(ours, [1, 1, 5, 5]), np.repeat(theirs, [1, 1, 5, 5]))
    weighted = agreement(ours, theirs, weights=np.array([1.0, 1.0, 5.0, 5.0]))
    for name in ("share", "kappa", "macro_f1"):
        assert getattr(weighted, name) == pytest.approx(getattr(repeated, name))


def test_the_report_says_that_there_was_no_human() -> None:
    ours = pa.concat_tables([
        table([1, 0, 1, 0], "llm:x"), table([1, 0, 0, 0], "llm:x:swapped"),
    ])  # fmt: skip
    found = audit_labels(ours)
    assert (found.against, found.human) == ("itself", None)
    assert found.swapped.share == 0.75
    text = found.to_text()
    assert text.startswith("No human labels were given")
    assert "A labeler can agree with itself and be wrong" in text
    assert "Against the person" not in text


def test_the_report_says_that_there_was_one() -> None:
    random = np.random.default_rng(0)
    truth = random.random(200) < 0.4
    ours = np.where(random.random(200) < 0.9, truth, ~truth)
    weight = np.where(np.arange(200) < 100, 3.0, np.nan)
    found = audit_labels(table(ours, "llm:x", weight=weight), human=table(truth, "person:ada"))
    assert found.against == "person"
    assert found.human.share == pytest.approx((ours == truth).mean())
    assert found.human_weighted.pairs == 100
    assert "compares labels with those of a person" in found.to_text()
    assert found.to_dict()["human"]["pairs"] == 200


def test_pairs_are_met_whichever_side_they_stand_on() -> None:
    other = table([1, 0], "person:ada")
    turned = other.rename_columns({
        "left_source": "right_source", "right_source": "left_source",
        "left_id": "right_id", "right_id": "left_id",
    })  # fmt: skip
    assert audit_labels(table([1, 0], "llm:x"), human=turned).human.share == 1.0


def test_labels_that_do_not_meet_are_refused() -> None:
    with pytest.raises(LabelError, match="sources and ids"):
        audit_labels(table([1], "llm:x"), human=table([1, 0], "person:ada").slice(1))
    with pytest.raises(LabelError, match="no labels to audit"):
        audit_labels(table([1], "person:ada"))
