"""The sections of a report; one whose data is absent is left out."""

from __future__ import annotations

import math
from typing import Any

from sameas.matching.contributions import SCALES
from sameas.reporting.charts import bars, calibration, curve, histogram
from sameas.reporting.data import ReportData
from sameas.reporting.explanation import Explanation
from sameas.reporting.graphs import cluster_card
from sameas.reporting.html import Html, join, tag
from sameas.reporting.map import link_maps
from sameas.reporting.pairs import pair_card
from sameas.reporting.text import show_value

__all__ = ["SECTIONS", "head"]

_SHOWN_FIGURES = ("f1", "precision", "recall", "average_precision")
_MOST_WEIGHTS = 12


def head(data: ReportData) -> Html:
    """Show the title and the figures that matter most."""
    summary = data.summary
    sources = ", ".join(f"{name} {count:,}" for name, count in summary["sources"].items())
    figures = [
        (f"{summary['records']:,}", "records"),
        (f"{summary['candidates']:,}", "candidate pairs"),
        (f"{summary['links']:,}", "links"),
        (f"{summary['entities']:,}", "entities"),
        (f"{summary['threshold']:.4g}", "threshold"),
    ]
    cards = [tag("div", tag("b", a), tag("span", b), class_="figure-card") for a, b in figures]
    return join(
        tag("h1", data.title),
        tag("p", f"{sources}; mode {summary['mode']}", class_="lead"),
        tag("div", *cards, class_="figures"),
    )


def funnel(data: ReportData) -> Html | None:
    """Show the way from records to entities."""
    if not data.funnel:
        return None
    most = max(math.log10(row["count"] + 1) for row in data.funnel) or 1.0
    items = []
    for row in data.funnel:
        width = 100 * math.log10(row["count"] + 1) / most
        items.append(
            tag("li", tag("span", row["label"]), tag("b", f"{row['count']:,}"),
                tag("span", tag("i", style=f"width:{width:.1f}%"), class_="meter"),
                tag("span", row["note"], class_="note") if row["note"] else None)
        )  # fmt: skip
    listing = tag("ol", *items, class_="funnel")
    rest = tag("p", "The bars are on a log scale.", class_="note")
    rules = _rules(data)
    return join(tag("div", listing, rest, class_="card"), rules)


def _rules(data: ReportData) -> Html | None:
    if not data.rules:
        return None
    names = ("blocks", "largest_block", "enumerated", "kept", "unreachable", "frequent")
    titles = ("blocks", "largest", "pairs looked at", "kept", "unreachable records", "frequent key")
    rows = [
        [str(rule["rule"]), *(f"{rule.get(name, 0):,}" for name in names)] for rule in data.rules
    ]
    table = _table(["blocking rule", *titles], rows, numbers=6)
    return tag("details", tag("summary", "Rule by rule"), tag("div", table, class_="wide"))


def fields(data: ReportData) -> Html | None:
    """Show which fields there are, and how complete they are."""
    if not data.fields:
        return None
    sources = list(data.fields[0]["filled"])
    head_row = tag("tr", tag("th", "field"), tag("th", "kind"),
                   *(tag("th", name) for name in sources), tag("th", "for example"))  # fmt: skip
    rows = []
    for field in data.fields:
        cells = [
            tag("td", f"{share:.1%}".replace("%", " %"),
                tag("span", tag("i", style=f"width:{100 * share:.1f}%"), class_="meter"),
                data_of=source)
            for source, share in field["filled"].items()
        ]  # fmt: skip
        some = "; ".join(show_value(value) for value in field["examples"])
        rows.append(
            tag("tr", tag("th", field["name"], scope="row"), tag("td", field["kind"]), *cells,
                tag("td", some, class_="note"))
        )  # fmt: skip
    table = tag("table", tag("thead", head_row), tag("tbody", *rows), class_="stacked")
    words = tag("p", "Share of the records with a value, by source.", class_="note")
    return tag("div", words, tag("div", table, class_="wide"), class_="card")


def quality(data: ReportData) -> Html | None:
    """Show scores with the threshold, curves and calibration."""
    cards = []
    if data.histogram is not None:
        band = "" if data.review is None else (
            f" The shaded band, from {data.review[0]:.4g} to {data.review[1]:.4g}, is to be "
            "looked at by hand.")  # fmt: skip
        words = f"Threshold {data.summary['threshold']:.4g}, dashed. Log scale.{band}"
        drawn = histogram(data.histogram["counts"], data.summary["threshold"], data.review)
        cards.append(_card("Candidate pairs by score", words, drawn))
    if data.curve is not None:
        words = f"Of {data.curve.get('of', 'labelled pairs')}; the dot is the threshold."
        cards.append(_card("Precision against recall", words, curve(data.curve)))
    if data.calibration is not None:
        found = data.calibration
        named = [f"{words} {found[key]:.4f}" for key, words in
                 (("brier", "Brier score"), ("error", "calibration error"))
                 if found.get(key) is not None]  # fmt: skip
        words = "On the dashed line a score is a probability. " + ", ".join(named)
        cards.append(_card("Calibration", words.strip(), calibration(found)))
    table = _figures(data.fit or {})
    if table is not None:
        cards.append(tag("div", tag("h3", "Figures of the fit"), table, class_="card"))
    return tag("div", *cards, class_="grid") if cards else None


def _figures(fit: Any) -> Html | None:
    parts = [
        part
        for part in ("valid", "test", "expected", "evaluated")
        if isinstance(fit.get(part), dict)
    ]
    rows = [
        [name.replace("_", " "), *(_figure(fit[part].get(name)) for part in parts)]
        for name in _SHOWN_FIGURES
        if any(fit[part].get(name) is not None for part in parts)
    ]
    if not rows:
        return None
    names = {"expected": "expected by the model, not measured"}
    table = _table(["", *(names.get(part, part) for part in parts)], rows, numbers=len(parts))
    return tag("div", table, class_="figures-of-fit")


def evidence(data: ReportData) -> Html | None:
    """Show what the matcher listens to: importance, or match weights."""
    cards = []
    if data.importance is not None and data.importance["groups"]:
        found = data.importance
        rows = [(group["label"], group["mean"], f"{group['mean']:.2f}")
                for group in found["groups"]]  # fmt: skip
        scale = SCALES.get(found["scale"], found["scale"])
        words = f"Mean size of what each field adds, in {scale}, over {found['pairs']:,} pairs: "
        words += "half of them matches, where there are so many."
        cards.append(_card("What the score listens to", words, bars(rows)))
    if data.weights:
        cards.append(_weights(data))
    matcher = (data.fit or {}).get("matcher")
    if matcher and not data.weights:
        cards.append(tag("div", tag("h3", "The matcher"), tag("pre", matcher), class_="card"))
    return tag("div", *cards, class_="grid") if cards else None


def _weights(data: ReportData) -> Html:
    """Draw the match weights, one chart a comparison, all on one scale; many are folded up."""
    rows = [row for row in data.weights if row["weight"]]
    most = max((abs(float(row["weight"])) for row in rows), default=1.0)
    parts: list[Html] = []
    folded: list[Html] = []
    titles = list(dict.fromkeys(row["comparison"] for row in rows))
    for number, title in enumerate(titles):
        levels = [
            (str(row["state"]).removeprefix(title).strip(), float(row["weight"]),
             f"{row['weight']:+z.1f}")
            for row in rows
            if row["comparison"] == title
        ]  # fmt: skip
        chart = [tag("p", title.replace("_", " "), class_="note"), bars(levels, most=most)]
        (parts if number < _MOST_WEIGHTS else folded).extend(chart)
    if folded:
        further = tag("summary", f"{len(titles) - _MOST_WEIGHTS} further comparisons")
        parts.append(tag("details", further, *folded))
    words = "log2(m / u) of each level: what it adds to the log-odds of a match."
    prior = (data.fit or {}).get("prior")
    if prior is not None:
        words += f" The prior, where they start: {prior:.3g} of the pairs are matches."
    note = tag("p", words, class_="note")
    return tag("div", tag("h3", "Match weights"), *parts, note, class_="card")


def where(data: ReportData) -> Html | None:
    """Show the links on a map."""
    if data.map is None or not data.map["points"]:
        return None
    shown = len(data.map["links"])
    words = (
        f"{shown:,} of {data.map['total']:,} links and {len(data.map['points']):,} records. Green "
        "dots are links between places that lie together; red lines join places far apart."
    )
    whole, *regions = link_maps(data.map)
    if len(regions) > 1:
        words += f" Above, everything; below, the {len(regions)} regions with most records."
    maps = join(whole, tag("div", *regions, class_="grid", style="margin-top:14px"))
    return tag("div", maps if regions else whole, tag("p", words, class_="note"), class_="card")


def pairs(data: ReportData) -> Html | None:
    """Show sample pairs, from the surest match to the surest non-match."""
    if not data.pairs:
        return None
    kinds = (("all", "All"), ("match", "Matches"), ("near", "Near the threshold"),
             ("other", "No matches"))  # fmt: skip
    buttons = [
        tag("button", words, type="button", data_show=kind,
            aria_pressed="true" if kind == "all" else "false")
        for kind, words in kinds
    ]  # fmt: skip
    cards = [pair_card(Explanation.from_dict(pair)) for pair in data.pairs]
    return join(
        tag("div", *buttons, class_="choose", data_choose="pairs"),
        tag("div", *cards, class_="stack"),
    )


def clusters(data: ReportData) -> Html | None:
    """Show sizes of the entities, the largest and the weakest clusters."""
    if not data.sizes:
        return None
    rows = [(f"{size} record{'s' * (int(size) > 1)}", float(count), f"{count:,}")
            for size, count in list(data.sizes.items())[:12]]  # fmt: skip
    parts = [tag("div", _card("Entities by size", "", bars(rows)), class_="grid")]
    threshold = float(data.summary["threshold"])
    groups = (
        ("The largest", "", data.largest),
        ("The weakest", "Of three records and more, those with the weakest link. Dashed links "
                        "are near the threshold.", data.weakest),
    )  # fmt: skip
    for title, words, graphs in groups:
        if graphs:
            cards = [cluster_card(graph, threshold) for graph in graphs]
            parts.append(tag("h3", title, style="margin-top:28px"))
            parts.append(tag("p", words, class_="note") if words else Html(""))
            parts.append(tag("div", *cards, class_="grid"))
    return join(*parts)


def quarantine(data: ReportData) -> Html | None:
    """List what could not be used."""
    if not data.quarantine:
        return tag("p", "Nothing had to be set aside.")
    rows = [[row["reason"], row["field"] or "the whole row", f"{row['count']:,}"]
            for row in data.quarantine]  # fmt: skip
    table = _table(["reason", "field", "rows and values"], rows, numbers=1)
    return tag("div", table, class_="card")


def assumed(data: ReportData) -> Html | None:
    """List what was taken for granted."""
    if not data.assumptions:
        return None
    items = [tag("li", text) for text in data.assumptions]
    return tag("div", tag("ul", *items, class_="reasons"), class_="card")


#: Anchor, title and maker of every section, in the order of the page.
SECTIONS = (
    ("funnel", "From records to entities", funnel),
    ("fields", "Fields", fields),
    ("quality", "Scores", quality),
    ("evidence", "Evidence", evidence),
    ("map", "Where the links are", where),
    ("pairs", "Pairs, from sure match to sure non-match", pairs),
    ("clusters", "Clusters", clusters),
    ("quarantine", "Quarantine", quarantine),
    ("assumptions", "What was assumed", assumed),
)


def _card(title: str, words: str, drawing: Html) -> Html:
    note = tag("p", words, class_="note") if words else None
    return tag("div", tag("h3", title), drawing, note, class_="card")


def _table(titles: list[str], rows: list[list[str]], *, numbers: int) -> Html:
    """Lay out rows; the last columns are numbers."""
    first = len(titles) - numbers

    def cell(name: str, place: int, text: str) -> Html:
        return tag(name, text, class_="n" if place >= first else None)

    head_row = tag("tr", *(cell("th", place, text) for place, text in enumerate(titles)))
    body = [tag("tr", *(cell("td", place, text) for place, text in enumerate(row))) for row in rows]
    return tag("table", tag("thead", head_row), tag("tbody", *body))


def _figure(value: Any) -> str:
    return "-" if value is None else f"{value:.4f}"
