"""The patterns of candidate pairs that a model without labels is learned from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.blocking import AllOf, Evidence, Filter, KeyRule, NoSeries, PairRule
from sameas.comparison import CrosswiseNames
from sameas.core.pair_key import distinct_keys, ends_of_key, pair_key
from sameas.core.prepared import IntArray
from sameas.linker.job import Job
from sameas.linker.subjects import names_of_persons
from sameas.matching import FellegiSunter
from sameas.matching.fellegi_sunter import Layout, Patterns, Sample, Stratum

__all__ = [
    "chance_patterns",
    "coded",
    "fields_of_columns",
    "filters_of",
    "patterns_at_random",
    "random_pairs",
    "sample_of",
]

#: So many random pairs for each record, but neither fewer nor more than these in all.
_RANDOM_PAIRS_A_RECORD, _RANDOM_PAIRS = 20, (200_000, 500_000)
#: Random pairs that tell how often fields are alike by chance.
_CHANCE_PAIRS = 20_000
#: Where one table is much larger, few draws are of both: at most so many times more are made.
_MOST_DRAWS = 20
#: The fit looks at candidates that are among so many best of one of their records.
_NEAR = 5
#: With fewer comparisons, the margin of the context aside, a rule leaves too little to tell its
#: matches by.
_LEAST_FREE = 3


def sample_of(
    job: Job,
    layout: Layout,
    packed: npt.NDArray[np.uint64],
    scale: float,
    rule: npt.NDArray[np.uint8] | None = None,
    random: Patterns | None = None,
) -> Sample:
    """Count the patterns that the matcher learns from."""
    outside = _every_pair(job) / scale - len(packed)
    strata = _strata(job, layout, packed, rule) if rule is not None else ()
    return Sample(
        layout.patterns([packed]), _likely(job) / scale, random, max(outside, 0.0), strata=strata
    )


def chance_patterns(job: Job, layout: Layout) -> Patterns | None:
    """Count the patterns of random pairs, where the matcher asks what agrees by chance."""
    matcher = job.spec.matcher
    assert isinstance(matcher, FellegiSunter)
    if matcher.u == "random":
        return patterns_at_random(job, layout)
    if matcher.shared and _tells_chance(job, layout):
        return patterns_at_random(job, layout, _CHANCE_PAIRS)
    return None


def _tells_chance(job: Job, layout: Layout) -> bool:
    """Say whether chance can be told from copies.

    How often records agree in two fields by chance shows in how often they do in each. In one field
    copies look like chance: things of one name are taken for one then, persons are not.
    """
    fields = [item for item in layout.levels if min(item.thresholds, default=0.0) >= 0]
    return len(fields) > 1 or bool(names_of_persons(job.spec.fields))


def patterns_at_random(job: Job, layout: Layout, most: int | None = None) -> Patterns:
    """Count the patterns of pairs of records drawn by plain chance; by default of many."""
    if most is None:
        most = int(np.clip(_RANDOM_PAIRS_A_RECORD * len(job.records), *_RANDOM_PAIRS))
    code, _ = coded(job, layout, "random pairs", pairs=random_pairs(job, most))
    return layout.patterns([code])


def _strata(
    job: Job, layout: Layout, packed: npt.NDArray[np.uint64], rule: npt.NDArray[np.uint8]
) -> tuple[Stratum, ...]:
    """Part candidates by blocking rule, if the rules leave enough fields to learn from."""
    fields = fields_of_columns(job)
    found = []
    for number, item in enumerate(job.spec.blocking):
        needs = list(item.needs())
        for part in filters_of(item):
            if not isinstance(part, Evidence | NoSeries):
                needs += part.needs()  # those ask for no one field
        asked = {field for need in needs for field in need.fields}
        free = [
            all(asked.isdisjoint(fields.get(column, ())) for column in levels.columns())
            for levels in layout.levels
        ]
        compared = [not fields.keys().isdisjoint(levels.columns()) for levels in layout.levels]
        if sum(map(all, zip(free, compared, strict=True))) < _LEAST_FREE:
            return ()
        here = rule == number
        if here.any():
            found.append(Stratum(layout.patterns([packed[here]]), np.array(free)))
    return tuple(found) if len(found) > 1 else ()


def filters_of(rule: KeyRule | PairRule) -> tuple[Filter, ...]:
    """Return the filters that a pair of a blocking rule has to pass, each by itself."""
    chosen = rule.filter
    if chosen is None:
        return ()
    return chosen.filters if isinstance(chosen, AllOf) else (chosen,)


def fields_of_columns(job: Job) -> dict[str, set[str]]:
    """Return what each column of comparisons is about."""
    found: dict[str, set[str]] = {}
    for item in job.spec.comparisons:
        asked = {field for need in item.needs() for field in need.fields}
        found |= dict.fromkeys(item.names(), asked)
        if isinstance(item, CrosswiseNames):  # they are rarely in each other's place
            both = ({item.given_name}, {item.surname})
            found |= dict(zip(item.names(), both, strict=True))
    return found


def _likely(job: Job) -> float:
    """Return the number of matches if about every record of the smaller table had one."""
    sizes = np.bincount(job.records.source_code)
    if job.group is None or len(sizes) < 2:
        return float(len(job.records))
    return float(len(job.records) - sizes.max())


def _every_pair(job: Job) -> float:
    sizes = np.bincount(job.records.source_code).astype(float)
    total = float(sizes.sum())
    every = total * (total - 1) / 2
    return every if job.group is None else every - float((sizes * (sizes - 1) / 2).sum())


def random_pairs(job: Job, most: int) -> tuple[IntArray, IntArray]:
    """Draw pairs of records that may be linked, by plain chance: left < right, both int32[p].

    Parameters
    ----------
    job : Job
    most : int
        So many, or fewer where two draws are the same or of one table.
    """
    random, group = np.random.default_rng(job.spec.seed), job.group
    good_share = 2 * _every_pair(job) / len(job.records) ** 2
    draws = int(2 * most * min(max(1.0, 0.5 / max(good_share, 1e-9)), _MOST_DRAWS))
    ends = random.integers(0, len(job.records), (2, draws)).astype(np.int32)
    left, right = ends.min(axis=0), ends.max(axis=0)
    good = left != right if group is None else group[left] != group[right]
    joint = distinct_keys(pair_key(left[good], right[good]))
    if len(joint) > most:
        joint = np.sort(random.permutation(joint)[:most])
    return ends_of_key(joint)


def coded(
    job: Job,
    layout: Layout,
    what: str,
    *,
    rows: npt.NDArray[np.int64] | None = None,
    pairs: tuple[IntArray, IntArray] | None = None,
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_]]:
    """Return the pattern of each pair, and whether it is among the best few of a record.

    Of the many candidates that some rules bring, the far ones are plain non-matches; without
    them the middle of the field does not look like matches.

    Parameters
    ----------
    job : Job
    layout : Layout
    what : str
        For the progress bar.
    rows : int64[p], optional
        Some of the candidates; all by default.
    pairs : (int32[p], int32[p]), optional
        These pairs instead, left < right.
    """
    context, names = job.spec.context, job.spec.base_names()
    rank = None
    if context is not None:
        rank = names.index(f"{context.over[0].names()[0]}_rank_better")

    def code(features: npt.NDArray[np.float32]) -> npt.NDArray[np.uint64]:
        out = np.ones((len(features), 2), np.uint64)
        out[:, 0] = layout.pack(features)
        if rank is not None:
            out[:, 1] = features[:, rank] <= _NEAR
        return out

    chosen = len(job.candidates) if rows is None else len(rows)
    coded = np.empty((chosen if pairs is None else len(pairs[0]), 2), np.uint64)
    if pairs is None:
        job.each_candidate(what, code, coded, rows)
    else:
        job.each_pair(what, *pairs, code, coded)
    return coded[:, 0], coded[:, 1] == 1
