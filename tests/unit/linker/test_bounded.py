"""Scores that are made only as far as it takes to see that a pair is no match."""

from dataclasses import replace

import numpy as np
import pytest

from sameas.clustering import Agglomerative, ConnectedComponents, SplitChains
from sameas.datasets.persons import generate_persons
from sameas.linker.bounded import Known, floor_for, score_weighed, steps_of
from sameas.linker.job import Job
from sameas.linker.learning import make_job
from sameas.linker.linker import Linker
from sameas.linker.planning import plan_tables
from sameas.matching import Boosting


@pytest.fixture(scope="module")
def fitted():
    table = generate_persons(3_000, seed=3)
    linker = plan_tables(table).linker()
    linker.fit(table)
    return linker, table


@pytest.fixture(scope="module")
def job(fitted):
    linker, table = fitted
    saved = linker.fitted_
    return make_job(saved.spec, {"table": table}, "dedupe", None, dict(saved.statistics))


@pytest.mark.parametrize("floor", [0.001, 0.1, 0.5])
def test_pairs_that_reach_the_floor_have_their_scores(fitted, job, floor):
    matcher, found = fitted[0].fitted_.matcher, job.candidates
    whole = job.scores(matcher, found.left, found.right)
    bounded = job.scores(matcher, found.left, found.right, floor=floor)
    reached = whole >= floor
    assert 0 < reached.sum() < len(reached)
    assert np.array_equal(bounded[reached], whole[reached])
    assert (bounded[~reached] < floor).all()
    assert (bounded[~reached] != whole[~reached]).any(), "some were not compared to the end"


def test_split_chains_gets_the_scores_that_it_weighs(fitted, job):
    matcher, found, clusterer = fitted[0].fitted_.matcher, job.candidates, SplitChains()
    whole = job.scores(matcher, found.left, found.right)
    score = job.scores(matcher, found.left, found.right, floor=0.4)
    rows = clusterer.weighed(found.left, found.right, whole >= 0.5, len(job.records))
    assert (score[rows] != whole[rows]).any(), "some of them were not compared to the end"
    score_weighed(job, matcher, clusterer, 0.5, score, 0.4)
    assert np.array_equal(score[rows], whole[rows])
    ends = found.left, found.right
    source = job.records.source_code
    wanted = clusterer.cluster(*ends, whole, whole >= 0.5, source).label
    assert np.array_equal(clusterer.cluster(*ends, score, score >= 0.5, source).label, wanted)


def test_scores_that_a_fit_has_made_are_taken_over(fitted, job):
    job = replace(job)
    matcher, found = fitted[0].fitted_.matcher, job.candidates
    rows = np.arange(0, len(found), 3)
    before = job.scores(matcher, found.left, found.right, floor=0.1)
    job.keep_scores(Known(matcher, np.full(len(rows), 0.25), rows))
    after = job.scores(matcher, found.left, found.right, floor=0.1)
    assert (after[rows] == 0.25).all()
    rest = np.setdiff1d(np.arange(len(found)), rows)
    assert np.array_equal(after[rest], before[rest])


def test_a_fit_on_some_pairs_scores_them_as_a_run_does(fitted, monkeypatch):
    linker, table = fitted
    monkeypatch.setattr("sameas.linker.sampling._MOST_PAIRS", 2_000)
    once = Linker(linker.spec).dedupe(table)
    monkeypatch.setattr(Job, "keep_scores", lambda *_: None)
    again = Linker(linker.spec).dedupe(table)
    assert once.links.num_rows
    assert once.links.equals(again.links)


def test_the_steps_add_up_to_the_score_and_none_is_above_its_bound(fitted, job):
    matcher, found = fitted[0].fitted_.matcher, job.candidates
    rows = slice(0, 5_000)
    listed = np.ones(len(found.left[rows]), bool)
    whole = job.features(found.left[rows], found.right[rows], listed, rows)
    steps = steps_of(matcher, job.spec.comparisons)
    assert sum(len(step.part.levels) for step in steps) == len(matcher.levels)
    assert not steps[0].comparisons
    assert steps[0].part.levels, "the context is known before any comparison"
    bits = [step.part.bits(whole) for step in steps]
    total = matcher.prior_weight + np.sum(bits, axis=0)
    assert np.allclose(total, matcher.log_odds(whole) / np.log(2))
    for step, said in zip(steps, bits, strict=True):
        assert (said <= step.part.highest() + 1e-12).all()


def test_what_speaks_most_against_others_for_its_cost_comes_first(fitted, job):
    matcher = fitted[0].fitted_.matcher
    order = [step.comparisons[0] for step in steps_of(matcher, job.spec.comparisons)[1:]]
    assert set(order) == set(job.spec.comparisons)
    names = [item.names()[0] for item in order]
    assert names.index("date_of_birth_date_similarity") < names.index("city_postal_code_cosine_2_3")
    assert names.index("date_of_birth_date_similarity") < names.index("address_soft_tfidf")


def test_links_are_those_of_a_run_that_scores_everything(fitted, monkeypatch):
    linker, table = fitted
    quick = linker.dedupe(table)
    monkeypatch.setattr("sameas.linker.runs.floor_for", lambda *_: 0.0)
    assert quick.links.equals(linker.dedupe(table).links)


def test_when_there_is_no_floor(fitted):
    matcher = fitted[0].fitted_.matcher
    assert floor_for(matcher, ConnectedComponents(), 0.8, (0.4, 0.9)) == 0.1
    assert floor_for(matcher, SplitChains(), 0.8) == 0.2
    assert floor_for(matcher, Agglomerative(), 0.8) == 0
    labels = np.array([True, False] * 50)
    trees = Boosting(iterations=2).fit(
        labels[:, None].astype(np.float32), labels, names=("a",), seed=0
    )
    assert floor_for(trees, ConnectedComponents(), 0.8) == 0
