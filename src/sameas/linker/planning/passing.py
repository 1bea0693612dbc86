"""Fields that differ in records of one thing as in any others: a balance, a last login.

They say nothing about who is who, and where nobody labelled pairs a matcher cannot know that: a
field in which no two records agree looks like the one that tells the members of a household
apart. Pairs that are surely one thing by all else show it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sameas.comparison import Comparison, DateSimilarity, NumberDifference, QuantitySimilarity
from sameas.comparison.base import compare
from sameas.core.prepared import Need
from sameas.linker.planning.matches import sure_pairs
from sameas.linker.planning.propose import Rule
from sameas.linker.planning.sample import Sample
from sameas.records import Field
from sameas.records.recognise.concepts import concept_of

__all__ = ["passing_fields"]

_FEW = 15  # sure pairs; fewer show nothing
_CLOSE = 0.2  # share of sure pairs that are close in a field that says something
_APART, _ALIKE = 0.1, 0.7  # numbers are close up to this relative difference; others from this on
_LIVES = 30  # years over which dates of birth are spread, and those of a customer's doings are not


def passing_fields(
    sample: Sample, fields: Sequence[Field], rules: Sequence[Rule]
) -> dict[str, str]:
    """Find fields that records of one thing do not share.

    Parameters
    ----------
    sample : Sample
    fields : sequence of Field
    rules : sequence of rules
        Those that read none of the fields in doubt list the pairs.

    Returns
    -------
    dict of str to str
        The names of such fields, and why.
    """
    asked = [field for field in fields if _is_open(sample, field)]
    open_ = {field.name for field in asked}
    steady = [field for field in fields if field.name not in open_]
    plain = [rule for rule in rules if open_.isdisjoint(_read(rule))]
    if not asked or not steady or not plain:
        return {}
    sure = sure_pairs(sample, steady, plain)
    found = {}
    for field in asked:
        measure = _measure(field)
        columns = sample.columns(measure.needs())
        values = compare(columns, (measure,), sure.left, sure.right)[:, -1]
        values = values[~np.isnan(values)]
        close = values <= _APART if field.kind == "number" else values >= _ALIKE
        if len(values) >= _FEW and close.mean() < _CLOSE:
            found[field.name] = (
                f"of {len(values):,} pairs that agree on nearly everything else, "
                f"{close.mean():.0%} are close in it".replace("%", " %")
            )
    return found


def _is_open(sample: Sample, field: Field) -> bool:
    """Say whether a field may be one: a number, or a date that is not one of birth or the like."""
    if field.kind != "date":
        return field.kind in ("number", "quantity")
    concept = concept_of(field.name)
    if concept is not None and concept.name == "date" and concept.strength == 1.0:
        return False
    need = Need("dates", (field.name,))
    years = sample.columns((need,))[need].parts[:, 0]
    low, high = np.quantile(years[years > 0], (0.1, 0.9)) if years.any() else (0, 0)
    return bool(high - low < _LIVES)


def _measure(field: Field) -> Comparison:
    if field.kind == "number":
        return NumberDifference(field.name)  # the last column is the relative difference
    if field.kind == "quantity":
        return QuantitySimilarity(field.name)
    return DateSimilarity(field.name)


def _read(rule: Rule) -> set[str]:
    return {name for need in rule.needs() for name in need.fields}
