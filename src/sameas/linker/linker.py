"""The linker: fit, score, link, dedupe, estimate, save and load. The batch door."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sameas.core.errors import LabelError
from sameas.linker.checks import check_threshold
from sameas.linker.cluster_cut import without_cut
from sameas.linker.constraints import clusterer_for
from sameas.linker.inputs import (
    Options,
    as_pairs,
    check_several,
    inputs_of,
    kind_of,
    mode_for,
    name_tables,
    options_of,
)
from sameas.linker.learning import job_for, learn, make_job, pairs_job
from sameas.linker.parts import Parts
from sameas.linker.repeats import compared_once
from sameas.linker.result import Result, scored_table
from sameas.linker.runs import Run
from sameas.linker.saving import FittedLinker, load_linker, save_linker
from sameas.linker.spec import LinkerSpec, as_spec
from sameas.records import Field
from sameas.records.frames import like, to_arrow

if TYPE_CHECKING:
    from sameas.linker.estimate import Estimate
    from sameas.reporting import Explanation

__all__ = ["Linker"]


class Linker:
    """Find which records of one or several tables mean the same thing.

    Parameters
    ----------
    fields : mapping, iterable of Field, or LinkerSpec
        What the columns mean: ``{"title": "text", "year": "number"}``. A `LinkerSpec` says
        everything.
    **settings
        Settings of `LinkerSpec` other than the defaults: ``blocking``, ``comparisons``,
        ``context``, ``matcher``, ``goal``, ``silver``, ``seed``, ...

    Attributes
    ----------
    spec : LinkerSpec
    fitted_ : FittedLinker or None
        What `fit` learned.

    Examples
    --------
    >>> import pyarrow as pa
    >>> left = {"id": [1, 2, 3], "name": ["Blue Door Cafe", "Old Mill", "Star Gym"]}
    >>> right = {"id": [7, 8], "name": ["The Blue Door Café", "Star Gymnasium"]}
    >>> links = Linker({"name": "name"}).link(pa.table(left), pa.table(right)).links
    >>> links["left_id"].to_pylist(), links["right_id"].to_pylist()
    ([1, 3], [7, 8])
    """

    def __init__(
        self, fields: LinkerSpec | Mapping[str, str] | Iterable[Field], **settings: Any
    ) -> None:
        self.spec = as_spec(fields, **settings)
        self.fitted_: FittedLinker | None = None

    def __repr__(self) -> str:
        """Say what the linker compares and whether it is fitted."""
        names = ", ".join(field.name for field in self.spec.fields)
        state = f"threshold {self.threshold:.4f}" if self.fitted_ else "not fitted"
        count = len(self.spec.blocking)
        rules = f"{count} blocking rule{'' if count == 1 else 's'}"
        return f"Linker({names}; {rules}; {state})"

    @property
    def threshold(self) -> float:
        """The score from which a pair is a match."""
        return self._fitted().threshold

    @property
    def version(self) -> str:
        """A hash of everything that a score or decision depends on."""
        return self._fitted().version

    def fit(
        self,
        *tables: Any,
        labels: Any = None,
        mode: str | None = None,
        conflicts: str = "drop",
        options: Options | None = None,
    ) -> Linker:
        """Learn a matcher and a threshold, from labelled pairs or without any.

        Parameters
        ----------
        *tables : frame, path, or one mapping of source name to table
            Whole tables: context is computed over all their records.
        labels : frame or path, optional
            Columns ``left_id``, ``right_id``, ``label``, optional ``split`` ("train",
            "valid", "test"; test is never read), ``left_source``, ``right_source``. Without
            labels the silver field of the linker labels the candidate pairs; without that,
            the matcher learns from the candidate pairs alone: `SelfTraining` where records
            are not of persons, unless nothing speaks for matches; `FellegiSunter` elsewhere.
        mode : str, optional
            As in `link`; "dedupe" for one table, "many" for several by default.
        conflicts : {"drop", "error", "resolve"}
            Pairs with both verdicts are left out and counted, refused, or decided by labeler.
        options : Options, optional

        Returns
        -------
        Linker
            This linker, fitted.

        Raises
        ------
        LabelError
            If there is nothing to learn from.
        """
        named = name_tables(tables)
        _, self.fitted_ = learn(self.spec, named, labels, mode, conflicts, options)
        return self

    def score(self, *tables: Any, pairs: Any, options: Options | None = None) -> Any:
        """Score given pairs, whatever blocking says of them.

        Parameters
        ----------
        *tables
            Whole tables, as in `fit`.
        pairs : frame or path
            Columns ``left_id`` and ``right_id`` (and ``left_source``, ``right_source``).

        Returns
        -------
        frame like `pairs`
            One row a given pair, in the given order: ``left_id``, ``right_id``, ``score``,
            ``decision``, ``candidate`` (would blocking have met it).

        Raises
        ------
        LabelError
            If an id is unknown.
        """
        fitted = self._fitted()
        table, kind = to_arrow(pairs)
        job, left, right = pairs_job(fitted, name_tables(tables), table, options)
        listed = job.listed(left, right)
        score = job.scores(fitted.matcher, left, right, listed)
        return like(scored_table(table, fitted, score, listed), kind)

    def explain(
        self,
        *tables: Any,
        pairs: Any,
        run: str | os.PathLike[str] | None = None,
        threshold: float | None = None,
        options: Options | None = None,
    ) -> tuple[Explanation, ...]:
        """Say why pairs have their scores, and what would have changed the verdict.

        Parameters
        ----------
        *tables
            Whole tables, as in `fit`.
        pairs : frame, path, or list of (left id, right id)
            As in `score`.
        run : folder, optional
            A run of this linker on these tables: its candidates are taken from there.
        threshold : float, optional
            Instead of the fitted one.

        Returns
        -------
        tuple of Explanation
            One a given pair, in the given order. Contributions and base are the raw score.

        Raises
        ------
        LabelError
            If an id is unknown.
        """
        from sameas.linker.explain import Explainer

        check_threshold(threshold)
        fitted, named = self._fitted(), name_tables(tables)
        cut = fitted.threshold if threshold is None else threshold
        table = as_pairs(pairs)
        job, left, right = pairs_job(fitted, named, table, options)
        if run is not None:
            Run(job, fitted, cut, tuple(named)).reuse(Path(run))
        said = Explainer(job, fitted.matcher, cut).explain(left, right, tuple(named))
        return said if job.repeats is None else job.repeats.named(said, table, tuple(named))

    def link(
        self,
        *tables: Any,
        mode: str | None = None,
        threshold: float | None = None,
        out: str | os.PathLike[str] | None = None,
        report: bool = True,
        entities: bool = True,
        stages: bool = True,
        options: Options | None = None,
    ) -> Result:
        """Link several tables: which records of different tables are one thing.

        Parameters
        ----------
        *tables : frame, path, or one mapping of source name to table
        mode : {"many", "one-to-one", "one-to-many", "many-to-one", "also-within"}, optional
            As in the fit by default; "one-to-one" lets a record match at most one record of
            each other table, "one-to-many" any but those of the first table at most one of
            the first, "many-to-one" any but those of the last at most one of the last,
            "also-within" looks for duplicates inside the tables too.
        threshold : float, optional
            Instead of the fitted one.
        out : folder, optional
            Where every finished stage is kept; a repeated call with the same inputs resumes.
        report : bool
            With `out`, also write ``report.html``: the run on one page that works offline.
        entities : bool
            Make golden records; without them ``entities`` of the result is None, and links and
            clusters are there sooner.
        stages : bool
            With `out`, keep candidates and scores in ``stages``, from which a repeated call
            resumes.
        options : Options, optional

        Returns
        -------
        Result
            Its frames are of the kind of the first table.

        Notes
        -----
        A linker that is not fitted is first fitted on these tables, by its silver field or
        without any labels.
        """
        if mode is None:  # a mode that does not fit one table says so itself
            check_several(tables)
        parts = Parts(report, entities, stages)
        return self._run(tables, mode, (threshold, out, parts), options)

    def dedupe(
        self,
        table: Any,
        *,
        threshold: float | None = None,
        out: str | os.PathLike[str] | None = None,
        report: bool = True,
        entities: bool = True,
        stages: bool = True,
        options: Options | None = None,
    ) -> Result:
        """Find the duplicates inside one table; see `link`."""
        parts = Parts(report, entities, stages)
        return self._run((table,), "dedupe", (threshold, out, parts), options)

    def estimate(
        self, *tables: Any, mode: str | None = None, options: Options | None = None
    ) -> Estimate:
        """Say how much work linking would be, before it runs: pairs, blocks, time, memory."""
        from sameas.linker.estimate import estimate_job

        fitted, named = self.fitted_, name_tables(tables)
        spec, statistics = (fitted.spec, fitted.statistics) if fitted else (self.spec, {})
        mode = mode or mode_for(named, fitted)
        job = make_job(spec, named, mode, options, dict(statistics))
        return estimate_job(compared_once(job, options))

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write the fitted linker to a folder: JSON and Parquet, no pickle."""
        save_linker(Path(folder), self._fitted())

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Linker:
        """Read a saved linker; it scores as it did when it was saved.

        Raises
        ------
        SavedLinkerError
            If the folder holds none, is damaged, or is of another format.
        """
        fitted = load_linker(Path(folder))
        linker = cls(fitted.spec)
        linker.fitted_ = fitted
        return linker

    def _fitted(self) -> FittedLinker:
        if self.fitted_ is None:
            raise LabelError("This linker is not fitted yet: call fit with labels, or load one.")
        return self.fitted_

    def _run(
        self,
        tables: Sequence[Any],
        mode: str | None,
        kept: tuple[float | None, str | os.PathLike[str] | None, Parts],
        options: Options | None,
    ) -> Result:
        threshold, out, parts = kept
        check_threshold(threshold)
        named, options = name_tables(tables), options_of(options)
        mode = mode or mode_for(named, self.fitted_)
        if options.memory is not None:
            from sameas.linker.pieces import run_in_pieces  # few runs need it

            return run_in_pieces(self._fitted(), named, (mode, *kept), options)
        kind = kind_of(next(iter(named.values())))
        if self.fitted_ is None:
            job, self.fitted_ = learn(self.spec, named, None, mode, "drop", options)
        else:
            job = compared_once(job_for(self.fitted_, named, mode, options), options)
        fitted = self.fitted_
        cut = fitted.threshold if threshold is None else threshold
        run = Run(job, fitted, cut, tuple(named), inputs_of(named, options), parts)
        if threshold is not None and "cluster_cut" in fitted.report:
            job.spec = without_cut(job.spec)  # clusters follow the threshold of the user
        clusterer = clusterer_for(job, options, tuple(named))
        return run.finish(kind, clusterer, None if out is None else Path(out))
