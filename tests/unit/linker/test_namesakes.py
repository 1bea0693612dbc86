"""Places of one name, some way apart: what their distance and their number say."""

import numpy as np
import pyarrow as pa
import pytest

import sameas
from sameas.linker.learning import make_job
from sameas.linker.namesakes import guess_of_namesakes
from sameas.recipes import places

METRE = 1 / 111_195


def tables(*, single=400, branches=60, seed=0, scale=1.0):
    """Two tables of one town: single places up to some 400 m off, and one chain everywhere."""
    random = np.random.default_rng(seed)
    where = random.uniform(0, 12_000, (single, 2))
    far = np.where(random.random(single) < 0.3, 250.0, 40.0) * scale
    moved = where + random.normal(0, 1, (single, 2)) * far[:, None]
    names = [f"{word} house {number}" for number, word in enumerate(_words(random, single))]

    def table(start, points, written):
        chain = random.uniform(0, 12_000, (branches, 2))
        points = np.concatenate([points, chain]) * METRE
        called = [*written, *["Coffee King"] * branches]
        return pa.table({
            "id": [f"{start}{number:05}" for number in range(len(called))], "name": called,
            "latitude": points[:, 0], "longitude": points[:, 1],
        })  # fmt: skip

    return table("l", where, names), table("r", moved, [name.replace(" ", "") for name in names])


def _words(random, count):
    letters = np.array(list("abcdefghiklmnoprstuv"))
    return ["".join(random.choice(letters, 7)) for _ in range(count)]


def job_of(left, right):
    spec = places(silver=None).spec
    return make_job(spec, {"left": left, "right": right}, None, None, {})


def pair(job, left, right):
    """Return the guess of one pair of records by their ids."""
    ids = job.records.table["id"].to_pylist()
    ends = np.array([[ids.index(left)], [ids.index(right)]], np.int32)
    return float(guess_of_namesakes(job, *ends)[0])


def test_a_name_borne_once_is_a_match_some_way_apart_and_a_chain_is_not():
    left, right = tables()
    job = job_of(left, right)
    xyz = np.stack([np.concatenate([t[c].to_numpy() for t in (left, right)]) / METRE
                    for c in ("latitude", "longitude")], axis=1)  # fmt: skip
    apart = np.linalg.norm(xyz[:400] - xyz[460:860], axis=1)
    far = np.flatnonzero((apart > 200) & (apart < 400))
    assert len(far) > 20
    guessed = [pair(job, f"l{row:05}", f"r{row:05}") for row in far[:20]]
    assert np.mean(guessed) > 0.8
    chain = np.linalg.norm(xyz[400:460, None] - xyz[None, 860:], axis=2)
    one, two = np.nonzero((chain > 300) & (chain < 400))
    branches = [
        pair(job, f"l{400 + a:05}", f"r{400 + b:05}") for a, b in zip(one, two, strict=True)
    ]
    assert max(branches[:20]) < 0.5
    assert pair(job, "l00000", "r00001") == 0.0
    one, two = np.nonzero(chain > 1_000)
    assert pair(job, f"l{400 + one[0]:05}", f"r{400 + two[0]:05}") == 0.0


def test_how_far_is_learned_from_the_tables():
    left, right = tables()
    apart = np.hypot(*[(left[c].to_numpy() - right[c].to_numpy()) / METRE
                       for c in ("latitude", "longitude")])[:400]  # fmt: skip
    row = int(np.flatnonzero((apart > 300) & (apart < 400))[0])
    ids = f"l{row:05}", f"r{row:05}"
    exact_left, exact_right = tables(scale=0.1)
    moved = exact_right["latitude"].to_numpy().copy()
    moved[row] = exact_left["latitude"].to_numpy()[row] + 350 * METRE
    exact = job_of(exact_left, exact_right.set_column(2, "latitude", pa.array(moved)))
    assert pair(exact, *ids) < 0.5 < pair(job_of(left, right), *ids)


def test_nothing_is_said_without_places_or_with_few_names():
    left, right = tables(single=20, branches=5)
    job = job_of(left, right)
    found = job.candidates
    assert not guess_of_namesakes(job, found.left, found.right).any()
    spec = sameas.Linker({"name": "name"}).spec
    job = make_job(spec, {"left": left, "right": right}, None, None, {})
    found = job.candidates
    assert not guess_of_namesakes(job, found.left, found.right).any()


def test_sides_and_rows_do_not_matter():
    left, right = tables()
    random = np.random.default_rng(1)
    mixed = left.take(pa.array(random.permutation(len(left))))
    job, again, swapped = job_of(left, right), job_of(mixed, right), job_of(right, left)
    for row in (0, 7, 21):
        ids = f"l{row:05}", f"r{row:05}"
        first = pair(job, *ids)
        assert pair(again, *ids) == first
        assert pair(swapped, *ids) == pytest.approx(first)


def test_records_without_a_name_or_a_position_are_left_out():
    left, right = tables()
    names, latitudes = right["name"].to_pylist(), right["latitude"].to_pylist()
    names[3], latitudes[5] = None, None
    right = right.set_column(1, "name", pa.array(names, pa.string()))
    right = right.set_column(2, "latitude", pa.array(latitudes, pa.float64()))
    job = job_of(left, right)
    assert pair(job, "l00003", "r00003") == 0.0
    assert pair(job, "l00005", "r00005") == 0.0
    assert pair(job, "l00007", "r00007") > 0.5
