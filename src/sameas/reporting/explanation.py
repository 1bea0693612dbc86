"""Why a pair has its score: an answer that can be read, drawn and stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, field
from typing import Any

from sameas.core.dataclass import dataclass
from sameas.reporting.waterfall import waterfall

__all__ = ["Change", "ColumnPart", "Explanation", "Part", "Step", "number"]


@dataclass(frozen=True, slots=True)
class ColumnPart:
    """One comparison column of a pair.

    Attributes
    ----------
    name : str
    value : float or None
        None: the two cannot be compared.
    contribution : float or None
        What it adds to the raw score; None where the matcher does not add up.
    """

    name: str
    value: float | None
    contribution: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """All comparisons of one field, or the context, and what they add together.

    Attributes
    ----------
    label : str
        The field, or fields joined by ``" + "``, or ``"rivals"`` (context).
    words : str
        How the two records compare there, in words.
    contribution : float or None
    columns : tuple of ColumnPart
    """

    label: str
    words: str
    contribution: float | None
    columns: tuple[ColumnPart, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One condition of a rule, and whether the pair meets it."""

    condition: str
    value: float | None
    holds: bool


@dataclass(frozen=True, slots=True)
class Change:
    """The smallest change found that turns the verdict round.

    Attributes
    ----------
    columns : tuple of (column, before, after)
        None: cannot be compared.
    score : float
        The score after the change.
    words : str
    """

    columns: tuple[tuple[str, float | None, float | None], ...]
    score: float
    words: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a pair is a match, or none.

    Attributes
    ----------
    left, right : mapping
        ``source``, ``id`` and the fields of both records.
    score, threshold : float
    decision : bool
    candidate : bool
        Whether blocking lets the two meet.
    scale : str
        What contributions are counted in: ``"logit"``, ``"mean"``, ``"log2"``, or ``"rule"``.
    base : float or None
        The raw score before anything is known of the pair; base and contributions are `raw`.
    raw : float or None
    baseline : str
        What the base is, in words.
    parts : tuple of Part
        Largest contribution first.
    steps : tuple of Step
        The conditions of a rule matcher.
    change : Change or None
        What would have changed the verdict.
    """

    left: Mapping[str, Any]
    right: Mapping[str, Any]
    score: float
    threshold: float
    decision: bool
    candidate: bool
    scale: str
    base: float | None
    raw: float | None
    baseline: str
    parts: tuple[Part, ...]
    steps: tuple[Step, ...] = ()
    change: Change | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def verdict(self) -> str:
        """The decision in words."""
        return "match" if self.decision else "no match"

    def summary(self, most: int = 5) -> str:
        """Say the strongest reasons in one sentence."""
        if self.steps:
            failed = [step.condition for step in self.steps if not step.holds]
            if not failed:
                return f"{self.verdict}: all {len(self.steps)} conditions hold"
            return f"{self.verdict}: {'; '.join(failed)} {'do' if failed[1:] else 'does'} not hold"
        reasons = [
            part.words + ("" if part.contribution is None else f" ({part.contribution:+z.2f})")
            for part in self.parts[:most]
        ]
        return f"{self.verdict}: {'; '.join(reasons)}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self) | {"left": dict(self.left), "right": dict(self.right)}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Explanation:
        """Read what `to_dict` gave."""
        parts = tuple(
            Part(
                part["label"], part["words"], part["contribution"],
                tuple(ColumnPart(**column) for column in part["columns"]),
            )
            for part in content["parts"]
        )  # fmt: skip
        change = content["change"]
        if change is not None:
            columns = tuple((name, before, after) for name, before, after in change["columns"])
            change = Change(columns, change["score"], change["words"])
        steps = tuple(Step(**step) for step in content["steps"])
        given = {"parts": parts, "change": change, "steps": steps, "notes": tuple(content["notes"])}
        return cls(**{**content, **given})

    def to_text(self) -> str:
        """Return both records side by side, the contributions and the verdict, for a terminal."""
        from sameas.reporting.text import explanation_lines

        return "\n".join(explanation_lines(self))

    def to_svg(self) -> str:
        """Draw the waterfall: from the base, part by part, to the raw score."""
        return waterfall(self, alone=True)

    def _repr_html_(self) -> str:
        """Show the explanation in a notebook."""
        from sameas.reporting.pairs import pair_card

        return str(pair_card(self))


def number(value: float | None) -> str:
    """Show a comparison's value; ``-`` where the two cannot be compared.

    Examples
    --------
    >>> number(0.912345), number(1234.5), number(3.0), number(None)
    ('0.912', '1,234', '3', '-')
    """
    if value is None or value != value:
        return "-"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
