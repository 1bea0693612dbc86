"""Names that differ in nothing but a number, as those of seasons."""

import random
from dataclasses import replace

import pyarrow as pa
import pytest

from sameas.blocking import AllOf, ExactKey, NoSeries
from sameas.core.errors import ArgumentError
from sameas.linker import plan_tables
from sameas.linker.planning import Plan

_ENDS = ["Rovers", "United", "Albion", "Wanderers", "Athletic", "Hotspur", "Celtic", "Argyle"]


def club(drawn):
    parts = ["".join(drawn.choice(letters) for letters in ("bdfgklmnprst", "aeiou") * 2)
             for _ in range(2)]  # fmt: skip
    return f"{parts[0].title()} {parts[1].title()} {drawn.choice(_ENDS)}"


@pytest.fixture(scope="module")
def seasons():
    """Return seasons of clubs, a third of them in other words too, and which is which."""
    drawn, rows = random.Random(4), []
    for _ in range(160):
        name, begin = club(drawn), drawn.randrange(1980, 2000)
        for year in range(begin, begin + drawn.choice([1, 1, 4])):
            rows.append((f"{year}–{(year + 1) % 100:02d} {name} F.C. season", (name, year)))
            if drawn.random() < 0.3:
                rows.append((f"{name} season {year}-{year + 1}", (name, year)))
    drawn.shuffle(rows)
    table = pa.table({"id": [str(n) for n in range(len(rows))], "title": [row for row, _ in rows]})
    return table, {str(place): which for place, (_, which) in enumerate(rows)}


def linked(plan, table):
    links = plan.linker().dedupe(table, options=plan.options()).links
    return list(zip(*(links[side].to_pylist() for side in ("left_id", "right_id")), strict=True))


def test_seasons_of_one_club_are_not_compared_and_their_copies_are_found(seasons):
    table, of = seasons
    plan = plan_tables(table)
    assert plan.numbered == ("title",)
    assert any("another number in title" in line for line in plan.assumptions)
    found = linked(Plan.from_json(plan.to_json()), table)
    right = sum(of[one] == of[other] for one, other in found)
    copies = len(of) - len(set(of.values()))
    assert right >= 0.9 * len(found)
    assert right >= 0.5 * copies


def test_who_edits_the_plan_compares_them(seasons):
    table, of = seasons
    plan = plan_tables(table)
    years = {}
    for place, (name, year) in of.items():
        if " season " not in table["title"][int(place)].as_py():
            years.setdefault(name, []).append((year, place))
    ends = [sorted(held)[:2] for held in years.values() if len(held) > 1]
    pairs = pa.table({side: [pair[place][1] for pair in ends]
                      for place, side in enumerate(("left_id", "right_id"))})  # fmt: skip
    met = []
    for made in (plan, replace(plan, numbered=())):
        linker, options = made.linker(), made.options()
        linker.dedupe(table, options=options)
        met.append(sum(linker.score(table, pairs=pairs, options=options)["candidate"].to_pylist()))
    assert met[0] == 0
    assert met[1] > 0.9 * len(ends)


def test_other_filters_stay(seasons):
    plan = plan_tables(seasons[0], by_keys=True)
    rules, apart = plan.linker().spec.blocking, NoSeries("title")
    assert any(item.rule.filter is not None for item in plan.blocking)
    for item, made in zip(plan.blocking, rules, strict=True):
        own = item.rule.filter
        assert made.filter == (apart if own is None else AllOf((apart, own)))


def test_a_field_that_is_ignored_keeps_nothing_apart(seasons):
    table, of = seasons
    towns = pa.array([name.split()[0] for name, _ in of.values()])
    plan = plan_tables(table.append_column("town", towns))
    kept = tuple(replace(f, kind="ignore") if f.name == "title" else f for f in plan.fields)
    rules = replace(plan, fields=kept, blocking=(ExactKey(("town",)),)).linker().spec.blocking
    assert plan.numbered == ("title",)
    assert rules == (ExactKey(("town",)),)


@pytest.mark.parametrize(
    "names", [["Ayr 1", "Ayr 2"] * 40, [f"mill {n} of {n}" for n in "ab" * 40]]
)
def test_two_numbers_of_one_wording_may_be_a_mistake(names):
    assert plan_tables({"name": names}, distinct=False).numbered == ()


@pytest.mark.parametrize("wrong", ["title", ("titel",)])
def test_what_is_no_list_of_fields_is_refused(seasons, wrong):
    with pytest.raises(ArgumentError, match=r"numbered of a plan .* Fields: title"):
        replace(plan_tables(seasons[0]), numbered=wrong)
