"""Clusters as graphs: a layout of our own that comes out the same every time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.reporting.html import Html, tag
from sameas.reporting.text import show_value

__all__ = ["cluster_card", "layout"]

_WIDTH, _HEIGHT, _MARGIN = 340, 230, 22
_ROUNDS = 50
_LISTED = 12


def layout(nodes: int, edges: Sequence[Sequence[float]]) -> npt.NDArray[np.float64]:
    """Place nodes: linked ones near each other, others apart (Fruchterman and Reingold, 1991).

    Parameters
    ----------
    nodes : int
    edges : sequence of (from, to, score)

    Returns
    -------
    float64[nodes, 2]
        In [0, 1]; always the same for the same graph, for it starts from a circle.

    Examples
    --------
    >>> layout(2, [(0, 1, 0.9)]).round(2).tolist()
    [[0.0, 0.5], [1.0, 0.5]]
    """
    if nodes == 1:
        return np.array([[0.5, 0.5]])
    if nodes == 2:
        return np.array([[0.0, 0.5], [1.0, 0.5]])
    angle = np.arange(nodes) * (2 * math.pi / nodes)
    place = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    near = 2.0 / math.sqrt(nodes)
    pull = np.zeros((nodes, nodes))
    for first, second, _ in edges:
        pull[int(first), int(second)] = pull[int(second), int(first)] = 1.0
    for turn in range(_ROUNDS):
        gap = place[:, None, :] - place[None, :, :]
        length = np.maximum(np.hypot(gap[..., 0], gap[..., 1]), 1e-6)
        force = near**2 / length**2 - pull * length / near
        np.fill_diagonal(force, 0.0)
        move = (gap * force[..., None]).sum(axis=1)
        size = np.maximum(np.hypot(move[:, 0], move[:, 1]), 1e-9)
        heat = 0.15 * (1 - turn / _ROUNDS)
        place = place + move / size[:, None] * np.minimum(size, heat)[:, None]
    low, high = place.min(axis=0), place.max(axis=0)
    return np.asarray((place - low) / np.maximum(high - low, 1e-9))


def cluster_card(graph: Mapping[str, Any], threshold: float) -> Html:
    """Draw one cluster with its members and the scores of its links."""
    nodes, edges = graph["nodes"], graph["edges"]
    where = layout(len(nodes), edges)
    at = where * [_WIDTH - 2 * _MARGIN, _HEIGHT - 2 * _MARGIN] + _MARGIN
    middle = threshold + (1 - threshold) / 3
    lines = []
    for first, second, score in sorted(edges, key=lambda edge: edge[2]):
        (x1, y1), (x2, y2) = at[int(first)].tolist(), at[int(second)].tolist()
        lines.append(
            tag("line", tag("title", f"score {score:.4f}"), x1=x1, y1=y1, x2=x2, y2=y2,
                stroke_width=1 + 2 * score, class_="edge weak" if score < middle else "edge")
        )  # fmt: skip
    labels = len(nodes) <= 24
    dots = [
        tag("g", tag("circle", tag("title", _name(node)), cx=x, cy=y, r=9 if labels else 4,
                     class_="node"),
            tag("text", number, x=x, y=y + 4, text_anchor="middle") if labels else None)
        for number, (node, (x, y)) in enumerate(zip(nodes, at.tolist(), strict=True), 1)
    ]  # fmt: skip
    listed = [tag("li", tag("b", number), _name(node)) for number, node in enumerate(nodes, 1)]
    more = [tag("li", f"and {graph['size'] - _LISTED:,} more")] if listed[_LISTED:] else []
    links = f"{graph['links']:,} link{'s' * (graph['links'] != 1)}"
    head = f"{graph['size']:,} records, {links}, weakest {graph['weakest']:.4f}"
    return tag(
        "div", tag("h3", head),
        tag("svg", *lines, *dots, role="img", viewBox=f"0 0 {_WIDTH} {_HEIGHT}"),
        tag("ul", *listed[:_LISTED], *more, class_="legend"),
        class_="card",
    )  # fmt: skip


def _name(node: Mapping[str, Any]) -> str:
    key = f"{node['source']}:{node['id']}"
    return key if node["name"] is None else f"{show_value(node['name'])} ({key})"
