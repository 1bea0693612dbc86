"""What a candidate must show in all its fields, where rules bring more pairs than need be compared.

Errors are rare in a match and hit few fields, while the records of a loose key differ in all but
that key. How often each field agrees is known of both: of matches from the sure pairs that are
sure without it, of the others from the pairs of the rules. So each field gets weights, as in a
Fellegi-Sunter model, and the cut is where next to none of the drawn matches falls below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from sameas.blocking import Evidence, Key, Part
from sameas.core.pair_key import distinct_keys, ends_of_key, pair_key
from sameas.core.prepared import FloatArray, IntArray
from sameas.linker.planning.choose import Choice
from sameas.linker.planning.propose import coarse_parts
from sameas.linker.planning.sample import Sample
from sameas.linker.planning.simulate import Simulation
from sameas.records import Field

__all__ = ["asked_evidence"]

_MANY = 500_000  # pairs of all rules below which each is compared
_FIELDS = 8
_ENOUGH = 4  # fields; fewer say too little
_LOST = 0.0005  # of the drawn matches
_TOGETHER = 0.5  # what a differing field counts: errors come together, as in a move
_SURE = 0.2  # of the drawn matches lie below what only matches reach
_MOST = 8.0  # bits that one field may say


def asked_evidence(
    choice: Choice,
    sample: Sample,
    drawn: Simulation,
    fields: Sequence[Field],
    distinct: Mapping[str, int],
) -> Evidence | None:
    """Return a filter for the keys of a plan that make many pairs of records with many fields.

    Parameters
    ----------
    choice : Choice
    sample : Sample
    drawn : Simulation
    fields : sequence of Field
    distinct : mapping of field to int
        How many different values it has.
    """
    keys = [planned.rule for planned in choice.rules if isinstance(planned.rule, Key)]
    if sum(planned.pairs or 0 for planned in choice.rules) < _MANY or not keys:
        return None
    parts = _parts(fields, distinct)
    if len({part.fields for part in parts}) < _ENOUGH:
        return None
    return _weighed(parts, sample, drawn, keys)


def _parts(fields: Sequence[Field], distinct: Mapping[str, int]) -> tuple[Part, ...]:
    """Take the coarse parts of the fields with the most values."""
    able = [field for field in fields if coarse_parts(field) and distinct[field.name] > 1]
    best = sorted(able, key=lambda field: (-distinct[field.name], field.name))[:_FIELDS]
    return tuple(part for field in able if field in best for part in coarse_parts(field))


def _weighed(
    parts: tuple[Part, ...], sample: Sample, drawn: Simulation, keys: Sequence[Key]
) -> Evidence:
    blank = (0.0,) * len({part.fields for part in parts})
    plain = Evidence(parts, blank, blank, 0.0)
    match = _of_matches(plain, sample, drawn)
    same, differ = _of_pairs(plain, sample, *_pairs(sample, keys))
    counted = np.ones(len(same), bool)
    for _ in range(2):  # at first the matches among the pairs are taken for others
        agree = _weight(match[0], match[1], same[counted], differ[counted])
        against = _TOGETHER * _weight(match[1], match[0], differ[counted], same[counted])
        said = match[0] @ agree + match[1] @ against
        counted = same @ agree + differ @ against < np.quantile(said, _SURE)
        if not counted.any():
            break
    least = float(np.floor(10 * np.quantile(said, _LOST)) / 10)
    return Evidence(parts, tuple(agree.tolist()), tuple(against.tolist()), least)


def _of_matches(
    plain: Evidence, sample: Sample, drawn: Simulation
) -> tuple[FloatArray, FloatArray]:
    """Say in which fields the drawn matches agree, and in which they differ."""
    same, differ = _of_pairs(plain, sample, drawn.sure.left, drawn.sure.right)
    shape = len(next(iter(drawn.drawn.values()))), len(plain.fields)
    made = np.zeros(shape), np.zeros(shape)
    for unit, rows in drawn.drawn.items():
        for place, name in enumerate(plain.fields):
            if name in unit:
                made[0][:, place], made[1][:, place] = same[rows, place], differ[rows, place]
    return made


def _of_pairs(
    plain: Evidence, sample: Sample, left: IntArray, right: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Say in which fields pairs agree, and in which they differ."""
    found = plain.agreement(sample.columns(plain.needs()), left, right)
    bit = np.arange(len(plain.fields), dtype=np.uint8)
    same, differ = ((held[:, None] >> bit & np.uint8(1)).astype(np.float64) for held in found)
    return same, differ


def _pairs(sample: Sample, keys: Sequence[Key]) -> tuple[IntArray, IntArray]:
    """List the pairs of all rules inside the sample, each once."""
    joint = [pair_key(left, right) for left, right in map(sample.pairs, keys)]
    return ends_of_key(distinct_keys(np.concatenate(joint)))


def _weight(
    match: npt.NDArray[np.float64],
    match_not: npt.NDArray[np.float64],
    other: npt.NDArray[np.float64],
    other_not: npt.NDArray[np.float64],
) -> FloatArray:
    """Return the bits that an outcome says for a match, among the pairs that have the field."""
    shares = (
        (yes.sum(axis=0) + 1) / (yes.sum(axis=0) + no.sum(axis=0) + 2)
        for yes, no in ((match, match_not), (other, other_not))
    )
    one, two = shares
    return np.asarray(np.round(np.clip(np.log2(one / two), -_MOST, _MOST), 1))
