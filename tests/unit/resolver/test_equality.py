"""One record at a time ends where a batch run over all records ends, scores and all."""

from dataclasses import astuple, replace

import numpy as np
import pytest

from sameas.blocking import Evidence
from sameas.clustering import Constrained, Constraints
from sameas.datasets.persons import generate_persons
from sameas.engines.duckdb import DuckDBEngine
from sameas.linker import Options, plan_tables
from sameas.linker.found import Budget
from sameas.linker.job import Job
from sameas.records import collect
from sameas.resolver import Resolver, load_tables, loading, rebuild_store
from sameas.resolver.edges import read_lists


def batch(fitted, records, corrections=()):
    """Run the linker over all records: the clusters, and the score of every candidate."""
    tables = {}
    for source, id in records:
        tables.setdefault(source, []).append((id, records[source, id]))
    named = {
        source: {"id": [id for id, _ in rows]}
        | {name: [row[name] for _, row in rows] for name in rows[0][1]}
        for source, rows in tables.items()
    }
    found = collect(named, fitted.spec.fields)
    job = Job(
        fitted.spec, found, dict(fitted.statistics), fitted.mode, DuckDBEngine(threads=1), Budget()
    )
    pairs = job.candidates
    score = job.scores(fitted.matcher, pairs.left, pairs.right)
    keys = list(zip(found.table["source"].to_pylist(), found.table["id"].to_pylist(), strict=True))
    place = {key: n for n, key in enumerate(keys)}
    sides = {"same": [], "different": []}
    for left, right, verdict in corrections:
        if left in place and right in place:
            sides[verdict].append((place[left], place[right]))
    together, apart = (np.array(side, np.int32).reshape(-1, 2).T for side in sides.values())
    clusterer = fitted.spec.clusterer
    if together.size or apart.size:
        clusterer = Constrained(clusterer, Constraints((), together, apart))
    label = clusterer.cluster(
        pairs.left, pairs.right, score, score >= fitted.threshold, found.source_code
    ).label
    clusters = {}
    for key, first in zip(keys, label.tolist(), strict=True):
        clusters.setdefault(first, set()).add(key)
    scores = {
        (keys[a], keys[b]): s
        for a, b, s in zip(pairs.left.tolist(), pairs.right.tolist(), score.tolist(), strict=True)
    }
    return {frozenset(one) for one in clusters.values()}, scores


def kept(resolver):
    """Return the clusters of a store, and the score of every pair."""
    with resolver.store.read() as work:
        rows = {row.record: row for row in work.every_record()}
        edges = read_lists(work.edges(rows), resolver.machine.edge)
    clusters = {}
    for row in rows.values():
        clusters.setdefault(row.entity, set()).add((row.source, row.id))
    key = {number: (row.source, row.id) for number, row in rows.items()}
    scores = {
        (key[a], key[b]): s
        for a, b, s in zip(
            edges.owner.tolist(), edges.other.tolist(), edges.entry["score"].tolist(), strict=True
        )
        if key[a] < key[b]
    }
    return {frozenset(one) for one in clusters.values()}, scores


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_inserts_updates_and_deletes_ends_as_one_batch_run(
    fitted, new_record, tmp_path, seed
):
    rng = np.random.default_rng(seed)
    records = {}
    with Resolver(fitted, tmp_path / "places.db") as resolver:
        for _ in range(60):
            key = ("a", "b")[rng.integers(0, 2)], str(rng.integers(0, 30))
            if key in records and rng.random() < 0.3:
                resolver.delete(source=key[0], id=key[1])
                del records[key]
            else:
                records[key] = new_record(rng)
                resolver.put(records[key], source=key[0], id=key[1])
        wanted, scores = batch(fitted, records)
        found, ours = kept(resolver)
        assert found == wanted
        assert ours.keys() == scores.keys()
        assert max(abs(ours[pair] - scores[pair]) for pair in scores) <= 1e-9
        assert resolver.check().problems == ()
        assert len(found) < len(records)


def test_a_match_has_the_scores_that_the_record_would_have(resolver, new_record):
    rng = np.random.default_rng(9)
    for n in range(30):
        resolver.insert(new_record(rng), source="a", id=n)
    for n in range(30, 40):
        record = new_record(rng)
        asked = resolver.match(record, source="a", id=n, limit=100)
        said = {(item.source, item.id): item.score for item in asked.candidates}
        resolver.insert(record, source="a", id=n)
        _, scores = kept(resolver)
        mine = {pair: score for pair, score in scores.items() if ("a", str(n)) in pair}
        assert {(set(pair) - {("a", str(n))}).pop(): s for pair, s in mine.items()} == said


def test_sources_that_are_linked_do_not_meet_inside(new_store_linker, new_record, tmp_path):
    fitted = new_store_linker(mode="many")
    rng = np.random.default_rng(2)
    records = {(("a", "b")[n % 2], str(n)): new_record(rng) for n in range(30)}
    with Resolver(fitted, tmp_path / "places.db") as resolver:
        for (source, id), record in records.items():
            resolver.insert(record, source=source, id=id)
        assert kept(resolver) == batch(fitted, records)


def test_a_load_and_single_inserts_lead_to_the_same_store(fitted, new_record, tmp_path):
    rng = np.random.default_rng(4)
    records = {(("a", "b")[n % 2], str(n)): new_record(rng) for n in range(60)}
    early = dict(list(records.items())[:40])
    tables = {
        source: {"id": [id for s, id in early if s == source]}
        | {
            name: [row[name] for (s, _), row in early.items() if s == source]
            for name in ("name", "latitude", "longitude", "phone")
        }
        for source in ("a", "b")
    }
    with Resolver(fitted, tmp_path / "loaded.db") as resolver:
        report = load_tables(fitted, resolver.store, tables, options=Options(threads=1))
        assert (report.records, report.new, report.joined) == (40, 40, 0)
        assert kept(resolver) == batch(fitted, early)
        assert resolver.check().problems == ()
        for source, id in list(records)[40:]:
            resolver.insert(records[source, id], source=source, id=id)
        assert kept(resolver) == batch(fitted, records)
        before = {key: resolver.record(*key).entity for key in records}
        again = rebuild_store(fitted, resolver.store, options=Options(threads=1))
        assert (again.created, again.joined, again.merged, again.split) == (0, 0, 0, 0)
        assert {key: resolver.record(*key).entity for key in records} == before
        assert kept(resolver) == batch(fitted, records)
        assert resolver.check().problems == ()


def as_tables(records):
    """Return records by (source, id) as a table a source."""
    tables = {}
    for (source, id), row in records.items():
        table = tables.setdefault(source, {name: [] for name in ("id", *row)})
        for name, value in {"id": id, **row}.items():
            table[name].append(value)
    return tables


@pytest.mark.parametrize("seed", range(3))
def test_few_records_are_added_as_one_run_over_all_would(
    fitted, new_record, tmp_path, monkeypatch, seed
):
    rng = np.random.default_rng(seed)
    records = {(("a", "b")[n % 2], str(n)): new_record(rng) for n in range(60)}
    early = dict(list(records.items())[:45])
    late = dict(list(records.items())[40:]) | {("a", "0"): new_record(rng)}
    figures = []
    added, one_by_one = [], loading.add_records
    monkeypatch.setattr(loading, "add_records", lambda *a: added.append(1) or one_by_one(*a))
    # One run over all; record by record, for the new ones are few, or the store is large.
    for share, most in ((0.0, 1000), (100.0, 1000), (0.0, 20)):
        monkeypatch.setattr(loading, "SHARE", share)
        monkeypatch.setattr(loading, "WHOLE", most)
        with Resolver(fitted, tmp_path / f"{share}-{most}.db") as resolver:
            load_tables(fitted, resolver.store, as_tables(early), options=Options(threads=1))
            report = load_tables(
                fitted, resolver.store, as_tables(late), options=Options(threads=1)
            )
            figures.append((kept(resolver), astuple(replace(report, quarantine=None))))
            assert resolver.check().problems == ()
    assert len(added) == 2
    assert figures[0] == figures[1] == figures[2]
    assert figures[0][0] == batch(fitted, early | late)


@pytest.mark.parametrize("share", [0.0, 100.0])
def test_a_second_load_says_what_it_changed(fitted, tmp_path, monkeypatch, share):
    monkeypatch.setattr(loading, "SHARE", share)
    place = {"latitude": [55.9], "longitude": [-3.2], "phone": [None]}
    far = {"latitude": [55.9012], "longitude": [-3.2], "phone": [None]}
    first = {"a": {"id": [1], "name": ["blue door"]} | place}
    second = {
        "a": {"id": [1], "name": ["blue door"]} | place,
        "b": {"id": [7], "name": ["blue door"]} | place,
        "c": {"id": [8], "name": ["old mill"]} | far,
    }
    with Resolver(fitted, tmp_path / "places.db") as resolver:
        load_tables(fitted, resolver.store, first, options=Options(threads=1))
        report = load_tables(fitted, resolver.store, second, options=Options(threads=1))
        assert (report.new, report.changed, report.unchanged) == (2, 0, 1)
        assert (report.created, report.joined, report.merged, report.split) == (1, 1, 0, 0)
        assert resolver.record("b", "7").entity == resolver.record("a", 1).entity
        assert resolver.check().problems == ()


def test_what_all_fields_say_of_a_candidate_counts_online_too(tmp_path, monkeypatch):
    monkeypatch.setattr("sameas.linker.planning.narrow._MANY", 100)
    people = generate_persons(900, seed=5).sort_by("entity_id").drop_columns(["entity_id"])
    plan = plan_tables({"people": people}, threads=1)
    linker = plan.linker()
    assert all(isinstance(rule.filter, Evidence) for rule in linker.spec.blocking)
    linker.dedupe({"people": people}, options=plan.options())
    names = [field.name for field in plan.used]
    rows = people.slice(0, 100).to_pylist()
    records = {("people", str(row["id"])): {name: row[name] for name in names} for row in rows}
    with Resolver(linker, tmp_path / "store.db") as resolver:
        for (source, id), record in records.items():
            resolver.insert(record, source=source, id=id)
        clusters, scores = kept(resolver)
    wanted = batch(linker.fitted_, records)
    assert clusters == wanted[0]
    assert len(scores) > 20
    assert scores.keys() == wanted[1].keys()
    assert [scores[key] for key in scores] == pytest.approx([wanted[1][key] for key in scores])
