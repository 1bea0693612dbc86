"""Plans: made from tables, written, edited, read and turned into linkers."""

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from sameas.blocking import ExactKey, Key, TextNeighbours
from sameas.core.errors import ArgumentError, DataError, LabelError
from sameas.datasets.persons import generate_persons
from sameas.evaluation import cluster_metrics
from sameas.linker import Plan, plan_tables
from sameas.linker.planning import PlannedField, PlannedRule, make, plan_lines
from sameas.linker.planning.content import by_content, content_key
from sameas.linker.planning.propose import fields_of
from sameas.linker.second_pass import SecondPass


@pytest.fixture(scope="module")
def persons():
    return generate_persons(3_000, seed=3)


@pytest.fixture(scope="module")
def plan(persons):
    return plan_tables({"people": persons}, threads=2)


def truth(persons):
    """Every pair of ids of one entity, as row numbers."""
    entity = np.unique(persons["entity_id"].to_numpy(zero_copy_only=False), return_inverse=True)[1]
    order = np.argsort(entity, kind="stable")
    found = []
    for step in range(1, 9):
        same = entity[order[:-step]] == entity[order[step:]]
        found.append(np.stack([order[:-step][same], order[step:][same]]))
    return np.hstack(found)


def test_persons_are_recognised(plan):
    kinds = {field.name: field.kind for field in plan.fields}
    assert kinds["given_name"] == "given_name"
    assert kinds["surname"] == "surname"
    assert kinds["date_of_birth"] == "date"
    assert kinds["email"] == "email"
    assert kinds["entity_id"] == "ignore"
    assert plan.ids == {"people": "id"}


def test_the_estimate_is_near_what_the_rules_find(plan, persons):
    assert not plan.measured
    assert any("estimate" in line for line in plan.assumptions)
    linker = plan.linker()
    estimate = linker.estimate({"people": persons}, options=plan.options(threads=2))
    assert estimate.candidates < 20 * len(persons)
    ids = persons["id"].combine_chunks()
    one, other = (ids.take(pa.array(rows)) for rows in truth(persons))
    labels = pa.table({"left_id": one, "right_id": other, "label": [True] * len(one)})
    wrong = pa.table({"left_id": ids[:50], "right_id": ids[1000:1050], "label": [False] * 50})
    measured = plan_tables({"people": persons}, labels=pa.concat_tables([labels, wrong]))
    assert measured.measured
    assert measured.recall > 0.97
    assert abs(measured.recall - plan.recall) < 0.03


def test_a_plan_is_the_same_again_and_after_json(plan, persons):
    assert Plan.from_json(plan.to_json()) == plan
    again = plan_tables({"people": persons}, threads=1)
    assert again == plan


def test_a_plan_depends_on_content_alone(plan, persons, monkeypatch):
    rows = np.random.default_rng(5).permutation(len(persons))
    names = pa.array([f"n{row}" for row in rows])
    moved = persons.take(pa.array(rows)).set_column(0, "id", names)
    assert persons.column_names[0] == "id"
    assert plan_tables({"people": moved}).blocking == plan.blocking
    monkeypatch.setattr(make, "_SAMPLED", 1_000)
    sampled = plan_tables({"people": persons})
    assert plan_tables({"people": moved}).blocking == sampled.blocking


def test_equal_rows_are_drawn_one_by_one():
    table = pa.table({"name": ["same"] * 1000, "id": range(1000)})
    twice = pa.concat_tables([table, table])
    half = by_content(twice, content_key(twice, ["name"]), 1000)
    assert half.num_rows == 1000
    letters = pa.table({"name": ["a", "b"] * 500})
    mixed = by_content(letters, content_key(letters, ["name"]), 500)["name"].to_pylist()
    assert 200 < mixed.count("a") < 300


def test_rules_stay_within_the_budget(persons):
    tight = plan_tables({"people": persons}, pairs_a_record=0.5)
    assert sum(rule.pairs for rule in tight.blocking) <= 0.5 * len(persons)


def test_the_table_shows_what_was_guessed(plan):
    text = plan.to_text()
    assert text.splitlines() == list(plan_lines(plan))
    assert "date_of_birth" in text
    assert "an estimate" in text
    assert "largest" in text


def test_wording_meets_by_neighbours_and_gets_a_second_pass():
    titles = [f"item {'abcdefgh'[n % 8]} {'xyzuvw'[n % 6]} {n} pack" for n in range(72)]
    table = pa.table({"id": range(72), "title": titles})
    plan = plan_tables({"a": table, "b": table})
    assert any(isinstance(rule.rule, TextNeighbours) for rule in plan.blocking)
    assert plan.linker().spec.second_pass == SecondPass()


def test_persons_of_a_city_meet_by_their_names():
    people = generate_persons(2_000, seed=3).select(["id", "given_name", "surname", "city"])
    rules = [rule.rule for rule in plan_tables(people).blocking]
    assert rules
    assert not any(isinstance(rule, TextNeighbours) for rule in rules)
    assert any({"given_name", "surname"} <= fields_of(rule) for rule in rules)


def test_rows_that_repeat_others_are_told_of(persons):
    again = pa.concat_tables([persons, persons.slice(0, len(persons) // 2)])
    numbered = again.set_column(again.column_names.index("id"), "id", pa.array(range(len(again))))
    said = plan_tables(numbered).assumptions
    assert any("rows repeat another one in every field" in line for line in said)
    assert not any("repeat another" in line for line in plan_tables(persons).assumptions)


def test_an_edited_plan_is_run(plan):
    data = json.loads(plan.to_json())
    for field in data["fields"]:
        if field["name"] == "phone":
            field["kind"] = "ignore"
    data["blocking"] = [r for r in data["blocking"] if "phone" not in r["label"]]
    edited = Plan.from_json(json.dumps(data))
    assert "phone" not in {field.name for field in edited.linker().spec.fields}
    silver = plan.linker(silver="phone")
    assert all("phone" not in str(rule) for rule in silver.spec.blocking)


def test_ignoring_a_field_drops_the_rules_that_read_it(plan):
    fields = tuple(replace(f, kind="ignore") if f.name == "surname" else f for f in plan.fields)
    edited = replace(plan, fields=fields)
    assert all("surname" not in str(rule) for rule in edited.linker().spec.blocking)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda d: d.update(blokcing=[]), "'blokcing'.*Did you mean 'blocking'"),
        (lambda d: d["fields"][0].update(kind="given_nam"), "Did you mean 'given_name'"),
        (lambda d: d["fields"][0].update(colums={}), "Did you mean 'columns'"),
        (lambda d: d["fields"][0].update(columns={"poeple": "x"}), "Did you mean 'people'"),
        (lambda d: d["fields"][0].update(columns={}), "needs columns by source"),
        (lambda d: d["blocking"][0]["rule"].update(type="kye"), "Did you mean 'key'"),
        (lambda d: d.pop("fields"), "plan: plan needs the setting 'fields'"),
        (lambda d: d["fields"][0].pop("kind"), "field 'given_name' needs the setting 'kind'"),
        (lambda d: d.update(ids={}), "ids must name"),
        (lambda d: d.update(fields={"name": "name"}), "fields of a plan must be a list"),
        (lambda d: d.update(blocking=["surname"]), "blocking of a plan must be a list"),
        (lambda d: d.update(comparisons=["jaro"]), "comparisons of a plan must be a list"),
        (
            lambda d: d.update(
                blocking=[{"family": "blocking", "type": "exact_key", "fields": ["surnam"]}]
            ),
            "reads the field 'surnam'.*Did you mean 'surname'",
        ),
        (
            lambda d: d.update(
                blocking=[
                    {
                        "family": "blocking",
                        "type": "text_neighbours",
                        "fields": ["surname"],
                        "k": "many",
                    }
                ]
            ),
            "text_neighbours: k must be a whole number, got 'many'",
        ),
    ],
)
def test_mistakes_are_named(plan, edit, message):
    data = json.loads(plan.to_json())
    edit(data)
    with pytest.raises(ArgumentError, match=message):
        Plan.from_json(json.dumps(data))


def test_a_rule_may_be_written_by_hand(plan):
    data = json.loads(plan.to_json())
    data["blocking"] = [{"family": "blocking", "type": "exact_key", "fields": ["surname"]}]
    edited = Plan.from_json(json.dumps(data))
    assert edited.linker().spec.blocking == (ExactKey(("surname",)),)
    assert Plan.from_json(edited.to_json()) == edited
    data["blocking"] = None
    assert Plan.from_json(json.dumps(data)).blocking == ()


def test_a_plan_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match=r"does not exist.*sameas plan"):
        Plan.read(tmp_path / "plan.json")


@pytest.mark.parametrize("text", ["{", "[]", '{"type": "linker"}'])
def test_what_is_no_plan_is_refused(text):
    with pytest.raises(DataError, match="my plan"):
        Plan.from_json(text, name="my plan")


def test_sources_may_be_called_otherwise(plan):
    mapping = plan.options(["others"]).mapping
    assert mapping["others"]["id"] == "id"
    assert plan.options().mapping == mapping["others"]  # one table may have any name
    with pytest.raises(ArgumentError, match="for 1 table"):
        plan.options(["a", "b"])


def test_nothing_to_go_by_is_an_error():
    with pytest.raises(ArgumentError, match="every value is the same"):
        plan_tables({"id": [1, 2, 3], "x": ["a", "a", "a"]})
    with pytest.raises(ArgumentError, match="no values"):
        plan_tables({"id": [1, 2, 3], "x": [None, None, None]})
    with pytest.raises(DataError, match="no rows"):
        plan_tables({"id": [], "x": []})
    with pytest.raises(ArgumentError, match="pairs_a_record"):
        plan_tables({"id": [1], "x": ["a"]}, pairs_a_record=0)


def test_one_column_is_enough():
    plan = plan_tables({"name": ["Blue Door", "Blue Dor", "Old Mill", "Star Gym"]})
    assert plan.ids == {"table": None}
    assert plan.linker().spec.blocking
    assert any("too few" in line for line in plan.assumptions)


@pytest.mark.parametrize("names", [["Blue Door"], ["Blue Door", "Old Mill"]])
def test_without_candidates_there_is_nothing_to_learn_from(names):
    table = {"id": list(range(len(names))), "name": names, "city": ["Rome", "Oslo"][: len(names)]}
    with pytest.raises(LabelError, match=r"no candidate pairs|no two records"):
        plan_tables({"t": table}).linker().dedupe({"t": table})


def test_a_small_table_is_not_blocked_away():
    """With few sure pairs nothing can be estimated; rules must not be too narrow then."""
    few = generate_persons(400, seed=1)
    plan = plan_tables({"people": few}, threads=2)
    assert any("too few" in line for line in plan.assumptions)
    found = plan.linker().dedupe({"people": few}, options=plan.options(threads=2))
    entity = dict(zip(few["id"].to_pylist(), few["entity_id"].to_pylist(), strict=True))
    ends = (found.links[f"{side}_id"].to_pylist() for side in ("left", "right"))
    right = sum(entity[left] == entity[right] for left, right in zip(*ends, strict=True))
    assert found.report["candidates"] < 400
    assert right >= 0.8 * truth(few).shape[1]
    assert right >= 0.8 * len(found.links)


def test_a_plan_without_rules_blocks_by_default():
    field = PlannedField("mail", "name", {"t": "mail"})
    assert Plan((field,), {"t": None}, ()).linker().spec.blocking
    rule = PlannedRule(ExactKey(("mail",)))
    assert Plan((field,), {"t": None}, (rule,)).linker().spec.blocking == (rule.rule,)


def test_keys_of_the_plan_have_a_limit(plan):
    keys = [rule.rule for rule in plan.blocking if isinstance(rule.rule, Key)]
    assert keys
    assert all(rule.at_most is not None for rule in keys)


def customers(*columns):
    """300 customers, 200 of them twice: with the mail or the phone in four of five."""
    draw = np.random.default_rng(1)
    mail = [f"{name}.{draw.integers(10_000)}@x.org" for name in draw.choice(list("abcdefgh"), 300)]
    phone = [f"0131 {draw.integers(100, 999)} {draw.integers(1000, 9999)}" for _ in range(300)]
    twice = draw.integers(0, 300, 200)
    kept = draw.random((2, 200)) < 0.8
    table = pa.table({
        "id": range(500),
        "mail": mail + [mail[n] if held else None for n, held in zip(twice, kept[0], strict=True)],
        "phone": phone + [phone[n].replace(" ", "") if held else None
                          for n, held in zip(twice, kept[1], strict=True)],
        "plan": draw.choice(["a", "b"], 500),
    })  # fmt: skip
    return table.select(["id", *columns])


@pytest.mark.parametrize(
    ("columns", "labels", "links"),
    [
        (("mail", "phone"), {"mail", "last 7 of phone"}, 240),
        (("phone", "plan"), {"last 7 of phone"}, 90),
        (("mail", "phone", "plan"), {"mail", "last 7 of phone"}, 120),
    ],
)
def test_contacts_bring_records_together_where_few_pairs_are_sure(columns, labels, links):
    table = customers(*columns)
    plan = plan_tables(table)
    assert {rule.label for rule in plan.blocking} == labels
    assert len(plan.linker().dedupe(table, options=plan.options()).links) >= links


def test_a_plan_without_a_rule_says_why():
    alone = pa.table({"id": range(40), "mail": [f"a{n}@x.org" for n in range(40)]})
    plan = plan_tables(alone)
    with pytest.raises(ArgumentError, match="no two records agree on a value of mail"):
        plan.linker()
    assert plan.linker(blocking=(ExactKey(("mail",)),))


def test_an_identifier_may_be_the_only_wording():
    codes = pa.table({"id": range(40), "model no": [f"A{n % 25:04}" for n in range(40)]})
    assert len(plan_tables(codes).linker().dedupe(codes).links) == 15


@pytest.mark.parametrize("seed", [1, 2])
def test_copies_are_found_among_persons_of_whom_names_and_telephone_are_known(seed):
    """Two thirds of the pairs that share most here are persons of one name, or of one household."""
    rows, seen, kept, rng = generate_persons(6_000, seed=seed), set(), [], np.random.default_rng(0)
    for entity in rows["entity_id"].to_pylist():  # one copy in ten
        kept.append(entity not in seen or rng.random() < 0.1)
        seen.add(entity)
    rows = rows.filter(pa.array(kept))
    given = rows.select(["id", "given_name", "surname", "phone"])
    plan = plan_tables(given)
    clusters = plan.linker().dedupe(given, options=plan.options()).clusters
    entity = dict(zip(clusters["id"].to_pylist(), clusters["entity"].to_pylist(), strict=True))
    found = pa.array([entity[key] for key in given["id"].to_pylist()])
    figures = cluster_metrics(found, rows["entity_id"].combine_chunks())
    assert figures.pairwise_precision > 0.6
    assert figures.pairwise_recall > 0.5


def test_of_a_handful_of_persons_nearly_all_copies_are_found_and_nobody_else_is():
    every, true, right, wrong = generate_persons(6_000, seed=5), 0, 0, 0
    entity = every["entity_id"].to_numpy()
    known, times = np.unique(entity, return_counts=True)
    for seed in (1, 2, 3):
        random = np.random.default_rng(seed)
        several, once = (random.permutation(known[part]) for part in (times > 1, times == 1))
        chosen = np.isin(entity, [*several[:10], *once[:30]])
        rows = every.filter(pa.array(chosen))
        plan = plan_tables(rows.drop_columns(["entity_id"]))
        assert "nearest in the wording of" in plan.to_text()
        clusters = plan.linker().dedupe(rows, options=plan.options()).clusters
        found = dict(zip(clusters["id"].to_pylist(), clusters["entity"].to_pylist(), strict=True))
        mine = np.array([found[key] for key in rows["id"].to_pylist()])
        one, two = np.triu_indices(len(mine), 1)
        same, linked = entity[chosen][one] == entity[chosen][two], mine[one] == mine[two]
        true += same.sum()
        right += (same & linked).sum()
        wrong += (~same & linked).sum()
    assert right > 0.9 * true
    assert wrong <= 1
