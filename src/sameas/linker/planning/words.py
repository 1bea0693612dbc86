"""How alike the wording of records must be that meet by it: as the budget of pairs allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sameas.blocking import SharedWord, SimilarWording, TextNeighbours
from sameas.linker.planning.propose import Rule
from sameas.linker.planning.sample import Sample

__all__ = ["alike_enough"]

_A_RECORD = 10.0  # candidates a record
_MEASURED = 500_000  # pairs that are compared to find the cut


def alike_enough(rules: Sequence[Rule], sample: Sample, *, budget: float) -> list[Rule]:
    """Say how alike records must be that rules by their wording bring together.

    Lists of the nearest are no longer than the budget. Records that share a word must be so
    alike that ten candidates a record are left, or half the budget: as many as lists of
    neighbours give, and on products, papers and restaurants they held as many of the matches.

    Parameters
    ----------
    rules : sequence of rules
        Others stay as they are.
    sample : Sample
    budget : float
        Pairs of all rules together, for each record.
    """
    nearest = max(int(budget), 1)
    shorter = [
        replace(rule, k=nearest) if isinstance(rule, TextNeighbours) and rule.k > nearest else rule
        for rule in rules
    ]
    return [_cut(rule, sample, min(_A_RECORD, budget / 2)) for rule in shorter]


def _cut(rule: Rule, sample: Sample, wanted: float) -> Rule:
    likeness = rule.filter
    if not isinstance(rule, SharedWord) or not isinstance(likeness, SimilarWording):
        return rule
    left, right = sample.pairs(replace(rule, filter=None))
    most = wanted * len(sample) / sample.scale  # pairs grow with the square of the records
    if len(left) <= most:
        return replace(rule, filter=None)
    some = np.random.default_rng(0).permutation(len(left))[:_MEASURED]
    cosine = likeness.cosine(sample.columns(likeness.needs()), left[some], right[some])
    least = float(np.quantile(np.nan_to_num(cosine), 1 - most / len(left)))
    return replace(rule, filter=replace(likeness, at_least=max(float(f"{least:.3f}"), 0.001)))
