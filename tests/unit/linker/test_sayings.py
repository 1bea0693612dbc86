"""What a run says of small tables: in the right number, and nothing that its links belie."""

import json

import numpy as np
import pytest

from sameas.blocking import ExactKey
from sameas.comparison import JaroWinkler
from sameas.linker import Linker, plan_tables
from sameas.linker.gather import funnel_rows
from sameas.matching import FellegiSunter

SURNAMES = ["Smith", "Smyth", "Ng", "Okafor", "Bell", "Quint", "Yves", "Otto", "Braun", "Kowalski"]

PEOPLE = {
    "id": [1, 2, 3, 4, 5],
    "given_name": ["Anna", "Anna", "Karl", "Zoe", "Otto"],
    "surname": ["Bell", "Bell", "Otto", "Quint", "Yves"],
    "city": ["Rome", "Rome", "Paris", "Ulm", "Kyiv"],
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    linker = plan_tables({"people": PEOPLE}).linker()
    result = linker.dedupe({"people": PEOPLE}, out=out / "run")
    return result, json.loads((out / "run" / "report.json").read_text()), linker


def test_one_link_is_one_link(told):
    result, report, _ = told
    assert result.links.num_rows == 1
    assert report["title"] == "people: 1 link"


def test_no_note_says_that_there_are_no_links(told):
    result, _, _ = told
    assert not [note for note in result.report["assumptions"] if note.startswith("no ")]


def test_a_handful_of_pairs_is_too_little_to_learn_from(told):
    result, _, _ = told
    pairs = result.report["candidates"]
    said = f"only {pairs} candidate pair{'s' * (pairs != 1)}: "
    assert any(note.startswith(said) for note in result.report["assumptions"])


def test_a_person_in_a_cluster_bears_the_whole_name(told):
    _, report, _ = told
    assert [node["name"] for node in report["largest"][0]["nodes"]] == ["Anna Bell", "Anna Bell"]


def test_a_threshold_of_the_user_was_not_chosen_by_the_fit(told):
    _, _, linker = told
    said = linker.dedupe({"people": PEOPLE}, threshold=1.0).report["assumptions"]
    assert not [note for note in said if note.startswith("The threshold was chosen so")]
    assert any(note.startswith("The threshold 1 was given for this run") for note in said)
    assert "No candidate pair is linked: none has a score of 1 or more." in said


@pytest.mark.parametrize(
    ("blocks", "note"), [(0, "that blocking rules bring together"), (3, "inside the blocks")]
)
def test_neighbours_meet_without_blocks(told, blocks, note):
    report = told[0].report | {"blocking": [{"blocks": blocks, "enumerated": 7}]}
    notes = {row["label"]: row["note"] for row in funnel_rows(report, 1)}
    assert ("blocks" in notes) is bool(blocks)
    assert notes["pairs looked at"] == note


def test_the_note_of_a_threshold_has_no_figures_of_another_one():
    """Of one comparison no pair is likely: the best cut by the model would take what is none."""
    random = np.random.default_rng(0)
    people = {"id": list(range(400)), "surname": random.choice(SURNAMES, 400).tolist(),
              "town": random.choice(["York", "Hull", "Leeds"], 400).tolist()}  # fmt: skip
    linker = Linker(
        {"surname": "surname", "town": "category"}, blocking=(ExactKey(("town",)),),
        comparisons=(JaroWinkler("surname"),), context=None, matcher=FellegiSunter(),
    ).fit(people)  # fmt: skip
    note = linker.fitted_.report["threshold_note"]
    assert linker.threshold == 0.5
    assert note.startswith("likelier a match than not")
    assert "precision" not in note
