"""Comparisons that say the same of pairs that are no matches: one of them counts.

A Fellegi-Sunter model takes fields to be independent among non-matches. A column and its cleaned
copy, or a code and its name, agree together on pairs of strangers, and two classes then fit best
if one of them is where both agree. Pairs at random are strangers nearly all, so they show it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sameas.linker.job import Job
from sameas.linker.levels import default_levels
from sameas.linker.patterns import coded, random_pairs
from sameas.matching import FellegiSunter
from sameas.matching.fellegi_sunter import Layout

__all__ = ["repeated", "shared_information", "without_repeats"]

Codes = npt.NDArray[np.uint8]

#: Two comparisons with a larger share of their information in common are one. In 21 pairs of real
#: tables two copies of a column had 0.97 and 0.99, any other two at most 0.21.
_SAME = 0.5
_RANDOM_PAIRS = 10_000
#: With fewer random pairs that know both, or fewer of them outside the most frequent state, there
#: is nothing to say.
_LEAST_PAIRS, _LEAST_OTHER = 300, 30


def without_repeats(job: Job) -> list[str]:
    """Leave out the levels of comparisons that repeat another one, unless the user chose them.

    Parameters
    ----------
    job : Job
        Its matcher is a `FellegiSunter`, and may be another one afterwards.

    Returns
    -------
    list of str
        What was left out, in words.
    """
    spec, matcher = job.spec, job.spec.matcher
    assert isinstance(matcher, FellegiSunter)
    if not set(matcher.levels) <= set(default_levels(spec.comparisons, spec.context)):
        return []
    layout = Layout(matcher.levels, spec.base_names())
    packed, _ = coded(job, layout, "random pairs", pairs=random_pairs(job, _RANDOM_PAIRS))
    found = repeated(layout, layout.unpack(packed))
    if not found:
        return []
    kept = tuple(item for number, item in enumerate(matcher.levels) if number not in found)
    job.spec = replace(spec, matcher=replace(matcher, levels=kept))
    return [
        f"{matcher.levels[second].column} says of records at random what "
        f"{matcher.levels[first].column} says, so only the latter counts"
        for second, first in sorted(found.items())
    ]


def repeated(layout: Layout, codes: Codes) -> dict[int, int]:
    """Find comparisons that repeat another one.

    Parameters
    ----------
    layout : Layout
    codes : uint8[n, c]
        The states of random pairs, as `Layout.codes` gives them.

    Returns
    -------
    dict of int to int
        The comparison that is repeated, by the one that repeats it: of two the one that clearly
        fewer pairs know, or the later one.
    """
    levels = np.array([item.levels for item in layout.levels])
    known = codes < levels
    tenths = np.round(10 * known.mean(axis=0)) if len(known) else np.zeros(len(levels))
    order = sorted(range(len(levels)), key=lambda one: (-tenths[one], one))
    found: dict[int, int] = {}
    for place, second in enumerate(order):
        for first in order[:place]:
            both = known[:, first] & known[:, second]
            pair = codes[both][:, [first, second]]
            if first not in found and shared_information(pair) > _SAME:
                found[second] = first
                break
    return found


def shared_information(codes: Codes) -> float:
    """Return the mutual information of two comparisons, as a share of the larger entropy.

    Parameters
    ----------
    codes : uint8[n, 2]

    Returns
    -------
    float
        In [0, 1]; 0 where too few pairs say anything.

    Examples
    --------
    >>> same = np.repeat(np.array([[0, 0], [1, 1]], np.uint8), 500, axis=0)
    >>> apart = np.repeat(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.uint8), 500, axis=0)
    >>> shared_information(same), shared_information(apart)
    (1.0, 0.0)
    """
    if len(codes) < _LEAST_PAIRS:
        return 0.0
    size = int(codes.max()) + 1
    joint = np.bincount(codes[:, 0].astype(np.int64) * size + codes[:, 1], minlength=size * size)
    table = joint.reshape(size, size).astype(np.float64)
    if min(len(codes) - table.sum(axis=axis).max() for axis in (0, 1)) < _LEAST_OTHER:
        return 0.0
    entropy = [_entropy(table.sum(axis=axis)) for axis in (0, 1)]
    return (sum(entropy) - _entropy(table)) / max(entropy)


def _entropy(count: npt.NDArray[np.float64]) -> float:
    share = count[count > 0] / count.sum()
    return float(-(share * np.log(share)).sum())
