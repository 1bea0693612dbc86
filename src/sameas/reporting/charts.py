"""Charts as SVG, drawn by hand: nothing is loaded, colours come from the page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sameas.reporting.html import Html, shortened, tag

__all__ = ["bars", "calibration", "curve", "histogram"]

_WIDTH, _HEIGHT = 400, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 12, 34
_ACROSS, _DOWN = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM


def _x(share: float) -> float:
    return _LEFT + _ACROSS * share


def _y(share: float) -> float:
    return _TOP + _DOWN * (1 - share)


def _chart(title: str, *children: object) -> Html:
    return tag(
        "svg", tag("title", title), *children, class_="chart", role="img",
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
    )  # fmt: skip


def _axes(
    across: str, ticks: Sequence[tuple[float, str]], steps: Sequence[tuple[float, str]]
) -> Html:
    """Draw both axes: ticks (share, text) along the bottom, steps up the side."""
    below = [
        tag("text", text, x=_x(share), y=_HEIGHT - _BOTTOM + 15, text_anchor="middle")
        for share, text in ticks
    ]
    beside = [
        tag("g", tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=_y(share), y2=_y(share)),
            tag("text", text, x=_LEFT - 6, y=_y(share) + 4, text_anchor="end"))
        for share, text in steps
    ]  # fmt: skip
    name = tag("text", across, x=_x(0.5), y=_HEIGHT - 4, text_anchor="middle")
    return tag("g", *below, *beside, name, class_="axis")


_SHARES = [(value, f"{value:g}") for value in (0, 0.25, 0.5, 0.75, 1)]


def histogram(
    counts: Sequence[int], threshold: float, review: tuple[float, float] | None = None
) -> Html:
    """Draw how many pairs have which score, on a log scale, with threshold and review band."""
    top = max(1.0, math.log10(max([*counts, 1]) + 1))
    width = 1 / len(counts)
    boxes = []
    for place, count in enumerate(counts):
        low, high = place * width, (place + 1) * width
        share = math.log10(count + 1) / top
        kind = "match" if low >= threshold else "rest" if high <= threshold else "soft"
        boxes.append(
            tag("rect", tag("title", f"{low:.3f} to {high:.3f}: {count:,} pairs"),
                x=_x(low) + 0.5, width=_ACROSS * width - 1, y=_y(share),
                height=max(_DOWN * share, 0), class_=kind)
        )  # fmt: skip
    steps = [(math.log10(10**power + 1) / top, _short(10**power)) for power in range(int(top) + 1)]
    band = None
    if review is not None:
        low, high = (min(max(value, 0.0), 1.0) for value in review)
        band = tag("rect", tag("title", "review band"), x=_x(low), y=_TOP,
                   width=max(_ACROSS * (high - low), 1.0), height=_DOWN, class_="band")  # fmt: skip
    cut = min(max(threshold, 0.0), 1.0)
    line = tag("line", tag("title", f"threshold {threshold:.4g}"), x1=_x(cut), x2=_x(cut),
               y1=_TOP - 4, y2=_y(0), class_="cut")  # fmt: skip
    axes = _axes("score", _SHARES, [(share, text) for share, text in steps if share <= 1])
    return _chart("Candidate pairs by score", axes, band, *boxes, line)


def curve(content: Mapping[str, Any]) -> Html:
    """Draw precision against recall, with the point of the threshold."""
    pairs = zip(content["recall"], content["precision"], strict=True)
    points = " ".join(
        f"{_x(r):.1f},{_y(p):.1f}" for r, p in pairs if r is not None and p is not None
    )
    mark = None
    point = content.get("point")
    if point and None not in point:
        recall, precision = point
        mark = tag("circle", tag("title", f"recall {recall:.3f}, precision {precision:.3f}"),
                   cx=_x(recall), cy=_y(precision), r=5, class_="mark")  # fmt: skip
    line = tag("polyline", points=points, class_="curve")
    return _chart("Precision against recall", _axes("recall", _SHARES, _SHARES), line, mark)


def calibration(content: Mapping[str, Any]) -> Html:
    """Draw how often pairs are matches against what the score says."""
    bins = [
        (predicted, observed, pairs)
        for predicted, observed, pairs in zip(
            content["predicted"], content["observed"],
            content.get("pairs") or [1] * len(content["predicted"]), strict=True,
        )
        if predicted is not None and observed is not None and pairs
    ]  # fmt: skip
    points = " ".join(f"{_x(p):.1f},{_y(o):.1f}" for p, o, _ in bins)
    dots = [
        tag("circle", tag("title", f"score {p:.3f}: {o:.1%} of {n:,} pairs are matches"),
            cx=_x(p), cy=_y(o), r=4, class_="match")
        for p, o, n in bins
    ]  # fmt: skip
    diagonal = tag("line", x1=_x(0), y1=_y(0), x2=_x(1), y2=_y(1), class_="diagonal")
    line = tag("polyline", points=points, class_="curve")
    axes = _axes("score", _SHARES, _SHARES)
    return _chart("Share of matches by score", axes, diagonal, line, *dots)


def bars(rows: Sequence[tuple[str, float, str]], *, most: float = 0.0) -> Html:
    """Draw one bar a row: label, size, and what stands behind it; negative sizes go left.

    With `most`, the size of the longest bar in either direction, several charts have one scale.
    """
    both = most > 0 or any(size < 0 for _, size, _ in rows)
    most = most or max((abs(size) for _, size, _ in rows), default=1.0) or 1.0
    height = 22 * len(rows) + 6
    room = _WIDTH - 150 - 56
    zero = 150 + (room / 2 if both else 0)
    unit = (room / 2 if both else room) / most
    drawn = []
    for place, (label, size, text) in enumerate(rows):
        top, length = place * 22 + 4, abs(size) * unit
        name = shortened(label, 21)
        left = zero - length if size < 0 else zero
        drawn += [
            tag("text", tag("title", label), name, x=142, y=top + 13, text_anchor="end"),
            tag("rect", x=left, y=top + 2, width=max(length, 1.0), height=14, rx=2,
                class_="down" if size < 0 else "bar"),
            tag("text", text, x=_WIDTH - 4, y=top + 13, text_anchor="end", class_="soft"),
        ]  # fmt: skip
    return tag("svg", *drawn, class_="chart", role="img", viewBox=f"0 0 {_WIDTH} {height}")


def _short(value: int) -> str:
    """Show a power of ten in few letters."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{value // size}{letter}"
    return str(value)
