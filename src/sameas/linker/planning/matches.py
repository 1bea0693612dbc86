"""Very sure pairs without any label: what a match of these tables looks like.

A field that agrees speaks for a match with as many bits as its value is rare; one that
differs speaks against it. Pairs whose sum is far above what chance gives among all pairs,
and that are the best of both their records, are taken as matches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from sameas.blocking import Key, KeyRule, Part
from sameas.comparison import Comparison, JaroWinkler, NgramCosine
from sameas.comparison.base import compare
from sameas.core.pair_key import distinct_keys, ends_of_key, pair_key
from sameas.core.prepared import IntArray
from sameas.linker.planning.propose import Rule
from sameas.linker.planning.sample import Sample
from sameas.records import Field
from sameas.records.preparations.words import distinct_sorted

__all__ = ["SurePairs", "evidence_of", "part_of", "sure_pairs"]

_PAIRS = 250_000  # pairs that are looked at
_SLOW = 2_000  # records from which nearest neighbours are asked for by record only
_KEPT = 400  # sure pairs that they are asked for
_MARGIN = 8.0  # bits above the odds of two records drawn at random
_AGAINST = 3.0  # bits that a differing field speaks against
_DIFFERING = 0.25  # share of the fields with both values that a sure pair may differ in
_HOPE = 0.5  # share of the needed bits that equal values must bring before likeness is asked
_MOST_HOPE = 4.0  # bits that a text is credited with before it is compared
_FORMS = {
    "phone": "digits", "url": "url", "postal_code": "postal_code", "email": "email",
    "organisation": "organisation", "date": "date",
}  # fmt: skip
_TEXTS = ("name", "text", "organisation", "person", "address", "street", "set",
          "aliases")  # fmt: skip
_PLACE = ("latitude", "longitude")
_LINE = 7  # last digits of a telephone number that are its own

FloatMatrix = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class SurePairs:
    """Pairs that are taken as matches, and what each field says of them.

    Attributes
    ----------
    left, right : int32[p]
    bits : float32[p, f]
        For a match (positive) or against it.
    needed : float
        Bits that a pair needs to count as sure.
    """

    left: IntArray
    right: IntArray
    bits: FloatMatrix
    needed: float

    def __len__(self) -> int:
        return len(self.left)


def sure_pairs(sample: Sample, fields: Sequence[Field], rules: Sequence[Rule]) -> SurePairs:
    """Find pairs that are matches beyond doubt, among those that the rules find.

    Parameters
    ----------
    sample : Sample
    fields : sequence of Field
    rules : sequence of rules
        The most selective ones first are listed until there are enough pairs.
    """
    left, right = _listed(sample, rules)
    needed = float(np.log2(max(len(sample) * sample.scale, 2)) + _MARGIN)
    hopeful = _equal_bits(sample, fields, left, right) >= _HOPE * needed
    left, right = left[hopeful], right[hopeful]
    bits = np.zeros((len(left), len(fields)), np.float32)
    for place, field in enumerate(fields):
        bits[:, place] = evidence_of(sample, field, left, right)
    total = bits.sum(axis=1)
    # Members of one household agree on much that is rare, and differ in more than errors do.
    differing = (bits < 0).sum(axis=1)
    few = differing <= np.maximum(_DIFFERING * (bits != 0).sum(axis=1), 1)
    sure = np.flatnonzero((total >= needed) & few)
    best = np.zeros(len(sample), np.float32)
    for side in (left, right):
        np.maximum.at(best, side[sure], total[sure])
    kept = sure[(total[sure] >= best[left[sure]]) & (total[sure] >= best[right[sure]])]
    if len(kept) > _KEPT and any(_is_slow(sample, rule) for rule in rules):
        kept = np.sort(np.random.default_rng(0).choice(kept, _KEPT, replace=False))
    return SurePairs(left[kept], right[kept], bits[kept], needed)


def _listed(sample: Sample, rules: Sequence[Rule]) -> tuple[IntArray, IntArray]:
    figured = sorted(
        (
            (sample.figures(rule).pairs / sample.scale**2, number)
            for number, rule in enumerate(rules)
        )
    )
    joint, total = [np.zeros(0, np.int64)], 0.0
    for pairs, number in figured:
        if total + pairs > _PAIRS and total:
            break
        if not 0 < pairs <= 4 * _PAIRS or _is_slow(sample, rules[number]):
            continue
        left, right = sample.pairs(rules[number])
        joint.append(pair_key(left, right))
        total += pairs
    return ends_of_key(distinct_keys(np.concatenate(joint)))


def _is_slow(sample: Sample, rule: Rule) -> bool:
    """Say whether a rule lists its pairs in a time that grows with the square of the records."""
    return not isinstance(rule, KeyRule) and len(sample) > _SLOW


def part_of(field: Field, *, line: bool = False) -> Part:
    """Return the whole value of a field in the normal form of its kind.

    Of a telephone number with and without a country code only the `line`: its last digits.
    """
    if line and field.kind == "phone":
        return Part(field.name, "last", _LINE, "digits")
    return Part(field.name, form=_FORMS.get(field.kind, "normalise"))


def _equal_bits(
    sample: Sample, fields: Sequence[Field], left: IntArray, right: IntArray
) -> FloatMatrix:
    """Return what the equal values of pairs say for a match, which is quickly known."""
    total = np.zeros(len(left), np.float32)
    for field in fields:
        if field.kind in _PLACE:
            continue
        if field.kind in _TEXTS:
            total += _MOST_HOPE  # texts that differ may still be near
        code, rare = _rarity(sample, field)
        equal = (code[left] == code[right]) & (code[left] != 0)
        total += np.where(equal, rare[left], 0.0)
    return total


def _rarity(sample: Sample, field: Field) -> tuple[npt.NDArray[np.uint64], FloatMatrix]:
    """Return the value of each record as a hash, and how many bits its rarity is."""
    return sample.workspace.once(("rarity", field), lambda: _made_rarity(sample, field))


def _made_rarity(sample: Sample, field: Field) -> tuple[npt.NDArray[np.uint64], FloatMatrix]:
    code = sample.key(Key((part_of(field, line=_differ_in_length(sample, field)),)))
    _, where, count = np.unique(code, return_inverse=True, return_counts=True)
    known = max(int((code != 0).sum()), 1)
    return code, np.log2(known / count).astype(np.float32)[where]


def _differ_in_length(sample: Sample, field: Field) -> bool:
    """Say whether telephone numbers of several tables have more digits in one than in another."""
    if field.kind != "phone":
        return False
    digits = pc.count_substring_regex(sample.records.table[field.name], r"\d")
    found = set()
    for source in sample.records.sources:
        first, last = sample.records.bounds(source)
        found.add(pc.quantile(digits.slice(first, last - first), interpolation="lower")[0].as_py())
    return len(found - {None}) > 1


def evidence_of(sample: Sample, field: Field, left: IntArray, right: IntArray) -> FloatMatrix:
    """Return the bits that a field says for a match of each pair, or against it; 0 is unknown."""
    if field.kind in _PLACE:
        return np.zeros(len(left), np.float32)
    code, rare = _rarity(sample, field)
    both = (code[left] != 0) & (code[right] != 0)
    equal = both & (code[left] == code[right])
    near = np.zeros(len(left), np.float32)
    open_ = np.flatnonzero(both & ~equal)
    if len(open_):
        near[open_] = _likeness(sample, field, left[open_], right[open_])
    # Half the bits of the rarer value for a near one.
    likely = 0.5 * near * np.minimum(rare[left], rare[right])
    found = np.where(equal, rare[left], np.where(near > 0, likely, -_AGAINST))
    return np.where(both, found, 0.0).astype(np.float32)


def _likeness(sample: Sample, field: Field, left: IntArray, right: IntArray) -> FloatMatrix:
    """Return how near two different values are: 0 not at all, 1 nearly equal, 2 at most."""
    if field.kind in ("number", "latitude", "longitude"):
        return np.zeros(len(left), np.float32)
    measure: Comparison
    if field.kind in _TEXTS:
        low, measure = 0.4, NgramCosine((field.name,), 2, 3)
        columns = sample.columns(measure.needs())
    else:
        low, measure = 0.88, JaroWinkler(field.name)
        record = distinct_sorted(np.concatenate([left, right]).astype(np.int64))
        columns = sample.columns_among(measure.needs(), record)
        left, right = (np.searchsorted(record, side).astype(np.int32) for side in (left, right))
    values = compare(columns, (measure,), left, right)[:, 0]
    alike = (np.nan_to_num(values) - low) / (1.0 - low)
    return np.asarray(np.clip(2.0 * alike, 0.0, 2.0), np.float32)
