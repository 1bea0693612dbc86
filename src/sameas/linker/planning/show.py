"""A plan as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sameas.linker.planning.plan import Plan

__all__ = ["found_together", "plan_lines"]

_WIDEST = 60


def plan_lines(plan: Plan) -> Iterator[str]:
    r"""Show fields, blocking and assumptions.

    Examples
    --------
    >>> from sameas.linker.planning import PlannedField
    >>> plan = Plan((PlannedField("mail", "email", {"a": "mail"}, 0.9, ("why",)),), {"a": "id"}, ())
    >>> print(*list(plan_lines(plan))[:3], sep="\n")
    field  kind   sure  columns  why
    mail   email  90 %           why
    <BLANKLINE>
    """
    rows = [["field", "kind", "sure", "columns", "why"]]
    for field in plan.fields:
        held = dict.fromkeys(field.columns.values())
        columns = "" if set(held) == {field.name} else ", ".join(held)
        sure = f"{100 * field.confidence:.0f} %"
        rows.append([field.name, field.kind, sure, columns, _short("; ".join(field.why))])
    yield from _laid_out(rows)
    yield ""
    if plan.blocking:
        rows = [["blocking: records meet by", "pairs", "largest", "reached", "finds", "adds"]]
        for rule in plan.blocking:
            shares = [_share(value) for value in (rule.reached, rule.recall, rule.gained)]
            pairs = "" if rule.pairs is None else f"{rule.pairs:,}"
            rows.append([_short(rule.label), pairs, f"{rule.largest:,}", *shares])
        yield from _laid_out(rows, right=True)
        together = found_together(plan, digits=2)
        if together:
            yield f"together: {together}"
        yield ""
    yield from (f"- {line}" for line in plan.assumptions)


def found_together(plan: Plan, *, digits: int = 1) -> str:
    """Say what all rules of a plan find of the matches, and how many records they reach.

    Examples
    --------
    >>> found_together(Plan((), {"a": "id"}, (), recall=0.984, reached=0.9973))
    '98.4 % of the matches, an estimate; 99.7 % of the records have a key'
    """
    said = []
    if plan.recall is not None:
        how = "of the labelled matches" if plan.measured else "of the matches, an estimate"
        most = "at most " if plan.too_high else ""
        said.append(f"{most}{100 * plan.recall:.{digits}f} % {how}")
    if plan.reached is not None:
        said.append(f"{100 * plan.reached:.1f} % of the records have a key")
    return "; ".join(said)


def _share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _laid_out(rows: Sequence[Sequence[str]], *, right: bool = False) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            text.rjust(width) if right and place else text.ljust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
