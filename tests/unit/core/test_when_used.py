"""Packages that import their modules when a name is first used."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import sameas
from sameas.core.when_used import import_when_used

PACKAGES = ["sameas"] + [
    f"sameas.{module.name}" for module in pkgutil.iter_modules(sameas.__path__) if module.ispkg
]


@pytest.mark.parametrize("name", PACKAGES)
def test_every_public_name_has_a_home(name):
    package = importlib.import_module(name)
    for public in getattr(package, "__all__", []):
        assert getattr(package, public) is not None, public


@pytest.mark.parametrize("name", PACKAGES)
def test_every_public_name_is_listed(name):
    package = importlib.import_module(name)
    assert set(getattr(package, "__all__", [])) <= set(dir(package))


def test_modules_are_reached_as_attributes_and_other_names_are_refused():
    lookup, _ = import_when_used("sameas.core", {"addresses": ["parted"], "errors": []})
    assert lookup("errors") is importlib.import_module("sameas.core.errors")
    assert lookup("parted")("a::b") == ("a", "b")
    with pytest.raises(AttributeError, match=r"module 'sameas.core' has no attribute 'part'"):
        lookup("part")
