"""The plan: what was guessed about tables, as a spec that a person can read and correct."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from sameas.blocking import (
    Evidence,
    Key,
    KeyRule,
    NoSeries,
    PairRule,
    TextNeighbours,
    also_filtered,
    without_fields,
)
from sameas.clustering import SplitChains
from sameas.comparison import Comparison
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, DataError, choices_hint
from sameas.core.specs import family_of, from_dict, register, to_dict
from sameas.linker.defaults import can_block
from sameas.linker.inputs import Options
from sameas.linker.linker import Linker
from sameas.linker.planning.planned import IGNORED, PlannedField, PlannedRule
from sameas.linker.planning.propose import fields_of
from sameas.linker.second_pass import SecondPass
from sameas.records import Field

__all__ = ["Plan", "PlannedField", "PlannedRule"]


def _listed(name: str, items: Any, *families: str) -> tuple[Any, ...]:
    """Refuse what is no list of specs of some families."""
    if not isinstance(items, list | tuple) or any(family_of(i) not in families for i in items):
        raise ArgumentError(
            f"{name} of a plan must be a list as `sameas plan` writes it, got {items!r:.80}."
        )
    return tuple(items)


@register("plan", "plan")
@dataclass(frozen=True, slots=True)
class Plan:
    """What was guessed about tables: fields, ids, blocking; a linker follows from it.

    Parameters
    ----------
    fields : tuple of PlannedField
    ids : mapping of source to column or None
        The column of the ids of each table; None: the row number.
    blocking : tuple of PlannedRule
        A bare rule, as one writes it by hand, will do.
    comparisons : tuple of Comparison or None
        None: by the kinds of the fields.
    recall : float or None
        Share of the matches that the blocking finds.
    measured : bool
        Whether recall was measured on labelled matches or only estimated.
    assumptions : tuple of str
        What was assumed, in plain words.
    evidence : Evidence or None
        What the pairs of a `Key` without a filter of its own must show.
    distinct : bool
        Rows that repeat another one of their table in every field are compared once.
    numbered : tuple of str
        Fields whose numbers tell things apart: two records whose texts differ in a number and in
        nothing else are not compared.
    series_words : tuple of tuples of str
        Words that stand for one another in numbered fields and tell things apart as numbers do.
    reached : float or None
        Share of the records that get a key of one rule at least, so that they can meet others.
    too_high : bool
        The estimate of recall is too high: too few pairs are sure without some fields.

    Examples
    --------
    >>> from sameas.blocking import ExactKey
    >>> field = PlannedField("mail", "email", {"people": "e_mail"})
    >>> plan = Plan((field,), {"people": None}, (PlannedRule(ExactKey(("mail",))),))
    >>> Plan.from_json(plan.to_json()) == plan
    True
    >>> plan.linker()
    Linker(mail; 1 blocking rule; not fitted)
    """

    fields: tuple[PlannedField, ...]
    ids: Mapping[str, str | None]
    blocking: tuple[PlannedRule, ...]
    comparisons: tuple[Comparison, ...] | None = None
    recall: float | None = None
    measured: bool = False
    assumptions: tuple[str, ...] = ()
    evidence: Evidence | None = None
    distinct: bool = False
    numbered: tuple[str, ...] = ()
    series_words: tuple[tuple[str, ...], ...] = ()
    reached: float | None = None
    too_high: bool = False

    def __post_init__(self) -> None:
        blocking = _listed("blocking", self.blocking or (), "planned_rule", "blocking")
        rules = tuple(i if isinstance(i, PlannedRule) else PlannedRule(i) for i in blocking)
        object.__setattr__(self, "blocking", rules)
        _listed("fields", self.fields, "planned_field")
        if self.comparisons is not None:
            _listed("comparisons", self.comparisons, "comparison")
        if not isinstance(self.ids, Mapping) or not self.ids:
            raise ArgumentError(f"ids must name the id column of each source, got {self.ids!r}.")
        for item in self.fields:
            for source in item.columns:
                if source not in self.ids:
                    raise ArgumentError(
                        f"The planned field {item.name!r} names the unknown source {source!r}."
                        f"{choices_hint(source, self.ids)} Sources: {', '.join(self.ids)}."
                    )
        known = [item.name for item in self.fields]
        if not isinstance(self.numbered, list | tuple) or not set(self.numbered) <= set(known):
            raise ArgumentError(
                f"numbered of a plan must be a list of its fields, got {self.numbered!r}. "
                f"Fields: {', '.join(known)}."
            )
        for name in self.numbered:
            NoSeries(name, self.series_words)  # which says what is wrong with its words
        for planned in self.blocking:
            for name in sorted(fields_of(planned.rule) - {*known, "id", "source"}):
                raise ArgumentError(
                    f"A blocking rule of the plan reads the field {name!r}, which is not in it."
                    f"{choices_hint(name, known)} Fields: {', '.join(known)}. (A field with the "
                    "kind 'ignore' is left out together with its rules.)"
                )

    @property
    def used(self) -> tuple[Field, ...]:
        """The fields that are not ignored."""
        return tuple(Field(f.name, f.kind) for f in self.fields if f.kind != IGNORED)

    def linker(self, **settings: Any) -> Linker:
        """Make the linker of this plan, not fitted yet.

        Nobody may look at its clusters, so chains of namesakes and of versions of a product are
        cut: the clusterer is `SplitChains` if none is given.

        Parameters
        ----------
        **settings
            Further settings of `LinkerSpec`.
        """
        if not self.used:
            raise ArgumentError("The plan ignores every column: give at least one a kind.")
        silver = settings.get("silver")
        known = {field.name for field in self.used} - {silver}
        out = {field.name for field in self.fields} - known
        narrowed = (without_fields(self._asked(item.rule), out) for item in self.blocking)
        apart = [NoSeries(name, self.series_words) for name in self.numbered if name in known]
        rules = tuple(also_filtered(rule, apart) for rule in narrowed if fields_of(rule) <= known)
        if rules:
            settings.setdefault("blocking", rules)
        elif "blocking" not in settings and not can_block(self.used):
            raise ArgumentError(
                "The plan has no blocking rule: no two records agree on a value of "
                f"{', '.join(sorted(known))} that few others have, so there is nothing to compare. "
                "Give further columns, or rules under 'blocking'."
            )
        if any(isinstance(rule, TextNeighbours) for rule in rules):
            settings.setdefault("second_pass", SecondPass())
        if self.comparisons is not None:
            settings.setdefault("comparisons", self.comparisons)
        if len(self.ids) > 1:  # further names that only one table has
            held = (f.name for f in self.fields if len(f.columns) < len(self.ids))
            settings.setdefault("optional", tuple(name for name in held if name in known))
        settings.setdefault("clusterer", SplitChains())
        settings.setdefault("distinct", self.distinct)
        return Linker(self.used, **settings)

    def _asked(self, rule: KeyRule | PairRule) -> KeyRule | PairRule:
        """Give a rule the filter of the plan."""
        if isinstance(rule, Key) and rule.filter is None:
            return replace(rule, filter=self.evidence)
        return rule

    def options(self, sources: Sequence[str] | None = None, **settings: Any) -> Options:
        """Say how the linker of this plan reads the tables: which column is which, and the ids.

        Give it to `Linker.link` and `Linker.dedupe` with the tables of the plan.

        Parameters
        ----------
        sources : sequence of str, optional
            Names of the tables, if they are not those of the plan; in the same order. A plan of
            one table is for any name. `sameas plan a.csv b.csv` names two tables after their
            files, and ``linker.link("a.csv", "b.csv")`` calls them "left" and "right".
        **settings
            Further settings of `Options`.
        """
        planned, any_name = list(self.ids), sources is None and len(self.ids) == 1
        sources = planned if sources is None else list(sources)
        if len(sources) != len(planned):
            raise ArgumentError(
                f"The plan is for {len(planned)} table(s) ({', '.join(planned)}), got "
                f"{len(sources)}: {', '.join(sources)}."
            )
        named = sources if set(sources) != set(planned) else planned
        mapping: dict[str, dict[str, str]] = {}
        for mine, theirs in zip(planned, named, strict=True):
            columns = {f.name: f.columns[mine] for f in self.fields
                       if f.kind != IGNORED and mine in f.columns}  # fmt: skip
            column = self.ids[mine]
            mapping[theirs] = columns if column is None else {"id": column, **columns}
        every = mapping[named[0]] if any_name else mapping
        return Options(mapping=every, id_column=None, **settings)

    def to_text(self) -> str:
        """Show fields, blocking and assumptions as tables for a terminal."""
        from sameas.linker.planning.show import plan_lines

        return "\n".join(plan_lines(self))

    def to_json(self) -> str:
        """Write the plan as JSON."""
        return json.dumps(to_dict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str, *, name: str = "The plan") -> Plan:
        """Read a plan.

        Raises
        ------
        DataError
            If the text is no JSON.
        ArgumentError
            If a key, kind or rule is unknown; the nearest known one is named.
        """
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            raise DataError(
                f"{name} is not valid JSON: {error}. A plan is what `sameas plan` writes."
            ) from error
        if not isinstance(data, dict) or data.get("type") != "plan":
            raise DataError(f"{name} is not a plan as `sameas plan` writes it.")
        try:
            plan = from_dict(data, family="plan")
        except ArgumentError as error:
            raise ArgumentError(f"{name}: {error}") from error
        assert isinstance(plan, cls)
        return replace(plan, **{f.name: getattr(plan, f.name) for f in fields(plan)})

    @classmethod
    def read(cls, file: str | Path) -> Plan:
        """Read a plan from a file."""
        try:
            text = Path(file).read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise DataError(f"The plan {file} does not exist. `sameas plan` writes one.") from error
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"The plan {file} cannot be read: {error}.") from error
        return cls.from_json(text, name=str(file))
