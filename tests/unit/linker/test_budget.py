"""The budget of a run: too many candidate pairs end it with an error that says what to do."""

from __future__ import annotations

import pytest

import sameas
from sameas.blocking import Radius
from sameas.comparison import Distance
from sameas.core.errors import RunError
from sameas.linker.estimate import estimate_job
from sameas.linker.found import Budget
from sameas.linker.job import Job
from sameas.records import collect


def test_too_many_candidates_end_the_run() -> None:
    table = {"id": list(range(60)), "latitude": [48.0] * 60, "longitude": [11.0] * 60}
    linker = sameas.Linker(
        {"latitude": "latitude", "longitude": "longitude"},
        blocking=(Radius(100.0),),
        comparisons=(Distance(),),
        context=None,
    )
    records = collect({"table": table}, linker.spec.fields)
    engine = sameas.Options(threads=1).make_engine()

    def job(candidates: int) -> Job:
        budget = Budget(candidates=candidates)
        return Job(linker.spec, records, {}, "dedupe", engine, budget)

    assert len(job(60 * 59 // 2).candidates) == 60 * 59 // 2
    with pytest.raises(
        RunError, match=r"More than 1,000 candidate pairs survive; the rule 'at most 100 m apart'"
    ):
        _ = job(1_000).candidates
    assert estimate_job(job(1_000)).candidates == 60 * 59 // 2
