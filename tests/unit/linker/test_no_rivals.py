"""Without labels and without rivals: each pair by itself, and what the fit says of it."""

import numpy as np
import pytest

from sameas.core.errors import ArgumentError
from sameas.evaluation import PrecisionAtLeast
from sameas.linker import Linker, self_training
from sameas.linker.rivals import FittedRivals
from sameas.matching import FellegiSunter, SelfTraining

KINDS = {"title": "text", "price": "number"}


def shelves(count=150):
    """Two catalogues of things that come in three variants; only the number tells these apart."""
    random = np.random.default_rng(3)
    words = ["lamp", "chair", "drill", "radio", "kettle", "mixer", "camera", "phone"]
    rows = [
        (f"{words[n % 8]} {words[n // 8 % 8]} series {n * 37 % 1009} model {kind}", n, kind)
        for n in range(count)
        for kind in range(3)
    ]
    price = {(n, kind): 10 + n + 40 * kind for _, n, kind in rows}
    left = {
        "id": [f"l{n}.{kind}" for _, n, kind in rows],
        "title": [title for title, *_ in rows],
        "price": [price[n, kind] + random.normal(0, 6) for _, n, kind in rows],
    }
    right = {
        "id": [f"r{n}.{kind}" for _, n, kind in rows],
        "title": [f"{title.replace('series', 'set')} new" for title, *_ in rows],
        "price": [price[n, kind] + random.normal(0, 6) for _, n, kind in rows],
    }
    return left, right


@pytest.mark.parametrize("matcher", [SelfTraining(), FellegiSunter()])
def test_each_pair_is_scored_by_itself(matcher):
    left, right = shelves()
    alone = Linker(KINDS, matcher=matcher, rivals=False).fit(left, right)
    with_rivals = Linker(KINDS, matcher=matcher).fit(left, right)
    whole = with_rivals.fitted_.matcher
    assert isinstance(whole, FittedRivals)
    assert alone.fitted_.spec.second_pass is None
    if isinstance(matcher, FellegiSunter):  # what is learned is the same; only rivals are gone
        for name, table in alone.fitted_.matcher.to_tables().items():
            assert table.equals(whole.first.to_tables()[name]), name
    note = alone.fitted_.report["notes"][-1]
    assert "each pair is scored by itself" in note
    assert "exclusivity" not in alone.fitted_.report
    expected = [one.fitted_.report["expected"]["f1"] for one in (alone, with_rivals)]
    assert expected[0] <= expected[1] + 0.02
    assert f"an F1 of {expected[0]:.0%}" in note


def test_trees_learn_from_the_context_what_the_competition_makes_of_pairs(monkeypatch):
    left, right = shelves()
    context = set(Linker(KINDS).spec.context.names())
    taught = Linker(KINDS, matcher=SelfTraining(), rivals=False).fit(left, right)
    assert asked_by(taught) & context, "rank and margin stand in for the rivals"
    with_rivals = Linker(KINDS, matcher=SelfTraining()).fit(left, right)
    monkeypatch.setattr(self_training, "learn_outcome", lambda *_: None)
    untaught = Linker(KINDS, matcher=SelfTraining(), rivals=False).fit(left, right)
    assert not asked_by(untaught) & context
    tables = untaught.fitted_.matcher.to_tables()
    for name, table in with_rivals.fitted_.matcher.first.to_tables().items():
        assert table.equals(tables[name]), "where nothing can be taught the trees are the same"


def asked_by(linker):
    """Return the columns that the trees of a linker look at."""
    fitted = linker.fitted_.matcher
    looked = {int(column) for column in np.unique(fitted.feature) if column >= 0}
    return {fitted.names[column] for column in looked}


def test_the_threshold_follows_the_goal():
    left, right = shelves()
    goal = PrecisionAtLeast(0.99)
    strict, plain = (
        Linker(KINDS, matcher=SelfTraining(), rivals=False, **more).fit(left, right)
        for more in ({"goal": goal}, {})
    )
    assert strict.threshold >= plain.threshold
    assert strict.fitted_.report["expected"]["precision"] >= 0.985
    assert "estimated from the scores" in plain.fitted_.report["threshold_note"]


def test_the_run_says_that_nobody_competed():
    left, right = shelves(60)
    result = Linker(KINDS, matcher=SelfTraining(), rivals=False).link(left, right)
    said = " ".join(result.report["assumptions"])
    assert "each pair is scored by itself" in said
    assert "let pairs that share a record compete" not in said


def test_it_is_a_setting_like_others():
    with pytest.raises(ArgumentError, match="rivals"):
        Linker(KINDS, rival=False)
