"""Tables in which everybody is there many times: most candidates are matches."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.clustering import SplitChains
from sameas.datasets.persons import PersonSettings, generate_persons
from sameas.evaluation import cluster_metrics
from sameas.linker import plan_tables
from sameas.matching import FellegiSunter


def visits(persons, times, *, seed):
    """Return each of some persons many times, with values left out and mistyped."""
    random = np.random.default_rng(seed)
    _, first = np.unique(generate_persons(4 * persons, seed=seed)["entity_id"], return_index=True)
    rows = generate_persons(4 * persons, seed=seed).take(first[:persons])
    rows = rows.take(np.repeat(np.arange(len(rows)), times))

    def noisy(value):
        kind = random.random()
        if value is None or kind < 0.06:
            return None
        at = random.integers(len(value))
        return (
            value[:at] + random.choice(list("aeirtno")) + value[at + 1 :] if kind < 0.2 else value
        )

    columns = {"id": [str(row) for row in range(len(rows))], "entity_id": rows["entity_id"]}
    for name in rows.column_names:
        if name not in columns:
            columns[name] = [noisy(value) for value in rows[name].to_pylist()]
    return pa.table(columns)


def found(table):
    """Deduplicate a table without a word; return the figures of its clusters and the linker."""
    given = table.drop_columns(["entity_id"])
    plan = plan_tables(given)
    linker = plan.linker()
    clusters = linker.dedupe(given, options=plan.options()).clusters
    entity = dict(zip(clusters["id"].to_pylist(), clusters["entity"].to_pylist(), strict=True))
    mine = pa.array([entity[key] for key in table["id"].to_pylist()])
    return cluster_metrics(mine, table["entity_id"].combine_chunks()), linker


@pytest.mark.parametrize("seed", [5, 6])
def test_a_list_of_visits_is_grouped_by_person(seed):
    figures, linker = found(visits(300, 12, seed=seed))
    notes = linker.fitted_.report["notes"]
    assert any("first told from records at random" in note for note in notes)
    assert figures.pairwise_precision > 0.85
    assert figures.pairwise_recall > 0.85


def patents(inventors, *, seed):
    """Return applications of inventors, several of each invention."""
    random = np.random.default_rng(seed)
    persons = generate_persons(12 * inventors, seed=seed)
    _, first = np.unique(persons["entity_id"], return_index=True)
    persons = persons.take(first[: 2 * inventors]).to_pylist()
    words = [f"{a}{b}" for a in ("ther", "opti", "magne", "hydro", "poly") for b in "abcdefghij"]
    rows = []
    for number, person in enumerate(persons[:inventors]):
        for _ in range(int(random.integers(4, 9))):
            title = [str(word) for word in random.choice(words, 5)]
            others = [persons[n]["surname"] or "Li" for n in random.integers(0, len(persons), 4)]
            rows.extend(
                {
                    "entity_id": str(number),
                    "first_name": person["given_name"],
                    "last_name": person["surname"],
                    "city": person["city"],
                    "patent_title": " ".join(np.delete(title, random.integers(5)).tolist()),
                    "coinventors": "; ".join(random.permutation(others)[:3].tolist()),
                }
                for _ in range(int(random.integers(2, 5)))
            )
    for row, place in enumerate(random.permutation(len(rows)).tolist()):
        rows[place]["id"] = str(row)
    return pa.Table.from_pylist(sorted(rows, key=lambda row: int(row["id"])))


def test_inventors_are_told_by_their_names_and_not_by_their_inventions():
    figures, linker = found(patents(60, seed=5))
    notes = linker.fitted_.report["notes"]
    assert any("first told from records at random" in note for note in notes)
    assert figures.pairwise_precision > 0.95
    assert figures.pairwise_recall > 0.8


def test_of_works_it_is_the_title_that_tells():
    rows = patents(60, seed=5)
    works = rows.select(["id", "patent_title", *(name for name in rows.column_names
                         if name not in ("id", "patent_title"))])  # fmt: skip
    _, linker = found(works)
    notes = linker.fitted_.report["notes"]
    assert not any("first told from records at random" in note for note in notes)


def test_a_few_records_of_everybody_need_no_records_at_random():
    settings = PersonSettings(cluster_sizes=(0.2, 0.3, 0.3))
    figures, linker = found(generate_persons(3_000, seed=5, settings=settings))
    notes = linker.fitted_.report["notes"]
    assert not any("records at random" in note for note in notes)
    assert figures.pairwise_f1 > 0.95


def test_the_clusterer_of_persons_cuts_chains_and_any_other_may_be_chosen():
    persons = generate_persons(2_000, seed=5).drop_columns(["entity_id"])
    plan = plan_tables(persons)
    assert plan.linker().spec.clusterer == SplitChains()
    other = SplitChains(level=0.5)
    assert plan.linker(clusterer=other).spec.clusterer == other
    result = plan.linker().dedupe(persons, options=plan.options())
    assert any("a little like the next are cut" in item for item in result.report["assumptions"])


def test_what_a_user_sets_is_not_learned_anew():
    table = visits(200, 12, seed=5).drop_columns(["entity_id"])
    plan = plan_tables(table)
    linker = plan.linker(matcher=FellegiSunter())
    linker.dedupe(table, options=plan.options())
    assert not any("records at random" in note for note in linker.fitted_.report["notes"])
