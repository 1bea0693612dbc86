"""A plan as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sameas.linker.planning.plan import Plan

__all__ = ["plan_lines"]

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
        if plan.recall is not None:
            how = "of the labelled matches" if plan.measured else "of the matches, an estimate"
            yield f"together: {100 * plan.recall:.2f} % {how}"
        yield ""
    yield from (f"- {line}" for line in plan.assumptions)


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
