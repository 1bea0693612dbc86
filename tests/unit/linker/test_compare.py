import json
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

import sameas
from sameas.core.errors import RunError
from sameas.linker.compare_text import comparison_lines


@pytest.fixture(scope="module")
def runs(fitted, problem, tmp_path_factory):
    at = tmp_path_factory.mktemp("runs")
    for name, threshold in (("strict", 0.7), ("loose", 0.2)):
        fitted.link(
            problem.left, problem.right, threshold=threshold, out=at / name, report=False
        )  # fmt: skip
    return at


def links_of(folder):
    rows = pq.read_table(folder / "links.parquet").to_pylist()
    return {(row["left_id"], row["right_id"]) for row in rows}


def entities_of(folder):
    rows = pq.read_table(folder / "clusters.parquet").to_pylist()
    found = {}
    for row in rows:
        found.setdefault(row["entity"], set()).add((row["source"], row["id"]))
    return {frozenset(members) for members in found.values()}


def test_links_and_entities_are_those_of_the_tables(runs):
    found = sameas.compare_runs(runs / "strict", runs / "loose")
    strict, loose = links_of(runs / "strict"), links_of(runs / "loose")
    assert found.links["gained"] == len(loose - strict) > 0
    assert found.links["lost"] == len(strict - loose) == 0
    assert found.links["kept"] == len(strict & loose)
    before, after = entities_of(runs / "strict"), entities_of(runs / "loose")
    assert found.clusters["unchanged"] == len(before & after)
    # A looser threshold only merges.
    assert found.clusters["merged"] == len(after - before) > 0
    assert found.clusters["split"] == found.clusters["rearranged"] == 0
    for sample in found.clusters["merged_samples"]:
        assert sum(sample["parts"]) == sample["records"]
    for sample in found.links["gained_samples"]:
        ends = tuple(sample[side].partition(":")[2] for side in ("left", "right"))
        assert ends in loose - strict
    assert found.figures["links"] == (len(strict), len(loose))


def test_backwards_merges_are_splits(runs):
    found = sameas.compare_runs(runs / "strict", runs / "loose")
    back = sameas.compare_runs(runs / "loose", runs / "strict")
    assert back.clusters["split"] == found.clusters["merged"]
    assert back.clusters["merged"] == 0
    assert back.links["lost"] == found.links["gained"]


def test_a_run_and_itself(runs):
    found = sameas.compare_runs(runs / "loose", runs / "loose")
    assert found.links["gained"] == found.links["lost"] == 0
    assert found.clusters["unchanged"] == len(entities_of(runs / "loose"))
    assert "0 split, 0 merged, 0 rearranged" in found.to_text()


def test_runs_that_name_their_tables_otherwise_have_no_record_in_common(
    runs, fitted, problem, tmp_path
):
    tables = {"old": problem.left, "new": problem.right}
    fitted.link(tables, threshold=0.5, out=tmp_path / "run", report=False)
    said = sameas.compare_runs(runs / "strict", tmp_path / "run").to_text()
    assert "both runs have to name their tables alike (--source NAME" in said
    assert "have to name" not in sameas.compare_runs(runs / "strict", runs / "loose").to_text()


def test_a_figure_that_neither_run_has_is_left_out(runs):
    found = sameas.compare_runs(runs / "loose", runs / "loose")
    lines = list(
        comparison_lines(replace(found, figures={"f1 (valid)": (None, None), "links": (3, None)}))
    )
    assert not any("f1 (valid)" in line for line in lines)
    assert any(line.startswith("links") for line in lines)


def test_labels_measure_both_runs(runs, problem):
    found = sameas.compare_runs(runs / "strict", runs / "loose", problem.labels)
    assert found.labelled["pairs"] == problem.labels.num_rows
    entities = {}
    for name in ("strict", "loose"):
        rows = pq.read_table(runs / name / "clusters.parquet").to_pylist()
        entities[name] = {row["id"]: row["entity"] for row in rows}
    truth = np.array(problem.labels["label"].to_pylist())
    for run, name in (("strict", "first"), ("loose", "second")):
        same = np.array([
            entities[run][row["left_id"]] == entities[run][row["right_id"]]
            for row in problem.labels.to_pylist()
        ])  # fmt: skip
        recall = (same & truth).sum() / truth.sum()
        assert found.labelled[name]["recall"] == pytest.approx(recall)
        precision = (same & truth).sum() / same.sum()
        assert found.labelled[name]["precision"] == pytest.approx(precision)
    assert json.loads(json.dumps(found.to_dict()))["labelled"]["matches"] == truth.sum()
    assert "labelled pairs" in found.to_text()


def test_a_split_and_a_merge_at_once_is_a_rearrangement(runs, tmp_path):
    """Three records: ab, c becomes a, bc."""
    for name, label in (("one", ["x", "x", "y"]), ("two", ["x", "y", "y"])):
        folder = tmp_path / name
        folder.mkdir()
        content = json.loads((runs / "loose" / "run.json").read_text())
        (folder / "run.json").write_text(json.dumps(content))
        table = pq.read_table(runs / "loose" / "clusters.parquet").slice(0, 3)
        pq.write_table(table.set_column(2, "entity", [label]), folder / "clusters.parquet")
        links = pq.read_table(runs / "loose" / "links.parquet").slice(0, 0)
        pq.write_table(links, folder / "links.parquet")
    found = sameas.compare_runs(tmp_path / "one", tmp_path / "two").clusters
    assert (found["unchanged"], found["split"], found["merged"]) == (0, 0, 0)
    assert found["rearranged"] == 2


def test_a_folder_without_a_run_is_refused(runs, tmp_path):
    with pytest.raises(RunError, match="holds no finished run"):
        sameas.compare_runs(runs / "loose", tmp_path)
