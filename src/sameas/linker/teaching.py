"""How a linker learns from the tables at hand: from labels, a silver field, or the pairs alone."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from sameas.core.errors import LabelError
from sameas.core.specs import spec_name
from sameas.linker.absent import about_absent, absent_fields, narrowed
from sameas.linker.doubts import DoubtError
from sameas.linker.learned_words import without_learned_words
from sameas.linker.spec import LinkerSpec
from sameas.linker.unlabelled import unlabelled_spec
from sameas.linker.unsupervised import learn_from_both
from sameas.linker.without_labels import spec_without_labels
from sameas.matching import FellegiSunter, SelfTraining

__all__ = ["Teaching", "teaching_of"]


@dataclass(frozen=True)
class Teaching:
    """How a linker learns from the tables at hand.

    Attributes
    ----------
    spec : LinkerSpec
        It reads no field in which no two records can agree.
    given : LinkerSpec
        As the user gave it.
    silver : str or None
        The field that labels pairs.
    alone : list of str or None
        Without labels: what to know of the choice of the matcher.
    absent : set of str
        Fields that are not compared.
    """

    spec: LinkerSpec
    given: LinkerSpec
    silver: str | None = None
    alone: list[str] | None = None
    absent: Set[str] = frozenset()

    def otherwise(self, error: LabelError) -> LinkerSpec:
        """Return the linker that learns where the default matcher for two tables cannot.

        What the user asked for is obeyed, so then the error is raised.
        """
        chosen = isinstance(self.spec.matcher, SelfTraining)
        if self.alone is None or not chosen or isinstance(self.given.matcher, SelfTraining):
            raise error
        spec = unlabelled_spec(narrowed(self.given, self.absent))
        spec = replace(spec, fields=self.given.fields)
        if isinstance(error, DoubtError) and isinstance(spec.matcher, FellegiSunter):
            return replace(spec, matcher=replace(spec.matcher, **error.matcher))
        return spec

    @property
    def learner(self) -> Any:
        """What learns from labels instead of the matcher's own fit."""
        both = self.alone is None and isinstance(self.given.matcher, FellegiSunter)
        return learn_from_both if both else None


def teaching_of(
    spec: LinkerSpec, values: pa.Table, *, labelled: bool, across: bool, sources: int
) -> Teaching:
    """Choose how to learn.

    Parameters
    ----------
    spec : LinkerSpec
        As the user gave it.
    values : pyarrow.Table
        What records have values for, by `values_of`.
    labelled : bool
    across : bool
        Whether only records of different tables meet.
    sources : int
        Number of tables.

    Raises
    ------
    LabelError
        If there is nothing to learn from.
    """
    given, silver, alone = spec, None, None
    missing = absent_fields(values, spec.fields)
    spec = spec.without(missing) if labelled else narrowed(spec, missing)
    unlabelled = None if labelled else spec_without_labels(spec, across=across, sources=sources)
    if unlabelled is not None:
        spec, alone = unlabelled
        alone += about_absent(values, missing)
    elif isinstance(spec.matcher, FellegiSunter):
        spec = unlabelled_spec(spec)
    if unlabelled is not None or isinstance(spec.matcher, FellegiSunter):
        spec = without_learned_words(spec)
    if not labelled and unlabelled is None:
        silver = _silver_field(spec, missing)
    # What is not compared is read all the same, for golden records.
    return Teaching(replace(spec, fields=given.fields), given, silver, alone, missing)


def _silver_field(spec: LinkerSpec, missing: set[str]) -> str:
    """Return the field that labels pairs."""
    silver = spec.silver
    if silver is None:
        raise LabelError(
            "There are no labels to learn from, and the matcher "
            f"{spec_name(spec.matcher)!r} needs some. Give labels=, a table with left_id, "
            "right_id and label; or name a silver field that is kept out of blocking and "
            "comparisons, such as a phone number; or take matcher=FellegiSunter() or "
            "matcher=SelfTraining(), which learn without labels; or load a saved linker."
        )
    if silver in missing:
        raise LabelError(
            f"There are no labels, and the silver field {silver!r} is empty in these tables. "
            f"Map it to a column (mapping={{{silver!r}: 'your column'}}), learn without labels "
            "(silver=None), give labels=, a table with left_id, right_id and label, or load a "
            "saved linker."
        )
    return silver
