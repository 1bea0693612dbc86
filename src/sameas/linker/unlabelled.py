"""The settings of a linker that learns from its candidate pairs alone."""

from __future__ import annotations

from dataclasses import replace

from sameas.linker.defaults import default_comparisons, default_context
from sameas.linker.levels import (
    default_levels,
    first_of_each_field,
    unlabelled_comparisons,
    unlabelled_context,
)
from sameas.linker.rivals import Rivals
from sameas.linker.spec import LinkerSpec
from sameas.linker.subjects import names_of_firms, names_of_persons
from sameas.matching import Boosting, FellegiSunter
from sameas.matching.fellegi_sunter import HALF

__all__ = ["can_learn", "unlabelled_spec"]


def can_learn(spec: LinkerSpec) -> bool:
    """Say whether a linker can learn without labels and without a silver field."""
    return spec.silver is None and isinstance(spec.matcher, Boosting | FellegiSunter)


def unlabelled_spec(spec: LinkerSpec) -> LinkerSpec:
    """Turn the defaults of a linker into those for tables without labels.

    The default matcher, and any other `Boosting`, becomes `FellegiSunter`, the comparisons about
    one a field; what the user chose for a `FellegiSunter` stays. There is no second pass and no
    cascade. Of persons matches are learned from pairs that share most of what their fields can
    tell: pairs of a household share its name and address, firms of a business park an address.
    """
    evidence = tuple(field for field in spec.fields if field.name != spec.silver)
    comparisons = spec.comparisons
    taught = isinstance(spec.matcher, Boosting)
    least = HALF if names_of_persons(evidence) or names_of_firms(evidence) else 0.0
    matcher = FellegiSunter(shared=least) if taught else spec.matcher
    open_to = isinstance(matcher, FellegiSunter) and not matcher.levels
    if open_to and comparisons == default_comparisons(evidence):
        comparisons = unlabelled_comparisons(evidence)
    elif taught:  # of a recipe: many columns a field, which trees can weigh against each other
        comparisons = first_of_each_field(comparisons)
    context = spec.context
    if open_to and context is not None and context == default_context(evidence):
        context = unlabelled_context(evidence) or context
    if isinstance(matcher, FellegiSunter) and open_to:
        matcher = replace(matcher, levels=default_levels(comparisons, context))
    second = Rivals() if spec.context is not None else None
    return replace(
        spec, comparisons=comparisons, context=context, matcher=matcher, second_pass=second,
        cascade=None,
    )  # fmt: skip
