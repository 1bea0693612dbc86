"""The settings of a linker, as frozen data: everything but what it has learned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import field, fields, replace
from typing import Any

from sameas.blocking import Filter, KeyRule, PairRule, without_fields
from sameas.clustering import Clusterer, ConnectedComponents
from sameas.comparison import Comparison, Context, column_names
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, choices_hint
from sameas.core.prepared import Need
from sameas.core.specs import register
from sameas.evaluation import AnyGoal, FBeta
from sameas.labeling import check_evidence
from sameas.linker.cascade import Cascade
from sameas.linker.checks import check_columns, check_settings
from sameas.linker.defaults import default_blocking, default_comparisons, default_context
from sameas.linker.opinion import Opinion
from sameas.linker.pair_classifier import PairClassifier
from sameas.linker.rivals import Rivals
from sameas.linker.second_pass import SecondPass
from sameas.matching import (
    Boosting,
    Calibrated,
    FellegiSunter,
    Matcher,
    RuleMatcher,
    SelfTraining,
)
from sameas.records import Field, as_fields
from sameas.survivorship import Medoid, Survivorship

__all__ = ["DEFAULT_MATCHER", "LinkerSpec", "as_spec"]

DEFAULT_MATCHER = Boosting(
    iterations=300, learning_rate=0.04, leaves=15, min_leaf=20, columns_per_split=0.3, members=3,
    few=1_000,
)  # fmt: skip
_GOAL = FBeta(replicates=100)


@register("linker", "linker")
@dataclass(frozen=True, slots=True)
class LinkerSpec:
    """What a linker does, before it has learned anything.

    Parameters
    ----------
    fields : tuple of Field
        What the columns mean.
    blocking : tuple of KeyRule or PairRule
        Which records meet; the union counts. Default: by the kinds of the fields.
    comparisons : tuple of Comparison
        How alike two records are. Default: by the kinds of the fields.
    context : Context or None
        How good a pair is among the candidates of its records. Default: by the fields.
    matcher : Matcher
        Turns comparisons into a score.
    second_pass : SecondPass, PairClassifier or None
        Lets a first matcher rank the candidates of each record for the final matcher, or a
        network read the pairs in doubt.
        Default: where blocking is by text, not by place.
    cascade : Cascade or None
        Scores cheaply first, and fully only where that leaves a doubt; not together with a
        second pass, which needs all columns of all candidates.
    cross_fit : int or None
        Where labels have no split: number of folds, by groups of matches. The threshold is then
        chosen on scores out of fold, and the final matcher learns from all labels; see
        `linker/cross_fit.py`. None: some labels are set aside.
    clusterer : Clusterer
        Turns decided pairs into clusters.
    survivorship : Survivorship
        Turns clusters into golden records.
    goal : Goal
        What the threshold is chosen for.
    silver : str or None
        A field that is held out of blocking and comparisons and labels pairs when nobody
        else does: equal is a match, different is none.
    optional : tuple of str
        Fields that the tables may lack.
    seed : int
    rivals : bool
        Without labels: whether pairs that share a record compete for it. False scores each pair
        by itself, as a store of entities needs it, and costs a little where partners are exclusive.
    distinct : bool
        On one machine and in one piece, in the modes "dedupe" and "many": rows that repeat another
        one of their table in every field are compared once; see `linker/repeats.py`.
    """

    fields: tuple[Field, ...]
    blocking: tuple[KeyRule | PairRule, ...]
    comparisons: tuple[Comparison, ...]
    context: Context | None = None
    matcher: Matcher = DEFAULT_MATCHER
    clusterer: Clusterer = field(default_factory=ConnectedComponents)
    survivorship: Survivorship = field(default_factory=Survivorship)
    second_pass: SecondPass | Rivals | Opinion | PairClassifier | None = None
    goal: AnyGoal = _GOAL
    silver: str | None = None
    optional: tuple[str, ...] = ()
    seed: int = 0
    cascade: Cascade | None = None
    cross_fit: int | None = None
    rivals: bool = True
    distinct: bool = False

    def __post_init__(self) -> None:
        check_settings({item.name: getattr(self, item.name) for item in fields(self)})
        for name in ("fields", "blocking", "comparisons", "optional"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if not self.blocking:
            raise ArgumentError("A linker needs at least one blocking rule.")
        if not self.comparisons:
            raise ArgumentError("A linker needs at least one comparison.")
        if self.cross_fit is not None and self.cross_fit < 3:
            raise ArgumentError(f"cross_fit must be at least 3 folds, got {self.cross_fit}.")
        passes = self.cascade is not None or isinstance(self.second_pass, SecondPass)
        if self.cross_fit is not None and passes:
            raise ArgumentError("cross_fit goes with neither a cascade nor a second pass.")
        known = {item.name for item in self.fields} | {"id", "source"}
        for need in self.needs():
            for name in need.fields:
                if name not in known:
                    raise ArgumentError(
                        f"A rule or comparison uses the field {name!r}, which is not declared."
                        f"{choices_hint(name, known)} Declared: {', '.join(sorted(known))}."
                    )
        self.names()
        if self.cascade is not None:
            if self.second_pass is not None:
                raise ArgumentError(
                    "A linker has a second pass or a cascade, not both: the second pass needs all "
                    "columns of all candidates. Say second_pass=None or cascade=None."
                )
            self.cascade.check(self.comparisons, context=self.context is not None)
        if self.silver is not None:
            if self.silver not in known:
                raise ArgumentError(
                    f"The silver field {self.silver!r} is not declared."
                    f"{choices_hint(self.silver, known)} Declared: {', '.join(sorted(known))}."
                )
            used: dict[str, Iterable[str | Need]] = {"blocking": self.blocking_needs()}
            for comparison in (*self.comparisons, *(self.context.over if self.context else ())):
                used[f"the comparison {comparison.names()[0]!r}"] = comparison.needs()
            check_evidence(self.silver, used)

    def names(self) -> tuple[str, ...]:
        """Name the columns that the final matcher sees."""
        return self.base_names() + (
            self.second_pass.names() if self.second_pass is not None else ()
        )

    def base_names(self) -> tuple[str, ...]:
        """Name the columns of comparisons and context, each differently."""
        steps: list[Any] = [*self.comparisons, *([self.context] if self.context else [])]
        return column_names(steps)

    def needs(self) -> tuple[Need, ...]:
        """Name the prepared columns of all steps."""
        needs = [*self.blocking_needs()]
        needs += [need for comparison in self.comparisons for need in comparison.needs()]
        needs += list(self.context.needs()) if self.context else []
        return tuple(dict.fromkeys(needs))

    def without(self, absent: Set[str]) -> LinkerSpec:
        """Drop what reads a field that no table has a value for.

        Raises
        ------
        ArgumentError
            If no blocking rule or no comparison is left.
        """

        def usable(item: KeyRule | PairRule | Comparison) -> bool:
            needs = list(item.needs())
            chosen = getattr(item, "filter", None)
            needs += chosen.needs() if chosen is not None else ()
            return absent.isdisjoint(name for need in needs for name in need.fields)

        narrowed = (without_fields(rule, absent) for rule in self.blocking)
        blocking = tuple(rule for rule in narrowed if usable(rule))
        comparisons = tuple(item for item in self.comparisons if usable(item))
        if not blocking or not comparisons:
            what = "comparison" if blocking else "blocking rule"
            raise ArgumentError(
                f"No {what} is left: these fields have no values at all: "
                f"{', '.join(sorted(absent))}. Map them to columns (mapping=)."
            )
        over = tuple(item for item in self.context.over if usable(item)) if self.context else ()
        context = replace(self.context, over=over) if self.context and over else None
        return replace(self, cascade=None, blocking=blocking, context=context).keeping(
            comparisons, cascade=self.cascade
        )

    def keeping(
        self, comparisons: tuple[Comparison, ...], *, cascade: Cascade | None = None
    ) -> LinkerSpec:
        """Keep some of the comparisons; what else names their columns follows."""
        cascade, context = cascade or self.cascade, self.context
        if cascade is not None:
            names = replace(self, comparisons=comparisons, cascade=None).names()
            cascade = cascade.without(comparisons, names, context=context is not None)
        left = replace(self, comparisons=comparisons, cascade=cascade)
        able = Boosting | Calibrated | FellegiSunter | RuleMatcher | SelfTraining
        if isinstance(self.matcher, able):
            return replace(left, matcher=self.matcher.without(set(left.names())))
        return left

    def blocking_needs(self) -> list[Need]:
        """Name the prepared columns of the blocking rules and their filters."""
        needs: list[Need] = []
        for rule in self.blocking:
            needs += rule.needs()
            chosen: Filter | None = rule.filter
            needs += chosen.needs() if chosen is not None else ()
        return needs


def as_spec(
    fields_or_spec: LinkerSpec | Mapping[str, str] | Iterable[Field], **settings: Any
) -> LinkerSpec:
    """Make the spec of a linker from fields, with defaults by the kinds of the fields.

    Raises
    ------
    ArgumentError
        If a setting is unknown.
    """
    known = [item.name for item in fields(LinkerSpec)]
    for name in settings:
        if name not in known:
            raise ArgumentError(
                f"A linker has no setting {name!r}.{choices_hint(name, known)} "
                f"It has: {', '.join(known)}."
            )
    check_settings(settings)
    if isinstance(fields_or_spec, LinkerSpec):
        return _checked(replace(fields_or_spec, **settings))
    declared = as_fields(fields_or_spec)
    evidence = tuple(item for item in declared if item.name != settings.get("silver"))
    defaults: dict[str, Callable[[tuple[Field, ...]], Any]] = {
        "blocking": default_blocking,
        "comparisons": default_comparisons,
        "context": default_context,
    }
    for name, default in defaults.items():
        if name not in settings:
            settings[name] = default(evidence)
    by_place = any(isinstance(rule, KeyRule) for rule in settings["blocking"])
    settings.setdefault("second_pass", None if by_place else SecondPass())
    settings.setdefault("survivorship", default_survivorship(declared))
    return _checked(LinkerSpec(declared, **settings))


def _checked(spec: LinkerSpec) -> LinkerSpec:
    check_columns(spec.matcher, spec.names())
    return spec


def default_survivorship(declared: tuple[Field, ...]) -> Survivorship:
    """Take both coordinates of a golden record from one member; the rest by majority."""
    kinds = {item.kind: item.name for item in declared}
    if not {"latitude", "longitude"} <= kinds.keys():
        return Survivorship()
    place = Medoid(latitude=kinds["latitude"], longitude=kinds["longitude"])
    return Survivorship(rules={kinds["latitude"]: place, kinds["longitude"]: place})
