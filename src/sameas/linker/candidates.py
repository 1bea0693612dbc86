"""The block kernel: blocks become candidate pairs, in chunks, never as a table of all pairs.

Per rule: keys → exchange → enumerate → bound → filter → own block → not covered by an
earlier rule. Only what survives is kept: nine bytes a pair.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sameas.blocking import Key, KeyRule, NearestNeighbors, PairRule, covers
from sameas.blocking.base import Rows
from sameas.core.errors import RunError
from sameas.core.pair_key import ends_of_key, pair_key
from sameas.core.prepared import Codes, Columns, IntArray
from sameas.engines.base import Engine
from sameas.kernels.arrays import plain
from sameas.kernels.pair_words import owned_pairs, pack_pairs
from sameas.linker.blocks import Done, Task, pairs_of, rows_ahead
from sameas.linker.found import Budget, Candidates, Part, RuleReport, rule_name
from sameas.linker.oversized import RefusedBlock

__all__ = ["find_candidates"]

logger = logging.getLogger(__name__)


def find_candidates(
    columns: Columns,
    rules: Sequence[KeyRule | PairRule],
    records: int,
    *,
    group: IntArray | None,
    engine: Engine,
    budget: Budget | None = None,
    part: Part | None = None,
) -> Candidates:
    """Find the pairs that the union of the rules brings together, each once.

    Parameters
    ----------
    columns : mapping of Need to prepared column
    rules : sequence of KeyRule and PairRule
        A pair belongs to the first rule that covers it; rules that list their pairs
        themselves are taken last.
    records : int
    group : int32[records], optional
        Records of one group never make a pair (linking across sources only).
    engine : Engine
    budget : Budget, optional
    part : Part, optional
        Of a larger run: which rules are at work here, and whose pairs are kept.

    Returns
    -------
    Candidates

    Raises
    ------
    RunError
        If more pairs survive than the budget allows.
    """
    keyed = [rule for rule in rules if isinstance(rule, KeyRule)]
    budget = budget or Budget()
    repeated = part is None and _small_blocks(keyed, budget)
    part = part or Part(frozenset(range(len(rules))))
    listed = [rule for rule in rules if not isinstance(rule, KeyRule)]
    numbers = [number for number, rule in enumerate(rules) if isinstance(rule, KeyRule)]
    places = [place for place, number in enumerate(numbers) if number in part.rules]
    working = [keyed[place] for place in places]
    lefts, rights, owners = [], [], []
    reports: dict[int, RuleReport] = {}
    groups = np.zeros(0, np.int32) if group is None else group
    kept = 0
    done: list[Done] = [(rule, np.zeros(0, np.uint64)) for rule in keyed]
    away = np.ones(records, bool) if part.own is None else part.own.copy()
    ahead = rows_ahead(working, columns, engine, part.keys)
    for place, rule, (rows, batches) in zip(places, working, ahead, strict=True):
        report, refused = _begun(rule, rows, columns), list[RefusedBlock]()
        report.unreachable = _unreached(rows, records, part)
        away[rows.record] = False
        earlier = () if repeated else tuple(done[:place])
        task = Task(rule, earlier, columns, groups, rule.bound(columns), part.own)
        for left, right in pairs_of(task, batches, engine.threads, budget, report, refused):
            lefts.append(left)
            rights.append(right)
            owners.append(np.full(len(left), numbers[place], np.uint8))
            kept += len(left)
            if repeated and kept > budget.candidates:
                (*ends, owner) = _distinct(lefts, rights, owners)
                lefts, rights, owners, kept = [ends[0]], [ends[1]], [owner], len(owner)
            _check_budget(kept, report, budget)
        reports[numbers[place]] = report
        done[place] = rule, np.array([block.key for block in refused], np.uint64)
    for lister in listed:
        left, right, report = _listed(lister, done, columns, group, engine, away)
        lefts.append(left)
        rights.append(right)
        owners.append(np.full(len(left), rules.index(lister), np.uint8))
        reports[rules.index(lister)] = report
    left, right, owner = _distinct(lefts, rights, owners)
    if repeated:
        held = np.bincount(owner, minlength=len(rules))
        for number in numbers:
            reports[number].kept = int(held[number])
    told = tuple(reports[number] for number in sorted(reports))
    return Candidates(left, right, owner, told, int(np.count_nonzero(away)))


def _begun(rule: KeyRule, rows: Rows, columns: Columns) -> RuleReport:
    """Begin the report of a rule with what its rows say."""
    report = RuleReport(rule_name(rule), rows=len(rows.key))
    report.largest_block = min(report.rows, 1)
    found = [columns[need] for need in rule.needs()]
    report.frequent = sum(item.frequent for item in found if isinstance(item, Codes))
    return report


def _small_blocks(rules: Sequence[KeyRule], budget: Budget) -> bool:
    """Say whether all blocks are small, so that none is refused or collapsed.

    Then each rule that covers a pair does find it, and sorting out the repeated pairs at the end
    costs a third of asking all earlier rules about each pair.
    """
    most = min(budget.pairs_per_block, budget.collapse_from or budget.pairs_per_block)
    return all(
        isinstance(rule, Key)
        and rule.at_most is not None
        and rule.at_most * (rule.at_most - 1) // 2 <= most
        for rule in rules
    )


def _unreached(rows: Rows, records: int, part: Part) -> int:
    """Count the records without a key, those of other parts aside."""
    reached = np.zeros(records, bool)
    reached[rows.record] = True
    return int(np.count_nonzero(~reached if part.own is None else part.own & ~reached))


def _check_budget(kept: int, report: RuleReport, budget: Budget) -> None:
    if kept > budget.candidates:
        raise RunError(
            f"More than {budget.candidates:,} candidate pairs survive; the rule {report.rule!r} "
            f"was at work and had kept {report.kept:,} of them. Give it a narrower filter, leave "
            "it out, or allow more (Budget(candidates=...)); `estimate` says beforehand how many "
            "pairs a rule keeps."
        )


def _distinct(
    lefts: list[IntArray], rights: list[IntArray], owners: list[npt.NDArray[np.uint8]]
) -> tuple[IntArray, IntArray, npt.NDArray[np.uint8]]:
    """Sort pairs by (left, right); a repeated one belongs to the first rule that found it.

    The lists are emptied on the way, so that pairs are in memory twice, not thrice.
    """
    most = max((int(right.max()) for right in rights if len(right)), default=1)
    bits = most.bit_length()  # left < right
    if 2 * bits + 8 > 64:
        joint = pair_key(np.concatenate(lefts), np.concatenate(rights))
        owner = np.concatenate(owners)
        order = np.lexsort((owner, joint))
        joint, owner = joint[order], owner[order]
        first = np.append(True, joint[1:] != joint[:-1])
        return *ends_of_key(joint[first]), owner[first]
    # Sorting whole words is several times as fast as sorting their places.
    word = np.empty(sum(map(len, lefts)), np.uint64)
    begin = len(word)
    while lefts:
        left, right, owner = lefts.pop(), rights.pop(), owners.pop()
        begin -= len(left)
        ends = plain(left, np.int32), plain(right, np.int32)
        pack_pairs(*ends, plain(owner, np.uint8), bits, word, begin)
    word.sort()
    left, right, owner = owned_pairs(plain(word, np.uint64), bits)
    return left, right, owner


def _listed(
    rule: PairRule,
    earlier: Sequence[Done],
    columns: Columns,
    group: IntArray | None,
    engine: Engine,
    away: npt.NDArray[np.bool_],
) -> tuple[IntArray, IntArray, RuleReport]:
    report = RuleReport(rule_name(rule))
    left, right = rule.pairs(columns, group, threads=engine.threads)
    away[left] = away[right] = False
    report.enumerated = report.met = len(left)
    if isinstance(rule, NearestNeighbors):
        report.index = rule.searched(columns)
    keep = np.ones(len(left), bool)
    if rule.filter is not None:
        keep &= rule.filter.keep(columns, left, right)
    for other, refused in earlier:
        keep &= ~covers(other, columns, left, right, refused)
    report.kept = int(keep.sum())
    return left[keep], right[keep], report
