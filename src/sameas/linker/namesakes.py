"""How likely two records that bear one name, some way apart, are one place.

Sources put one place at different points, some of them far apart; and a name may have several
places. How far matches lie apart shows in the names that each table holds once: within a
kilometre there are more such pairs than by chance. How other places of a name lie around a place
shows in the pairs of one table; how many of the names held once are two places, in those of their
pairs that are too far apart for matches.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.comparison import Faded
from sameas.core.prepared import IntArray
from sameas.kernels.geo import distance, to_xyz
from sameas.linker.job import Job
from sameas.records.normalise import compact
from sameas.records.preparations.texts import hashes

__all__ = ["guess_of_namesakes"]

Wide = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

#: Bounds of the rings that distances fall into, metres; matches lie no farther apart than the last.
_RINGS = np.array(
    [0, 25, 50, 75, 100, 150, 200, 300, 400, 500, 600, 700, 850, 1000], np.float64
)  # fmt: skip
#: Pairs from there to here, metres, are there by chance.
_FAR = 5_000.0
#: Counts of pairs are held to be this many standard errors to the worse side.
_ERRORS = 1.0
_AXES = ("x", "y", "z")
#: With fewer pairs of a kind nothing is said.
_FEW = 50
#: Records of repeated names that are looked at, and records of one name.
_MOST, _MOST_OF_ONE = 100_000, 100


class Bearers(NamedTuple):
    """Who bears which name, and where.

    Attributes
    ----------
    name : int64[n]
        The name of each record, written without spaces and signs; -1 without a name or a position.
    source : int[n]
    counts : int64[names, sources]
        Records of each name in each source.
    xyz : float64[n, 3]
    """

    name: Whole
    source: npt.NDArray[np.integer]
    counts: Whole
    xyz: Wide


def guess_of_namesakes(job: Job, left: IntArray, right: IntArray) -> Wide:
    """Guess which pairs of different tables that bear one name are matches, by their distance.

    Parameters
    ----------
    job : Job
        Its context holds the likeness of a name that fades with distance; otherwise nothing is
        said.
    left, right : int32[p]

    Returns
    -------
    float64[p]
        From 0 to 1; 0 where the names differ (spaces and signs aside) or lie more than a
        kilometre apart.
    """
    guess = np.zeros(len(left))
    bearers = _bearers(job)
    if bearers is None:
        return guess
    densities = _densities(bearers, job.spec.seed)
    alike = (bearers.name[left] == bearers.name[right]) & (bearers.name[left] >= 0)
    if densities is None or not alike.any():
        return guess
    one, two = left[alike], right[alike]
    ring = np.searchsorted(_RINGS, distance(one, two, bearers.xyz), side="right") - 1
    match, chance, other = (np.append(each, 0.0)[ring] for each in densities)
    name = bearers.name[one]
    count = np.maximum(
        bearers.counts[name, bearers.source[one]], bearers.counts[name, bearers.source[two]]
    )
    every = match + chance + (count - 1) * other
    guess[alike] = match / np.maximum(every, np.finfo(np.float64).tiny)
    return guess


def _bearers(job: Job) -> Bearers | None:
    """Return the names and positions that the first similarity of the context compares."""
    over = () if job.spec.context is None else job.spec.context.over
    faded = [item for item in over if isinstance(item, Faded)]
    if not faded:
        return None
    points, text = faded[0].needs()[:2]
    found = job.each_record(partial(_named_points, fields=(text.fields[0], *points.fields)))
    xyz = np.stack([found[axis].to_numpy() for axis in _AXES], axis=1)
    key, known = found["key"].to_numpy(), found["known"].to_numpy()
    name = np.full(len(key), -1, np.int64)
    names, name[known] = np.unique(key[known], return_inverse=True)
    source, sources = job.records.source_code, len(job.records.sources)
    place = name[known] * sources + source[known]
    counts = np.bincount(place, minlength=len(names) * sources)
    return Bearers(name, source, counts.reshape(-1, sources), xyz)


def _named_points(table: pa.Table, *, fields: tuple[str, ...]) -> pa.Table:
    """Return what the name of each record hashes to, and where it is."""
    names, latitude, longitude = (table[name].combine_chunks() for name in fields)
    names = compact(names)
    xyz = to_xyz(*(axis.cast(pa.float64()).to_numpy(zero_copy_only=False)
                   for axis in (latitude, longitude)))  # fmt: skip
    known = names.is_valid().to_numpy(zero_copy_only=False) & ~np.isnan(xyz[:, 0])
    columns = {axis: xyz[:, place] for place, axis in enumerate(_AXES)}
    return pa.table({"key": hashes(names.fill_null("")), "known": known} | columns)


def _densities(bearers: Bearers, seed: int) -> tuple[Wide, Wide, Wide] | None:
    """Return pairs a square metre in each ring, which fall with the distance.

    Of the names that each table holds once: matches, and two places of a name; and what there
    would be of these for every further place that bears a name.
    """
    from sklearn.isotonic import isotonic_regression

    known = np.flatnonzero(bearers.name >= 0)
    single = (bearers.counts.max(axis=1) == 1)[bearers.name[known]]
    once = _apart(bearers, *_pairs(bearers.name, known[single]))
    inside = _apart(bearers, *_pairs_inside(bearers, seed))
    met, spread = (np.histogram(each, _RINGS)[0].astype(np.float64) for each in (once, inside))
    if met.sum() < _FEW or _beyond(inside) < _FEW:
        return None
    doubt = _beyond(once) + _ERRORS * np.sqrt(_beyond(once) + 1)
    chance = spread * doubt / _beyond(inside)
    other = spread * len(once) / len(inside)
    sure = np.maximum(met - _ERRORS * np.sqrt(met) - chance, 0.0)
    area = np.diff(_RINGS**2)
    falling = partial(isotonic_regression, sample_weight=area, increasing=False)
    return falling(sure / area), falling(chance / area), falling(other / area)


def _pairs(name: Whole, records: Whole) -> tuple[Whole, Whole]:
    """Return all pairs of some records that bear one name."""
    order = records[np.argsort(name[records], kind="stable")]
    found, step = [(order[:0], order[:0])], 1
    while step < len(order):
        alike = name[order[step:]] == name[order[:-step]]
        if not alike.any():
            break
        found.append((order[:-step][alike], order[step:][alike]))
        step += 1
    left, right = (np.concatenate(ends) for ends in zip(*found, strict=True))
    return left, right


def _pairs_inside(bearers: Bearers, seed: int) -> tuple[Whole, Whole]:
    """Return pairs of one table that bear one name: of so many records at most, drawn."""
    known = np.flatnonzero(bearers.name >= 0)
    known = np.random.default_rng(seed).permutation(known)
    sources = bearers.counts.shape[1]
    key = bearers.name[known] * sources + bearers.source[known]
    known = known[bearers.counts.reshape(-1)[key] > 1]
    key = bearers.name * sources + bearers.source
    order = known[np.argsort(key[known], kind="stable")]
    first = np.searchsorted(key[order], key[order])
    few = order[np.arange(len(order)) - first < _MOST_OF_ONE]
    return _pairs(key, few[:_MOST])


def _apart(bearers: Bearers, left: Whole, right: Whole) -> Wide:
    """Return the distances of pairs in metres."""
    found: Wide = distance(left.astype(np.int32), right.astype(np.int32), bearers.xyz)
    return found


def _beyond(apart: Wide) -> int:
    """Count the pairs that lie too far apart for matches, and not yet elsewhere."""
    return int(((apart >= _RINGS[-1]) & (apart < _FAR)).sum())
