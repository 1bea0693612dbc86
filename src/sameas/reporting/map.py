"""A map of the links without a tile server: a graticule, records as dots, links as lines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sameas.reporting.html import Html, tag

__all__ = ["link_map", "link_maps"]

_WIDTH, _MARGIN = 720.0, 26.0
_LOWEST, _HIGHEST = 240.0, 520.0
_CELLS, _MOST_REGIONS = 24, 4
_SMALL = 0.5  # degrees: below, one map shows enough
_STEPS = (60, 45, 30, 20, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)


def link_maps(content: Mapping[str, Any]) -> tuple[Html, ...]:
    """Draw everything, and beside it the regions where the records are, if these are far apart.

    Parameters
    ----------
    content : mapping
        ``points`` and ``links`` of `ReportData.map`, decimal degrees.
    """
    points = np.array(content["points"], np.float64).reshape(-1, 2)
    links = np.array(content["links"], np.float64).reshape(-1, 4)
    regions = _regions(points)
    maps = [link_map(content, highest=_LOWEST if regions else _HIGHEST)]
    for low, high in regions:
        inside = ((points >= low) & (points <= high)).all(axis=1)
        near = ((links[:, :2] >= low) & (links[:, :2] <= high)).all(axis=1)
        near &= ((links[:, 2:] >= low) & (links[:, 2:] <= high)).all(axis=1)
        maps.append(link_map({"points": points[inside], "links": links[near]}))
    return tuple(maps)


def _regions(points: np.ndarray[Any, Any]) -> list[tuple[np.ndarray[Any, Any], ...]]:
    """Return the fullest parts of the map that are small and apart from the others."""
    low, high = points.min(axis=0), points.max(axis=0)
    if (high - low).max() < _SMALL:
        return []
    cell = np.maximum(high - low, 1e-9) / _CELLS
    place = np.minimum(((points - low) / cell).astype(np.int64), _CELLS - 1)
    left = {tuple(item) for item in np.unique(place, axis=0).tolist()}
    found = []
    while left:
        part, edge = set(), [left.pop()]
        while edge:
            x, y = edge.pop()
            part.add((x, y))
            near = {(x + a, y + b) for a in (-1, 0, 1) for b in (-1, 0, 1)} & left
            left -= near
            edge += sorted(near)
        cells = np.array(sorted(part))
        inside = (place[:, None, :] == cells[None, :, :]).all(axis=2).any(axis=1)
        found.append((points[inside].min(axis=0), points[inside].max(axis=0), int(inside.sum())))
    found = [item for item in found if ((item[1] - item[0]) <= (high - low) / 4).all()]
    found.sort(key=lambda item: (-item[2], item[0].tolist()))
    found = [item for item in found[:_MOST_REGIONS] if item[2] >= len(points) / 20]
    shown = sum(item[2] for item in found)
    return [item[:2] for item in found] if shown >= 0.6 * len(points) else []


def link_map(content: Mapping[str, Any], *, highest: float = _HIGHEST) -> Html:
    """Draw records and links.

    Degrees of longitude are drawn as long as they are at the middle latitude. Links that are
    too short to see are dots.

    Parameters
    ----------
    content : mapping
        ``points`` and ``links`` of `ReportData.map`, decimal degrees.
    highest : float
        Greatest height; the width is 720.
    """
    points = np.array(content["points"], np.float64).reshape(-1, 2)
    links = np.array(content["links"], np.float64).reshape(-1, 4)
    every = np.vstack([points, links[:, :2], links[:, 2:]])
    low, high = every.min(axis=0), every.max(axis=0)
    middle = (low + high) / 2
    half = np.maximum((high - low) / 2 * 1.04, 1e-4)
    squeeze = max(math.cos(math.radians(float(middle[0]))), 0.2)
    if half[0] > 60:
        squeeze = 1.0  # the whole world
    height = float(np.clip(_WIDTH * half[0] / (half[1] * squeeze), _LOWEST, highest))
    scale = min(
        (_WIDTH - 2 * _MARGIN) / (2 * half[1] * squeeze), (height - 2 * _MARGIN) / (2 * half[0])
    )

    def place(where: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, Any]:
        x = _WIDTH / 2 + (where[:, 1] - middle[1]) * squeeze * scale
        y = height / 2 - (where[:, 0] - middle[0]) * scale
        return np.stack([x, y], axis=1).round(1)

    ends = np.hstack([place(links[:, :2]), place(links[:, 2:])])
    length = np.hypot(ends[:, 0] - ends[:, 2], ends[:, 1] - ends[:, 3])
    seen = length >= 2
    around = np.abs(links[:, 1] - links[:, 3]) > 180  # over the antimeridian
    return tag(
        "svg",
        tag("title", "Records and links by position"),
        tag("rect", x=0, y=0, width=_WIDTH, height=height, rx=8, class_="sea"),
        _graticule(middle, half, (place, height)),
        tag("path", d=_dots(np.unique(place(points), axis=0)), class_="record-points"),
        tag("path", d=_dots(np.unique(ends[~seen, :2], axis=0)), class_="link-points"),
        tag("path", d=_lines(ends[seen & ~around]), class_="link-lines"),
        role="img", viewBox=f"0 0 {_WIDTH:g} {height:.0f}",
    )  # fmt: skip


def _dots(where: np.ndarray[Any, Any]) -> str:
    return "".join(f"M{x:g} {y:g}h0" for x, y in where.tolist())


def _lines(ends: np.ndarray[Any, Any]) -> str:
    return "".join(f"M{a:g} {b:g}L{c:g} {d:g}" for a, b, c, d in ends.tolist())


def _graticule(
    middle: np.ndarray[Any, Any], half: np.ndarray[Any, Any], frame: tuple[Any, float]
) -> Html:
    """Draw lines of latitude and longitude with their degrees."""
    place, height = frame
    step = next((item for item in _STEPS if item * 3 <= 2 * float(half.max())), _STEPS[-1])
    drawn: list[Html] = []
    for axis in (0, 1):
        first = math.ceil((middle[axis] - 4 * half[axis]) / step)
        for number in range(first, first + 400):
            value = number * step
            at = np.array([[value, middle[1]] if axis == 0 else [middle[0], value]])
            x, y = place(at)[0].tolist()
            if (x > _WIDTH - 4) if axis else (y < 4):
                break
            if (x < 4) if axis else (y > height - 4):
                continue
            drawn += _degree(axis, value, (x, y), height, step)
    return tag("g", *drawn, class_="axis")


def _degree(
    axis: int, value: float, at: tuple[float, float], height: float, step: float
) -> Sequence[Html]:
    x, y = at
    digits = max(0, -math.floor(math.log10(step)))
    side = ("N", "S") if axis == 0 else ("E", "W")
    text = f"{abs(value):.{digits}f}°" + ("" if abs(value) < 1e-9 else side[value < 0])
    if axis == 0:
        line = tag("line", x1=0, x2=_WIDTH, y1=y, y2=y)
        return line, tag("text", text, x=6, y=y - 3)
    line = tag("line", x1=x, x2=x, y1=0, y2=height)
    return line, tag("text", text, x=x + 3, y=height - 6)
