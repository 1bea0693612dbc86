"""A job: the tables at hand, prepared, with their candidate pairs and windows.

Fitting, scoring and linking are all a job first; they differ in what they ask of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.comparison import Comparison, column_names, fill
from sameas.comparison.context import Window
from sameas.core.prepared import Columns, IntArray
from sameas.core.progress import progress
from sameas.engines.base import Engine
from sameas.linker.bounded import Known
from sameas.linker.candidates import find_candidates
from sameas.linker.chunks import each_chunk
from sameas.linker.found import Budget, Candidates
from sameas.linker.modes import check_mode
from sameas.linker.passes import Passes
from sameas.linker.scoring import score_pairs
from sameas.linker.spec import LinkerSpec
from sameas.matching import FittedMatcher
from sameas.records import Records, prepare

if TYPE_CHECKING:
    from sameas.linker.repeats import Repeats

__all__ = ["Job"]


@dataclass
class Job:
    """Records, prepared for one linker.

    Parameters
    ----------
    spec : LinkerSpec
    records : Records
    statistics : dict of str to pyarrow.Table
        Frozen statistics; those that are absent are learnt from these records.
    mode : str
        One of `modes.MODES`.
    engine : Engine
    budget : Budget
    order : tuple of str
        Sources as the user gave them; those of the records by default.
    numbers : int32[n], optional
        Of some records of many: the number of each among all, rising.
    inside : bool
        The matcher learned where records of one table are compared: its windows hold these too,
        though only tables are linked here.
    repeats : Repeats, optional
        All rows, where those that repeat another one in every field are one record here.
    """

    spec: LinkerSpec
    records: Records
    statistics: dict[str, pa.Table]
    mode: str
    engine: Engine
    budget: Budget
    order: tuple[str, ...] = ()
    numbers: IntArray | None = None
    inside: bool = False
    repeats: Repeats | None = None
    #: Whether what is compared is at hand, so that pairs that are no candidates can be found.
    whole: ClassVar[bool] = True
    _gathered: tuple[Passes, Any] | None = field(default=None, init=False, repr=False)
    _scored: Known | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        check_mode(self.mode)

    @cached_property
    def columns(self) -> Columns:
        """The prepared columns."""
        with progress("prepare", 1):
            return prepare(
                self.records.table, self.spec.needs(), self.statistics, threads=self.engine.threads
            )

    @property
    def rows(self) -> Records:
        """The records as they were given: a row that repeats another is one of its own."""
        return self.records if self.repeats is None else self.repeats.records

    def row(self, record: IntArray) -> IntArray:
        """Return the first row of records."""
        return record if self.repeats is None else self.repeats.first[record]

    @property
    def group(self) -> IntArray | None:
        """Records of one group never make a pair: the source, when only sources are linked."""
        inside = self.mode in ("dedupe", "also-within")
        return None if inside else self.records.source_code

    def with_spec(self, spec: LinkerSpec) -> Job:
        """Return a job of these records and candidates for a linker with the same blocking."""
        other = replace(self, spec=spec, statistics=dict(self.statistics))
        needs = [need for need in spec.needs() if need not in self.columns]
        more = prepare(self.records.table, needs, other.statistics, threads=self.engine.threads)
        other.columns = {**self.columns, **more}
        other.candidates = self.candidates
        if "neighbours" in self.__dict__:
            other.neighbours = self.neighbours
        if spec.context == self.spec.context:
            other.similarities = self.similarities
        return other

    def go_on_with(self, found: Candidates) -> None:
        """Take some of the candidates for all; what was made of the others is made anew."""
        for name in ("neighbours", "windows", "similarities"):
            vars(self).pop(name, None)
        self.candidates, self._gathered, self._scored = found, None, None

    def number(self, record: IntArray) -> IntArray:
        """Return the numbers of records among all; they decide about splits and folds."""
        return record if self.numbers is None else self.numbers[record]

    @property
    def single(self) -> tuple[bool, ...]:
        """Whether the mode gives a record of each source one partner at most."""
        order = self.order or self.records.sources
        many = {"one-to-many": order[:1], "many-to-one": order[-1:], "one-to-one": ()}
        free = many.get(self.mode, order)
        return tuple(name not in free for name in self.records.sources)

    @cached_property
    def candidates(self) -> Candidates:
        """The candidate pairs of all blocking rules."""
        if self._sees_inside:
            return self.neighbours.between(self.records.source_code)
        return self._found(self.group)

    @cached_property
    def neighbours(self) -> Candidates:
        """The pairs that make the windows: the candidates, or all that were ones at the fit."""
        return self._found(None) if self._sees_inside else self.candidates

    @property
    def _sees_inside(self) -> bool:
        """Whether windows hold records of the same table, though these are not linked."""
        return self.inside and self.group is not None and self.spec.context is not None

    def _found(self, group: IntArray | None) -> Candidates:
        return find_candidates(
            self.columns,
            self.spec.blocking,
            len(self.records),
            group=group,
            engine=self.engine,
            budget=self.budget,
        )

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """The first similarities of the neighbours of each record."""
        context, found = self.spec.context, self.neighbours
        if context is None:
            return ()
        _, first = self._similar(found) if self._sees_inside else self.similarities
        return context.windows(found.left, found.right, first, len(self.records))

    @cached_property
    def similarities(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """The first similarities of the candidate pairs: before they fade, and faded."""
        return self._similar(self.candidates)

    def _similar(
        self, found: Candidates
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        context = self.spec.context
        assert context is not None
        shape = len(found), len(context.over)
        out = np.empty(shape, np.float32), np.empty(shape, np.float32)
        each_chunk(
            "context",
            len(found),
            lambda rows: context.similarities(self.columns, found.left[rows], found.right[rows]),
            out,
            threads=self.engine.threads,
        )
        return out

    def listed(self, left: IntArray, right: IntArray) -> npt.NDArray[np.bool_]:
        """Say which pairs (left < right) are candidates."""
        return np.asarray(self.candidates.places(left, right) >= 0)

    def features(
        self,
        left: IntArray,
        right: IntArray,
        listed: npt.NDArray[np.bool_],
        rows: slice | npt.NDArray[np.integer[Any]] | None = None,
        *,
        later: Sequence[Comparison] = (),
        ranks: bool = True,
    ) -> npt.NDArray[np.float32]:
        """Compute comparisons and context of pairs (left < right), float32[p, k].

        If the pairs are the candidates `rows`, their first similarities are there already. The
        columns of the comparisons that come `later` are left missing, and so are ranks without
        `ranks`.
        """
        out = np.empty((len(left), len(self.spec.base_names())), np.float32)
        context, known = self.spec.context, []
        if context is not None:
            plain, first = (
                context.similarities(self.columns, left, right)
                if rows is None
                else (each[rows] for each in self.similarities)
            )
            values = context.values(left, right, first, listed, self.windows, ranks=ranks)
            out[:, -values.shape[1] :] = values
            known = list(zip(context.plain(), plain.T, strict=True))
        comparisons = self.spec.comparisons
        now = [item for item in comparisons if item not in later]
        if later:
            out[:, : len(column_names(comparisons))] = np.nan
        fill(out, self.columns, comparisons, left, right, chosen=now, known=known)
        return out

    def scores(
        self,
        matcher: FittedMatcher,
        left: IntArray,
        right: IntArray,
        listed: npt.NDArray[np.bool_] | None = None,
        *,
        floor: float = 0.0,
    ) -> npt.NDArray[np.float64]:
        """Score pairs (left < right) in chunks, on all threads; all are candidates by default.

        How low the scores of candidates are that cannot reach the `floor` need not be right.
        """
        known = self._scored if self._scored and self._scored.matcher is matcher else None
        return score_pairs(self, matcher, left, right, listed, floor=floor, known=known)

    def seen(
        self,
        matcher: FittedMatcher | Passes | None,
        left: IntArray,
        right: IntArray,
        listed: npt.NDArray[np.bool_],
    ) -> npt.NDArray[np.float32]:
        """Compute all columns that a matcher sees of a few pairs (left < right)."""
        features = self.features(left, right, listed)
        if not isinstance(matcher, Passes):
            return features
        return matcher.complete(features, left, right, listed, self.window_of(matcher))

    def keep_scores(self, known: Known) -> None:
        """Take over scores of candidates that a fit has made already."""
        self._scored = known

    def keep_window(self, passes: Passes, window: Any) -> None:
        """Take over what a matcher thinks of all candidates, where a fit has found it already."""
        self._gathered = passes, window

    def window_of(self, passes: Passes, own: npt.NDArray[np.float64] | None = None) -> Any:
        """Gather what a matcher thinks of all candidates, once.

        `own` is what each is worth to it by itself, where that is known and all it looks at.
        """
        if self._gathered is None or self._gathered[0] is not passes:
            gather = passes.window(self) if own is None else passes.gather(self, own)  # type: ignore[attr-defined]
            self._gathered = passes, gather
        return self._gathered[1]

    def each_record(self, work: Callable[[pa.Table], pa.Table]) -> pa.Table:
        """Call `work`, which gives a row a record, on the table of the records."""
        return work(self.records.table)

    def each_candidate(
        self,
        what: str,
        work: Callable[[npt.NDArray[np.float32]], npt.NDArray[Any]],
        out: npt.NDArray[Any],
        chosen: npt.NDArray[np.int64] | None = None,
    ) -> None:
        """Call `work` on the features of all candidates, or some, chunk by chunk, into `out`."""
        _ = self.columns, self.windows
        found = self.candidates

        def run(rows: slice) -> tuple[npt.NDArray[Any]]:
            here = rows if chosen is None else chosen[rows]
            flags = np.ones(rows.stop - rows.start, bool)
            return (work(self.features(found.left[here], found.right[here], flags, here)),)

        total = len(found) if chosen is None else len(chosen)
        each_chunk(what, total, run, (out,), threads=self.engine.threads)

    def each_pair(
        self,
        what: str,
        left: IntArray,
        right: IntArray,
        work: Callable[[npt.NDArray[np.float32]], npt.NDArray[Any]],
        out: npt.NDArray[Any],
    ) -> None:
        """Call `work` on the features of given pairs (left < right), chunk by chunk."""
        _ = self.columns, self.windows
        listed = self.listed(left, right)

        def run(rows: slice) -> tuple[npt.NDArray[Any]]:
            return (work(self.features(left[rows], right[rows], listed[rows])),)

        each_chunk(what, len(left), run, (out,), threads=self.engine.threads)
