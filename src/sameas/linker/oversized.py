"""Blocks of very many pairs: they are collapsed to one of equal records, or refused by name."""

from __future__ import annotations

import logging
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import Columns, IntArray
from sameas.engines.base import SortedRows
from sameas.kernels.blocks import block_ends, partner_counts
from sameas.linker.collapse import Leads, find_leads
from sameas.linker.found import Budget, RuleReport

__all__ = ["RefusedBlock", "leads_within", "part_oversized", "refuse"]

logger = logging.getLogger(__name__)


class RefusedBlock(NamedTuple):
    """A block above the budget: its key, rows, the pairs it would make, its first record."""

    key: int
    records: int
    pairs: int
    member: int


def part_oversized(
    batch: SortedRows,
    end: npt.NDArray[np.int64],
    partners: npt.NDArray[np.int64],
    budget: Budget,
) -> tuple[SortedRows, npt.NDArray[np.int64], npt.NDArray[np.int64], list[tuple[SortedRows, int]]]:
    """Take the blocks of very many pairs out of a batch: their rows and pairs."""
    most = budget.pairs_per_block
    if budget.collapse_from is not None:
        most = min(most, budget.collapse_from)
    largest = int((end - np.arange(len(end))).max(initial=0))
    if largest * (largest - 1) // 2 <= most:
        return batch, end, partners, []
    first = np.flatnonzero(np.append(True, batch.key[1:] != batch.key[:-1]))
    work = np.add.reduceat(partners, first)
    heavy = np.flatnonzero(work > most)
    if not len(heavy):
        return batch, end, partners, []
    keep, oversized = np.ones(len(end), bool), []
    for begin, pairs in zip(first[heavy].tolist(), work[heavy].tolist(), strict=True):
        block = slice(begin, int(end[begin]))
        keep[block] = False
        rows = SortedRows(batch.key[block], batch.record[block], batch.visitor[block])
        oversized.append((rows, pairs))
    batch = SortedRows(batch.key[keep], batch.record[keep], batch.visitor[keep])
    end = block_ends(batch.key)
    return batch, end, partner_counts(end, batch.visitor), oversized


def leads_within(
    rows: SortedRows, columns: Columns, group: IntArray, budget: Budget
) -> Leads | None:
    """Collapse an oversized block; None if that is too much work still."""
    if budget.collapse_from is None:
        return None
    leads = find_leads(rows, columns, group)
    return leads if leads.pairs <= budget.pairs_per_block else None


def refuse(rows: SortedRows, pairs: int, budget: Budget, report: RuleReport) -> RefusedBlock:
    """Leave a block out, and say so."""
    block = RefusedBlock(int(rows.key[0]), len(rows.key), pairs, int(rows.record.min()))
    figures = {"records": block.records, "pairs": block.pairs, "member": block.member}
    report.refused.append(figures)
    logger.warning(
        "Rule %s: a block of %d records would make %d pairs, more than the budget of %d; "
        "it is left out and stands in the report.",
        report.rule, block.records, block.pairs, budget.pairs_per_block,
    )  # fmt: skip
    return block
