"""What a matcher that learned without labels thinks of a pair, as columns for one that has few.

With a hundred labels a forest knows little of sixty comparisons. A matcher that learned from the
candidates alone has seen all of them: its log-odds, and how its rivals change them, are worth
more than any comparison.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.prepared import IntArray
from sameas.core.specs import register
from sameas.linker.rivals import FittedRivals, Rivals
from sameas.matching import FittedMatcher, Matcher
from sameas.matching.parts import part_of, tables_of_parts

if TYPE_CHECKING:
    from sameas.linker.job import Job

__all__ = ["FittedOpinion", "Opinion", "OpinionColumns"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

#: Chances stay this far from 0 and 1, so that their log-odds are numbers.
_SURE = 1e-4


@register("second_pass", "opinion")
@dataclass(frozen=True, slots=True)
class Opinion:
    """Show the final matcher what an unlabelled one thinks; `distill` makes such linkers.

    Parameters
    ----------
    matcher : Matcher
        The one that learned without labels.
    columns : tuple of str
        Those of comparisons and context that it reads.
    rivals : bool
        Its candidates compete, so there is a column for that too.
    """

    matcher: Matcher
    columns: tuple[str, ...] = ()
    rivals: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(self.columns))

    def names(self) -> tuple[str, ...]:
        """Name the columns that are added."""
        return ("unlabelled", "unlabelled_rivals") if self.rivals else ("unlabelled",)

    def load(self, spec: Matcher, tables: Mapping[str, pa.Table]) -> FittedOpinion:
        """Read both matchers from their saved tables."""
        final = spec.load(part_of(tables, "final"))
        names = final.names[: -len(self.names())]
        return FittedOpinion(self.load_columns(tables, names), final)

    def load_columns(
        self, tables: Mapping[str, pa.Table], names: tuple[str, ...]
    ) -> OpinionColumns:
        """Read the matcher that learned without labels; `names`: of comparisons and context."""
        own = part_of(tables, "opinion")
        first: FittedMatcher = (
            Rivals().load(self.matcher, own) if self.rivals else self.matcher.load(own)
        )
        return OpinionColumns(first, self.columns, names)


@dataclass(frozen=True)
class OpinionColumns:
    """What a matcher that learned without labels thinks of pairs, as further columns.

    Attributes
    ----------
    matcher : FittedMatcher
    columns : tuple of str
        What it reads of comparisons and context.
    names : tuple of str
        All columns of comparisons and context.
    """

    matcher: FittedMatcher
    columns: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def rivals(self) -> FittedRivals | None:
        """The matcher whose candidates compete, if they do."""
        return self.matcher if isinstance(self.matcher, FittedRivals) else None

    def own(self, job: Job) -> npt.NDArray[np.float64]:
        """Return the log-odds of every candidate by itself."""
        own = np.empty(len(job.candidates), np.float64)
        trees = self.matcher if self.rivals is None else self.rivals.first
        job.each_candidate("opinion", lambda rows: _log_odds(trees, self._read(rows)), own)
        return own

    def window(self, job: Job) -> Any:
        """Let the candidates compete, where the matcher does that."""
        return None if self.rivals is None else self.rivals.gather(job, self.own(job))

    def complete(
        self, features: Floats, left: IntArray, right: IntArray, listed: Bools, window: Any
    ) -> Floats:
        """Add the opinion to comparisons and context."""
        rows = self._read(features)
        if self.rivals is None:
            extra = _log_odds(self.matcher, rows)[:, None]
        else:
            whole = self.rivals.complete(rows, left, right, listed, window)
            extra = np.stack([_log_odds(self.rivals.first, rows), whole[:, -1]], axis=1)
        return np.hstack([features, extra.astype(np.float32)])

    def _read(self, features: Floats) -> Floats:
        place = {name: number for number, name in enumerate(self.names)}
        return np.ascontiguousarray(features[:, [place[name] for name in self.columns]])


@dataclass(frozen=True)
class FittedOpinion:
    """A matcher that learned without labels, and the final one, which sees its opinion.

    Attributes
    ----------
    opinion : OpinionColumns
    final : FittedMatcher
    """

    opinion: OpinionColumns
    final: FittedMatcher

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the final matcher."""
        return self.final.names

    @property
    def rivals(self) -> FittedRivals | None:
        """The matcher whose candidates compete, if they do."""
        return self.opinion.rivals

    def score(self, features: Floats, *, names: Sequence[str] | None = None) -> Any:
        """Score rows that hold the opinion too."""
        return self.final.score(features, names=names)

    def to_tables(self) -> dict[str, pa.Table]:
        """Return the tables of both matchers, under prefixes."""
        return tables_of_parts({"opinion": self.opinion.matcher, "final": self.final})

    def describe(self) -> str:
        """Say what was learned."""
        first = self.opinion.matcher.describe()
        return f"first, without labels: {first}\nthen: {self.final.describe()}"

    def own(self, job: Job) -> npt.NDArray[np.float64]:
        """Return the log-odds of every candidate by the opinion itself."""
        return self.opinion.own(job)

    def window(self, job: Job) -> Any:
        """Let the candidates compete, where the first matcher does that."""
        return self.opinion.window(job)

    def complete(
        self, features: Floats, left: IntArray, right: IntArray, listed: Bools, window: Any
    ) -> Floats:
        """Add the opinion to comparisons and context."""
        return self.opinion.complete(features, left, right, listed, window)


def _log_odds(matcher: FittedMatcher, rows: Floats) -> npt.NDArray[np.float64]:
    """Return the log-odds of a matcher, bounded."""
    score = np.clip(matcher.score(np.ascontiguousarray(rows)), _SURE, 1 - _SURE)
    return np.asarray(np.log(score) - np.log1p(-score))
