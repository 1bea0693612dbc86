"""A spec turns into JSON and back; whatever is unknown is an error that helps."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, dataclass, field
from typing import Any

import pytest

from sameas.core.errors import ArgumentError
from sameas.core.specs import from_dict, register, registered, spec_name, to_dict

FAMILY = "test specs"
OTHER = "other test specs"


@register(OTHER, "near")
@dataclass(frozen=True, slots=True)
class Near:
    metres: float = 250.0


@register(OTHER, "far")
@dataclass(frozen=True, slots=True)
class Far:
    metres: float


@register(FAMILY, "rule")
@dataclass(frozen=True, slots=True)
class Rule:
    fields: tuple[str, ...]
    where: Near | Far = Near()
    others: tuple[Near | Far, ...] = ()
    weights: dict[str, Any] = field(default_factory=dict)
    limit: int | None = None


@register(FAMILY, "group")
@dataclass(frozen=True, slots=True)
class Group:
    rules: tuple[Rule, ...]


RULES = [
    Rule(("name",)),
    Rule(("name", "city"), Far(1000.0), (Near(), Far(2.5)), {"name": 1.0, "at": Near(3.0)}, 7),
    Rule((), others=(Near(0.1 + 0.2),)),
]


@pytest.mark.parametrize("spec", [*RULES, Group(tuple(RULES)), Group(())], ids=repr)
def test_a_spec_survives_json(spec: object) -> None:
    assert from_dict(json.loads(json.dumps(to_dict(spec)))) == spec


def test_plain_data_names_family_type_and_every_setting() -> None:
    assert to_dict(Rule(("name",))) == {
        "family": FAMILY,
        "type": "rule",
        "fields": ["name"],
        "where": {"family": OTHER, "type": "near", "metres": 250.0},
        "others": [],
        "weights": {},
        "limit": None,
    }


def test_settings_with_a_default_may_be_left_out() -> None:
    assert from_dict({"family": FAMILY, "type": "rule", "fields": ["name"]}) == Rule(("name",))


def test_the_family_may_be_given_by_the_caller() -> None:
    assert from_dict({"type": "far", "metres": 1.0}, family=OTHER) == Far(1.0)


def test_a_spec_of_another_family_is_refused() -> None:
    with pytest.raises(ArgumentError, match=f"Expected a spec of the family '{FAMILY}'"):
        from_dict(to_dict(Near()), family=FAMILY)


def test_an_unknown_type_names_the_nearest_and_all() -> None:
    with pytest.raises(ArgumentError) as caught:
        from_dict({"family": OTHER, "type": "neer"})
    assert str(caught.value) == (
        f"Unknown {OTHER} type 'neer'. Did you mean 'near'? Known: far, near."
    )


@pytest.mark.parametrize("data", [{}, {"family": OTHER}, {"family": "no such family", "type": "x"}])
def test_data_without_a_known_type_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=r"^Unknown "):
        from_dict(data)


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(ArgumentError) as caught:
        from_dict({"family": OTHER, "type": "near", "meters": 1.0})
    assert str(caught.value) == (
        "near has no setting 'meters'. Did you mean 'metres'? It has: metres."
    )


def test_an_unknown_key_is_found_however_deep() -> None:
    data = to_dict(Group((Rule(("name",), others=(Near(),)),)))
    data["rules"][0]["others"][0]["colour"] = "red"
    with pytest.raises(ArgumentError, match="near has no setting 'colour'"):
        from_dict(data)


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(ArgumentError, match=r"^far needs the setting 'metres'\.$"):
        from_dict({"family": OTHER, "type": "far"})


def test_a_name_is_given_once_in_a_family() -> None:
    with pytest.raises(ArgumentError, match="The other test specs name 'near' is taken by Near"):
        register(OTHER, "near")(Far)
    assert registered(OTHER)["near"] is Near


def test_a_module_that_is_loaded_again_may_register_again() -> None:
    assert register(OTHER, "near")(Near) is Near


def test_registered_specs_are_listed_by_name() -> None:
    assert list(registered(OTHER).items()) == [("far", Far), ("near", Near)]
    assert registered("no such family") == {}
    assert spec_name(Near()) == "near"


def test_a_change_of_the_listing_does_not_reach_the_registry() -> None:
    registered(OTHER).clear()
    assert registered(OTHER)


def test_a_spec_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Near().metres = 1.0  # type: ignore[misc]


def test_without_defaults_only_choices_are_left():
    assert to_dict(Near()) == {"family": OTHER, "type": "near", "metres": 250.0}
    assert to_dict(Near(), defaults=False) == {"family": OTHER, "type": "near"}
    assert to_dict(Near(1.0), defaults=False)["metres"] == 1.0
    assert to_dict(Far(1.0), defaults=False) == to_dict(Far(1.0))
    assert from_dict(to_dict(Near(), defaults=False)) == Near()
