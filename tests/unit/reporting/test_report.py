import json
import re
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest

from sameas.core.errors import ArgumentError, RunError
from sameas.records.recognise.guess import guess
from sameas.records.recognise.profile import profile
from sameas.reporting import Explanation
from sameas.reporting.data import ReportData, read_report_data
from sameas.reporting.folder import report_of, with_evaluation
from sameas.reporting.graphs import layout
from sameas.reporting.html import tag
from sameas.reporting.map import link_maps
from sameas.reporting.masking import mask_report, mask_value
from sameas.reporting.page import report_page


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    from sameas.comparison import Distance, JaroWinkler
    from sameas.linker import Linker
    from sameas.matching import Boosting

    rng = np.random.default_rng(2)
    place = 40 + rng.random((80, 2)) * 0.01
    name = [f"{'Blue' if n % 3 else 'Old'} Cafe {n % 20}" for n in range(80)]
    table = {"id": list(range(160)), "name": name * 2,
             "latitude": np.tile(place[:, 0], 2).tolist(),
             "longitude": np.tile(place[:, 1], 2).tolist()}  # fmt: skip
    labels = {"left_id": list(range(80)) * 2,
              "right_id": [*range(80, 160), *np.roll(np.arange(80, 160), 7).tolist()],
              "label": [True] * 80 + [False] * 80}  # fmt: skip
    fields = {"name": "name", "latitude": "latitude", "longitude": "longitude"}
    linker = Linker(
        fields, comparisons=(JaroWinkler("name"), Distance()), context=None,
        matcher=Boosting(iterations=10, leaves=5, min_leaf=5, members=1),
    )  # fmt: skip
    out = tmp_path_factory.mktemp("report") / "run"
    result = linker.fit(table, labels=labels).dedupe(table, out=out)
    return out, result


def counts_of(data):
    return {row["label"]: row["count"] for row in data.funnel}


def test_counts_are_those_of_the_tables(run):
    out, _ = run
    data = read_report_data(out)
    counts = counts_of(data)
    tables = {name: pq.read_table(out / f"{name}.parquet") for name in ("links", "entities")}
    assert counts["links"] == tables["links"].num_rows == data.summary["links"]
    assert counts["entities"] == tables["entities"].num_rows == data.summary["entities"]
    (stage,) = (out / "stages").glob("scores-*.parquet")
    scores = pq.read_table(stage)["score"].to_numpy()
    assert counts["candidate pairs"] == len(scores) == sum(data.histogram["counts"])
    assert counts["matches"] == (scores >= data.summary["threshold"]).sum()
    assert counts["records"] == 160
    clusters = pq.read_table(out / "clusters.parquet").group_by("entity")
    sizes = clusters.aggregate([([], "count_all")])["count_all"].to_numpy()
    values, number = np.unique(sizes, return_counts=True)
    assert data.sizes == dict(zip(map(str, values.tolist()), number.tolist(), strict=True))
    page = (out / "report.html").read_text("utf-8")
    for count in counts.values():
        assert f"<b>{count:,}</b>" in page


def test_a_fit_with_labels_brings_its_curves(run):
    data = read_report_data(run[0])
    assert sum(data.calibration["pairs"]) == data.fit["pairs"]["valid"]
    assert 0 <= data.calibration["brier"] <= 1
    assert data.curve["point"] == pytest.approx(
        [data.fit["valid"]["recall"], data.fit["valid"]["precision"]]
    )
    page = (run[0] / "report.html").read_text("utf-8")
    assert "<h3>Precision against recall</h3>" in page
    assert "<h3>Calibration</h3>" in page


def test_sample_pairs_run_from_match_to_non_match(run):
    pairs = read_report_data(run[0]).pairs
    scores = [pair["score"] for pair in pairs]
    assert scores == sorted(scores, reverse=True)
    assert {pair["decision"] for pair in pairs} == {True, False}
    for pair in pairs:
        total = pair["base"] + sum(part["contribution"] for part in pair["parts"])
        assert total == pytest.approx(pair["raw"], abs=1e-9)


def test_clusters_are_drawn_as_they_are(run):
    out, _ = run
    rows = pq.read_table(out / "clusters.parquet").to_pylist()
    entity = {row["id"]: row["entity"] for row in rows}
    for graph in read_report_data(out).largest:
        assert len({entity[node["id"]] for node in graph["nodes"]}) == 1
        assert len(graph["nodes"]) == graph["size"]
        assert graph["weakest"] == min(score for _, _, score in graph["edges"])


def test_a_repeated_run_keeps_its_report(run, tmp_path):
    out, _ = run
    before = (out / "report.json").stat().st_mtime_ns
    data = read_report_data(out)
    assert ReportData.from_dict(json.loads(json.dumps(data.to_dict()))).to_dict() == data.to_dict()
    assert (out / "report.json").stat().st_mtime_ns == before


def test_a_run_without_report_data_has_its_figures(run, tmp_path):
    out, _ = run
    (tmp_path / "run.json").write_text((out / "run.json").read_text())
    data = report_of(tmp_path)
    assert data.pairs == ()
    assert counts_of(data)["links"] == counts_of(read_report_data(out))["links"]
    assert "<h2" in report_page(data)
    with pytest.raises(RunError, match="no finished run"):
        report_of(tmp_path / "nowhere")


def test_figures_and_curves_of_an_evaluation_are_shown(run, tmp_path):
    data = read_report_data(run[0])
    figures = {"all_pairs": {"f1": 0.123456, "precision": 0.75, "recall": 0.5}, "end_to_end": None}
    (tmp_path / "figures.json").write_text(json.dumps(figures))
    table = pa.table({"threshold": [0.9, 0.1], "precision": [1.0, 0.5], "recall": [0.5, 1.0]})
    csv.write_csv(table, tmp_path / "precision_recall.csv")
    found = with_evaluation(data, figures=tmp_path / "figures.json", curves=tmp_path)
    assert found.curve["point"] == [0.5, 0.75]
    assert found.curve["recall"] == [0.5, 1.0]
    assert "0.1235" in report_page(found)
    with pytest.raises(RunError, match="sameas evaluate"):
        with_evaluation(data, curves=tmp_path / "nowhere")


def test_every_match_weight_is_drawn(run):
    rows = tuple(
        {"comparison": f"field_{n:02d}", "state": f"field_{n:02d} {state}", "m": 0.9, "u": 0.1,
         "weight": 3.0, "pairs": 5}
        for n in range(15) for state in range(6)
    )  # fmt: skip
    page = report_page(replace(read_report_data(run[0]), weights=rows))
    assert all(f"field {n:02d}" in page for n in range(15))
    assert "3 further comparisons" in page
    few = report_page(replace(read_report_data(run[0]), weights=rows[:72]))
    assert "further comparisons" not in few


def test_a_base_of_nothing_has_no_minus(run):
    pair = Explanation.from_dict(read_report_data(run[0]).pairs[0])
    even = replace(pair, base=-1e-9)
    assert "+0.00  base" in even.to_text()
    assert "-0.00" not in even.to_svg()


def test_masks_hide_the_value_that_a_plan_quotes(run):
    why = guess(profile("clinic", [pa.chunked_array([["Secret House", "Secret House"]])])).why[0]
    assert "Secret House" in why
    data = replace(read_report_data(run[0]), assumptions=("One.", f"Ignored: clinic ({why})."))
    assert "Secret House" in report_page(data)
    for mask in ("shape", "hidden"):
        page = report_page(data, mask=mask)
        assert "Secret" not in page
        assert "One." in page


def test_masks_hide_every_value(run):
    data = read_report_data(run[0])
    for mask in ("shape", "hidden"):
        page = report_page(data, mask=mask)
        assert "Cafe" not in page
        assert not re.search(r"\bBlue\b|\bOld\b", page)
        assert "40.00" not in page  # no position either
    assert mask_report(data, "shape").map is None
    with pytest.raises(ArgumentError, match=r"must be one of shape, hidden; got 'shap'\. Did you"):
        mask_report(data, "shap")
    assert mask_value([1.5, "Ab-1"], "shape") == ["9.9", "Xx-9"]
    assert mask_value(False, "hidden") == "•••"


def test_html_escapes_whatever_it_is_given():
    nasty = "<script>alert('x')</script>\"&\x00\u202e"
    drawn = tag("p", nasty, title=nasty, onclick=None)
    assert "<script" not in drawn
    assert "\x00" not in drawn
    assert "\u202e" not in drawn
    assert drawn.count('"') == 3  # two about the attribute, one in the text
    assert tag("td", tag("b", 1), 2.50) == "<td><b>1</b>2.5</td>"


def test_layout_is_the_same_every_time():
    edges = [(0, 1, 0.9), (1, 2, 0.8), (2, 3, 0.7), (3, 4, 0.6)]
    place = layout(5, edges)
    np.testing.assert_array_equal(place, layout(5, edges))
    assert place.min() == 0
    assert place.max() == 1
    near = np.hypot(*(place[0] - place[1]))
    assert near < np.hypot(*(place[0] - place[4]))


def test_maps_zoom_into_regions_far_apart():
    rng = np.random.default_rng(0)
    far = np.vstack([[50, 1] + rng.random((50, 2)) / 10, [-10, 60] + rng.random((50, 2)) / 10])
    links = np.hstack([far, far + 0.01])
    regions = link_maps({"points": far.tolist(), "links": links.tolist()})[1:]
    assert len(regions) == 2
    assert "50.00°N" in regions[0] + regions[1]
    one = link_maps({"points": far[:50].tolist(), "links": []})
    assert len(one) == 1
    assert len(link_maps({"points": [[1.0, 2.0]], "links": []})) == 1
    assert "180" in link_maps({"points": [[-89.0, -180.0], [89.0, 180.0]], "links": []})[0]
