"""``--goal``: what the threshold is chosen for, as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sameas.evaluation import AnyGoal

__all__ = ["checked_goal", "goal_of"]

_NUMBER = r"(\d*\.?\d+)"
_PARTS = {
    "f": re.compile(f"f{_NUMBER}"),
    "precision": re.compile(f"precision={_NUMBER}(?:@{_NUMBER})?"),
    "cost": re.compile(f"cost={_NUMBER}:{_NUMBER}(?::{_NUMBER})?"),
    "one-to-one": re.compile("one-to-one"),
    "review": re.compile(f"review={_NUMBER}:{_NUMBER}(?:@{_NUMBER})?"),
}


def checked_goal(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Refuse a text that is no goal."""
    if value is not None:
        try:
            _parsed(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error
    return value


def goal_of(text: str) -> AnyGoal:
    """Return the goal that a text means.

    Examples
    --------
    >>> goal_of("precision=0.95")
    PrecisionAtLeast(precision=0.95, level=None)
    >>> goal_of("one-to-one,f0.5,review=0.99:0.01").lost
    0.01
    """
    from sameas.evaluation import ExpectedCost, FBeta, OneToOne, PrecisionAtLeast, ReviewBand

    parts = _parsed(text)
    goal: Any = FBeta(replicates=100)
    if "f" in parts:
        goal = FBeta(parts["f"][0], replicates=100)
    elif "precision" in parts:
        goal = PrecisionAtLeast(*parts["precision"])
    elif "cost" in parts:
        goal = ExpectedCost(*parts["cost"])
    if "one-to-one" in parts:
        goal = OneToOne(goal)
    return ReviewBand(goal, *parts["review"]) if "review" in parts else goal


def _parsed(text: str) -> dict[str, list[float]]:
    """Return the numbers of each part of a goal."""
    found: dict[str, list[float]] = {}
    for part in text.split(","):
        for name, pattern in _PARTS.items():
            if match := pattern.fullmatch(part):
                found[name] = [float(number) for number in match.groups() if number is not None]
                break
        else:
            raise ValueError(
                f"{part!r} is no goal: expected f1, f0.5, f and any other beta above 0, "
                "precision=0.95 or precision=0.95@0.9, cost=5:1 or cost=5:1:0.2, before them "
                "one-to-one and after them review=0.99:0.01, joined by commas."
            )
    if len(found) < len(text.split(",")) or len(found.keys() & {"f", "precision", "cost"}) > 1:
        raise ValueError(f"{text!r} names two goals; give one.")
    for name in ("precision", "review"):
        if any(not 0 <= number <= 1 for number in found.get(name, [])):
            raise ValueError(f"{name}: expected a share from 0 to 1, got {text}.")
    if any(not number > 0 for name in ("f", "cost", "precision") for number in found.get(name, [])):
        raise ValueError(f"{text!r} is no goal: numbers must be above 0.")
    return found
