"""One pair as a card: both records, the waterfall, the reasons, what would change the verdict."""

from __future__ import annotations

from sameas.matching.contributions import SCALES
from sameas.reporting.explanation import Explanation, Part, number
from sameas.reporting.html import Html, breakable, join, tag
from sameas.reporting.text import show_value
from sameas.reporting.waterfall import waterfall

__all__ = ["pair_card"]

_NEAR = 0.1
_LONGEST = 160


def pair_card(pair: Explanation) -> Html:
    """Draw one explained pair."""
    kind = "match" if pair.decision else "other"
    near = abs(pair.score - pair.threshold) < _NEAR
    drawn = waterfall(pair)
    head = tag(
        "div",
        tag("span", pair.verdict, class_=f"pill {kind}"),
        tag("b", f"score {pair.score:.4f}"),
        tag("span", f"match from {pair.threshold:.4g}", class_="note"),
        tag("span", _names(pair), class_="note"),
        class_="pair-head",
    )
    reasons = tag("ul", *(_reason(part) for part in _strongest(pair)), class_="reasons")
    return tag(
        "article", head,
        tag("div", tag("div", _records(pair), _change(pair)),
            tag("div", drawn or _steps(pair), _scale(pair, drawn)), class_="grid"),
        tag("details", tag("summary", "In words, and every comparison"),
            reasons if pair.parts else None, _columns(pair)),
        class_="card", data_kind="near" if near else kind,
    )  # fmt: skip


def _names(pair: Explanation) -> str:
    met = "" if pair.candidate else " · blocking does not let them meet"
    ends = [f"{side['source']}:{side['id']}" for side in (pair.left, pair.right)]
    return f"{ends[0]} and {ends[1]}{met}"


def _records(pair: Explanation) -> Html:
    """Lay out both records side by side; fields that both lack are left out."""
    rows = []
    for name, left in pair.left.items():
        right = pair.right.get(name)
        if name in ("source", "id") or (left is None and right is None):
            continue
        cells = [
            tag("td", "–", class_="absent") if value is None else
            tag("td", show_value(value, _LONGEST)) for value in (left, right)
        ]  # fmt: skip
        same = "same" if left == right else "differs"
        rows.append(tag("tr", tag("th", breakable(name), scope="row"), *cells, class_=same))
    sources = (pair.left["source"], pair.right["source"])
    ends = ("one", "other") if sources[0] == sources[1] else sources
    head = tag("tr", tag("th", ""), *(tag("th", end, scope="col") for end in ends))
    return tag("table", tag("thead", head), tag("tbody", *rows), class_="records")


def _change(pair: Explanation) -> Html:
    if pair.change is None:
        words = "No plausible change of one field or of two comparisons turns the verdict round."
        return tag("p", words, class_="change note")
    said = f"It would be {pair.change.words}. The score would then be {pair.change.score:.4f}."
    return tag("p", said.replace("_", " "), class_="change note")


def _steps(pair: Explanation) -> Html:
    if not pair.steps:
        return tag("p", "This matcher has no additive contributions.", class_="note")
    rows = [
        tag("tr", tag("td", tag("span", "holds" if step.holds else "fails",
                                class_=f"pill {'match' if step.holds else 'other'}")),
            tag("td", step.condition), tag("td", number(step.value), class_="n"))
        for step in pair.steps
    ]  # fmt: skip
    return tag("table", tag("tbody", *rows))


def _scale(pair: Explanation, drawn: Html) -> Html | None:
    if pair.base is None:
        return None
    words = f"In {SCALES.get(pair.scale, pair.scale)}; the base is {pair.baseline}."
    if 'class="zero"' in drawn:
        words += " A dashed line is the threshold."
    return tag("p", words, class_="note")


def _strongest(pair: Explanation) -> list[Part]:
    return [part for part in pair.parts if part.contribution is None or
            abs(part.contribution) >= 0.005]  # fmt: skip


def _reason(part: Part) -> Html:
    amount = "" if part.contribution is None else f" ({part.contribution:+z.2f})"
    return tag("li", part.words + amount)


def _columns(pair: Explanation) -> Html:
    """List every comparison, with its value and what it adds."""
    rows = [
        tag("tr", tag("th", part.label if not place else "", scope="row"),
            tag("td", column.name.replace("_", " ")), tag("td", number(column.value), class_="n"),
            tag("td", "" if column.contribution is None else f"{column.contribution:+z.3f}",
                class_="n"))
        for part in pair.parts
        for place, column in enumerate(part.columns)
    ]  # fmt: skip
    head = tag("tr", tag("th", "field"), tag("th", "comparison"), tag("th", "value", class_="n"),
               tag("th", "adds", class_="n"))  # fmt: skip
    return join(tag("table", tag("thead", head), tag("tbody", *rows)))
