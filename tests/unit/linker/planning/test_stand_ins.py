"""Names of a series that differ in a word for another thing: football and baseball of a club."""

import random
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from sameas.blocking import AllOf, ExactKey, Key, NoSeries, Part
from sameas.core.errors import ArgumentError
from sameas.linker import Linker, plan_tables
from sameas.linker.planning import Plan
from sameas.records import prepare

SPORTS = ("baseball", "football")


ENDS = ["Rovers", "United", "Albion", "Wanderers", "Athletic", "Hotspur", "Celtic", "Argyle"]


def club(drawn):
    parts = ["".join(drawn.choice(letters) for letters in ("bdfgklmnprst", "aeiou") * 2)
             for _ in range(2)]  # fmt: skip
    return f"{parts[0].title()} {parts[1].title()} {drawn.choice(ENDS)}"


def seasons(sports, *, copies=0.0, both=0.15, seed=5):
    """Return seasons of clubs, of some in two sports, and which is which."""
    drawn, rows = random.Random(seed), []
    for _ in range(160):
        name, begin = club(drawn), drawn.randrange(1980, 2000)
        played = sports if drawn.random() < both else sports[-1:]
        for year in range(begin, begin + drawn.choice([1, 1, 4])):
            for sport in played:
                rows.append((f"{year} {name} {sport} team", (name, sport, year)))
                if drawn.random() < copies:
                    other = f"{name} {sport} season {year}-{(year + 1) % 100:02d}"
                    rows.append((other, (name, sport, year)))
    drawn.shuffle(rows)
    table = pa.table({"id": [str(n) for n in range(len(rows))], "title": [row for row, _ in rows]})
    return table, {str(place): which for place, (_, which) in enumerate(rows)}


@pytest.fixture(scope="module")
def mixed():
    """Return seasons in two sports, a third of them in other words too, and their plan."""
    table, of = seasons(SPORTS, copies=0.3)
    return table, of, plan_tables(table)


def linked(linker, plan, table):
    links = linker.dedupe(table, options=plan.options()).links
    return set(zip(*(links[side].to_pylist() for side in ("left_id", "right_id")), strict=True))


def test_what_differs_in_such_a_word_is_not_linked_and_copies_are(mixed):
    table, of, plan = mixed
    assert plan.series_words == (SPORTS,)
    assert any("stand for one another in many of them: baseball or f" in line
               for line in plan.assumptions)  # fmt: skip
    linker = plan.linker()
    found = linked(linker, Plan.from_json(plan.to_json()), table)
    assert found == linked(linker, plan, table), "fitted, it looks for candidates anew"
    right = sum(of[one] == of[other] for one, other in found)
    assert right >= 0.9 * len(found)
    assert right >= 0.7 * (len(of) - len(set(of.values())))
    without = replace(plan, series_words=())
    wrong = [of[a] for a, b in linked(without.linker(), plan, table)
             if of[a] != of[b] and of[a][::2] == of[b][::2]]  # fmt: skip
    assert len(wrong) > 10, "football and baseball of one club and year"


def test_a_linker_that_is_saved_links_the_same(mixed, tmp_path):
    table, _, _ = mixed
    plan = plan_tables(table, by_keys=True)
    linker = plan.linker(rivals=False)
    found = linked(linker, plan, table)
    linker.save(tmp_path / "linker")
    again = Linker.load(tmp_path / "linker")
    assert found == linked(again, plan, table)
    for rule in again.spec.blocking:
        own = rule.filter.filters if isinstance(rule.filter, AllOf) else (rule.filter,)
        assert NoSeries("title", (SPORTS,)) in own
    assert again.fitted_.report["expected"]["links"] == pytest.approx(len(found), abs=3)


def test_rules_that_know_no_such_words_stay_as_they_are(mixed):
    table, _, plan = mixed
    some = ExactKey(("title",), filter=NoSeries("title", (SPORTS,)))
    linker = plan.linker(blocking=(some, Key((Part("title", "first", 9),))))
    linker.dedupe(table, options=plan.options())
    assert linker.fitted_.spec.blocking[0] == some


def test_two_words_for_one_thing_in_two_tables_are_none():
    left, _ = seasons(("football",))
    right = left.set_column(1, "title", pa.array(
        [name.replace("football", "soccer") for name in left["title"].to_pylist()]
    ))  # fmt: skip
    plan = plan_tables(left, right)
    assert plan.numbered == ("title",)
    assert plan.series_words == ()
    assert plan_tables(pa.concat_tables([left, right]), id_column="none").series_words == (
        ("football", "soccer"),
    )  # in one table nothing tells them from two sports


@pytest.mark.parametrize(
    "words", [("theatre", "theater"), ("ltd", "limited"), ("club", "klub"), ("north", "northern")]
)
def test_spellings_and_what_is_short_for_another_are_none(words):
    plan = plan_tables(seasons(words, both=0.5)[0])
    assert plan.numbered == ("title",)
    assert plan.series_words == ()


def test_words_of_few_names_or_of_one_wording_are_none():
    names = seasons(("football",))[0]["title"].to_pylist()
    few = [name.replace("football", "baseball") for name in names[:2]]
    years = [f"{year} {team} season" for year in range(1950, 1990) for team in ("Bears", "Lions")]
    for more in (few, years):
        plan = plan_tables({"title": [*names, *more]})
        assert plan.numbered == ("title",)
        assert plan.series_words == ()


def test_months_tell_dates_apart_and_names_of_persons_do_not():
    drawn = random.Random(1)
    dates = [f"Solar eclipse of {month} {day}, {year}" for month in ("March", "May", "June")
             for year in range(2010, 2020) for day in drawn.sample(range(1, 29), 2)]  # fmt: skip
    (found,) = plan_tables({"title": dates}).series_words
    assert {"may", "december"} < set(found)
    named = [f"{month} {club(drawn)} {year}" for month in ("June", "May") for year in range(60)]
    assert plan_tables({"title": named}).series_words == ()


def test_words_stand_where_other_words_stand_beside_them_in_every_script():
    rule = NoSeries("name", (("Север", "юг"), ("north", "south")))
    names = ["Лига Север 1", "Лига Юг 1", "Лига Юг 2", "London north north", "London north south",
             "London northern north", "north", "south"]  # fmt: skip
    table = pa.table({"source": ["a"] * 8, "id": list("abcdefgh"), "name": names})
    left, right = np.array([[0, 0, 1, 3, 3, 6], [1, 2, 2, 4, 5, 7]], np.int32)
    keep = rule.keep(prepare(table, rule.needs(), {}), left, right)
    assert keep.tolist() == [False, False, False, False, True, True]


@pytest.mark.parametrize("wrong", [("north", "south"), (("north",),), (("new york", "south"),)])
def test_what_are_no_sets_of_words_is_refused(mixed, wrong):
    for make in (lambda: NoSeries("title", wrong), lambda: replace(mixed[2], series_words=wrong)):
        with pytest.raises(ArgumentError, match=r"two words and more .* got \("):
            make()
