"""Why pairs have their scores: comparisons, contributions, words, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.comparison import Comparison
from sameas.core.prepared import IntArray
from sameas.linker.cascade import FittedCascade
from sameas.linker.job import Job
from sameas.linker.opinion import FittedOpinion
from sameas.linker.pair_classifier import FittedPairClassifier
from sameas.linker.second_pass import NAMES, FittedPasses
from sameas.linker.what_if import Plausible, smallest_change
from sameas.matching import FittedCalibrated, FittedMatcher, FittedRules
from sameas.matching.contributions import Contributions, contributions_of
from sameas.reporting.explanation import ColumnPart, Explanation, Part, Step
from sameas.reporting.words import context_words, distance_words, field_words, joined_words

__all__ = ["Explainer", "group_columns"]

Rows = npt.NDArray[np.float32]
Groups = tuple[tuple[str, tuple[int, ...]], ...]

_SAMPLE = 1024  # candidates that say which comparisons are plausible
_RIVALS, _FIRST_PASS = "rivals", "first pass"


@dataclass
class Explainer:
    """Explains pairs of one job.

    Parameters
    ----------
    job : Job
    matcher : FittedMatcher
    threshold : float
    """

    job: Job
    matcher: FittedMatcher
    threshold: float

    @property
    def final(self) -> FittedMatcher:
        """The matcher that has the last word."""
        final = self.matcher
        if isinstance(final, FittedPasses | FittedCascade | FittedOpinion | FittedPairClassifier):
            final = final.final
        return final.matcher if isinstance(final, FittedCalibrated) else final

    def deciding(self, row: Rows) -> FittedMatcher:
        """Return the matcher that gave one pair its score: of a cascade, either of the two."""
        if isinstance(self.matcher, FittedCascade) and self.matcher.below(row[None])[0]:
            return self.matcher.first
        return self.final

    @cached_property
    def groups(self) -> Groups:
        """The columns of each field, of the place, of the context, of the first pass."""
        spec = self.job.spec
        context = spec.context.names() if spec.context is not None else ()
        levels = getattr(self.final, "levels", ())
        together = [item.columns() for item in levels if item.cases]
        return group_columns(self.matcher.names, spec.comparisons, context, together)

    @cached_property
    def sample(self) -> tuple[IntArray, IntArray, Rows]:
        """Some candidates, evenly over all, and what the matcher sees of them."""
        found = self.job.candidates
        chosen = np.unique(np.linspace(0, max(len(found) - 1, 0), _SAMPLE).astype(np.int64))
        chosen = chosen[: len(found)]
        left, right = found.left[chosen], found.right[chosen]
        return left, right, self.job.seen(self.matcher, left, right, np.ones(len(left), bool))

    @cached_property
    def plausible(self) -> Plausible:
        """What the comparisons of candidates look like."""
        names = self.matcher.names
        extra: tuple[tuple[int, float], ...] = ()
        if isinstance(self.final, FittedRules):
            extra = tuple(
                (names.index(item.column), float(item.value or 0.0))
                for item in self.final.conditions
            )
        return Plausible(names, self.sample[2], self.groups, extra)

    def explain(
        self, left: IntArray, right: IntArray, order: Sequence[str] = ()
    ) -> tuple[Explanation, ...]:
        """Explain pairs (left < right); the earlier source of `order` stands on the left."""
        listed = self.job.listed(left, right)
        rows = self.job.seen(self.matcher, left, right, listed)
        score = self.matcher.score(rows)
        found_by_pair = []
        for place in range(len(left)):
            ends = self._ends(int(left[place]), int(right[place]), order)
            found = self.contributions(rows[place])
            values = None if found is None else found.values[0]
            decision = bool(score[place] >= self.threshold)
            parts = self._parts(rows[place], values, ends)
            base = None if found is None else found.base
            found_by_pair.append(
                Explanation(
                    left=ends[0],
                    right=ends[1],
                    score=float(score[place]),
                    threshold=self.threshold,
                    decision=decision,
                    candidate=bool(listed[place]),
                    scale="rule" if found is None else found.scale,
                    base=base,
                    raw=None if base is None or values is None else base + float(values.sum()),
                    baseline="" if found is None else found.start,
                    parts=parts,
                    steps=self._steps(rows[place]),
                    change=smallest_change(
                        self.matcher,
                        rows[place],
                        self.plausible,
                        threshold=self.threshold,
                        decision=decision,
                    ),
                )
            )
        return tuple(found_by_pair)

    def contributions(self, row: Rows) -> Contributions | None:
        """Share the raw score of one pair among columns, where the matcher adds up."""
        return contributions_of(self.deciding(row), row[None])

    def _ends(
        self, left: int, right: int, order: Sequence[str]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return both records as plain data, in the order of the user's tables."""
        first, second = self.job.records.table.take([left, right]).to_pylist()
        if order and order.index(first["source"]) > order.index(second["source"]):
            first, second = second, first
        return first, second

    def _parts(
        self,
        row: Rows,
        values: npt.NDArray[np.float64] | None,
        ends: tuple[dict[str, Any], dict[str, Any]],
    ) -> tuple[Part, ...]:
        names = self.matcher.names
        kinds = {field.name: field.kind for field in self.job.spec.fields}
        parts = []
        for label, members in self.groups:
            columns = tuple(
                ColumnPart(
                    names[column],
                    None if np.isnan(row[column]) else float(row[column]),
                    None if values is None else float(values[column]),
                )
                for column in members
            )
            total = None if values is None else float(values[list(members)].sum())
            parts.append(Part(label, _words(label, columns, ends, kinds), total, columns))
        if values is not None:
            parts.sort(key=lambda part: -abs(part.contribution or 0.0))
        return tuple(parts)

    def _steps(self, row: Rows) -> tuple[Step, ...]:
        if not isinstance(self.final, FittedRules):
            return ()
        steps = []
        for condition in self.final.conditions:
            cell = row[self.matcher.names.index(condition.column)]
            holds = bool(condition.holds(np.array([cell], np.float32))[0])
            steps.append(Step(str(condition), None if np.isnan(cell) else float(cell), holds))
        return tuple(steps)


def group_columns(
    names: Sequence[str],
    comparisons: Sequence[Comparison],
    context: Sequence[str] = (),
    together: Sequence[Sequence[str]] = (),
) -> Groups:
    """Gather the columns of one field, or of several taken together, under one label.

    Parameters
    ----------
    names : sequence of str
        The columns that a matcher sees.
    comparisons : sequence of Comparison
    context : sequence of str
        Columns of the context.
    together : sequence of sequence of str
        Columns that have one weight together, whatever fields they are of: levels by cases.

    Examples
    --------
    >>> from sameas.comparison import Distance, Indel, JaroWinkler
    >>> made = (Indel("name"), Distance(), JaroWinkler("name"))
    >>> group_columns(["name_indel", "distance", "name_jaro_winkler"], made)
    (('name', (0, 2)), ('distance', (1,)))
    """
    owner = {name: _label(item) for item in comparisons for name in item.names()}
    owner |= dict.fromkeys(context, _RIVALS) | dict.fromkeys(NAMES, _FIRST_PASS)
    for columns in together:
        parts = {part: None for name in columns for part in owner.get(name, name).split(" + ")}
        labels = {owner.get(name, name) for name in columns}
        owner |= {name: " + ".join(parts) for name, label in owner.items() if label in labels}
    groups: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        groups.setdefault(owner.get(name, name), []).append(place)
    return tuple((label, tuple(members)) for label, members in groups.items())


def _label(comparison: Comparison) -> str:
    """Name the fields that a comparison is about."""
    given = getattr(comparison, "field", None) or getattr(comparison, "fields", None)
    if given:
        return given if isinstance(given, str) else " + ".join(given)
    if hasattr(comparison, "latitude"):
        return "distance"
    fields = [name for need in comparison.needs() for name in need.fields]
    return " + ".join(dict.fromkeys(fields)) or comparison.names()[0]


def _words(
    label: str,
    columns: tuple[ColumnPart, ...],
    ends: tuple[dict[str, Any], dict[str, Any]],
    kinds: Mapping[str, str],
) -> str:
    """Say in words how the two records compare in one group of columns."""
    values = {column.name: column.value for column in columns}
    if label == "distance":
        return distance_words(next(iter(values.values())))
    if label == _RIVALS:
        return context_words(values)
    if label == _FIRST_PASS:
        return context_words(values, who="by the first pass")
    if label in ends[0]:
        return field_words(label, ends[0][label], ends[1][label], kind=kinds.get(label, "text"))
    if " + " in label:
        return joined_words(label, *ends)
    return ", ".join(column.name.replace("_", " ") for column in columns)
