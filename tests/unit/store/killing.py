"""Kill a writer again and again, and look whether the store is whole: run as a program.

    python killing.py MODEL STORE MOMENTS SEED

Forks, so that a moment costs milliseconds. Prints figures as JSON; stops with an error if
something acknowledged is lost, something half done is visible or the check finds a fault.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from sameas.linker.saving import load_linker
from sameas.resolver import Resolver


def write(fitted, store, seed, out):
    """Insert, update, merge, delete and correct; tell what is done."""
    chance = random.Random(seed)
    with Resolver(fitted, store) as resolver:
        while True:
            id, other = (str(chance.randrange(25)) for _ in range(2))
            place = {
                "name": chance.choice(["blue door", "old mill", "star"]),
                "latitude": round(55.9 + chance.randrange(12) * 0.0006, 4),
                "longitude": -3.2,
            }
            kind, said = chance.random(), None
            try:
                if kind < 0.2:
                    change = resolver.delete(source="a", id=id)
                elif kind < 0.3 and id != other:
                    verdict = chance.choice(["same", "different", None])
                    resolver.correct(("a", id), ("a", other), verdict)
                    continue
                else:
                    change = resolver.put(place, source="a", id=id)
                    said = place["latitude"]
            except (LookupError, ValueError):
                continue
            os.write(out, f"{json.dumps([change.seq, id, said])}\n".encode())


def moment(fitted, store, seed, seconds):
    """Let a writer work for a while, kill it, and return what it has acknowledged."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            write(fitted, store, seed, writing)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as lines:
        first = lines.readline()  # it is at work
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        rest = lines.read()
    os.waitpid(child, 0)
    whole = [line for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]
    return [json.loads(line) for line in whole]


def check(resolver, acknowledged, last):
    """Compare the store with what was acknowledged; return how much came after it."""
    found = resolver.check()
    assert not found.problems, found.problems
    assert found.figures["last_change"] >= last, "something acknowledged is lost"
    after = {event.id for event in resolver.changes(since=last, limit=None)}
    for id, said in list(acknowledged.items()):
        record = resolver.record("a", id).record
        now = None if record is None else record["latitude"]
        assert id in after or now == said, (id, record, said)
        acknowledged[id] = now  # the write under way may have been made too
    return len(after)


def main(model, store, moments, seed):
    fitted = load_linker(Path(model))
    chance = random.Random(seed)
    acknowledged, writes, under_way = {}, 0, 0
    with Resolver(fitted, store) as resolver:  # kernels are compiled before the first fork
        for n in range(3):
            place = {"name": "star", "latitude": 55.9, "longitude": -3.2 + n / 1000}
            resolver.put(place, source="warm", id=n)
            resolver.match(place)
    for number in range(moments):
        lines = moment(fitted, store, seed * 1000 + number, chance.uniform(0.0, 0.08))
        writes += len(lines)
        acknowledged.update((id, said) for _, id, said in lines)
        with Resolver(fitted, store) as resolver:
            under_way += check(resolver, acknowledged, lines[-1][0] if lines else 0) > 0
    figures = {"moments": moments, "acknowledged": writes, "came after": under_way}
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
