"""The pairs that may be asked about, and what was asked of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.errors import LabelError
from sameas.core.pair_key import pair_key
from sameas.core.prepared import IntArray
from sameas.labeling import LabelledPairs, read_labels
from sameas.linker.inputs import Options, finder, label_sources
from sameas.linker.job import Job
from sameas.linker.learning import learn, make_job
from sameas.linker.saving import FittedLinker
from sameas.linker.spec import DEFAULT_MATCHER, LinkerSpec

__all__ = ["Asked", "Pool", "open_pool"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pool:
    """The pairs that may be asked about, with the scores of a cheap matcher.

    Attributes
    ----------
    job : Job
    cheap : FittedLinker
        It learned without labels, or was given.
    left, right : int32[p]
    score : float64[p]
    """

    job: Job
    cheap: FittedLinker
    left: IntArray
    right: IntArray
    score: Floats

    def records(self, rows: IntArray) -> list[dict[str, Any]]:
        """Return records as attributes by name, without the silver field."""
        fields = [one.name for one in self.job.spec.fields if one.name != self.job.spec.silver]
        found: list[dict[str, Any]] = (
            self.job.records.table.select(fields).take(pa.array(rows)).to_pylist()
        )
        return found

    def pairs(self, left: IntArray, right: IntArray) -> pa.Table:
        """Return the ids of pairs."""
        table, columns = self.job.records.table, {}
        for side, rows in (("left", left), ("right", right)):
            taken = table.select(["source", "id"]).take(pa.array(rows))
            for name in ("source", "id"):
                columns[f"{side}_{name}"] = taken[name].cast(pa.string())
        return pa.table(columns)

    def human(self, table: pa.Table, names: Sequence[str]) -> LabelledPairs:
        """Read a person's labels of these records."""
        sources = label_sources(tuple(names))
        return read_labels(
            table, finder(self.job.records), sources=sources, conflicts="resolve",
            name="The human labels",
        )  # fmt: skip


@dataclass(eq=False)
class Asked:
    """Pairs that were asked, in the order of asking, and what was answered.

    Attributes
    ----------
    left, right : int32[n]
    drawn : list of str
        Why each pair was asked.
    weight : float64[n]
        Candidates that a random pair stands for; NaN for the others.
    prior : float64[n]
        The cheap matcher's score.
    said : int8[n]
    log_odds : float64[n]
    text, error : list
    """

    left: IntArray
    right: IntArray
    drawn: list[str]
    weight: Floats
    prior: Floats
    said: npt.NDArray[np.int8]
    log_odds: Floats
    text: list[str]
    error: list[str | None]

    @classmethod
    def nothing(cls) -> Asked:
        """Return no pairs."""
        none = np.zeros(0, np.int32)
        return cls(none, none, [], np.zeros(0), np.zeros(0), np.zeros(0, np.int8), np.zeros(0),
                   [], [])  # fmt: skip

    def plus(self, other: Asked) -> Asked:
        """Put further pairs behind these."""
        joined: dict[str, Any] = {
            name: np.concatenate([getattr(self, name), getattr(other, name)])
            for name in ("left", "right", "weight", "prior", "said", "log_odds")
        }
        for name in ("drawn", "text", "error"):
            joined[name] = getattr(self, name) + getattr(other, name)
        return Asked(**joined)

    @property
    def key(self) -> npt.NDArray[np.int64]:
        """A number for each pair."""
        return pair_key(self.left, self.right)


def open_pool(
    spec: LinkerSpec,
    named: Mapping[str, Any],
    *,
    fitted: FittedLinker | None = None,
    mode: str | None = None,
    options: Options | None = None,
) -> Pool:
    """Find the candidates and score them with a cheap matcher.

    Parameters
    ----------
    spec : LinkerSpec
    named : mapping of str to table
    fitted : FittedLinker, optional
        Scores the candidates. Without one a matcher learns from them alone, or from the
        silver field of the spec.
    mode, options
        As in `Linker.fit`.
    """
    if fitted is None:
        free = replace(spec, matcher=DEFAULT_MATCHER)
        job, fitted = learn(free, named, None, mode, "drop", options)
    else:
        job = make_job(fitted.spec, named, mode or fitted.mode, options, dict(fitted.statistics))
    found = job.candidates
    if not len(found):
        raise LabelError("Blocking found no candidate pairs, so there is nothing to ask about.")
    score = job.scores(fitted.matcher, found.left, found.right)
    return Pool(job, fitted, found.left, found.right, score)
