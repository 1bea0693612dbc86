"""Scores that are made only as far as it takes to see that a pair is no match."""

import numpy as np
import pytest

from sameas.clustering import Agglomerative, ConnectedComponents
from sameas.comparison import JaroWinkler, PhoneSimilarity, SoftTfidf
from sameas.datasets.persons import generate_persons
from sameas.linker.bounded import dear, floor_for
from sameas.linker.learning import make_job
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


def test_the_bound_is_one_whatever_comes(fitted, job):
    matcher, found = fitted[0].fitted_.matcher, job.candidates
    rows = slice(0, 5_000)
    listed = np.ones(len(found.left[rows]), bool)
    whole = job.features(found.left[rows], found.right[rows], listed, rows)
    for name in ("address_soft_tfidf", "email_jaro_winkler", "date_of_birth_date_similarity"):
        part = whole.copy()
        part[:, matcher.names.index(name)] = np.nan
        assert (matcher.most(part, [name]) >= matcher.score(whole) - 1e-12).all()


def test_links_are_those_of_a_run_that_scores_everything(fitted, monkeypatch):
    linker, table = fitted
    quick = linker.dedupe(table)
    monkeypatch.setattr("sameas.linker.runs.floor_for", lambda *_: 0.0)
    assert quick.links.equals(linker.dedupe(table).links)


def test_what_is_dear_and_when_there_is_no_floor(fitted):
    matcher = fitted[0].fitted_.matcher
    assert dear((JaroWinkler("a"), SoftTfidf("b"), PhoneSimilarity("c"))) == (SoftTfidf("b"),)
    assert dear((SoftTfidf("b"),)) == ()
    assert floor_for(matcher, ConnectedComponents(), 0.8, (0.4, 0.9)) == 0.1
    assert floor_for(matcher, Agglomerative(), 0.8) == 0
    labels = np.array([True, False] * 50)
    trees = Boosting(iterations=2).fit(
        labels[:, None].astype(np.float32), labels, names=("a",), seed=0
    )
    assert floor_for(trees, ConnectedComponents(), 0.8) == 0
