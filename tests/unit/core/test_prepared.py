"""Needs are keys: equal when they ask for the same, with a name fit for a file."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from sameas.core.prepared import Need


def test_equal_needs_are_one_key() -> None:
    columns = {Need("text", ("name",)): 1}
    assert columns[Need("text", ("name",))] == 1
    assert Need("text", ("name",), (("lower", True),)) not in columns
    assert Need("tokens", ("name",)) not in columns
    assert Need("text", ("name", "city")) not in columns


def test_the_slug_holds_kind_fields_and_options() -> None:
    need = Need("points", ("latitude", "longitude"), (("metres", 250), ("swap", False)))
    assert need.slug == "points-latitude-longitude-metres=250-swap=False"


def test_a_need_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Need("text", ("name",)).kind = "tokens"  # type: ignore[misc]
