"""The recipe places: settings that hold together, whatever the chosen lists are."""

import json

import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError, LabelError
from sameas.core.specs import from_dict, to_dict
from sameas.datasets.places import generate_places
from sameas.evaluation import FixedThreshold
from sameas.recipes import RECIPES
from sameas.recipes.places import FIELDS, PRESETS, TABLE_1, places, places_spec

#: What the labelled public sets lack.
ABSENT = {"phone", "homepage", "labels", "parent_id"}


@pytest.fixture(scope="module")
def generated():
    return generate_places(3_000, seed=1)


def precision_and_recall(result, generated):
    """Measure the links of one table against its truth."""
    entity = dict(zip(*(generated[name].to_pylist() for name in ("id", "entity_id")), strict=True))
    ends = (result.links[name].to_pylist() for name in ("left_id", "right_id"))
    right = [entity[left] == entity[right] for left, right in zip(*ends, strict=True)]
    sizes = np.unique(list(entity.values()), return_counts=True)[1]
    return np.mean(right), np.sum(right) / (sizes * (sizes - 1) // 2).sum()


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("silver", ["phone", None])
def test_every_preset_is_a_whole_linker(preset, silver):
    spec = places_spec(preset, silver=silver)
    assert from_dict(json.loads(json.dumps(to_dict(spec)))) == spec
    assert len(set(spec.names())) == len(spec.names())
    if silver:
        assert not any("phone" in need.fields for need in spec.needs())


def test_only_name_and_place_are_required():
    spec = places_spec()
    assert {field.name for field in spec.fields} - set(spec.optional) == {
        "name", "latitude", "longitude",
    }  # fmt: skip


def test_the_paper_has_fifteen_columns_in_one_cell_without_context():
    spec = places_spec("paper")
    assert len(spec.names()) == 15
    assert spec.context is None
    (rule,) = spec.blocking
    assert (rule.precision, rule.neighbours, rule.filter.at_least) == (6, False, 0.7)


def test_an_unknown_preset_is_named():
    with pytest.raises(ArgumentError, match=r"'papr'.*Did you mean 'paper'"):
        places("papr")
    assert RECIPES["places"] is places


def test_the_truth_of_generated_places_is_no_field():
    assert "entity_id" not in {field.name for field in FIELDS}


def test_table_1_in_the_order_of_the_paper():
    names = [name for comparison in TABLE_1 for name in comparison.names()]
    assert names == list(places_spec("paper").names())
    assert names[:5] == [
        "name_core_word", "name_soft_tfidf", "address_street_soft_tfidf", "labels_set_jaccard",
        "distance",
    ]  # fmt: skip
    assert len([name for name in names if name.startswith("homepage")]) == 3
    assert len([name for name in names if name.startswith("parent_id")]) == 7


def test_the_forest_of_the_paper():
    spec = places_spec("paper")
    assert (spec.matcher.trees, spec.matcher.depth, spec.matcher.missing) == (10, 23, -1.0)
    assert spec.matcher.resample == ("tomek", "smote")
    assert spec.goal == FixedThreshold(0.95)


@pytest.mark.parametrize(("preset", "columns"), [("paper", 4), ("rules", 4)])
def test_the_paper_reduced_to_names_addresses_and_places(preset, columns):
    spec = places_spec(preset, silver=None).without(ABSENT)
    assert len(spec.names()) == columns
    if preset == "rules":
        found = [condition.column for condition in spec.matcher.conditions]
        assert found == ["name_core_word", "distance"]


def test_without_silver_the_phone_is_evidence():
    with_phone, without = places_spec(silver=None), places_spec()
    assert set(with_phone.names()) - set(without.names()) == {"phone_equal"}
    assert len(with_phone.blocking) == len(without.blocking) + 1
    assert with_phone.silver is None


def test_the_other_presets_change_the_blocking_alone():
    default = places_spec()
    for preset in ("geohash", "neighbours", "radius"):
        spec = places_spec(preset)
        assert spec.blocking != default.blocking
        assert (spec.comparisons, spec.context) == (default.comparisons, default.context)


@pytest.mark.parametrize(
    ("preset", "threshold", "precision", "recall"),
    [("paper", 0.95, 0.95, 0.2), ("rules", 0.5, 0.9, 0.4), ("default", None, 0.8, 0.6)],
)
def test_a_preset_learns_from_phones_and_finds_entities(
    generated, preset, threshold, precision, recall
):
    linker = places(preset).fit(generated)
    if threshold is not None:
        assert linker.threshold == threshold
    found = precision_and_recall(linker.dedupe(generated), generated)
    assert found[0] >= precision
    assert found[1] >= recall


def test_the_rules_found_are_printed(generated):
    text = places("rules").fit(generated).fitted_.matcher.describe()
    assert text.startswith("match when all hold:\n  name_core_word >= 1\n  distance <= ")
    assert "?" not in text


def test_without_phones_and_labels_nothing_is_guessed(generated):
    silent = generated.set_column(
        generated.column_names.index("phone"), "phone", pa.nulls(len(generated), pa.string())
    )
    with pytest.raises(LabelError, match=r"silver field 'phone' is empty.*give labels="):
        places().fit(silent)
