"""The waterfall of one pair as SVG: from the base, part by part, to the raw score."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from sameas.matching.contributions import SCALES
from sameas.reporting.html import Html, raw, shortened, tag

if TYPE_CHECKING:
    from sameas.reporting.explanation import Explanation

__all__ = ["waterfall"]

_ROW, _LABEL, _WIDTH, _NUMBER = 21, 136, 420, 42
_MOST = 9
_COLOURS = (
    "text{font:12px sans-serif;fill:#444}.up{fill:#1b7f79}.down{fill:#c8553d}"
    ".total{fill:#8a8f98}.zero{stroke:#bbb}"
)


def waterfall(pair: Explanation, *, alone: bool = False) -> Html:
    """Draw the contributions of a pair.

    Parameters
    ----------
    pair : Explanation
    alone : bool
        Bring the colours along; inside a page they come from the page.

    Returns
    -------
    Html
        An ``<svg>`` coloured by the classes ``up``, ``down`` and ``total``; empty where the
        matcher does not add up.
    """
    if pair.base is None or pair.raw is None:
        return Html("")
    shown = [part for part in pair.parts if part.contribution is not None]
    bars = [("base", pair.base, 0.0, "total")]
    at = pair.base
    for part in shown[:_MOST]:
        step = part.contribution or 0.0
        bars.append((part.label, step, at, "up" if step >= 0 else "down"))
        at += step
    rest = sum(part.contribution or 0.0 for part in shown[_MOST:])
    if shown[_MOST:]:
        label = f"{len(shown) - _MOST} more"
        bars.append((label, rest, at, "up" if rest >= 0 else "down"))
    bars.append(("raw score", pair.raw, 0.0, "total"))
    ends = [0.0] + [value for _, step, start, _ in bars for value in (start, start + step)]
    low, high = min(ends), max(ends)
    scale = (_WIDTH - _LABEL - 2 * _NUMBER) / ((high - low) or 1.0)

    def across(value: float) -> float:
        return _LABEL + _NUMBER + (value - low) * scale

    rows = [_bar(row, bar, across) for row, bar in enumerate(bars)]
    height = _ROW * len(bars) + 6
    cut = _threshold(pair)
    if cut is not None and low < cut < high:
        zero = tag("line", tag("title", "threshold"), x1=across(cut), x2=across(cut), y1=2,
                   y2=height - 4, class_="zero")  # fmt: skip
    else:
        zero = Html("")
    title = f"Contributions in {SCALES.get(pair.scale, pair.scale)}, from base to raw score"
    return tag(
        "svg", tag("title", title), tag("style", raw(_COLOURS)) if alone else None, zero, *rows,
        class_="waterfall", role="img",
        viewBox=f"0 0 {_WIDTH} {height}", xmlns="http://www.w3.org/2000/svg",
    )  # fmt: skip


def _bar(row: int, bar: tuple[str, float, float, str], across: Callable[[float], float]) -> Html:
    """Draw one row: label, bar, number."""
    label, step, start, kind = bar
    top = row * _ROW + 4
    left, right = sorted((across(start), across(start + step)))
    text = shortened(label, 18)
    figure = f"{step:+z.2f}" if kind != "total" else f"{step:z.2f}"
    return tag(
        "g",
        tag("text", text, x=_LABEL - 8, y=top + 13, text_anchor="end", class_="label"),
        tag("rect", x=left, y=top + 2, width=max(right - left, 1.0), height=_ROW - 8,
            rx=2, class_=kind),
        tag("text", figure, x=right + 5 if step >= 0 else left - 5, y=top + 13,
            text_anchor="start" if step >= 0 else "end", class_="figure"),
    )  # fmt: skip


def _threshold(pair: Explanation) -> float | None:
    """Return the threshold on the raw scale, if the score is the raw score in another form."""
    ways: dict[str, Callable[[float], float]] = {
        "mean": lambda value: value,
        "logit": lambda value: math.log(value / (1 - value)),
        "log2": lambda value: math.log2(value / (1 - value)),
    }
    raw_of = ways.get(pair.scale)
    if raw_of is None or not (0 < pair.threshold < 1 and 0 < pair.score < 1):
        return None
    near = math.isclose(raw_of(pair.score), pair.raw or 0.0, rel_tol=1e-6, abs_tol=1e-6)
    return raw_of(pair.threshold) if near else None
