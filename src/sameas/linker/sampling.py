"""How many candidate pairs a model without labels is learned from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.blocking import NoSeries
from sameas.core.errors import LabelError
from sameas.linker.found import rule_name
from sameas.linker.job import Job
from sameas.linker.patterns import chance_patterns, coded, filters_of, sample_of
from sameas.matching import FellegiSunter
from sameas.matching.fellegi_sunter import Layout, Patterns, Sample, surely

__all__ = ["Drawn", "check_candidates", "drawn"]

#: Candidate pairs beyond this many are sampled for the fit. Of two tables more are taken, for how
#: exclusive partners are shows in all the candidates of a record; and for an opinion, which is
#: asked of all of them anyway.
_MOST_PAIRS = 100_000
_MOST_ACROSS = 5_000_000
_MOST_OPINION = 250_000
#: So many of a sample are looked at first, and are enough if so many are surely matches: tables of
#: persons give the same F1 within 0.1 then. Where matches are few, each of them counts.
_FIRST_PAIRS, _ENOUGH = 40_000, 4_000


class Drawn(NamedTuple):
    """Candidate pairs to learn from.

    Attributes
    ----------
    rows : int64[p]
        Of the candidates, in order.
    packed : uint64[p]
        Their patterns.
    near : bool[p]
        Among the best few of a record.
    sample : Sample
        The patterns of those.
    """

    rows: npt.NDArray[np.int64]
    packed: npt.NDArray[np.uint64]
    near: npt.NDArray[np.bool_]
    sample: Sample


def check_candidates(job: Job) -> None:
    """Say why there is nothing to learn from, if blocking brings no two records together.

    Raises
    ------
    LabelError
    """
    if len(job.candidates):
        return
    rules = job.spec.blocking
    numbered = {
        part.field for rule in rules for part in filters_of(rule) if isinstance(part, NoSeries)
    }
    hint = "Block by other rules if there should be some."
    if numbered:
        hint = (
            "Names that differ in nothing but a number are not compared: leave "
            f'{", ".join(sorted(numbered))} out of "numbered" in a plan if they should be.'
        )
    raise LabelError(
        "There are no candidate pairs to learn from: no two records meet by "
        f"{'; '.join(map(rule_name, rules))}. {hint}"
    )


def drawn(job: Job, layout: Layout, *, opinion: bool = False) -> Drawn:
    """Draw candidate pairs, and count their patterns.

    Parameters
    ----------
    job : Job
        Its matcher is a `FellegiSunter`.
    layout : Layout
    opinion : bool
        Of more of them.
    """
    matcher, total = job.spec.matcher, len(job.candidates)
    assert isinstance(matcher, FellegiSunter)
    check_candidates(job)
    rows, chance = _rows(job, opinion), chance_patterns(job, layout)
    first = len(rows) if opinion or not matcher.shared or len(rows) == total else _FIRST_PAIRS
    part = np.sort(rows[:first])
    packed, near = coded(job, layout, "levels", rows=None if len(part) == total else part)
    found = _counted(job, layout, part, packed, near, chance)
    rest = np.sort(rows[first:])
    if not len(rest) or _sure(layout, found.sample, matcher.shared) >= _ENOUGH:
        return found
    more, nearby = coded(job, layout, "levels", rows=rest)
    part, packed = np.append(part, rest), np.append(packed, more)
    order = np.argsort(part)
    near = np.append(near, nearby)[order]
    return _counted(job, layout, part[order], packed[order], near, chance)


def _rows(job: Job, opinion: bool) -> npt.NDArray[np.int64]:
    """Return the candidates to learn from, in the order in which they are drawn."""
    total, inside = len(job.candidates), _MOST_OPINION if opinion else _MOST_PAIRS
    most = inside if job.group is None else _MOST_ACROSS
    if total <= most:
        return np.arange(total)
    random = np.random.default_rng(job.spec.seed)
    return np.asarray(random.choice(total, most, replace=False))


def _counted(
    job: Job,
    layout: Layout,
    rows: npt.NDArray[np.int64],
    packed: npt.NDArray[np.uint64],
    near: npt.NDArray[np.bool_],
    chance: Patterns | None,
) -> Drawn:
    near = near if near.any() else np.ones(len(near), bool)
    scale = max(len(job.candidates), 1) / max(len(rows), 1)
    rule = job.candidates.rule[rows][near]
    return Drawn(rows, packed, near, sample_of(job, layout, packed[near], scale, rule, chance))


def _sure(layout: Layout, sample: Sample, least: float) -> float:
    """Count the pairs that are matches beyond doubt."""
    found = surely(layout, sample.candidates, least, sample.chance)
    return float(sample.candidates.count @ found.sure)
