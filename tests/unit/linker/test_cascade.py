"""A cascade scores as the plain linker does where it matters, and says what it loses."""

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from sameas.comparison import Distance, Indel, JaroWinkler, SoftTfidf, TokenSetRatio
from sameas.core.errors import ArgumentError, SavedLinkerError
from sameas.core.specs import from_dict, to_dict
from sameas.evaluation import ReviewBand
from sameas.linker import Linker, Options, chunks
from sameas.linker.cascade import Cascade, FittedCascade
from sameas.linker.second_pass import SecondPass
from sameas.matching import Boosting

CASCADE = Cascade(
    later=(JaroWinkler("name"), TokenSetRatio("name")),
    matcher=Boosting(iterations=15, leaves=6, depth=3, learning_rate=0.3, columns_per_split=1.0),
)
COMPARISONS = (JaroWinkler("name"), SoftTfidf("name"), Distance(), TokenSetRatio("name"))


@pytest.fixture(scope="module")
def places(new_problem):
    return new_problem(count=600, seed=2)


@pytest.fixture(scope="module")
def plain(places, new_linker):
    linker = new_linker(comparisons=COMPARISONS)
    return linker.fit(places.left, places.right, labels=places.labels)


@pytest.fixture(scope="module")
def quick(places, new_linker):
    linker = new_linker(comparisons=COMPARISONS, cascade=CASCADE)
    return linker.fit(places.left, places.right, labels=places.labels)


def scored(linker, places, pairs):
    return linker.score(places.left, places.right, pairs=pairs)["score"].to_numpy()


def every_pair(places):
    """All candidates with their scores, for a threshold of 0 makes every one a link."""
    ids = [(one, other) for one in places.left["id"][:40] for other in places.right["id"]]
    return pa.table(dict(zip(("left_id", "right_id"), zip(*ids, strict=True), strict=True)))


def test_pairs_below_the_cut_are_no_match_and_the_others_score_as_before(plain, quick, places):
    pairs = every_pair(places)
    before, after = scored(plain, places, pairs), scored(quick, places, pairs)
    cut = quick.fitted_.matcher.cut
    below = after < cut
    assert 0.5 < below.mean() < 1
    assert quick.threshold == plain.threshold
    assert cut <= quick.threshold / 2
    np.testing.assert_array_equal(after[~below], before[~below])
    lost = below & (before >= plain.threshold)
    assert lost.sum() <= 0.01 * (before >= plain.threshold).sum()


def test_the_report_holds_the_measured_loss_within_its_bound(quick):
    report = quick.fitted_.report["cascade"]
    train, valid = report["train"], report["valid"]
    assert report["cut"] == quick.fitted_.matcher.cut
    assert train["lost"] + valid["lost"] <= CASCADE.loss * (train["matches"] + valid["matches"])
    assert train["below"] > 0.2
    assert "test" not in report, "the labels have a split: test rows are never read"
    assert quick.fitted_.report["matcher"].startswith("a cascade: 15 trees")


def test_links_have_the_scores_that_given_pairs_have(quick, places, caplog):
    links = quick.link(places.left, places.right, threshold=0.0).links
    assert "below the cut of the cascade" in caplog.text
    pairs = links.select(["left_id", "right_id"])
    np.testing.assert_array_equal(scored(quick, places, pairs), links["score"].to_numpy())
    assert (links["score"].to_numpy() < quick.fitted_.matcher.cut).any()


@pytest.mark.parametrize(("size", "threads"), [(1, 1), (37, 2), (100_000, 2)])
def test_batches_and_threads_change_nothing(quick, places, monkeypatch, size, threads):
    pairs = every_pair(places).slice(0, 700)
    expected = scored(quick, places, pairs)
    monkeypatch.setattr(chunks, "_CHUNK", size)
    found = quick.score(
        places.left, places.right, pairs=pairs, options=Options(threads=threads)
    )["score"]  # fmt: skip
    np.testing.assert_array_equal(found.to_numpy(), expected)


def test_later_comparisons_are_computed_for_doubtful_pairs_only(quick, places, monkeypatch):
    seen = []
    values = TokenSetRatio.values

    def count(self, columns, left, right):
        seen.append(len(left))
        return values(self, columns, left, right)

    monkeypatch.setattr(TokenSetRatio, "values", count)
    pairs = every_pair(places)
    score = scored(quick, places, pairs)
    assert sum(seen) == (score >= quick.fitted_.matcher.cut).sum()


def test_first_similarities_are_not_computed_twice(plain, places, monkeypatch):
    """Soft TF-IDF of the candidates: once for the context, and not again for the comparison."""
    seen = []
    values = SoftTfidf.values

    def count(self, columns, left, right):
        seen.append(len(left))
        return values(self, columns, left, right)

    monkeypatch.setattr(SoftTfidf, "values", count)
    result = plain.link(places.left, places.right)
    assert sum(seen) == result.report["candidates"]


def test_the_same_seed_gives_the_same_cascade(quick, places, new_linker):
    again = new_linker(comparisons=COMPARISONS, cascade=CASCADE)
    again.fit(places.left, places.right, labels=places.labels)
    assert again.version == quick.version
    other = new_linker(comparisons=COMPARISONS, cascade=replace(CASCADE, margin=0.25))
    other.fit(places.left, places.right, labels=places.labels)
    assert other.version != quick.version


def test_saved_and_loaded(quick, places, tmp_path, caplog):
    quick.save(tmp_path / "model")
    linker = Linker.load(tmp_path / "model")
    assert not caplog.records
    assert linker.version == quick.version
    assert isinstance(linker.fitted_.matcher, FittedCascade)
    pairs = every_pair(places)
    np.testing.assert_array_equal(scored(linker, places, pairs), scored(quick, places, pairs))


def test_a_damaged_cut_is_named(quick, tmp_path):
    quick.save(tmp_path / "model")
    (tmp_path / "model" / "matcher" / "cut.parquet").unlink()
    with pytest.raises(SavedLinkerError, match="damaged"):
        Linker.load(tmp_path / "model")


def test_a_linker_saved_before_there_were_cascades_loads(fitted, tmp_path, caplog):
    fitted.save(tmp_path / "model")
    file = tmp_path / "model" / "linker.json"
    content = json.loads(file.read_text())
    del content["spec"]["cascade"]
    file.write_text(json.dumps(content))
    assert Linker.load(tmp_path / "model").version == fitted.version
    assert not caplog.records


def test_few_labels_leave_the_cascade_out(problem, new_linker):
    linker = new_linker(comparisons=COMPARISONS, cascade=CASCADE)
    linker.fit(problem.left, problem.right, labels=problem.labels)
    assert linker.fitted_.spec.cascade is None
    assert "cascade" not in linker.fitted_.report


def test_whole_rows_score_as_staged_ones(quick):
    """`score` of a matrix hides the later columns from the first matcher."""
    matcher, rng = quick.fitted_.matcher, np.random.default_rng(3)
    rows = rng.random((500, len(matcher.names))).astype(np.float32)
    hidden = rows.copy()
    hidden[:, matcher.spec.hidden(matcher.names)] = np.nan
    score, first = matcher.score(rows), matcher.first.score(hidden)
    below = first < matcher.cut
    np.testing.assert_array_equal(score[below], first[below])
    np.testing.assert_array_equal(score[~below], matcher.final.score(rows[~below]))


def test_either_matcher_is_explained_where_it_decides(quick, places):
    pairs = every_pair(places).slice(0, 12)
    score = scored(quick, places, pairs)
    below = score < quick.fitted_.matcher.cut
    assert 0 < below.sum() < len(below)
    for found, expected in zip(
        quick.explain(places.left, places.right, pairs=pairs), score, strict=True
    ):
        assert found.score == expected
        assert 1 / (1 + np.exp(-found.raw)) == pytest.approx(expected, rel=1e-6)


def test_a_review_band_lies_above_the_cut(places, new_linker):
    linker = new_linker(comparisons=COMPARISONS, cascade=CASCADE, goal=ReviewBand())
    linker.fit(places.left, places.right, labels=places.labels)
    lower, _ = linker.fitted_.band
    assert lower <= linker.threshold
    assert linker.fitted_.matcher.cut <= lower / 2


def test_settings_to_json_and_back(new_linker):
    spec = new_linker(comparisons=COMPARISONS, cascade=CASCADE).spec
    assert from_dict(json.loads(json.dumps(to_dict(spec)))) == spec


def test_comparisons_without_values_go_from_the_cascade_too():
    fields = {"name": "name", "address": "address", "latitude": "latitude",
              "longitude": "longitude"}  # fmt: skip
    comparisons = (*COMPARISONS, SoftTfidf("address"))
    cascade = replace(CASCADE, later=(SoftTfidf("address"), JaroWinkler("name")))
    spec = Linker(fields, comparisons=comparisons, cascade=cascade).spec
    assert spec.without({"address"}).cascade.later == (JaroWinkler("name"),)
    alone = Linker(
        fields, comparisons=(JaroWinkler("name"), SoftTfidf("address")), context=None,
        cascade=replace(CASCADE, later=(JaroWinkler("name"),)),
    ).spec  # fmt: skip
    assert alone.without({"address"}).cascade is None, "nothing is left to look at first"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cascade": Cascade(later=(Indel("name"),))}, "Indel.*not among the linker's comparisons"),
        ({"cascade": Cascade(later=COMPARISONS), "context": None}, "left to look at first"),
        ({"cascade": CASCADE, "second_pass": SecondPass()}, "second pass or a cascade, not both"),
    ],
)
def test_what_does_not_fit_is_refused(settings, message, new_linker):
    with pytest.raises(ArgumentError, match=message):
        new_linker(**({"comparisons": COMPARISONS} | settings))


@pytest.mark.parametrize("settings", [{"loss": 1.0}, {"loss": -0.1}, {"margin": 0}, {"folds": 1}])
def test_settings_out_of_range(settings):
    with pytest.raises(ArgumentError, match=next(iter(settings))):
        Cascade(**settings)


def test_the_cut_allows_no_more_than_the_loss():
    scores = np.random.default_rng(0).random(5000)
    cut = Cascade(loss=0.01, margin=1.0).cut(scores, threshold=1.0)
    assert (scores < cut).sum() == 50
    assert Cascade(loss=0.0, margin=1.0).cut(scores, threshold=1.0) == scores.min()
    assert Cascade().cut(scores, threshold=0.0) == 0.0
    assert Cascade().cut(np.zeros(0), threshold=0.5) == 0.0
