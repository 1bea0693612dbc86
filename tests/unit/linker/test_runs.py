"""A run folder: what is in it, what is reused, and what survives a bad end."""

import json
import logging
import os
import resource
import signal
import subprocess
import sys
import textwrap
import time

import pyarrow.parquet as pq
import pytest

from sameas.core.errors import RunError
from sameas.core.tables import CLUSTERS, QUARANTINE
from sameas.linker import Linker, Options
from sameas.linker.job import Job

NAMES = ("links", "clusters", "entities", "quarantine")


@pytest.fixture
def counted(monkeypatch):
    """Count how often pairs are scored."""
    calls, plain = [], Job.scores

    def scores(self, *given, **options):
        calls.append(len(given[1]))
        return plain(self, *given, **options)

    monkeypatch.setattr(Job, "scores", scores)
    return calls


def tables(folder):
    return {name: pq.read_table(folder / f"{name}.parquet", partitioning=None) for name in NAMES}


def stages(folder):
    return sorted((folder / "stages").glob("*.parquet"))


def equal(one, two):
    return all(one[name].equals(two[name]) for name in NAMES)


def test_the_folder_holds_every_table_and_the_figures(fitted, problem, tmp_path):
    result = fitted.link(problem.left, problem.right, out=tmp_path / "run")
    found = tables(tmp_path / "run")
    assert equal(found, {name: getattr(result, name) for name in NAMES})
    assert equal(found, {n: getattr(fitted.link(problem.left, problem.right), n) for n in NAMES})
    assert found["clusters"].schema.names == CLUSTERS.names
    assert found["quarantine"].schema == QUARANTINE
    content = json.loads((tmp_path / "run" / "run.json").read_text())
    assert content["sources"] == {"left": 120, "right": 120}
    assert content["linker_version"] == fitted.version
    assert content["threshold"] == fitted.threshold
    assert content["links"] == result.links.num_rows
    assert content["spec"]["type"] == "linker"
    left_over = {path.name for path in (tmp_path / "run").iterdir()}
    known = {*(f"{name}.parquet" for name in NAMES), "run.json", "stages", "linker"}
    assert left_over == known | {"report.html", "report.json"}
    fitted.link(problem.left, problem.right, out=tmp_path / "run", report=False)
    assert {path.name for path in (tmp_path / "run").iterdir()} == known
    assert Linker.load(tmp_path / "run" / "linker").version == fitted.version


def test_finished_stages_are_reused(fitted, problem, tmp_path, counted):
    first = fitted.link(problem.left, problem.right, out=tmp_path)
    assert len(counted) == 1
    (tmp_path / "links.parquet").unlink()
    again = fitted.link(problem.left, problem.right, out=tmp_path)
    assert len(counted) == 1, "the scores were kept"
    assert again.links.equals(first.links)
    assert again.report == first.report
    assert (tmp_path / "links.parquet").exists()
    higher = fitted.link(problem.left, problem.right, out=tmp_path, threshold=1.0)
    assert len(counted) == 1, "another threshold needs no new scores"
    assert higher.links.num_rows == 0
    fitted.link(problem.left, problem.right, out=tmp_path, options=Options(threads=1))
    assert len(counted) == 1


def test_golden_records_and_stages_can_be_left_out(fitted, problem, tmp_path, counted, monkeypatch):
    whole = fitted.link(problem.left, problem.right, out=tmp_path)
    kept = stages(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("sameas.linker.runs.entity_pieces", None)
        bare = fitted.link(problem.left, problem.right, out=tmp_path, entities=False)
        in_memory = fitted.link(problem.left, problem.right, entities=False)
    assert bare.entities is in_memory.entities is None
    assert not (tmp_path / "entities.parquet").exists(), "it could be of other links"
    for name in ("links", "clusters", "quarantine"):
        assert getattr(bare, name).equals(getattr(whole, name))
        assert getattr(in_memory, name).equals(getattr(whole, name))
    assert bare.report == whole.report
    assert len(counted) == 2, "with a folder the scores were kept"
    again = fitted.link(problem.left, problem.right, out=tmp_path)
    assert len(counted) == 2
    assert again.entities.equals(whole.entities)
    out = tmp_path / "once"
    once = fitted.link(problem.left, problem.right, out=out, stages=False, report=False)
    assert once.links.equals(whole.links)
    assert not (out / "stages").exists()
    assert equal(tables(out), tables(tmp_path))
    fitted.link(problem.left, problem.right, out=tmp_path, stages=False)
    assert stages(tmp_path) == kept, "what is there stays"
    assert len(counted) == 4, "and is not read"


def test_candidates_are_reused_when_scoring_was_stopped(fitted, problem, tmp_path, monkeypatch):
    plain = fitted.link(problem.left, problem.right)

    def stop(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Job, "scores", stop)
        with pytest.raises(KeyboardInterrupt):
            fitted.link(problem.left, problem.right, out=tmp_path)
    assert [path.name.split("-")[0] for path in stages(tmp_path)] == ["candidates"]
    monkeypatch.setattr("sameas.linker.job.find_candidates", stop)
    again = fitted.link(problem.left, problem.right, out=tmp_path, options=Options(threads=2))
    assert again.links.equals(plain.links)
    assert again.report == plain.report
    assert [path.name.split("-")[0] for path in stages(tmp_path)] == ["scores"]


def change_a_name(problem, fitted, new_linker):
    return {**problem.left, "name": ["other", *problem.left["name"][1:]]}, fitted, {}


def null_a_name(problem, fitted, new_linker):
    return {**problem.left, "name": [None, *problem.left["name"][1:]]}, fitted, {}


def drop_a_record(problem, fitted, new_linker):
    return {name: values[1:] for name, values in problem.left.items()}, fitted, {}


def other_mode(problem, fitted, new_linker):
    return problem.left, fitted, {"mode": "also-within"}


def other_linker(problem, fitted, new_linker):
    linker = new_linker(seed=1, context=None)
    return problem.left, linker.fit(problem.left, problem.right, labels=problem.labels), {}


@pytest.mark.parametrize(
    "change", [change_a_name, null_a_name, drop_a_record, other_mode, other_linker]
)
def test_stale_stages_are_not_reused(fitted, problem, new_linker, tmp_path, counted, change):
    fitted.link(problem.left, problem.right, out=tmp_path)
    left, linker, options = change(problem, fitted, new_linker)
    expected = linker.link(left, problem.right, **options)
    counted.clear()
    found = linker.link(left, problem.right, out=tmp_path, **options)
    assert len(counted) == 1
    assert found.links.equals(expected.links)
    assert len(stages(tmp_path)) == 1, "what is stale is cleared away"


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"x" * 99])
def test_a_damaged_stage_is_run_again(fitted, problem, tmp_path, counted, caplog, damage):
    first = fitted.link(problem.left, problem.right, out=tmp_path)
    (stage,) = stages(tmp_path)
    stage.write_bytes(damage(stage.read_bytes()))
    with caplog.at_level(logging.WARNING):
        again = fitted.link(problem.left, problem.right, out=tmp_path)
    assert "is damaged" in caplog.text
    assert len(counted) == 2
    assert again.links.equals(first.links)
    assert pq.read_table(stages(tmp_path)[0], partitioning=None).num_rows > 0


def test_a_run_that_fails_while_writing_leaves_no_run_json(fitted, problem, tmp_path, monkeypatch):
    fitted.link(problem.left, problem.right, out=tmp_path)
    (tmp_path / "entities.parquet").unlink()
    (tmp_path / "entities.parquet").mkdir()
    with pytest.raises(RunError, match=r"entities\.parquet"):
        fitted.link(problem.left, problem.right, out=tmp_path)
    assert not (tmp_path / "run.json").exists()


SCRIPT = """
    import resource, sys
    from sameas.linker import Linker, Options
    from sameas.core.errors import RunError
    import pyarrow.parquet as pq
    model, left, right, out, limit = sys.argv[1:]
    linker = Linker.load(model)
    linker.link(left, right, options=Options(threads=1))  # compiled and read before the clock runs
    if int(limit):
        import signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit),) * 2)
    print("ready", flush=True)
    try:
        linker.link(left, right, out=out, options=Options(threads=1))
    except RunError as error:
        print("RunError:", error, flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.fixture
def start(fitted, problem, tmp_path):
    import pyarrow as pa

    fitted.save(tmp_path / "model")
    for name in ("left", "right"):
        pq.write_table(pa.table(getattr(problem, name)), tmp_path / f"{name}.parquet")
    files = [tmp_path / "left.parquet", tmp_path / "right.parquet"]

    def begin(limit=0):
        command = [sys.executable, "-c", textwrap.dedent(SCRIPT), tmp_path / "model", *files]
        process = subprocess.Popen(
            [*map(str, command), str(tmp_path / "run"), str(limit)], stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        assert process.stdout.readline() == "ready\n"
        return process

    begin.rerun = lambda: Linker.load(tmp_path / "model").link(*files, out=tmp_path / "run")
    return begin


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.03, 0.06])
def test_after_kill_9_a_rerun_gives_the_same(start, fitted, problem, tmp_path, seconds):
    process = start()
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    again = start.rerun()
    plain = fitted.link(problem.left, problem.right)
    assert equal(tables(tmp_path / "run"), {name: getattr(plain, name) for name in NAMES})
    assert again.report == plain.report


def test_a_full_disk_is_a_run_error_and_a_rerun_finishes(start, fitted, problem, tmp_path):
    said, _ = start(limit=4_000).communicate(timeout=60)
    assert "RunError: The disk is full" in said
    kept = [path for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert not [path for path in kept if path.name.endswith(".part")]
    assert not (tmp_path / "run" / "run.json").exists()
    for path in kept:
        assert pq.read_table(path, partitioning=None).num_rows >= 0, "whole or not there"
    start.rerun()
    plain = fitted.link(problem.left, problem.right)
    assert equal(tables(tmp_path / "run"), {name: getattr(plain, name) for name in NAMES})


def test_limits_of_this_process_are_untouched():
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] in (resource.RLIM_INFINITY, 2**63 - 1)
