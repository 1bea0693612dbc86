"""Which of the proposed rules a plan takes: the most matches for each pair, within a budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from sameas.blocking import Key, PairRule, SharedWord
from sameas.blocking.base import BoolArray
from sameas.core.dataclass import dataclass
from sameas.linker.found import rule_name
from sameas.linker.planning.planned import PlannedRule
from sameas.linker.planning.propose import Rule, fields_of
from sameas.linker.planning.reach import further_reach, reached_by
from sameas.linker.planning.sample import RuleFigures, Sample

__all__ = ["PAIRS_A_RECORD", "Choice", "choose"]

#: Candidate pairs a record that a plan may make by default.
PAIRS_A_RECORD = 20.0

_GAIN = 0.0005  # of the matches: a rule that adds less is not worth its pairs
_LEAST = 1.0  # matches that a rule has to add
_AGAIN = 0.01  # of the matches: what a rule has to add that finds them once more
_SMALL = 10  # records that share a value which hardly anybody shares
_UNKNOWN = 1.0  # pairs a record where nothing is known of matches
_SPARED = 0.5  # of what is left of the budget may go to finding matches once more


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen rules with their figures.

    Attributes
    ----------
    rules : tuple of PlannedRule
    recall : float or None
        Share of the matches that they find.
    reached : float
        Share of the records that get a key of one of them at least.
    too_high : bool
        The share of the matches is too high.
    """

    rules: tuple[PlannedRule, ...]
    recall: float | None
    reached: float
    too_high: bool = False


def choose(
    sample: Sample,
    base: Sequence[Rule],
    further: Sequence[Rule],
    finds: Callable[[Rule], BoolArray] | None,
    *,
    budget: float,
    depth: int = 1,
    moving: Sequence[frozenset[str]] = (),
) -> Choice:
    """Take the base rules, then greedily the rule that adds most matches for its pairs.

    Parameters
    ----------
    sample : Sample
    base, further : sequence of rules
    finds : callable or None
        Which of the matches a rule finds; None if nothing is known of matches.
    budget : float
        Pairs of all rules together, for each record.
    depth : int
        How many rules should find each match: 2 where what they find is only an estimate,
        so that one field that is worse than estimated does not lose what it held.
    moving : sequence of frozenset of str
        Fields that may all differ at once, as an address does: rules that read none of them
        should find each match.
    """
    records = len(sample) * sample.scale
    figures = {rule: sample.figures(rule) for rule in (*base, *further)}
    left = budget * records - sum(figures[rule].pairs for rule in base)
    if finds is None:
        chosen = _by_size(base, further, figures, min(left, _UNKNOWN * records))
        left -= sum(figures[rule].pairs for rule in chosen if rule not in base)
        rest = [rule for rule in further if rule not in chosen]
        chosen += further_reach(sample, chosen, rest, figures, left)
        return _with_figures(sample, _in_turn(chosen, figures), None, figures)
    hits = {rule: finds(rule) for rule in (*base, *further)}
    total = max(len(next(iter(hits.values()), ())), 1)
    chosen = list(base)
    rest = [rule for rule in further if hits[rule].any()]
    rounds = [(1, frozenset[str]()), *((1, fields) for fields in moving)]
    rounds += [(number, frozenset[str]()) for number in range(2, depth + 1)]
    for number, (times, spared) in enumerate(rounds):
        found = np.zeros(total, np.int16)
        for rule in chosen:
            found += hits[rule] & spared.isdisjoint(fields_of(rule))
        added = _greedy(
            [rule for rule in rest if spared.isdisjoint(fields_of(rule))], hits, figures, found,
            times, _AGAIN if number else _GAIN, _SPARED * left if number else left, records,
        )  # fmt: skip
        left -= sum(figures[rule].pairs for rule in added)
        chosen += added
        rest = [rule for rule in rest if rule not in added]
    if depth == 1:
        chosen = _needed(chosen, base, hits)
    chosen += further_reach(
        sample, chosen, [rule for rule in further if rule not in chosen], figures, left
    )
    return _with_figures(sample, _in_turn(chosen, figures), hits, figures)


def _greedy(
    rest: Sequence[Rule],
    hits: dict[Rule, BoolArray],
    figures: dict[Rule, RuleFigures],
    times: npt.NDArray[np.int16],
    depth: int,
    gain: float,
    left: float,
    floor: float,
) -> list[Rule]:
    """Add rules while they find matches that fewer than `depth` rules have found."""
    rest, chosen = list(rest), []
    while rest:
        best, value, wanting = -1, 0.0, times < depth
        for place, rule in enumerate(rest):
            found = int(np.count_nonzero(hits[rule] & wanting))
            if found >= max(_LEAST, gain * len(times)) and figures[rule].pairs <= left:
                worth = found / (figures[rule].pairs + floor)
                if worth > value:
                    best, value = place, worth
        if best < 0:
            break
        rule = rest.pop(best)
        chosen.append(rule)
        times += hits[rule]
        left -= figures[rule].pairs
    return chosen


def _needed(chosen: list[Rule], base: Sequence[Rule], hits: dict[Rule, BoolArray]) -> list[Rule]:
    """Leave out rules whose matches the others find."""
    for rule in list(chosen):
        others = [hits[other] for other in chosen if other is not rule]
        if rule in base or not others:
            continue
        alone = hits[rule] & ~np.any(others, axis=0)
        if alone.sum() < max(_LEAST, 0.2 * _GAIN * len(alone)):
            chosen = [other for other in chosen if other is not rule]
    return chosen


def _in_turn(chosen: list[Rule], figures: dict[Rule, RuleFigures]) -> list[Rule]:
    """Put rules by keys first, the most selective at the head; lists of neighbours last."""
    return sorted(chosen, key=lambda rule: (_lists(rule), figures[rule].pairs))


def _lists(rule: Rule) -> bool:
    return isinstance(rule, PairRule) and not hasattr(rule, "rows")


def _with_figures(
    sample: Sample,
    chosen: Sequence[Rule],
    hits: dict[Rule, BoolArray] | None,
    figures: dict[Rule, RuleFigures],
) -> Choice:
    reached = float(reached_by(sample, chosen).mean())
    if hits is None:
        planned = [_planned(rule, figures[rule], None, None) for rule in chosen]
        return Choice(tuple(planned), None, reached)
    total = max(len(next(iter(hits.values()), ())), 1)
    found, planned = np.zeros(total, bool), []
    for rule in chosen:
        gained = float((hits[rule] & ~found).mean())
        found |= hits[rule]
        planned.append(_planned(rule, figures[rule], float(hits[rule].mean()), gained))
    return Choice(tuple(planned), float(found.mean()), reached)


def _planned(
    rule: Rule, figures: RuleFigures, recall: float | None, gained: float | None
) -> PlannedRule:
    short = (None if x is None else round(x, 4) for x in (figures.reached, recall, gained))
    return PlannedRule(rule, rule_name(rule), figures.pairs, figures.largest, *short)


def _by_size(
    base: Sequence[Rule], further: Sequence[Rule], figures: dict[Rule, RuleFigures], left: float
) -> list[Rule]:
    """Without any idea of matches: the loosest rules of which several stay within few pairs.

    Before them, one a field, values that hardly anybody shares: telephone numbers, e-mail
    addresses, rare names.
    """
    chosen = list(base)
    keys = [r for r in further if isinstance(r, Key | SharedWord) and figures[r].pairs]
    spared, held = left, frozenset[str]()
    for rule in sorted(keys, key=lambda item: -figures[item].pairs):
        fields = fields_of(rule)
        alone = isinstance(rule, Key) and len(fields) == 1 and not fields & held
        if alone and figures[rule].largest <= _SMALL and figures[rule].pairs <= spared:
            chosen.append(rule)
            spared -= figures[rule].pairs
            held |= fields
    for rule in sorted(keys, key=lambda item: -figures[item].pairs):
        if figures[rule].pairs <= 0.2 * left and len(chosen) < 8 and rule not in chosen:
            chosen.append(rule)
            left -= figures[rule].pairs
    if not chosen and keys:  # of a handful of records a pair is many
        chosen.append(min(keys, key=lambda item: figures[item].pairs))
    return chosen
