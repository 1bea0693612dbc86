"""What a plan consists of: fields as they were guessed, and blocking rules with their figures."""

from __future__ import annotations

from collections.abc import Mapping

from sameas.blocking import KeyRule, PairRule
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, choices_hint
from sameas.core.specs import register
from sameas.records import FIELD_KINDS

__all__ = ["IGNORED", "PlannedField", "PlannedRule"]

#: The kind of a field that is left out.
IGNORED = "ignore"


@register("planned_field", "field")
@dataclass(frozen=True, slots=True)
class PlannedField:
    """A field as it was guessed; every setting may be edited.

    Parameters
    ----------
    name : str
    kind : str
        A kind of field, or "ignore" to leave it out.
    columns : mapping of source to column
        The column of each table that holds it; several that do so together are one text,
        "given_name + surname".
    confidence : float
        How sure the guess is, from 0 to 1.
    why : tuple of str
        The evidence.
    """

    name: str
    kind: str
    columns: Mapping[str, str]
    confidence: float = 1.0
    why: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = (*FIELD_KINDS, IGNORED)
        if self.kind not in known:
            raise ArgumentError(
                f"The planned field {self.name!r} has the unknown kind {self.kind!r}."
                f"{choices_hint(str(self.kind), known)} Known: {', '.join(known)}."
            )
        if not isinstance(self.columns, Mapping) or not self.columns:
            raise ArgumentError(
                f"The planned field {self.name!r} needs columns by source, such as "
                f"{{'left': {self.name!r}}}; got {self.columns!r}."
            )


@register("planned_rule", "rule")
@dataclass(frozen=True, slots=True)
class PlannedRule:
    """A blocking rule with its figures; only the rule itself is used.

    Parameters
    ----------
    rule : KeyRule or PairRule
    label : str
        The rule in words.
    pairs : int
        Pairs that it makes in the whole tables, other rules aside.
    largest : int
        Records of its largest block; 0 where there are no blocks.
    reached : float
        Share of the records that it gives a key.
    recall : float or None
        Share of the matches that it finds alone.
    gained : float or None
        Share of the matches that it finds and the rules before it do not.
    """

    rule: KeyRule | PairRule
    label: str = ""
    pairs: int | None = None
    largest: int = 0
    reached: float | None = None
    recall: float | None = None
    gained: float | None = None
