"""The command line as a user calls it: real processes, real files."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest

from sameas.datasets.persons import generate_persons
from sameas.datasets.places import generate_places

RECORDS = 4_000


class Folder(NamedTuple):
    """Files that every test may read."""

    places: Path
    labels: Path
    left: Path
    right: Path
    pairs: Path


def sameas(*arguments: object, code: int = 0, cwd: Path | None = None) -> str:
    """Call the command line; return what it printed, or its errors if one is expected."""
    command = [sys.executable, "-m", "sameas", *(str(argument) for argument in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split()) if code else done.stdout


def label_pairs(table: pa.Table, left: np.ndarray, right: np.ndarray) -> pa.Table:
    """Label pairs of rows by the truth."""
    ids, truth = table["id"].combine_chunks(), table["entity_id"].to_numpy()
    return pa.table(
        {
            "left_id": ids.take(pa.array(left)),
            "right_id": ids.take(pa.array(right)),
            "label": truth[left] == truth[right],
        }
    )


def true_and_near_pairs(table: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Pair rows of one entity, and rows of one small cell, left row first."""
    truth = np.unique(table["entity_id"].to_numpy(), return_inverse=True)[1]
    latitude, longitude = table["latitude"].to_numpy(), table["longitude"].to_numpy()
    cell = np.round(np.nan_to_num(latitude), 2) * 1e6 + np.round(np.nan_to_num(longitude), 2)
    found = []
    for key in (truth, np.unique(cell, return_inverse=True)[1]):
        order = np.argsort(key, kind="stable")
        for step in (1, 2):
            same = key[order[:-step]] == key[order[step:]]
            found.append(np.stack([order[:-step][same], order[step:][same]]))
    left, right = np.unique(np.sort(np.hstack(found), axis=0), axis=1)
    return left, right


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """One table with labels; the same rows as two tables with labels across."""
    at = tmp_path_factory.mktemp("places")
    names = ("places.parquet", "labels.parquet", "left.parquet", "right.csv", "pairs.csv")
    files = Folder(*(at / name for name in names))
    places = generate_places(RECORDS, seed=3)
    pq.write_table(places, files.places)
    left, right = true_and_near_pairs(places)
    pq.write_table(label_pairs(places, left, right), files.labels)
    side = np.arange(RECORDS) % 2 == 0
    across = side[left] & ~side[right]
    csv.write_csv(label_pairs(places, left[across], right[across]), files.pairs)
    pq.write_table(places.filter(pa.array(side)).rename_columns({"name": "title"}), files.left)
    rest = places.filter(pa.array(~side)).rename_columns({"id": "key"})
    labels = pc.binary_join(rest["labels"], ";")
    csv.write_csv(rest.set_column(rest.column_names.index("labels"), "labels", labels), files.right)
    return files


class Run(NamedTuple):
    """A finished run, its linker, and what was printed; every test may read them."""

    out: Path
    model: Path
    printed: str


@pytest.fixture(scope="module")
def run(folder: Folder, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The table, deduplicated by its silver field."""
    at = tmp_path_factory.mktemp("deduplicated")
    out, model = at / "run", at / "model"
    call = ("dedupe", folder.places, "--recipe", "places", "--out", out, "--save", model)
    return Run(out, model, sameas(*call))


def test_deduplicate_by_the_silver_field_and_resume(
    folder: Folder, run: Run, tmp_path: Path
) -> None:
    estimate = sameas("estimate", folder.places, "--recipe", "places")
    assert f"{RECORDS:,} records, 0 that no rule can reach" in estimate
    assert "candidate pairs" in estimate
    out = shutil.copytree(run.out, tmp_path / "run")
    printed = run.printed.replace(str(run.out), str(out))
    assert "fitting on the silver field 'phone' first" in printed
    assert re.search(r"silver labels from 'phone': \d+ equal, [\d,]+ different \(1 : ", printed)
    assert re.search(r"^valid: f1 0\.\d{4}", printed, re.MULTILINE)
    assert f"records: {RECORDS:,} (places {RECORDS:,}); mode dedupe" in printed
    clusters = pq.read_table(out / "clusters.parquet")
    assert clusters.num_rows == RECORDS
    report = json.loads((out / "run.json").read_text())
    assert pq.read_table(out / "entities.parquet").num_rows == report["clusters"]["clusters"]
    (stage,) = (out / "stages").iterdir()
    before = stage.stat().st_mtime_ns
    again = sameas("dedupe", folder.places, "--linker", run.model, "--out", out)
    assert stage.stat().st_mtime_ns == before
    assert again.splitlines() == printed.splitlines()[-len(again.splitlines()) :]
    assert pq.read_table(out / "clusters.parquet").equals(clusters)


def test_explain_pairs_of_a_run(folder: Folder, run: Run, tmp_path: Path) -> None:
    out, model, _ = run
    links = pq.read_table(out / "links.parquet").to_pylist()
    first = links[0]["left_id"], links[0]["right_id"]
    page, data = tmp_path / "why.html", tmp_path / "why.json"
    said = sameas("explain", out, "--pair", *first, "--html", page, "--json", data)
    assert "in log-odds of a match" in said
    (pair,) = json.loads(data.read_text())
    assert pair["score"] == pytest.approx(links[0]["score"], abs=1e-9)
    total = pair["base"] + sum(part["contribution"] for part in pair["parts"])
    assert total == pytest.approx(pair["raw"], abs=1e-9)
    assert "default-src &#x27;none&#x27;" in page.read_text()  # nothing may be loaded
    pairs = tmp_path / "pairs.csv"
    csv.write_csv(pa.Table.from_pylist(links[:3]).select(["left_id", "right_id"]), pairs)
    again = sameas("explain", folder.places, "--linker", model, "--pairs", pairs)
    assert again.startswith(said.split("\nwritten")[0])
    alone = sameas("explain", folder.places, "--pair", *first, code=2)
    assert "--linker FOLDER" in alone
    wrong = sameas("explain", out, "--linker", model, "--pair", "nobody", "nothing", code=1)
    assert "no usable record" in wrong


def test_report_and_compare_runs(folder: Folder, run: Run, tmp_path: Path) -> None:
    first, model, _ = run
    second = tmp_path / "second"
    page = (first / "report.html").read_text("utf-8")
    links = pq.read_table(first / "links.parquet")
    assert f"<b>{links.num_rows:,}</b>" in page
    assert 'id="map"' in page
    shown = tmp_path / "shown.html"
    sameas("report", first, "--mask", "shape", "--out", shown)
    name = pq.read_table(folder.places)["name"].to_pylist()
    assert not any(f">{value}<" in shown.read_text("utf-8") for value in name if len(value) > 3)
    call = ("dedupe", folder.places, "--linker", model, "--threshold", "0.99", "--out", second)
    said = sameas(*call, "--no-report", "--no-entities", "--no-stages")
    assert "written: links.parquet, clusters.parquet, quarantine.parquet, run.json, linker/" in said
    assert not any(
        (second / name).exists() for name in ("report.html", "entities.parquet", "stages")
    )
    sameas("report", second)
    assert "From records to entities" in (second / "report.html").read_text("utf-8")
    data = tmp_path / "changes.json"
    said = sameas("compare", first, second, "--labels", folder.labels, "--json", data)
    changes = json.loads(data.read_text())
    fewer = links.num_rows - pq.read_table(second / "links.parquet").num_rows
    assert changes["links"]["lost"] == fewer > 0
    assert f"{fewer:,} lost" in said
    assert "labelled pairs" in said
    assert "no finished run" in sameas("compare", first, tmp_path, code=1)


def test_fit_score_evaluate(folder: Folder, tmp_path: Path) -> None:
    model, scores = tmp_path / "model", tmp_path / "scores.parquet"
    fit = sameas("fit", folder.places, "--labels", folder.labels, "--recipe", "places",
                 "--save", model, "--goal", "f0.5")  # fmt: skip
    assert "pairs completeness: " in fit
    threshold = json.loads((model / "linker.json").read_text())["threshold"]
    assert f"threshold: {threshold:.6g} (" in fit
    sameas("score", folder.places, "--pairs", folder.labels, "--linker", model, "--out", scores)
    labels, scored = pq.read_table(folder.labels), pq.read_table(scores)
    assert scored.column_names == ["left_id", "right_id", "score", "decision", "candidate"]
    assert scored.select(["left_id", "right_id"]).equals(labels.select(["left_id", "right_id"]))
    printed = sameas("evaluate", scores, "--labels", folder.labels, "--json", tmp_path / "e.json",
                     "--replicates", 50)  # fmt: skip
    assert f"threshold {threshold:g}: {labels.num_rows:,} pairs" in printed
    figures = json.loads((tmp_path / "e.json").read_text())
    assert figures["all_pairs"]["f1"] > 0.8
    assert figures["end_to_end"]["recall"] <= figures["all_pairs"]["recall"]
    low, high = (figures["intervals"]["all_pairs"]["f1"][end] for end in ("low", "high"))
    assert low < figures["all_pairs"]["f1"] < high


def test_link_two_tables_of_different_form(folder: Folder, tmp_path: Path) -> None:
    model = tmp_path / "model"
    mapped = ("--map", "left.name=title", "--map", "right.id=key")
    tables = (folder.left, folder.right)
    sameas("fit", *tables, *mapped, "--labels", folder.pairs, "--recipe", "places", "--save", model)
    printed = sameas("link", *tables, *mapped, "--linker", model, "--mode", "one-to-one",
                     "--out", tmp_path / "run")  # fmt: skip
    assert f"(left {RECORDS // 2:,}, right {RECORDS // 2:,}); mode one-to-one" in printed
    links = pq.read_table(tmp_path / "run" / "links.parquet")
    assert links.num_rows > 50
    assert set(links["left_source"].to_pylist()) == {"left"}
    truth = dict(zip(*pq.read_table(folder.places, columns=["id", "entity_id"]), strict=True))
    right = [truth[a] == truth[b] for a, b in zip(links["left_id"], links["right_id"], strict=True)]
    assert np.mean(right) > 0.5  # the labels hold easy non-matches only
    scores = tmp_path / "scores.csv"
    told = sameas("score", *tables, *mapped, "--pairs", folder.pairs, "--linker", model,
                  "--out", scores)  # fmt: skip
    threshold = told.rpartition("--threshold ")[2].strip()
    error = sameas("evaluate", scores, "--labels", folder.pairs, code=1)
    assert "Give --threshold X" in error
    assert "f1" in sameas("evaluate", scores, "--labels", folder.pairs, "--threshold", threshold,
                          "--replicates", 0)  # fmt: skip


def test_the_side_of_labels_follows_the_order_of_the_tables(tmp_path: Path) -> None:
    """The first table holds left_id, whatever the names of the files; both have the same ids."""
    names = [f"{word} {kind}" for word in ("Blue", "Old", "Red", "Star", "Green", "Sun", "Lake",
             "Iron") for kind in ("Door", "Mill", "Gym", "Inn")]  # fmt: skip
    ids = list(range(len(names)))
    csv.write_csv(pa.table({"id": ids, "name": names}), tmp_path / "zebra.csv")
    turned = pa.table({"id": ids, "name": [f"{name} Ltd" for name in reversed(names)]})
    csv.write_csv(turned, tmp_path / "ant.csv")
    left = ids + ids
    right = ids[::-1] + [(item + 1) % len(ids) for item in ids[::-1]]
    label = ["yes"] * len(ids) + ["no"] * len(ids)
    labels = pa.table({"left_id": left, "right_id": right, "label": label})
    csv.write_csv(labels, tmp_path / "labels.csv")
    tables = ("zebra.csv", "ant.csv")
    sameas("fit", *tables, "--labels", "labels.csv", "--field", "name=name", "--save", "model",
           cwd=tmp_path)  # fmt: skip
    sameas("score", *tables, "--pairs", "labels.csv", "--linker", "model",
           "--out", "scores.parquet", cwd=tmp_path)  # fmt: skip
    score = pq.read_table(tmp_path / "scores.parquet")["score"].to_numpy()
    assert score[: len(ids)].min() > score[len(ids) :].max()


def test_no_labels_and_no_silver_field(folder: Folder, tmp_path: Path) -> None:
    bare = pq.read_table(folder.places).drop_columns(["phone"])
    pq.write_table(bare, tmp_path / "bare.parquet")
    error = sameas("dedupe", tmp_path / "bare.parquet", "--recipe", "places",
                   "--out", tmp_path / "run", code=1)  # fmt: skip
    assert "the silver field 'phone' is empty" in error
    assert "--labels FILE" in error


def test_generate_persons_with_checks(tmp_path: Path) -> None:
    out = tmp_path / "persons.parquet"
    call = ("generate", "persons", "--records", "50_000", "--seed", 3, "--out", out, "--check")
    printed = sameas(*call)
    assert printed.startswith("50,000 persons, seed 3: ")
    assert re.search(r"^(\d+) of \1 checks passed$", printed, re.MULTILINE)
    table = pq.read_table(out)
    assert table.equals(generate_persons(50_000, seed=3))
    sameas("generate", "persons", "--records", 500, "--out", out, "--check", code=1)


def test_quiet_and_quarantine(tmp_path: Path) -> None:
    rows = ["id,name,latitude,longitude", "1,Blue Door,50.1,8.6", "2,Inn,91,8.6", "3,Pub,50.2,8.6"]
    (tmp_path / "places.csv").write_text("\n".join(rows) + "\n")
    labels = ["left_id,right_id,label", *["1,3,no", "1,2,yes"] * 2]
    (tmp_path / "labels.csv").write_text("\n".join(labels) + "\n")
    call = ("dedupe", "places.csv", "--labels", "labels.csv", "--recipe", "places", "--out", "run")
    error = sameas(*call, "--quiet", code=1, cwd=tmp_path)
    assert "both are needed" in error
    assert "warning" not in error


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c(folder: Folder, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sameas", "dedupe", folder.places, "--recipe", "places",
               "--out", tmp_path / "run", "--verbose"]  # fmt: skip
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline().startswith("info: ")
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    error = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "Interrupted. No stage was finished yet" in error
    assert "Traceback" not in error
    assert time.monotonic() - begun < 20
    assert not (tmp_path / "run" / "links.parquet").exists()


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    probe = (
        "import sys, time; begin = time.process_time()\n"
        "from sameas.cli._group import run\n"
        "code = run(['dedupe', '--help']) or run(['--help'])\n"
        "seconds = time.process_time() - begin\n"
        "heavy = {'numba', 'duckdb', 'pyarrow', 'numpy', 'rich'} & set(sys.modules)\n"
        "print(code, seconds < 0.3, sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 True []"


def test_a_closed_pipe_is_no_error(folder: Folder) -> None:
    command = f"{sys.executable} -m sameas --help | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_plan_by_itself_edit_and_run(tmp_path: Path) -> None:
    """A newcomer's way: a table, no recipe, no labels."""
    people = tmp_path / "people.csv"
    sameas("generate", "persons", "--records", 2_000, "--out", people)
    plan = tmp_path / "plan.json"
    plan.write_text(sameas("plan", people))
    data = json.loads(plan.read_text())
    kinds = {field["name"]: field["kind"] for field in data["fields"]}
    assert kinds["surname"] == "surname"
    assert kinds["date_of_birth"] == "date"
    assert kinds["entity_id"] == "ignore"
    out = tmp_path / "run"
    printed = sameas("dedupe", people, "--out", out)
    assert "planned from the tables themselves" in printed
    assert "date_of_birth (date)" in printed
    assert re.search(r"together \d+\.\d % of the matches, an estimate", printed)
    assert (out / "plan.json").read_text() == plan.read_text()
    assert pq.read_table(out / "clusters.parquet").num_rows == 2_000
    assert pq.read_table(out / "links.parquet").num_rows > 100
    for field in data["fields"]:
        if field["name"] == "sex":
            field["kind"] = "ignore"
    plan.write_text(json.dumps(data))
    again = sameas("dedupe", people, "--plan", plan, "--out", tmp_path / "again")
    assert "planned from" not in again
    spec = json.loads((tmp_path / "again" / "run.json").read_text())["spec"]
    assert "sex" not in {field["name"] for field in spec["fields"]}
    estimate = sameas("estimate", people, "--plan", plan)
    assert "2,000 records" in estimate


def test_what_cannot_be_planned_is_said(tmp_path: Path) -> None:
    empty, same = tmp_path / "empty.csv", tmp_path / "same.csv"
    empty.write_text("id,name\n")
    same.write_text("id,x\n1,a\n2,a\n3,a\n")
    assert "has no rows" in sameas("plan", empty, code=1)
    assert "every value is the same" in sameas("plan", same, code=1)
    broken = tmp_path / "plan.json"
    broken.write_text('{"family": "plan", "type": "plan", "feilds": []}')
    ended = sameas("dedupe", same, "--plan", broken, "--out", tmp_path / "run", code=1)
    assert "Did you mean 'fields'" in ended
