"""Types of options whose messages say what was expected, and the nearest valid choice."""

from __future__ import annotations

import math
from typing import Any

import click

from sameas.core.errors import choices_hint

__all__ = ["NearestChoice", "Number", "WholeNumber"]


class NearestChoice(click.Choice[str]):
    """A choice that names the nearest one when the given one is unknown."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the value, or refuse it."""
        known = [str(item) for item in self.choices]
        if value not in known:
            hint = choices_hint(str(value), known)
            self.fail(f"{value!r} is not one of {', '.join(known)}.{hint}", param, ctx)
        return str(value)


class WholeNumber(click.IntRange):
    """A whole number in a range, such as 1_000; named so in messages."""

    name = "whole number"


class Number(click.FloatRange):
    """A number in a range; named so in messages. "nan" is none, and lies in no range."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number, or refuse it."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number
