"""A saved linker scores as before, says when it was changed, and refuses what is damaged."""

import json
import logging
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sameas.comparison import JaroWinkler, NumberDifference, TextFrequency
from sameas.core.errors import LabelError, RunError, SavedLinkerError
from sameas.linker import Linker


@pytest.fixture
def folder(fitted, tmp_path):
    fitted.save(tmp_path / "model")
    return tmp_path / "model"


def change(folder, **settings):
    file = folder / "linker.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | settings))


def test_scores_are_equal_to_the_last_bit(fitted, problem, folder, caplog):
    with caplog.at_level(logging.WARNING):
        linker = Linker.load(folder)
    assert not caplog.records
    assert linker.spec == fitted.spec
    assert (linker.version, linker.threshold) == (fitted.version, fitted.threshold)
    before, after = (
        each.score(problem.left, problem.right, pairs=problem.pairs) for each in (fitted, linker)
    )
    assert after.equals(before, check_metadata=True)
    assert linker.link(problem.left, problem.right).links.equals(
        fitted.link(problem.left, problem.right).links
    )


def test_statistics_stay_frozen_on_other_tables(fitted, problem, folder):
    """A part of the tables is scored with the frequencies of the whole."""
    linker = Linker.load(folder)
    before = dict(linker.fitted_.statistics)
    few = {name: values[:5] for name, values in problem.left.items()}
    linker.score(few, problem.right, pairs=problem.pairs.slice(0, 4))
    assert linker.fitted_.statistics.keys() == before.keys()
    assert all(linker.fitted_.statistics[name] is before[name] for name in before)
    assert linker.version == fitted.version


def test_no_pickle_and_the_threshold_on_top(fitted, folder):
    assert {path.suffix for path in folder.rglob("*") if path.is_file()} == {".json", ".parquet"}
    content = json.loads((folder / "linker.json").read_text())
    assert content["threshold"] == fitted.threshold
    assert content["version"] == fitted.version


def test_a_threshold_edited_by_hand_counts_and_is_told(fitted, problem, folder, caplog):
    change(folder, threshold=0.999999)
    with caplog.at_level(logging.WARNING):
        linker = Linker.load(folder)
    assert "was changed after it was saved" in caplog.text
    assert linker.threshold == 0.999999
    assert linker.version != fitted.version
    out = linker.score(problem.left, problem.right, pairs=problem.pairs)
    assert out["score"].equals(
        fitted.score(problem.left, problem.right, pairs=problem.pairs)["score"]
    )
    assert not any(out["decision"].to_pylist())


def break_json(folder):
    (folder / "linker.json").write_text("{")


def no_statistics(folder):
    shutil.rmtree(folder / "statistics")


def truncated_matcher(folder):
    file = next((folder / "matcher").iterdir())
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def empty_matcher(folder):
    file = next((folder / "matcher").iterdir())
    pq.write_table(pa.table({"nothing": [1]}), file)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (break_json, "damaged"), (no_statistics, "damaged"), (truncated_matcher, "damaged"),
        (empty_matcher, "."), (lambda folder: change(folder, threshold="high"), "damaged"),
        (lambda folder: change(folder, format=99), "format 99.*which reads format 1"),
        (lambda folder: (folder / "linker.json").unlink(), "holds no saved linker"),
        (lambda folder: change(folder, statistics=["tokens-other"]), "damaged"),
    ],
)  # fmt: skip
def test_damage_is_named(folder, damage, message):
    damage(folder)
    with pytest.raises(SavedLinkerError, match=message):
        Linker.load(folder)


def test_the_nearest_folder_is_named(folder, tmp_path):
    with pytest.raises(SavedLinkerError, match=f"Did you mean '{folder.name}'"):
        Linker.load(folder.parent / f"{folder.name}r")
    shutil.copytree(folder, tmp_path / "run" / "linker")
    with pytest.raises(SavedLinkerError, match=r"Did you mean .*linker"):
        Linker.load(tmp_path / "run")


def test_a_spec_of_another_version_is_named(folder):
    content = json.loads((folder / "linker.json").read_text())
    content["spec"]["blocking"][0]["type"] = "hexagons"
    change(folder, spec=content["spec"])
    with pytest.raises((SavedLinkerError, ValueError), match="hexagons"):
        Linker.load(folder)


def test_an_older_linker_is_replaced_but_nothing_else(fitted, folder, tmp_path):
    fitted.save(folder)
    assert Linker.load(folder).version == fitted.version
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"], "no half folder is left"
    other = tmp_path / "papers"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")
    with pytest.raises(SavedLinkerError, match="not empty"):
        fitted.save(other)
    assert (other / "thesis.txt").exists()
    with pytest.raises(SavedLinkerError, match="is a file"):
        fitted.save(other / "thesis.txt")


def test_a_full_disk_leaves_the_older_linker_alone(fitted, folder, tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(RunError, match="No space left"):
        fitted.save(folder)
    monkeypatch.undo()
    assert Linker.load(folder).version == fitted.version
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_an_older_linker_is_there_until_the_new_one_is(fitted, folder, tmp_path, monkeypatch):
    """Moving the new folder in fails: the older one comes back to its place."""
    rename = Path.replace

    def refuse(path, target):
        if path.suffix == ".part":
            assert [Linker.load(each).version for each in tmp_path.glob("*.old")] == [
                fitted.version
            ]
            raise OSError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(RunError, match="Permission denied"):
        fitted.save(folder)
    monkeypatch.undo()
    assert Linker.load(folder).version == fitted.version
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_an_unfitted_linker_cannot_be_saved(new_linker, tmp_path):
    with pytest.raises(LabelError, match="not fitted"):
        new_linker().save(tmp_path / "x")


def test_odd_field_names_are_fit_for_files(problem, tmp_path):
    """Slashes, dots and hundreds of characters in a name do not leave the folder."""
    odd = "../na-me/ü " + "x" * 300
    tables = [
        {"id": side["id"], odd: side["name"], "size": list(range(120))}
        for side in (problem.left, problem.right)
    ]
    linker = Linker(
        {odd: "name", "size": "number"}, context=None,
        comparisons=(JaroWinkler(odd), TextFrequency(odd), NumberDifference("size")),
    )  # fmt: skip
    linker.fit(*tables, labels=problem.labels).save(tmp_path / "model")
    again = Linker.load(tmp_path / "model")
    before, after = (each.score(*tables, pairs=problem.pairs) for each in (linker, again))
    assert after.equals(before)
