"""The recipe minerals: sites of one complex are found, placeholders are no names."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sameas.cli._group import run
from sameas.core.errors import ArgumentError, LabelError
from sameas.core.specs import from_dict, to_dict
from sameas.linker import Linker
from sameas.matching import Boosting
from sameas.recipes import RECIPES
from sameas.recipes.minerals import PRESETS, minerals, minerals_spec

#: Few trees, for what does not depend on how good they are.
FEW = Boosting(iterations=20, leaves=8, min_leaf=5)
WORDS = ("Hollow", "Raven", "Juniper", "Copper Queen", "Ajax", "Silver Bow", "Yellow Pine", "Ohio")


def make_sites(groups=60, seed=3):
    """Return sites in groups of two or three, and the group of each."""
    random = np.random.default_rng(seed)
    rows, group = [], []
    for number in range(groups):
        place = random.uniform((37, -119), (41, -115))
        name = f"{WORDS[number % 8]} {WORDS[(number // 8 + 3) % 8]}"
        for record in range(2 + number % 2):
            rows.append(
                {
                    "id": f"r{len(rows):03d}",
                    "name": "Unknown Prospect" if record == 2 else name + (" Mine", "")[record],
                    "other_names": [name + " Claims"] if record == 2 else None,
                    "latitude": float(place[0] + random.normal(0, 0.005)),
                    "longitude": float(place[1] + random.normal(0, 0.005)),
                    "commodities": [["Tungsten"], ["W", "Au"], ["Gold"]][record],
                }
            )
            group.append(number)
    return pa.Table.from_pylist(rows), np.array(group)


def all_pairs(table, group):
    left, right = np.triu_indices(len(group), 1)
    ids = np.array(table["id"].to_pylist())
    label = (group[left] == group[right]).astype(np.int8)
    return pa.table({"left_id": ids[left], "right_id": ids[right], "label": label})


@pytest.fixture(scope="module")
def taught():
    """A linker that learned from all pairs of labelled groups."""
    table, group = make_sites()
    return minerals().fit(table, labels=all_pairs(table, group))


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_a_whole_linker(preset):
    spec = minerals_spec(preset)
    assert from_dict(json.loads(json.dumps(to_dict(spec)))) == spec
    assert len(set(spec.names())) == len(spec.names())


def test_what_is_more_alike_never_lowers_the_boosted_score():
    spec = minerals_spec()
    ways = dict(spec.matcher.monotone)
    assert set(ways) < set(spec.names())
    assert ways["distance"] == ways["name_site_name_unmatched_less"] == -1
    assert ways["name_other_names_best_jaro_winkler"] == ways["name_other_names_learned_words"] == 1
    assert "candidates_fewer" not in ways


def test_an_unknown_preset_is_named():
    with pytest.raises(ArgumentError, match=r"'neer'.*Did you mean 'near'"):
        minerals("neer")
    assert RECIPES["minerals"] is minerals


def test_all_pairs_of_labelled_groups_teach_a_linker_that_finds_other_groups(taught, tmp_path):
    report = taught.fitted_.report
    assert "folds of groups" in report["split"]
    assert report["matches"]["train"] == report["matches"]["valid"] > 60
    level = report["cluster_cut"]
    assert taught.fitted_.spec.clusterer.cut == level
    assert 0 < level < 1
    taught.save(tmp_path / "model")
    other, truth = make_sites(seed=8)
    result = Linker.load(tmp_path / "model").dedupe(other)
    place = {name: row for row, name in enumerate(other["id"].to_pylist())}
    ends = [
        [place[key] for key in result.links[f"{side}_id"].to_pylist()] for side in ("left", "right")
    ]
    right = truth[ends[0]] == truth[ends[1]]
    assert right.mean() > 0.8
    assert right.sum() > 60


def test_a_threshold_of_the_user_holds_for_clusters_too(taught):
    table, _ = make_sites(30)
    assert len(set(taught.dedupe(table).clusters["entity"].to_pylist())) < table.num_rows
    apart = taught.dedupe(table, threshold=1.0)
    assert len(set(apart.clusters["entity"].to_pylist())) == table.num_rows
    assert taught.fitted_.spec.clusterer.cut == taught.fitted_.report["cluster_cut"]


def test_a_store_refuses_third_records_by_name(tmp_path):
    from sameas.resolver import Resolver

    table, group = make_sites(12)
    linker = Linker(minerals_spec("near"), matcher=FEW)
    linker.fit(table, labels=all_pairs(table, group))
    with pytest.raises(ArgumentError, match="third records"):
        Resolver(linker, tmp_path / "store.db")


def test_groups_teach_which_words_speak_against_a_match_and_each_fold_learns_its_own(tmp_path):
    table, group = make_sites(130)
    rows = table.to_pylist()
    own = max(group) + 1
    for place, row in enumerate(table.to_pylist()):
        if row["name"].endswith("Mine") and group[place] % 2:
            row |= {"id": f"s{place}", "name": row["name"].replace("Mine", "Smelter")}
            rows.append(row)
            group, own = np.append(group, own), own + 1
    table = pa.Table.from_pylist(rows)
    linker = Linker(minerals_spec(), matcher=FEW)
    linker.fit(table, labels=all_pairs(table, group))
    words = linker.fitted_.report["words"]["name_other_names_learned_words"]
    assert "smelter" in words["against"]
    linker.save(tmp_path / "model")
    ids = table["id"].to_pylist()
    pairs = pa.table({"left_id": ids[:1] * 39, "right_id": ids[1:40]})
    before, after = (
        one.score(table, pairs=pairs)["score"] for one in (linker, Linker.load(tmp_path / "model"))
    )
    assert before.equals(after)
    few, some = make_sites(30)
    told = Linker(minerals_spec(), matcher=FEW)
    told = told.fit(few, labels=all_pairs(few, some)).fitted_
    assert "words" not in {name for name in told.report if told.report[name]}
    assert not any("learned_words" in name for name in told.spec.names())


def two_tables(**settings):
    table, _ = make_sites(**settings)
    odd = np.arange(table.num_rows) % 2 == 1
    return {"assessment": table.filter(pa.array(~odd)), "mrds": table.filter(pa.array(odd))}


def test_a_pair_across_tables_scores_as_where_all_records_are_compared(taught):
    tables = two_tables(seed=8)
    across = taught.link(tables, mode="many").links
    every = taught.link(tables, mode="also-within").links
    source = every["left_source"].to_numpy(zero_copy_only=False)
    apart = every.filter(pa.array(source != every["right_source"].to_numpy(zero_copy_only=False)))
    scores = [
        {tuple(sorted((row["left_id"], row["right_id"]))): row["score"] for row in each.to_pylist()}
        for each in (across, apart)
    ]
    common = scores[0].keys() & scores[1].keys()
    assert len(common) > 40
    assert all(scores[0][pair] == scores[1][pair] for pair in common)
    assert across.num_rows < every.num_rows, "links inside a table are for the other mode"


def test_across_tables_the_rules_report_what_is_kept_across_and_a_killed_run_resumes(
    taught, tmp_path
):
    tables = two_tables(seed=8)
    first = taught.link(tables, out=tmp_path / "run")
    rules = first.report["blocking"]
    stage = next((tmp_path / "run/stages").glob("scores*"))
    kept = pq.read_table(stage)
    assert sum(rule["kept"] for rule in rules) == kept.num_rows > first.links.num_rows
    stage.rename(stage.with_name(stage.name.replace("scores", "candidates")))
    pq.write_table(kept.drop_columns("score"), next((tmp_path / "run/stages").glob("candidates*")))
    again = taught.link(tables, out=tmp_path / "run")
    assert again.links.equals(first.links)


def test_too_few_groups_for_folds_are_refused():
    table, group = make_sites(groups=2)
    with pytest.raises(ArgumentError, match="at least 3 folds, got 2"):
        Linker(minerals_spec(), cross_fit=2)
    with pytest.raises(LabelError, match="2 groups, too few for 4 folds"):
        minerals().fit(table, labels=all_pairs(table, group))


def test_two_tables_are_linked_without_any_labels():
    table, truth = make_sites()
    odd = np.arange(len(truth)) % 2 == 1
    result = minerals().link(table.filter(pa.array(~odd)), table.filter(pa.array(odd)))
    place = {name: row for row, name in enumerate(table["id"].to_pylist())}
    left, right = (
        [place[key] for key in result.links[f"{side}_id"].to_pylist()] for side in ("left", "right")
    )
    assert (truth[left] == truth[right]).mean() > 0.7
    assert len(left) > 40


def test_one_table_learns_without_labels_one_comparison_a_field():
    table, truth = make_sites()
    linker = minerals()
    result = linker.dedupe(table)
    assert linker.fitted_.report["labels"].startswith("none")
    asked = [{field for need in item.needs() for field in need.fields}
             for item in linker.fitted_.spec.comparisons]  # fmt: skip
    assert sum(map(len, asked)) == len(set().union(*asked)), "no field speaks twice"
    place = {name: row for row, name in enumerate(table["id"].to_pylist())}
    left, right = (
        [place[key] for key in result.links[f"{side}_id"].to_pylist()] for side in ("left", "right")
    )
    assert len(left) > 40
    assert (truth[left] == truth[right]).mean() > 0.7
    nameless = {row for row, name in enumerate(table["name"].to_pylist()) if name.startswith("Un")}
    found = {row for row in (*left, *right) if row in nameless}
    assert len(found) > len(nameless) / 2, "their other names count"


def test_what_one_table_without_labels_assumes_is_told(tmp_path, capsys):
    table, _ = make_sites(groups=24)
    pq.write_table(table, tmp_path / "sites.parquet")
    run(["dedupe", str(tmp_path / "sites.parquet"), "--recipe", "minerals", "--out",
         str(tmp_path / "run")])  # fmt: skip
    said = capsys.readouterr().out.partition("assumed, for nobody labelled pairs:\n")[2]
    kept = json.loads((tmp_path / "run/run.json").read_text())["assumptions"]
    for words in (
        "All records come from one table",
        "each field is compared once: name_other_names_best_jaro_winkler, distance, ",
        " further columns, other similarities of these fields, have no part. ",
    ):
        assert words in said
        assert any(words in line for line in kept)


def test_sites_of_one_name_far_apart_are_too_little_to_learn_from_and_it_is_said():
    table, _ = make_sites(120)  # names come twice
    linker = minerals()
    linker.dedupe(table)
    assert any("give more fields, labels" in note for note in linker.fitted_.report["notes"])
