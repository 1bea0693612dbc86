"""Frozen dataclasses with slots behave as those of Python do."""

import copy
import dataclasses
import pickle
from dataclasses import KW_ONLY, field
from typing import Any

import pytest

from sameas.core.dataclass import dataclass


def both(make: Any) -> list[Any]:
    """The class, made by Python and by us."""
    return [make(dataclasses.dataclass), make(dataclass)]


def pair(decorator):
    @decorator(frozen=True, slots=True)
    class Pair:
        """Two."""

        left: int
        right: tuple[int, ...] = ()
        _: KW_ONLY
        note: str = field(default="", compare=False, repr=False)
        seen: dict = field(default_factory=dict, hash=False)

        def __post_init__(self):
            if self.left < 0:
                raise ValueError("left")

    return Pair


@dataclass(frozen=True, slots=True)
class Kept:
    """At the top of a module, so that it can be pickled."""

    name: str
    size: int = 1


@dataclass(frozen=True, slots=True)
class Grown(Kept):
    more: float = 0.5


@pytest.mark.parametrize("cls", both(pair), ids=["python", "ours"])
def test_it_is_a_dataclass(cls):
    one = cls(1, (2,), note="n")
    assert repr(one).endswith("Pair(left=1, right=(2,), seen={})")
    assert one == cls(1, (2,), note="other")
    assert one != cls(2, (2,))
    assert one != (1, (2,))
    assert hash(one) == hash(cls(1, (2,), seen={"a": 1}))
    assert dataclasses.replace(one, left=5).left == 5
    assert dataclasses.asdict(one) == {"left": 1, "right": (2,), "note": "n", "seen": {}}
    assert [item.name for item in dataclasses.fields(one)] == ["left", "right", "note", "seen"]
    assert cls.__match_args__ == ("left", "right")
    assert not hasattr(one, "__dict__")
    for wrong in ({}, {"left": 1, "rigth": ()}):
        with pytest.raises(TypeError):
            cls(**wrong)
    with pytest.raises(ValueError, match="left"):
        cls(-1)


@pytest.mark.parametrize("cls", both(pair), ids=["python", "ours"])
def test_it_is_frozen(cls):
    one = cls(1)
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'left'"):
        one.left = 2
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'left'"):
        del one.left
    with pytest.raises((AttributeError, TypeError)):
        one.middle = 3
    assert one.left == 1


def test_it_is_copied_pickled_and_inherited():
    for one in (Kept("a", 3), Grown("b", more=2.0)):
        for other in (pickle.loads(pickle.dumps(one)), copy.copy(one), copy.deepcopy(one)):
            assert other == one
            with pytest.raises(dataclasses.FrozenInstanceError):
                other.name = "c"
    assert Grown("a", 1) != Kept("a", 1)
    assert len({Kept("a"), Kept("a", 1), Grown("a")}) == 2


def test_what_is_not_frozen_is_left_to_python():
    @dataclass(slots=True)
    class Open:
        size: int = 0

    one = Open()
    one.size = 3
    assert one == Open(3)
    assert Open.__hash__ is None

    @dataclass(frozen=True, slots=True, eq=False)
    class Itself:
        size: int

    one = Itself(1)
    assert one != Itself(1)
    assert one in {one}
