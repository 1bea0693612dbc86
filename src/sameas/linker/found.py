"""What blocking finds: candidate pairs, a report of every rule, and the budget of a run."""

from __future__ import annotations

from dataclasses import asdict, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.pair_key import pair_key
from sameas.core.prepared import IntArray
from sameas.core.specs import spec_name

__all__ = ["Budget", "Candidates", "Part", "RuleReport", "rule_name"]


def rule_name(rule: Any) -> str:
    """Return what a blocking rule is called in reports: its label, or the name of its spec."""
    label = getattr(rule, "label", None)
    return str(label) if label else spec_name(rule)


@dataclass(frozen=True, slots=True)
class Budget:
    """How much work there may be: above, a block is refused by name, or the run ends.

    Parameters
    ----------
    pairs_per_block : int
        Pairs that one block may enumerate. A block above is skipped and reported.
    candidates : int
        Candidate pairs that a run may keep, about 30 bytes each. Above, it ends with an
        error that names the rule, before the memory does.
    collapse_from : int or None
        In a block of more pairs, of records that are equal in all that is compared only one
        meets everybody (`linker.collapse`); what that leaves counts for `pairs_per_block`. About
        4,500 records by default. None: no block is collapsed.
    """

    pairs_per_block: int = 1_000_000_000
    candidates: int = 300_000_000
    collapse_from: int | None = 10_000_000


@dataclass
class RuleReport:
    """What one rule did.

    Attributes
    ----------
    rule : str
    rows, blocks, largest_block : int
        Rows that travelled, blocks with at least one pair, rows of the largest.
    unreachable : int
        Records to which the rule gives no key.
    frequent : int
        Those of them that have one, but more records share it than the rule lets pass
        (``at_most``).
    enumerated, met, kept : int
        Pairs looked at; pairs within the bound; pairs that also passed the filter and that
        no earlier rule covers.
    refused : list of dict
        Blocks above the budget: records, pairs and a member.
    collapsed : list of dict
        Large blocks in which one of equal records met everybody: records, leads, pairs.
    index : str
        Nearest neighbours: how they were searched, with the recall of the index on a sample.
    """

    rule: str
    rows: int = 0
    blocks: int = 0
    largest_block: int = 0
    unreachable: int = 0
    enumerated: int = 0
    met: int = 0
    kept: int = 0
    refused: list[dict[str, int]] = field(default_factory=list)
    index: str = ""
    frequent: int = 0
    collapsed: list[dict[str, int]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Part:
    """A part of a larger run.

    Attributes
    ----------
    rules : frozenset of int
        Places of the rules that are at work here; the earlier ones still own their pairs.
    own : bool[records] or None
        Pairs are kept whose smaller record is one of these; None: all.
    keys : (int, int) or None
        The blocks from the first key to below the second are at work; None: all.
    """

    rules: frozenset[int]
    own: npt.NDArray[np.bool_] | None = None
    keys: tuple[int, int] | None = None


@dataclass(frozen=True)
class Candidates:
    """Candidate pairs in the order of (left, right), each with the rule that found it.

    The reports of all rules are in the order of the rules; `unreached` is how many records no rule
    reaches, None where that is not counted.
    """

    left: IntArray
    right: IntArray
    rule: npt.NDArray[np.uint8]
    reports: tuple[RuleReport, ...] = ()
    unreached: int | None = None

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.left)

    def between(self, group: IntArray) -> Candidates:
        """Return the pairs of records of different groups."""
        return self.those(group[self.left] != group[self.right])

    def those(self, kept: npt.NDArray[np.bool_]) -> Candidates:
        """Return some of the pairs."""
        count = np.bincount(self.rule[kept], minlength=len(self.reports))
        reports = tuple(
            replace(report, kept=int(number))
            for report, number in zip(self.reports, count, strict=True)
        )
        ends = self.left[kept], self.right[kept]
        return Candidates(*ends, self.rule[kept], reports, self.unreached)

    def places(self, left: IntArray, right: IntArray) -> npt.NDArray[np.int64]:
        """Return where pairs (left < right) stand among the candidates, -1 for others."""
        if not len(self):
            return np.full(len(left), -1)
        known = pair_key(self.left, self.right)
        wanted = pair_key(left, right)
        place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        return np.where(known[place] == wanted, place, -1)
