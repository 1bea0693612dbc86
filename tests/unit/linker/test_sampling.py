"""How many candidate pairs a model without labels is learned from."""

from dataclasses import replace

import numpy as np
import pytest

from sameas.blocking import ExactKey
from sameas.core.errors import LabelError
from sameas.datasets.persons import generate_persons
from sameas.linker import Linker, sampling
from sameas.linker.learning import make_job
from sameas.linker.patterns import coded
from sameas.linker.planning import plan_tables
from sameas.linker.unlabelled import unlabelled_spec
from sameas.matching import FellegiSunter, SelfTraining
from sameas.matching.fellegi_sunter import Layout


@pytest.fixture(scope="module")
def job():
    table = generate_persons(3_000, seed=3)
    spec = unlabelled_spec(plan_tables(table).linker().spec)
    return make_job(spec, {"table": table}, "dedupe", None, {})


@pytest.fixture
def layout(job, monkeypatch):
    monkeypatch.setattr(sampling, "_MOST_PAIRS", 2_000)
    monkeypatch.setattr(sampling, "_FIRST_PAIRS", 1_000)
    return Layout(job.spec.matcher.levels, job.spec.base_names())


def test_many_sure_matches_are_enough_with_few_pairs(job, layout, monkeypatch):
    monkeypatch.setattr(sampling, "_ENOUGH", 50)
    found = sampling.drawn(job, layout)
    assert len(found.rows) == len(found.packed) == len(found.near) == 1_000
    assert found.sample.candidates.pairs == found.near.sum()
    assert len(sampling.drawn(job, layout, opinion=True).rows) == len(job.candidates)


def test_where_matches_are_few_all_drawn_pairs_are_learned_from(job, layout, monkeypatch):
    monkeypatch.setattr(sampling, "_ENOUGH", 1_000_000)
    twice = sampling.drawn(job, layout)
    assert len(twice.rows) == 2_000
    assert (np.diff(twice.rows) > 0).all()
    packed, near = coded(job, layout, "levels", rows=twice.rows)
    assert np.array_equal(twice.packed, packed)
    assert np.array_equal(twice.near, near)
    monkeypatch.setattr(sampling, "_FIRST_PAIRS", 2_000)
    once = sampling.drawn(job, layout)
    assert np.array_equal(once.rows, twice.rows)
    assert np.array_equal(once.sample.candidates.count, twice.sample.candidates.count)
    assert once.sample.likely == twice.sample.likely


def test_a_table_with_few_candidates_is_learned_from_whole(job, layout, monkeypatch):
    monkeypatch.setattr(sampling, "_MOST_PAIRS", len(job.candidates))
    assert np.array_equal(sampling.drawn(job, layout).rows, np.arange(len(job.candidates)))


@pytest.mark.parametrize("matcher", [SelfTraining(), FellegiSunter()])
def test_where_no_records_meet_it_is_said_by_what_and_why(matcher):
    rows = range(20)
    mills = {"id": [*rows], "name": [f"mill {row}" for row in rows], "town": ["x", "y"] * 10}
    plan = plan_tables(mills)
    assert plan.numbered == ("name",)
    with pytest.raises(LabelError, match=r"no two records meet by .*name.*leave name out of"):
        Linker(replace(plan.linker().spec, matcher=matcher)).dedupe(mills)
    kinds, rules = {"name": "name", "town": "category"}, (ExactKey(("town",)),)
    far = {"id": [1, 2], "name": ["alpha", "bravo"], "town": ["oslo", "rome"]}
    with pytest.raises(LabelError, match=r"meet by equal town.*Block by other rules"):
        Linker(kinds, blocking=rules, matcher=matcher).dedupe(far)
