"""Constraints and the review band, from the options to the run folder."""

import dataclasses

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sameas.clustering import OneToOne as Assignment
from sameas.core.errors import ArgumentError, ColumnError, LabelError
from sameas.evaluation import FBeta, OneToOne, ReviewBand
from sameas.linker import Linker, Options
from sameas.reporting.data import read_report_data


def together(result):
    return {(row["source"], row["id"]): row["entity"] for row in result.clusters.to_pylist()}


def constraints(*rows):
    columns = zip(*rows, strict=True)
    return pa.table(dict(zip(("left_id", "right_id", "constraint"), columns, strict=True)))


def test_must_and_cannot_hold_whatever_the_scores(fitted, problem):
    given = constraints(("l000", "r000", "cannot"), ("l001", "r077", "must"))
    before = together(fitted.link(problem.left, problem.right, threshold=0.5))
    assert before["left", "l000"] == before["right", "r000"]
    assert before["left", "l001"] != before["right", "r077"]
    for mode in ("many", "one-to-one"):
        options = Options(constraints=given)
        found = fitted.link(problem.left, problem.right, mode=mode, threshold=0.5, options=options)
        entity = together(found)
        assert entity["left", "l000"] != entity["right", "r000"]
        assert entity["left", "l001"] == entity["right", "r077"]


def test_a_record_that_only_a_constraint_holds_is_drawn(fitted, problem, tmp_path):
    given = constraints(("l001", "r077", "must"), ("l077", "r077", "cannot"))
    fitted.link(
        problem.left, problem.right, threshold=0.5, options=Options(constraints=given),
        out=tmp_path / "run",
    )  # fmt: skip
    clusters = read_report_data(tmp_path / "run").largest
    held = next(item for item in clusters if any(node["id"] == "r077" for node in item["nodes"]))
    assert {"l001", "r077"} <= {node["id"] for node in held["nodes"]}
    assert held["size"] == len(held["nodes"])


def test_a_source_without_duplicates_has_none(fitted, problem):
    tables = {"a": problem.left, "b": problem.right, "c": problem.right}
    options = Options(unique_sources=("b",))
    found = fitted.link(tables, mode="also-within", threshold=0.05, options=options)
    rows = [row for row in found.clusters.to_pylist() if row["source"] == "b"]
    assert len({row["entity"] for row in rows}) == len(rows)
    free = fitted.link(tables, mode="also-within", threshold=0.05)
    rows = [row for row in free.clusters.to_pylist() if row["source"] == "b"]
    assert len({row["entity"] for row in rows}) < len(rows)


def test_demands_that_cannot_be_met_are_named(fitted, problem):
    def link(**options):
        return fitted.link(problem.left, problem.right, options=Options(**options))

    with pytest.raises(ArgumentError, match=r"no source 'lft'.* Did you mean 'left'"):
        link(unique_sources=["lft"])
    with pytest.raises(ArgumentError, match="Did you mean 'must'"):
        link(constraints=constraints(("l000", "r000", "mus")))
    with pytest.raises(ColumnError, match="constraint"):
        link(constraints=problem.pairs)
    with pytest.raises(LabelError, match="name no usable record"):
        link(constraints=constraints(("l000", "x", "must")))
    both = constraints(("l000", "r000", "must"), ("l000", "r000", "cannot"))
    with pytest.raises(ArgumentError, match="'left:l000' and 'right:r000' cannot be together"):
        link(constraints=both)
    with pytest.raises(ArgumentError, match="'right:r000' and 'right:r001' must be together"):
        link(
            constraints=constraints(("l000", "r000", "must"), ("l000", "r001", "must")),
            unique_sources=["right"],
        )


def test_one_to_one_by_falling_score_stays_an_option(fitted, problem):
    assert Assignment().method == "optimal"
    greedy = Linker(dataclasses.replace(fitted.spec, clusterer=Assignment("greedy")))
    greedy.fitted_ = dataclasses.replace(fitted.fitted_, spec=greedy.spec)
    for linker in (greedy, fitted):
        found = linker.link(problem.left, problem.right, mode="one-to-one", threshold=0.05)
        ids = found.links["left_id"].to_pylist()
        assert len(set(ids)) == len(ids) > 0


def test_the_review_band_is_saved_and_becomes_a_queue(new_linker, problem, tmp_path):
    goal = ReviewBand(FBeta(), precision=0.9, lost=0.0)
    linker = new_linker(goal=goal).fit(problem.left, problem.right, labels=problem.labels)
    linker.fitted_.band = (0.1, 0.9)  # wide enough to hold pairs
    linker.save(tmp_path / "model")
    loaded = Linker.load(tmp_path / "model")
    assert loaded.fitted_.band == (0.1, 0.9)
    result = loaded.link(problem.left, problem.right, out=tmp_path / "run")
    score = result.review["score"].to_pylist()
    assert score
    assert all(0.1 <= value < 0.9 for value in score)
    distance = [abs(value - loaded.threshold) for value in score]
    assert distance == sorted(distance)
    assert pq.read_table(tmp_path / "run" / "review.parquet").num_rows == len(score)
    assert result.report["review"]["pairs"] == len(score)
    loaded.fitted_.band = None
    assert loaded.link(problem.left, problem.right, out=tmp_path / "run").review is None
    assert not (tmp_path / "run" / "review.parquet").exists()


def test_fit_finds_the_band_and_the_threshold_of_assigned_pairs(new_linker, problem):
    goal = ReviewBand(OneToOne(FBeta()), precision=0.9, lost=0.0)
    linker = new_linker(goal=goal)
    linker.fit(problem.left, problem.right, labels=problem.labels, mode="one-to-one")
    lower, upper = linker.fitted_.band
    assert 0 < lower <= linker.threshold <= upper <= 1
    assert "to be looked at" in linker.fitted_.report["threshold_note"]


@pytest.mark.parametrize(("mode", "busy", "single"), [
    ("one-to-many", "left", "right"), ("many-to-one", "right", "left"),
])  # fmt: skip
def test_only_one_side_may_have_many_partners(fitted, problem, mode, busy, single):
    twice = {name: values + values[:10] for name, values in getattr(problem, busy).items()}
    twice["id"] = [*getattr(problem, busy)["id"], *(f"s{n}" for n in range(10))]
    copies = {name: values + values[:10] for name, values in getattr(problem, single).items()}
    copies["id"] = [*getattr(problem, single)["id"], *(f"t{n}" for n in range(10))]
    tables = {busy: twice, single: copies}
    result = fitted.link(tables["left"], tables["right"], mode=mode, threshold=0.5)
    links = result.links.to_pylist()
    alone = [row[f"{single}_id"] for row in links]
    assert len(set(alone)) == len(alone), "at most one partner"
    many = [row[f"{busy}_id"] for row in links]
    assert len(set(many)) < len(many), "any number of partners"
    assert result.report["clusters"]["dropped"] >= result.report["clusters"]["tied"] > 0


def test_the_first_table_is_the_one_that_was_given_first(fitted, problem):
    copies = {name: values + values[:10] for name, values in problem.right.items()}
    copies["id"] = [*problem.right["id"], *(f"t{n}" for n in range(10))]
    mapped = {"z": problem.left, "a": copies}
    for mode in ("one-to-many", "many-to-one"):
        lefts = fitted.link(mapped, mode=mode, threshold=0.5).links["left_id"].to_pylist()
        assert (len(set(lefts)) < len(lefts)) == (mode == "one-to-many")
