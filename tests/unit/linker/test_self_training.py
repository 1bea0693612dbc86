"""Self-training without labels: what it finds, what it says, when it is chosen."""

import itertools
from importlib import util

import numpy as np
import pyarrow as pa
import pytest

from sameas.comparison import Indel, JaroWinkler, SoftTfidf, TokenSetRatio
from sameas.core.errors import ArgumentError, LabelError
from sameas.evaluation import PrecisionAtLeast, ReviewBand
from sameas.linker import Linker, learner, plan_tables, sampling
from sameas.linker.learning import make_job
from sameas.linker.rivals import FittedRivals
from sameas.linker.unsupervised import opinion_of
from sameas.matching import Boosting, FellegiSunter, FittedFellegiSunter, SelfTraining, TreeEnsemble

MAKERS = ["acme", "borel", "cantor", "dorn", "euler"]
THINGS = ["lamp", "chair", "drill", "radio", "kettle", "mixer", "camera", "phone", "saw", "fan"]
KINDS = {"title": "text", "maker": "category", "price": "number"}


def products(count: int = 240, *, seed: int = 0, copies: int = 1):
    """Return two catalogues of the same products, worded differently; series differ by code.

    With `copies`, the right one lists each product so often.
    """
    random = np.random.default_rng(seed)
    maker, thing = random.choice(MAKERS, count), random.choice(THINGS, count)
    code = [f"{thing[n][:2]}{random.integers(100, 999)}{chr(97 + n % 26)}" for n in range(count)]
    price = np.round(random.uniform(5, 500, count), 2)
    left = {
        "id": [f"l{n}" for n in range(count)],
        "title": [f"{maker[n]} {thing[n]} {code[n]}" for n in range(count)],
        "maker": maker.tolist(),
        "price": price.tolist(),
    }
    rows = [n for n in range(count) for _ in range(copies)]
    right = {
        "id": [f"r{n}-{place}" for place, n in enumerate(rows)],
        "title": [
            f"{random.choice(['new', 'the', 'best', 'original'])} {thing[n]} {code[n]} "
            f"by {maker[n]}"
            for n in rows
        ],
        "maker": [None if random.random() < 0.3 else str(maker[n]) for n in rows],
        "price": np.round(price[rows] * random.uniform(0.9, 1.1, len(rows)), 2).tolist(),
    }
    return left, right


def truth(rows):
    pairs = [(row["left_id"], row["right_id"]) for row in rows]
    return sum(left[1:] == right[1:].split("-")[0] for left, right in pairs), len(pairs)


@pytest.fixture(scope="module")
def linked():
    linker = Linker(KINDS)
    return linker, linker.link(*products())


def test_links_are_found_without_labels(linked):
    linker, result = linked
    assert isinstance(linker.fitted_.spec.matcher, SelfTraining)
    right, found = truth(result.links.to_pylist())
    assert right / found > 0.97
    assert right / 240 > 0.97


def test_the_report_says_what_was_found(linked):
    report = linked[0].fitted_.report
    assert report["labels"].startswith("none: self-training, which began with 2")
    assert set(report["exclusivity"]) == {"left", "right"}
    assert 200 < report["expected"]["links"] < 280
    assert "has one partner only" in report["matcher"]
    assert "no labels were used" in report["threshold_note"]
    assert linked[0].threshold == 0.5


def test_it_is_saved_and_scores_the_same(linked, tmp_path):
    linker, result = linked
    linker.save(tmp_path / "model")
    again = Linker.load(tmp_path / "model")
    assert isinstance(again.fitted_.matcher, FittedRivals)
    assert isinstance(again.fitted_.matcher.first, TreeEnsemble)
    assert again.link(*products()).links["score"] == result.links["score"]


def test_a_pair_by_itself_has_the_score_of_the_run(linked):
    linker, result = linked
    links = result.links.slice(0, 20)
    scored = linker.score(*products(), pairs=links.select(["left_id", "right_id"]))
    np.testing.assert_allclose(scored["score"].to_numpy(), links["score"].to_numpy(), rtol=1e-9)


def test_explanations_add_up_to_the_score(linked):
    linker, result = linked
    pair = result.links.select(["left_id", "right_id"]).slice(0, 1)
    (found,) = linker.explain(*products(), pairs=pair)
    assert found.scale == "logit"
    assert found.score == pytest.approx(1 / (1 + np.exp(-found.raw)), abs=1e-6)
    assert found.score == pytest.approx(result.links["score"][0].as_py(), abs=1e-9)
    assert any(part.label == "rivals" for part in found.parts)


def test_the_order_of_rows_makes_no_difference(linked):
    turned = [{name: values[::-1] for name, values in table.items()} for table in products()]
    linker = Linker(KINDS).fit(*turned)
    assert linker.version == linked[0].version


def test_the_seed_decides(linked):
    assert Linker(KINDS, seed=0).fit(*products()).version == linked[0].version
    assert Linker(KINDS, seed=5).fit(*products()).version != linked[0].version


def test_new_tables_are_linked_by_a_fitted_linker(linked):
    right, found = truth(linked[0].link(*products(100, seed=9)).links.to_pylist())
    assert right / found > 0.95
    assert right / 100 > 0.9


def test_partners_are_found_to_be_exclusive_where_they_are():
    single = Linker(KINDS).fit(*products()).fitted_.report["exclusivity"]
    linker = Linker(KINDS)
    result = linker.link(*products(120, copies=2))
    double = linker.fitted_.report["exclusivity"]
    assert double["left"] < single["left"]
    right, found = truth(result.links.to_pylist())
    assert right / found > 0.95
    assert right > 220  # one partner each would be 120


@pytest.mark.parametrize("matcher", [SelfTraining(), FellegiSunter()], ids=["trees", "levels"])
def test_many_partners_are_found_where_the_other_table_has_one_each(matcher):
    linker = Linker(KINDS, matcher=matcher)
    right, found = truth(linker.link(*products(120, copies=3)).links.to_pylist())
    assert right / found > 0.95
    assert right > 340  # of 360, three times the smaller table
    one, many = linker.fitted_.matcher.exclusive
    assert one < 0.1 < many


def test_more_matches_than_either_table_allows_lower_the_prior():
    tables = products(120)
    for table in tables:
        table["title"] = [title.split()[1] for title in table["title"]]  # many share the word
    report = Linker(KINDS, matcher=FellegiSunter()).fit(*tables).fitted_.report
    assert any("its prior was lowered until it takes 90" in note for note in report["notes"])
    assert report["expected"]["links"] < 120


def test_one_to_one_is_taken_at_its_word():
    linker = Linker(KINDS)
    links = linker.link(*products(120, copies=2), mode="one-to-one").links.to_pylist()
    assert linker.fitted_.matcher.exclusive == (1.0, 1.0)
    assert len({row["left_id"] for row in links}) == len(links)


def test_a_fitted_linker_finds_duplicates_in_one_table(linked):
    left, _ = products(60, seed=3)
    doubled = {name: values + values for name, values in left.items()}
    doubled["id"] = [f"d{n}" for n in range(120)]
    links = linked[0].dedupe(doubled).links.to_pylist()
    right = sum((int(row["right_id"][1:]) - int(row["left_id"][1:])) % 60 == 0 for row in links)
    assert right > 50
    assert right / len(links) > 0.9


def variants(count=120, *, seed=4):
    """Return one table of two shops: some things come in several colours, and only codes differ."""
    random = np.random.default_rng(seed)
    rows = []
    for n in range(count):
        maker, thing = random.choice(MAKERS), random.choice(THINGS)
        series, price = f"{thing[:2]}{random.integers(100, 999)}", random.uniform(5, 500)
        for place in range(random.choice([1, 1, 2, 3])):
            code = f"{series}{random.choice(list('bcdefgh'))}{place}"
            rows.append((f"{n}-{place}-a", f"{maker} {thing} series {series} {code}", maker, price))
            said = random.choice(["new", "original", "best"])
            rows.append((f"{n}-{place}-b", f"{said} {code} by {maker}", None, 0.95 * price))
    order = random.permutation(len(rows))
    return {
        name: [rows[k][column] for k in order]
        for column, name in enumerate(["id", "title", "maker", "price"])
    }


def pairs_in_clusters(linker, table):
    """Return the right pairs in clusters and all of them."""
    together = {}
    for row in linker.dedupe(table).clusters.to_pylist():
        together.setdefault(row["entity"], []).append(row["id"][:-2])
    joined = [(a, b) for ids in together.values() for a, b in itertools.combinations(ids, 2)]
    return sum(a == b for a, b in joined), len(joined)


def test_variants_in_one_table_are_taken_for_copies_less_than_by_weights_alone():
    table = variants(240)
    linker, alone = Linker(KINDS), Linker(KINDS, matcher=FellegiSunter())
    (right, found), (_, others) = (pairs_in_clusters(each, table) for each in (linker, alone))
    assert isinstance(linker.fitted_.matcher.first, TreeEnsemble)
    assert right / (len(table["id"]) / 2) > 0.95
    assert found < 0.5 * others
    assert right / found > 0.55


def test_several_copies_in_one_table_do_not_compete():
    left, right = products(120, copies=2)
    table = {name: left[name] + right[name] for name in left}
    linker = Linker(KINDS)
    links = linker.dedupe(table).links.to_pylist()
    assert isinstance(linker.fitted_.matcher, TreeEnsemble)
    ends = [[row[side][1:].split("-")[0] for side in ("left_id", "right_id")] for row in links]
    assert sum(one == two for one, two in ends) / len(links) > 0.95
    assert len(links) > 0.9 * 120 * 3  # all pairs of three


def in_one_table(count, *, seed=0):
    """Return both catalogues as one table."""
    left, right = products(count, seed=seed)
    return {name: left[name] + right[name] for name in left}


def test_one_table_has_one_share_and_competes_with_itself(tmp_path):
    linker = Linker(KINDS)
    links = linker.dedupe(in_one_table(90)).links
    assert len(linker.fitted_.matcher.exclusive) == 1
    assert list(linker.fitted_.report["exclusivity"]) == ["table"]
    linker.save(tmp_path / "m")
    again = Linker.load(tmp_path / "m").dedupe(in_one_table(90)).links
    assert again["score"].to_pylist() == pytest.approx(links["score"].to_pylist(), abs=1e-6)


def test_what_was_learned_in_one_table_does_not_compete_in_two():
    linker = Linker(KINDS).fit(in_one_table(90))
    rivals = linker.fitted_.matcher
    left, right, own = np.array([0, 0]), np.array([1, 2]), np.array([3.0, 2.5])
    assert len(rivals.settle(left, right, own, np.array([3])).key) == 2
    assert not len(rivals.settle(left, right, own, np.array([1, 2])).key)


def test_a_table_that_teaches_nothing_is_left_to_fellegi_sunter():
    left, _ = products(3, seed=6)
    linker = Linker(KINDS)
    linker.dedupe(left)
    assert isinstance(linker.fitted_.matcher, FittedFellegiSunter)
    assert "so FellegiSunter() learned" in linker.fitted_.report["notes"][0]
    with pytest.raises(LabelError, match="guessed to be matches"):
        Linker(KINDS, matcher=SelfTraining()).dedupe(left)


def test_rounds_in_one_table_can_be_asked_for():
    table = in_one_table(60)
    few = Linker(KINDS, matcher=SelfTraining(rounds=1)).fit(table)
    assert few.version != Linker(KINDS, matcher=SelfTraining()).fit(table).version


def test_several_tables_with_duplicates_of_their_own_are_cut():
    left, right = products(150, seed=4)
    linker = Linker(KINDS, matcher=SelfTraining(near=3))
    links = linker.link(left, right, mode="also-within").links.to_pylist()
    assert linker.fitted_.spec.second_pass is None
    assert "look alike" in linker.fitted_.report["labels"]
    ends = [sorted((row["left_id"], row["right_id"])) for row in links]
    assert sum(a[1:] == b[1:].split("-")[0] for a, b in ends) / len(ends) > 0.9


def test_rounds_use_the_order_by_the_last():
    one = Linker(KINDS, matcher=SelfTraining(rounds=1)).fit(*products(100))
    two = Linker(KINDS, matcher=SelfTraining()).fit(*products(100))
    assert one.version != two.version
    assert two.fitted_.report["expected"]["links"] == pytest.approx(100, abs=8)


def columns_seen(linker):
    """Return the columns that the trees of a linker ask for, and those of the first guess."""
    trees, context = linker.fitted_.matcher.first, linker.fitted_.spec.context
    seen = {trees.names[column] for column in trees.feature if column >= 0}
    return seen, {name for item in context.plain() for name in item.names()}


def test_the_last_trees_do_not_see_what_the_first_guess_was_made_of(linked):
    seen, first = columns_seen(linked[0])
    assert seen
    assert not seen & first
    seen, first = columns_seen(Linker(KINDS, matcher=SelfTraining(rounds=1)).fit(*products(100)))
    assert seen & first


def test_they_see_it_where_there_is_nothing_else():
    context = Linker(KINDS).spec.context
    linker = Linker(KINDS, comparisons=context.plain(), matcher=SelfTraining())
    seen, first = columns_seen(linker.fit(*products(100)))
    assert seen
    assert seen <= first


def test_the_second_opinion_counts_each_field_once():
    kinds = {"title": "text", "maker": "category"}
    once = Linker(kinds, comparisons=(JaroWinkler("title"), JaroWinkler("maker"))).spec
    more = (*once.comparisons, Indel("title"), SoftTfidf("title"), TokenSetRatio("title"))
    often = Linker(kinds, comparisons=more).spec
    named = dict(zip(("left", "right"), map(pa.table, products(100)), strict=True))
    score = [
        opinion_of(make_job(spec, named, None, None, {}), spec).score for spec in (once, often)
    ]
    np.testing.assert_array_equal(*score)


def test_the_second_opinion_leaves_out_what_no_record_has(monkeypatch):
    levels, sample_of = [], sampling.sample_of

    def spy(job, layout, *rest):
        levels.extend(item.column for item in layout.levels)
        return sample_of(job, layout, *rest)

    monkeypatch.setattr(sampling, "sample_of", spy)
    tables = [{**table, "phone": [None] * 100} for table in products(100)]
    Linker({**KINDS, "phone": "phone"}).fit(*tables)
    assert levels
    assert not [column for column in levels if "phone" in column]


def test_a_forest_grows_beside_the_boosting_while_the_guesses_are_few(monkeypatch):
    def trees() -> int:
        fitted = Linker(KINDS, matcher=SelfTraining()).fit(*products(60)).fitted_
        return len(fitted.matcher.first.root)

    assert trees() == 3 * (40 + 50)
    monkeypatch.setattr(learner, "_MOST_FOR_FOREST", 100)
    assert trees() == 3 * 40


def test_another_goal_uses_what_the_model_expects():
    linker = Linker(KINDS, goal=PrecisionAtLeast(0.99)).fit(*products(100))
    assert "estimated from the scores" in linker.fitted_.report["threshold_note"]


def test_far_candidates_have_no_part_in_a_goal():
    """Their many small scores would make a review band of nearly all candidates."""
    linker = Linker(KINDS, goal=ReviewBand(precision=0.95, lost=0.02)).fit(*products(200))
    report = linker.fitted_.report
    assert report["pairs"]["used"] < report["pairs"]["candidates"] / 2
    figures = report["expected"]
    said = f"precision {figures['precision']:.4f}, recall {figures['recall']:.4f}"
    assert said in report["threshold_note"]


@pytest.mark.parametrize(
    ("kinds", "settings", "matcher"),
    [
        (KINDS, {}, FittedRivals),
        (KINDS, {"matcher": Boosting(iterations=10)}, FittedRivals),
        ({"title": "text", "maker": "person"}, {}, FittedRivals),  # works, not persons
        ({"title": "person", "maker": "category"}, {}, FittedFellegiSunter),
        (KINDS, {"matcher": FellegiSunter()}, FittedFellegiSunter),
        (KINDS, {"context": None}, FittedFellegiSunter),
    ],
)
def test_who_learns(kinds, settings, matcher):
    fitted = Linker(kinds, **settings).fit(*products(80)).fitted_
    first = fitted.matcher
    if matcher is FittedFellegiSunter and isinstance(first, FittedRivals):
        first = first.first
    assert isinstance(first, matcher)
    if matcher is FittedRivals:
        assert isinstance(first.first, TreeEnsemble)


def test_one_table_of_persons_is_left_to_fellegi_sunter():
    left, right = products(60)
    both = {name: left[name] + right[name] for name in left}
    fitted = Linker({"title": "person", "maker": "category"}).fit(both).fitted_
    assert isinstance(fitted.matcher, FittedFellegiSunter)


def test_without_scikit_learn_it_says_what_learns_instead(monkeypatch):
    known = util.find_spec
    monkeypatch.setattr(
        "sameas.linker.without_labels.find_spec",
        lambda name: None if name == "sklearn" else known(name),
    )
    report = Linker(KINDS).fit(*products(80)).fitted_.report
    assert "scikit-learn is not installed" in report["notes"][0]


def test_nothing_to_learn_from_is_an_error():
    with pytest.raises(ArgumentError, match="SelfTraining starts from the first similarities"):
        Linker(KINDS, matcher=SelfTraining(), context=None).fit(*products(20))
    left, right = products(20)
    same = [{**table, "title": ["lamp"] * 20, "maker": ["a"] * 20, "price": [1.0] * 20}
            for table in (left, right)]  # fmt: skip
    with pytest.raises(LabelError, match="nothing to learn from"):
        Linker(KINDS, matcher=SelfTraining()).fit(*same)


def test_where_it_cannot_begin_another_learns_and_says_so():
    # Two styles and no number tell 30 things apart: the guesses are all of one record.
    tables = [{"id": [f"{side}{n}" for n in range(30)], "style": ["pale ale"] * 29 + ["stout"],
               "price": [1.0] * 30} for side in "lr"]  # fmt: skip
    kinds = {"style": "name", "price": "number"}
    with pytest.raises(LabelError, match=r"of too few records to learn from|nothing to tell"):
        Linker(kinds, matcher=SelfTraining()).fit(*tables)
    fitted = Linker(kinds).fit(*tables).fitted_
    matcher = fitted.matcher.first if isinstance(fitted.matcher, FittedRivals) else fitted.matcher
    assert isinstance(matcher, FittedFellegiSunter)
    assert fitted.report["notes"][0].startswith("self-training could not begin, so FellegiSunter()")


def shops(count=160):
    """Three catalogues of the same products, each worded in a way of its own."""
    one, two = products(count)
    three = {**two, "id": [f"t{name[1:]}" for name in two["id"]],
             "title": [f"{' '.join(reversed(title.split()[1:3]))} {title.split()[-1]} shop"
                       for title in two["title"]]}  # fmt: skip
    return {"one": one, "two": two, "three": three}


def test_three_tables_are_linked_two_by_two():
    tables = shops()
    linker = Linker(KINDS)
    result = linker.link(tables)
    matcher = linker.fitted_.matcher
    assert isinstance(matcher.first, TreeEnsemble)
    assert len(matcher.exclusive) == 3
    # Every product has a partner in each of the two other tables, and these do not compete.
    right = [
        (row["left_id"][1:].split("-")[0], row["right_id"][1:].split("-")[0])
        for row in result.links.to_pylist()
    ]
    assert sum(a == b for a, b in right) >= 0.95 * 3 * 160
    assert sum(a != b for a, b in right) <= 0.02 * 3 * 160
    assert set(result.report["clusters"]["sizes"]) <= {"1", "2", "3"}


def test_two_of_three_tables_and_a_pair_alone_score_the_same(tmp_path):
    tables = shops(80)
    linker = Linker(KINDS)
    result = linker.link(tables)
    linker.save(tmp_path / "m")
    again = Linker.load(tmp_path / "m").link(tables)
    assert np.allclose(again.links["score"], result.links["score"], rtol=0, atol=1e-6)
    pairs = result.links.select(["left_source", "left_id", "right_source", "right_id"])
    scored = linker.score(tables, pairs=pairs)
    assert np.allclose(scored["score"], result.links["score"], rtol=0, atol=1e-6)


def test_a_handful_of_records_is_for_the_matcher_that_needs_no_training(caplog):
    """The first table that somebody tries has five rows: trees would find nothing in it."""
    shops = {
        "name": ["Bar Rosso", "Bar Rosso Ltd", "Rex Rotary", "Zulu Cafe", "Cafe Zulu"],
        "address": ["1 High St", "1 High Street", "5 Mill Lane", "9 Long Acre", "9 Long Acre"],
        "phone": ["020 7946 0001", "+44 20 7946 0001", "020 7946 0303", None, "020 7946 0999"],
    }
    plan = plan_tables(shops)
    result = plan.linker().dedupe(shops, options=plan.options())
    rows = result.links.to_pylist()
    assert [(row["left_id"], row["right_id"]) for row in rows] == [(0, 1), (3, 4)]
    assert "too few for trees to learn from" in caplog.text
    asked = plan.linker(matcher=SelfTraining()).dedupe(shops, options=plan.options())
    assert asked.links.num_rows == 0
    assert any("only 2 pairs were guessed" in line for line in asked.report["assumptions"])
