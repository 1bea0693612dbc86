"""A page that works offline: style and script inside, nothing from the network."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from sameas.reporting.data import ReportData
from sameas.reporting.explanation import Explanation
from sameas.reporting.html import Html, raw, tag
from sameas.reporting.masking import mask_report
from sameas.reporting.pairs import pair_card
from sameas.reporting.sections import SECTIONS, head

__all__ = ["explanations_page", "page", "report_page"]

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


def report_page(data: ReportData, *, mask: str | None = None) -> str:
    """Draw the whole report of a run.

    Parameters
    ----------
    data : ReportData
    mask : {"shape", "hidden"}, optional
        Make the values of records unreadable.
    """
    if mask is not None:
        data = mask_report(data, mask)
    drawn = [(anchor, title, make(data)) for anchor, title, make in SECTIONS]
    shown = [(anchor, title, body) for anchor, title, body in drawn if body is not None]
    links = [tag("a", title, href=f"#{anchor}") for anchor, title, _ in shown]
    bodies = [
        tag("section", tag("h2", title, id=anchor), body) for anchor, title, body in shown
    ]  # fmt: skip
    summary = data.summary
    made = f"sameas {summary['sameas']}, linker version {summary['linker_version']}. "
    hidden = "" if mask is None else "Values are masked. "
    foot = tag("footer", made + hidden + "This file loads nothing from anywhere.")
    return page(data.title, head(data), tag("nav", *links), *bodies, foot)
