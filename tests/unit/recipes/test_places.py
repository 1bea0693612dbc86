"""The recipe places: settings that hold together, whatever the chosen lists are."""

import json

import pytest

from sameas.core.errors import ArgumentError
from sameas.core.specs import from_dict, to_dict
from sameas.recipes import RECIPES
from sameas.recipes.places import PRESETS, places, places_spec


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
