"""Fields that differ in records of one thing as in any others: a balance, a last login, notes.

They say nothing about who is who, and where nobody labelled pairs a matcher cannot know that: a
field in which no two records agree looks like the one that tells the members of a household
apart. Pairs that are surely one thing by all else show it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sameas.comparison import (
    Comparison,
    DateSimilarity,
    Distance,
    Equal,
    NumberDifference,
    QuantitySimilarity,
)
from sameas.comparison.base import compare
from sameas.core.prepared import IntArray, Need
from sameas.linker.planning.matches import SurePairs, evidence_of, sure_pairs
from sameas.linker.planning.propose import Rule, fields_of
from sameas.linker.planning.sample import Sample
from sameas.linker.subjects import names_of_persons
from sameas.records import Field
from sameas.records.concepts import concept_of

__all__ = ["passing_fields"]

_FEW = 15  # sure pairs; fewer show nothing
_CLOSE = 0.2  # share of sure pairs, beyond chance, that are close in a field that says something
_USUAL = 0.5  # where so many agree nobody need look closer
_APART, _ALIKE, _NEAR = 0.1, 0.7, 5_000.0  # relative difference; similarity; metres
_LIVES = 30  # years over which dates of birth are spread, and those of a customer's doings are not
_DRAWN = 4_000  # pairs at random
_MEASURED = ("number", "quantity", "date")
#: Of persons these tell one from another, so nothing shows that they do not.
_TELLING = ("given_name", "surname", "person", "email", "phone", "identifier", "reference")
_WHERE = ("address", "street", "postal_code")
_PLACE = ("latitude", "longitude")

Bools = npt.NDArray[np.bool_]


def passing_fields(
    sample: Sample, fields: Sequence[Field], rules: Sequence[Rule], sure: SurePairs
) -> dict[str, str]:
    """Find fields that records of one thing do not share.

    Parameters
    ----------
    sample : Sample
    fields : sequence of Field
    rules : sequence of rules
        Those that read no field in doubt list the pairs.
    sure : SurePairs
        By all fields: where enough of them agree in every field nothing is in doubt.

    Returns
    -------
    dict of str to str
        The names of such fields, and why.
    """
    persons = bool(names_of_persons(fields))
    asked = [field for field in fields if _is_open(sample, field, persons=persons)]
    if not asked or _all_agree(sure, fields, asked):
        return {}
    steady, pairs = _steady(sample, fields, rules, asked)
    if len(pairs) < _FEW:  # the name alone is too little: where somebody lives helps
        asked = [field for field in asked if field.kind not in _WHERE]
        steady, pairs = _steady(sample, fields, rules, asked)
    if not steady or len(pairs) < _FEW:
        return {}
    rng = np.random.default_rng(0)
    left, right = rng.integers(0, len(sample), (2, _DRAWN)).astype(np.int32)
    drawn = left[left != right], right[left != right]
    found = {}
    for field in asked:
        close, chance = (
            _close(sample, field, *ends) for ends in ((pairs.left, pairs.right), drawn)
        )
        if len(close) < _FEW or not len(chance):
            continue
        usual = float(chance.mean())
        if close.mean() - usual <= _CLOSE * (1 - usual):
            share = f"{close.mean():.0%} are close in it, {usual:.0%} of pairs at random"
            found[field.name] = (
                f"of {len(close):,} pairs that agree on nearly everything else, {share}"
            ).replace("%", " %")
    return found


def _is_open(sample: Sample, field: Field, *, persons: bool) -> bool:
    """Say whether a field may be one."""
    if field.kind == "date":
        return not _is_of_lives(sample, field)
    return field.kind in _MEASURED or (persons and field.kind not in _TELLING)


def _is_of_lives(sample: Sample, field: Field) -> bool:
    """Say whether a date is one of birth or the like, by its name or by the years it spans."""
    concept = concept_of(field.name)
    if concept is not None and concept.name == "date" and concept.strength == 1.0:
        return True
    need = Need("dates", (field.name,))
    years = sample.columns((need,))[need].parts[:, 0]
    low, high = np.quantile(years[years > 0], (0.1, 0.9)) if years.any() else (0, 0)
    return bool(high - low >= _LIVES)


def _all_agree(sure: SurePairs, fields: Sequence[Field], asked: Sequence[Field]) -> bool:
    """Say whether the sure pairs mostly agree in every field that is asked about."""
    if len(sure) < _FEW:
        return False
    bits = sure.bits[:, [place for place, field in enumerate(fields) if field in asked]]
    known = np.maximum((bits != 0).sum(axis=0), 1)
    # Of these the bits do not say what is near: dates of one year and pages of one site look alike.
    unseen = any(field.kind in (*_PLACE, "date", "url") for field in asked)
    return not unseen and bool(((bits > 0).sum(axis=0) >= _USUAL * known).all())


def _steady(
    sample: Sample, fields: Sequence[Field], rules: Sequence[Rule], asked: Sequence[Field]
) -> tuple[list[Field], SurePairs]:
    """Return the fields that are not in doubt, and the pairs that are sure by them alone."""
    steady = [field for field in fields if field not in asked]
    known = {field.name for field in steady}
    plain = [rule for rule in rules if fields_of(rule) <= known]
    if not steady or not plain:
        nobody = np.zeros(0, np.int32)
        return [], SurePairs(nobody, nobody, np.zeros((0, 0), np.float32), 0.0)
    return steady, sure_pairs(sample, steady, plain)


def _close(sample: Sample, field: Field, left: IntArray, right: IntArray) -> Bools:
    """Say which pairs that have the field are close in it."""
    measure = _measure(field)
    if measure is None:
        bits = evidence_of(sample, field, left, right)
        return np.asarray(bits[bits != 0] > 0)
    values = compare(sample.columns(measure.needs()), (measure,), left, right)[:, -1]
    values = values[~np.isnan(values)]
    if field.kind in _PLACE:
        return np.asarray(values <= _NEAR)
    return np.asarray(values <= _APART if field.kind == "number" else values >= _ALIKE)


def _measure(field: Field) -> Comparison | None:
    if field.kind == "number":
        return NumberDifference(field.name)  # the last column is the relative difference
    if field.kind in _PLACE:
        return Distance()
    if field.kind == "quantity":
        return QuantitySimilarity(field.name)
    if field.kind == "url":  # addresses of one site begin alike
        return Equal(field.name, form="url")
    return DateSimilarity(field.name) if field.kind == "date" else None
