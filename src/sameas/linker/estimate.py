"""How much work linking would be, before it runs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sameas.blocking import KeyRule, PairRule
from sameas.core.prepared import Columns, IntArray
from sameas.engines.base import SortedRows
from sameas.kernels.blocks import block_ends, partner_counts
from sameas.linker.blocks import sample_rule
from sameas.linker.found import Budget, rule_name
from sameas.linker.job import Job
from sameas.linker.oversized import leads_within, part_oversized

__all__ = [
    "Estimate",
    "RuleEstimate",
    "estimate_job",
    "estimate_of",
    "keyed_estimate",
    "prepared_bytes",
]

#: Pairs that are looked at to extrapolate from, a rule.
_SAMPLE = 2_000_000
#: Bytes a record and a candidate pair, prepared columns and result aside.
_PER_PAIR = 40
#: Records that look for their neighbours in an estimate.
_ASKED = 500


@dataclass(frozen=True)
class RuleEstimate:
    """What one rule would do.

    Attributes
    ----------
    rule : str
    blocks : int
        Blocks with at least one pair.
    pairs : int
        Pairs to enumerate.
    largest : tuple of (records, pairs)
        The five largest blocks.
    refused : int
        Blocks above the budget.
    unreachable : int
        Records without a key.
    kept : int
        Candidate pairs, extrapolated from a sample.
    seconds : float
        CPU seconds of one thread for enumeration and filter, extrapolated.
    """

    rule: str
    blocks: int
    pairs: int
    largest: tuple[tuple[int, int], ...]
    refused: int
    unreachable: int
    kept: int
    seconds: float


@dataclass(frozen=True)
class Estimate:
    """What linking would do.

    Attributes
    ----------
    records : int
    unreachable : int
        Records that no rule can reach.
    rules : tuple of RuleEstimate
    candidates : int
        Candidate pairs of all rules (pairs that two rules find count twice).
    seconds : float
        Wall-clock seconds with the threads of the job, for candidates and scores.
    memory_mb : float
        Peak memory beside the tables themselves.
    """

    records: int
    unreachable: int
    rules: tuple[RuleEstimate, ...]
    candidates: int
    seconds: float
    memory_mb: float

    def to_text(self) -> str:
        """Return the estimate as lines for a terminal."""
        lines = [f"{self.records:,} records, {self.unreachable:,} that no rule can reach", ""]
        for rule in self.rules:
            lines.append(
                f"{rule.rule}: {rule.pairs:,} pairs in {rule.blocks:,} blocks, "
                f"about {rule.kept:,} candidates, {rule.seconds:.1f} CPU s"
            )
            blocks = ", ".join(f"{records:,} records ({pairs:,} pairs)"
                               for records, pairs in rule.largest)  # fmt: skip
            lines.append(f"  largest blocks: {blocks or 'none'}")
            if rule.refused:
                lines.append(
                    f"  {rule.refused:,} blocks are above the budget and would be left out"
                )
            if rule.unreachable:
                lines.append(f"  {rule.unreachable:,} records have no key for this rule")
        lines += ["", f"in all about {self.candidates:,} candidate pairs, "
                  f"{self.seconds:.0f} s, {self.memory_mb:,.0f} MB"]  # fmt: skip
        return "\n".join(lines)


def estimate_job(job: Job) -> Estimate:
    """Estimate the work of a job: keys and block sizes exactly, the rest from a sample."""
    rules, reached = [], np.zeros(len(job.records), bool)
    for rule in job.spec.blocking:
        if isinstance(rule, KeyRule):
            rules.append(_key_rule(job, rule, reached))
        else:
            reached[:] = True
            rules.append(_listed_rule(job, rule))
    return estimate_of(
        rules, records=len(job.records), unreachable=int((~reached).sum()),
        threads=job.engine.threads, column_bytes=prepared_bytes(job.columns),
    )  # fmt: skip


def estimate_of(
    rules: Sequence[RuleEstimate],
    *,
    records: int,
    unreachable: int,
    threads: int,
    column_bytes: int,
) -> Estimate:
    """Put the estimates of all rules together."""
    kept = sum(rule.kept for rule in rules)
    seconds = sum(rule.seconds for rule in rules) + kept * 8e-6
    return Estimate(
        records=records,
        unreachable=unreachable,
        rules=tuple(rules),
        candidates=kept,
        seconds=seconds / max(threads, 1),
        memory_mb=(column_bytes + kept * _PER_PAIR) / 1e6 + 250,
    )


def prepared_bytes(columns: Columns) -> int:
    """Return the bytes of prepared columns."""
    return sum(_size(column) for column in columns.values())


def _size(column: Any) -> int:
    return sum(getattr(getattr(column, name), "nbytes", 0) for name in column.__slots__)


def _listed_rule(job: Job, rule: PairRule) -> RuleEstimate:
    """Let a sample of records look for their neighbours."""
    records = len(job.records)
    asked = np.unique(np.linspace(0, max(records - 1, 0), _ASKED).astype(np.int32))[:records]
    took, found = [0.0, 0.0], np.zeros(0, np.int32)
    for turn, some in enumerate((asked[:1], asked)):  # the first compiles and builds the index
        begun = time.thread_time()
        found, right = rule.pairs_of(job.columns, job.group, some, threads=1)
        took[turn] = time.thread_time() - begun
        kept = len(found)
        if rule.filter is not None:
            kept = int(rule.filter.keep(job.columns, found, right).sum())
    scale = records / max(len(asked), 1)
    # Of the pairs that two records list each other, both lists hold one.
    most = records * int(getattr(rule, "k", 1))
    pairs, kept = (min(round(one * scale), most) for one in (len(found), kept))
    return RuleEstimate(rule_name(rule), 0, pairs, (), 0, 0, kept, took[1] * scale)


def _key_rule(job: Job, rule: KeyRule, reached: np.ndarray) -> RuleEstimate:
    rows = rule.rows(job.columns)
    mine = np.zeros(len(reached), bool)
    mine[rows.record] = True
    reached |= mine
    batches = job.engine.exchange(*rows)
    found = keyed_estimate(rule, batches, job.columns, job.group, job.budget)
    return replace(found, unreachable=int((~mine).sum()))


def keyed_estimate(
    rule: KeyRule,
    batches: Iterable[SortedRows],
    columns: Columns,
    group: IntArray | None,
    budget: Budget,
) -> RuleEstimate:
    """Count the blocks of a rule by keys, and look at a sample of their pairs."""
    blocks = pairs = refused = 0
    largest: list[tuple[int, int]] = []
    kept = seconds = 0.0
    for batch in batches:
        if not len(batch.key):
            continue
        end = block_ends(batch.key)
        partners = partner_counts(end, batch.visitor)
        first = np.flatnonzero(np.append(True, batch.key[1:] != batch.key[:-1]))
        work = np.add.reduceat(partners, first)
        blocks += int((work > 0).sum())
        top = np.argsort(-work)[:5]
        largest += [(int(end[first[at]] - first[at]), int(work[at])) for at in top if work[at]]
        batch, end, partners, oversized = part_oversized(batch, end, partners, budget)
        groups = np.zeros(0, np.int32) if group is None else group
        for block, _ in oversized:
            leads = leads_within(block, columns, groups, budget)
            refused += leads is None
            pairs += leads.pairs if leads is not None else 0
        here = int(partners.sum())
        pairs += here
        for sample in (1000, _SAMPLE) if here else ():  # the first compiles
            begun = time.thread_time()
            looked, survived = sample_rule(columns, group, rule, batch, end, partners, pairs=sample)
            took = time.thread_time() - begun
        if here:
            kept += survived / max(looked, 1) * here
            seconds += took / max(looked, 1) * here
    largest.sort(key=lambda item: -item[1])
    return RuleEstimate(
        rule_name(rule), blocks, pairs, tuple(largest[:5]), refused, 0, round(kept), seconds
    )
