"""What a candidate must show in all its fields, where rules bring more pairs than need be compared.

Errors are rare in a match and hit few fields, while the records of a loose key differ in all but
that key. How often each field agrees is known of both: of matches from the sure pairs that are
sure without it, of the others from the pairs of the rules. So each field gets weights, as in a
Fellegi-Sunter model, and the cut is where next to none of the drawn matches falls below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.blocking import Evidence, Key, Part
from sameas.blocking.evidence import Agreement
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


class _Tally(NamedTuple):
    """How many pairs agree and differ in which fields: a row for each pattern that occurs.

    Attributes
    ----------
    same, differ : float64[k, f]
        1 for the fields in which the pairs of a pattern agree, and in which they differ.
    pairs : int64[k]
    """

    same: FloatArray
    differ: FloatArray
    pairs: npt.NDArray[np.int64]

    def where(self, chosen: npt.NDArray[np.bool_]) -> _Tally:
        """Return some patterns."""
        return _Tally(self.same[chosen], self.differ[chosen], self.pairs[chosen])

    def shares(self) -> tuple[FloatArray, FloatArray]:
        """Return of the pairs that have a field how many agree, and how many differ."""
        yes, no = (self.pairs @ part + 1 for part in (self.same, self.differ))
        return yes / (yes + no), no / (yes + no)


def _weighed(
    parts: tuple[Part, ...], sample: Sample, drawn: Simulation, keys: Sequence[Key]
) -> Evidence:
    blank = (0.0,) * len({part.fields for part in parts})
    plain = Evidence(parts, blank, blank, 0.0)
    columns = sample.columns(plain.needs())
    match = _of_matches(plain, plain.agreement(columns, drawn.sure.left, drawn.sure.right), drawn)
    pairs = _tally(plain, plain.agreement(columns, *_pairs(sample, keys)))
    others = pairs
    for _ in range(2):  # at first the matches among the pairs are taken for others
        shares = zip(match.shares(), others.shares(), strict=True)
        agree, against = (_bits(*share) for share in shares)
        against *= _TOGETHER
        said = np.repeat(match.same @ agree + match.differ @ against, match.pairs)
        others = pairs.where(pairs.same @ agree + pairs.differ @ against < np.quantile(said, _SURE))
        if not len(others.pairs):
            break
    least = float(np.floor(10 * np.quantile(said, _LOST)) / 10)
    return Evidence(parts, tuple(agree.tolist()), tuple(against.tolist()), least)


def _of_matches(plain: Evidence, sure: Agreement, drawn: Simulation) -> _Tally:
    """Count the drawn matches, whose fields come from different sure pairs."""
    shape = len(next(iter(drawn.drawn.values())))
    made = Agreement(np.zeros(shape, np.uint8), np.zeros(shape, np.uint8))
    for unit, rows in drawn.drawn.items():
        lacking = drawn.lacking.get(unit)
        for place, name in enumerate(plain.fields):
            if name in unit:
                lane = np.uint8(1 << place)
                there = lane if lacking is None else lane * drawn.sample.known(name)[lacking]
                for bits, found in zip(made, sure, strict=True):
                    bits |= found[rows] & there
    return _tally(plain, made)


def _tally(plain: Evidence, found: Agreement) -> _Tally:
    """Count the patterns of pairs."""
    joint = found.same.astype(np.int64) << 8 | found.differ
    count = np.bincount(joint, minlength=1 << 16)
    pattern = np.flatnonzero(count)
    bit = np.arange(len(plain.fields))
    same, differ = (
        (held[:, None] >> bit & 1).astype(np.float64) for held in (pattern >> 8, pattern & 255)
    )
    return _Tally(same, differ, count[pattern])


def _pairs(sample: Sample, keys: Sequence[Key]) -> tuple[IntArray, IntArray]:
    """List the pairs of all rules inside the sample, each once."""
    joint = [pair_key(left, right) for left, right in map(sample.pairs, keys)]
    return ends_of_key(distinct_keys(np.concatenate(joint)))


def _bits(match: FloatArray, other: FloatArray) -> FloatArray:
    """Return the bits that an outcome says for a match, by its share of matches and others."""
    return np.asarray(np.round(np.clip(np.log2(match / other), -_MOST, _MOST), 1))
