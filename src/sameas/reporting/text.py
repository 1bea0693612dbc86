"""An explanation as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sameas.matching.contributions import SCALES
from sameas.reporting.explanation import number

if TYPE_CHECKING:
    from sameas.reporting.explanation import Explanation

__all__ = ["explanation_lines", "show_value"]

_WIDEST = 44


def explanation_lines(pair: Explanation) -> Iterator[str]:
    """Lay out one pair: records side by side, reasons, what would change the verdict."""
    left, right = (f"{side['source']}:{side['id']}" for side in (pair.left, pair.right))
    yield f"{left} and {right}"
    met = "" if pair.candidate else "; blocking does not let them meet"
    yield f"  {pair.verdict}: score {pair.score:.4f}, threshold {pair.threshold:.4g}{met}"
    yield from _records(pair)
    if pair.steps:
        yield "  the rule, condition by condition:"
        for step in pair.steps:
            sign = "holds" if step.holds else "FAILS"
            yield f"    {sign}  {step.condition}  (here {number(step.value)})"
    if pair.base is not None and pair.raw is not None:
        yield f"  in {SCALES.get(pair.scale, pair.scale)}:"
        yield f"    {pair.base:+z7.2f}  base: {pair.baseline}"
        for part in pair.parts:
            if part.contribution is not None and abs(part.contribution) >= 0.005:
                yield f"    {part.contribution:+z7.2f}  {part.words}"
        yield f"    {pair.raw:+z7.2f}  raw score"
    if pair.change is not None:
        yield f"  it would be {pair.change.words}; score then {pair.change.score:.4f}"
    else:
        yield "  no plausible change of one field or two comparisons turns the verdict round"


def _records(pair: Explanation) -> Iterator[str]:
    """Lay out both records, field by field; fields that both lack are left out."""
    names = [
        name
        for name in pair.left
        if name not in ("source", "id") and not (pair.left[name] is pair.right[name] is None)
    ]
    rows = [(name, show_value(pair.left[name]), show_value(pair.right[name])) for name in names]
    if not rows:
        return
    first = max(len(name) for name, _, _ in rows)
    second = max(len(text) for _, text, _ in rows)
    for name, a, b in rows:
        yield f"    {name.ljust(first)}  {a.ljust(second)}  {b}"


def show_value(value: Any, most: int = _WIDEST) -> str:
    """Show one value on one line.

    Examples
    --------
    >>> show_value(None), show_value(55.123456), show_value(["bar", "pub"])
    ('-', '55.12346', 'bar, pub')
    """
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.7g}"
    if isinstance(value, list | tuple):
        value = ", ".join(str(item) for item in value)
    text = " ".join(str(value).split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
