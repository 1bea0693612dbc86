"""Records that no rule of a plan gives a key: what would reach them, and what to say of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from sameas.blocking.base import BoolArray
from sameas.linker.found import rule_name
from sameas.linker.planning.propose import Rule
from sameas.linker.planning.sample import RuleFigures, Sample
from sameas.records import Field

__all__ = ["further_reach", "out_of_reach", "reached_by"]

_LOST = 0.05  # of the records: from so many without a key on further rules are looked for
_GAIN = 0.02  # of the records: a rule that reaches fewer more is not worth its pairs
_MANY = 0.1  # of the records: so many are worth a warning
_NAMED = 3  # fields that a warning names


def reached_by(sample: Sample, rules: Iterable[Rule]) -> BoolArray:
    """Say which records get a key of one rule at least."""
    reached = np.zeros(len(sample), bool)
    for rule in rules:
        if not reached.all():
            reached |= sample.reached(rule)
    return reached


def further_reach(
    sample: Sample,
    chosen: Sequence[Rule],
    rest: Sequence[Rule],
    figures: Mapping[Rule, RuleFigures],
    left: float,
) -> list[Rule]:
    """Take rules for records that have no key yet: those that reach most of them for their pairs.

    Whatever is thought of the matches that a rule finds, who has no key meets nobody.

    Parameters
    ----------
    sample : Sample
    chosen, rest : sequence of rules
    figures : mapping of rule to RuleFigures
    left : float
        Pairs of the whole tables that may be added.
    """
    reached = reached_by(sample, chosen)
    rest, added = list(rest), list[Rule]()
    floor = len(sample) * sample.scale
    while np.mean(~reached) >= _LOST:
        able = [rule for rule in rest if 0 < figures[rule].pairs <= left]
        more = {rule: int((sample.reached(rule) & ~reached).sum()) for rule in able}
        able = [rule for rule in able if more[rule] >= max(_GAIN * len(sample), 1)]
        if not able:
            break
        best = max(able, key=lambda rule: more[rule] / (figures[rule].pairs + floor))
        added.append(best)
        rest.remove(best)
        reached |= sample.reached(best)
        left -= figures[best].pairs
    return added


def out_of_reach(
    sample: Sample, fields: Sequence[Field], rules: Sequence[Rule], proposed: Sequence[Rule]
) -> list[str]:
    """Warn of records that no rule gives a key, and say what could be done.

    Parameters
    ----------
    sample : Sample
    fields : sequence of Field
    rules : sequence of rules
        Those of the plan.
    proposed : sequence of rules
        All that it was chosen from.
    """
    lost = ~reached_by(sample, rules)
    if not rules or lost.mean() < _MANY:
        return []
    said = (
        f"Warning: {_share(lost.mean())} of the records have no key by any rule, so they are "
        "compared with nothing and what they match is not found. "
    )
    have = {field.name: float(sample.known(field.name)[lost].mean()) for field in fields}
    known = sorted((name for name in have if have[name] >= _MANY), key=lambda name: -have[name])
    named = ", ".join(f"{name} ({_share(have[name])})" for name in known[:_NAMED])
    said += f"Of them is known: {named}. " if named else "They have next to no values. "
    return [f"{said}{_hint(sample, lost, [r for r in proposed if r not in rules])}"]


def _hint(sample: Sample, lost: BoolArray, rest: Sequence[Rule]) -> str:
    """Say how such records could meet others."""
    records = len(sample) * sample.scale
    more = {rule: (sample.reached(rule) & lost).sum() / lost.sum() for rule in rest}
    able = [rule for rule in rest if more[rule] >= 0.5]
    if not able:
        return (
            "No value that they have is shared by few enough records to meet by: give a further "
            "column that tells them apart, or write a rule under 'blocking' of the plan."
        )
    best = min(able, key=lambda rule: sample.figures(rule).pairs)
    cost = sample.figures(best).pairs / records
    return (
        f"They would meet by {rule_name(best)!r}, which makes {cost:,.1f} pairs a record: allow "
        "more with --pairs-a-record (pairs_a_record of plan_tables), or write a rule under "
        "'blocking' of the plan."
    )


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"
