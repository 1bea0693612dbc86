"""Two services, each a process of its own, on one PostgreSQL: both write at once, both agree."""

import json
import random
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest

EACH = 60  # writes of one service


@pytest.fixture
def two(serve, postgres_server):
    import psycopg

    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return serve(store=postgres_server), serve(store=postgres_server)


def write(service, name, seed, new_record):
    """Put, change and erase records of one source, and correct pairs; return what was said."""
    rng, said = np.random.default_rng(seed), []
    for _ in range(EACH):
        source = name if rng.random() < 0.7 else "both"
        path = f"/v1/records/{source}/{rng.integers(0, 15)}"
        if rng.random() < 0.15:
            done = service.http.delete(path)
        elif rng.random() < 0.1:
            ends = [{"source": name, "id": str(n)} for n in rng.permutation(15)[:2]]
            verdict = str(rng.choice(["same", "different"]))
            body = {"left": ends[0], "right": ends[1], "verdict": verdict}
            done = service.http.post("/v1/corrections", json=body)
        else:
            done = service.http.put(path, json=new_record(rng))
        assert done.status_code in (200, 404, 409), done.text
        said.append((done.status_code, done.json()))
    return said


def test_two_services_write_at_once_and_agree(two, new_record):
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(write, service, name, seed, new_record)
            for seed, (service, name) in enumerate(zip(two, ("one", "other"), strict=True))
        ]
        said = [job.result() for job in jobs]
    one, other = (service.http for service in two)
    events = all_changes(one)
    assert events == all_changes(other)
    assert [event["seq"] for event in events] == sorted({event["seq"] for event in events})
    kinds = Counter(event["kind"] for event in events)
    assert min(kinds[kind] for kind in ("inserted", "deleted", "joined", "merged", "split")) > 0
    # Each acknowledged write is there once; both services had a share in what happened.
    acknowledged = [
        event["seq"] for each in said for code, told in each if code == 200
        for event in told["events"] if event["kind"] in ("inserted", "updated", "deleted")
    ]  # fmt: skip
    written = [e["seq"] for e in events if e["kind"] in ("inserted", "updated", "deleted")]
    assert sorted(acknowledged) == written
    turns = Counter(event["source"] for event in events if event["kind"] == "inserted")
    assert {"one", "other", "both"} <= turns.keys()
    mine = [event["source"] for event in events if event["source"] in ("one", "other")]
    assert sum(a != b for a, b in pairwise(mine)) > 5, "they wrote one after the other"
    entities = sorted({event["entity"] for event in events if event["entity"]})
    for name in entities:
        found = one.get(f"/v1/entities/{name}")
        assert found.status_code == 200
        assert found.json() == other.get(f"/v1/entities/{name}").json()
    rng = np.random.default_rng(9)
    for _ in range(20):
        record = new_record(rng)
        answers = [
            http.post("/v1/match", json=record, params={"limit": 50}) for http in (one, other)
        ]
        assert answers[0].status_code == 200
        assert answers[0].json() == answers[1].json()
    for service in two:
        service.stop()
    checked = subprocess.run(
        [sys.executable, "-m", "sameas", "check-store", "--linker", str(two[0].linker),
         "--store", two[0].store],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr


def all_changes(http):
    events, since = [], 0
    while True:
        told = http.get("/v1/changes", params={"since": since}).json()
        if not told["events"]:
            return events
        events += told["events"]
        since = told["last"]


def test_a_service_sees_what_the_other_has_just_written(two, new_record):
    record = new_record(np.random.default_rng(3))
    order = list(two) * 5
    random.Random(1).shuffle(order)
    for n, writer in enumerate(order):
        reader = two[0] if writer is two[1] else two[1]
        made = writer.http.put(f"/v1/records/a/{n}", json=record).json()
        found = reader.http.post("/v1/match", json=record).json()
        assert found["decision"]
        assert found["entity"] == made["entity"]
        assert found["found"] == n + 1
    assert json.loads(two[0].http.get("/ready").text)["seq"] == made["seq"]
