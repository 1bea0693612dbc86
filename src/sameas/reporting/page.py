"""A page that works offline: style and script inside, nothing from the network."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from sameas.reporting.explanation import Explanation
from sameas.reporting.html import Html, raw, tag
from sameas.reporting.pairs import pair_card

__all__ = ["explanations_page", "page"]

#: Nothing may be loaded from anywhere, whatever a value holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


def page(title: str, *body: Html | None) -> str:
    """Put a body into a whole page."""
    style, script = (
        raw((files("sameas.reporting") / name).read_text(encoding="utf-8"))
        for name in ("page.css", "page.js")
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", style),
    )
    whole = tag("html", head, tag("body", tag("main", *body), tag("script", script)), lang="en")
    return f"<!doctype html>\n{whole}\n"


def explanations_page(pairs: Sequence[Explanation]) -> str:
    """Draw explained pairs, one card each."""
    return page(
        "Why these pairs",
        tag("h1", "Why these pairs"),
        tag("p", f"{len(pairs):,} explained.", class_="lead"),
        tag("div", *(pair_card(pair) for pair in pairs), class_="stack"),
    )
