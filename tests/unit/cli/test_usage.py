"""Wrong usage and wrong data: the message, the nearest choice, the exit code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sameas as package
from sameas.cli import _errors

PLACES = "id,name,latitude,longitude,phone\n1,Blue Door,50.1,8.6,\n2,The Blue Door,50.1,8.6,\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "places.csv"
    file.write_text(PLACES)
    return file


def test_version(sameas) -> None:
    assert sameas("--version").out == f"sameas, version {package.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["dedup"], 2, "no command 'dedup'. Did you mean 'dedupe'?"),
        (["dedupe", "{}", "--recpe", "places"], 2, "--recipe"),
        (
            ["dedupe", "{}", "--out", "run", "--recipe", "places", "--field", "name=name"],
            2,
            "Give one linker only: --recipe places",
        ),
        (["dedupe", "{}", "--recipe", "place"], 1, "no recipe 'place'. Did you mean 'places'?"),
        (["dedupe", "{}", "--recipe", "places:papr"], 1, "Did you mean 'paper'?"),
        (["dedupe", "{}", "--recipe", "places", "--preset", "papr"], 1, "Did you mean 'paper'?"),
        (["dedupe", "{}", "--preset", "paper", "--field", "a=name"], 2, "belongs to --recipe"),
        (["dedupe", "{}", "--recipe", "places:paper", "--preset", "paper"], 2, "preset once"),
        (["dedupe", "{}", "--recipe", "places", "--field", "a=name"], 2, "one linker only"),
        (["dedupe", "{}", "--field", "name=nam"], 1, "Did you mean 'name'?"),
        (["dedupe", "{}", "--field", "name"], 2, "expected NAME=KIND, got 'name'"),
        (["dedupe", "{}", "--recipe", "places", "--goal", "precision=2"], 2, "share from 0 to 1"),
        (["dedupe", "{}", "--recipe", "places", "--goal", "best"], 2, "'best' is no goal"),
        (["dedupe", "{}", "--recipe", "places", "--threshold", "7"], 2, "0<=x<=1"),
        (["dedupe", "{}", "--recipe", "places", "--threshold", "nan"], 2, "'nan' is not a number"),
        (["dedupe", "{}", "--recipe", "places", "--map", "name=titel"], 1, "no column 'titel'"),
        (["dedupe", "{}", "--recipe", "places", "--map", "nmae=name"], 1, "Did you mean 'name'?"),
        (["dedupe", "{}", "--recipe", "places", "--map", "plces.name=name"], 1, "'places'?"),
        (["dedupe", "{}", "--recipe", "places", "--id", "key"], 1, "with --id COLUMN"),
        (["dedupe", "{}", "--field", "title=text"], 1, "mapped to it (--map title=COLUMN)"),
        (["dedupe", "{}", "--recipe", "places", "--seed", "x"], 2, "'x' is not a valid whole"),
        (["dedupe", "{}", "--recipe", "places", "--source", "a", "--source", "b"], 2, "2 times"),
        (["dedupe", "{}", "--recipe", "places"], 1, "the silver field 'phone' is empty"),
        (["dedupe", "{}", "--recipe", "places"], 1, "(--silver none)"),
        (["dedupe", "{}", "--recipe", "places:paper", "--silver", "none"], 1, "Give --labels FILE"),
        (
            ["dedupe", "{}", "--recipe", "places:paper", "--silver", "none"],
            1,
            "fit with --matcher fellegi-sunter",
        ),
        (["dedupe", "{}", "--recipe", "places", "--labels", "no.csv"], 1, "no.csv does not exist"),
        (["dedupe", "{}", "--linker", "model", "--seed", "1"], 2, "--seed: a saved linker"),
        (["dedupe", "{}", "--linker", "model", "--save", "x"], 2, "is fitted already"),
        (["dedupe", "{}", "--linker", "model"], 1, "holds no saved linker"),
        (["link", "{}", "--recipe", "places"], 2, "at least two tables"),
        (["dedupe", "{}", "{}", "--recipe", "places"], 2, "several are for `sameas link`"),
        (["link", "{}", "{}", "--recipe", "places", "--mode", "one-to-on"], 2, "'one-to-one'?"),
        (["dedupe", "{}", "--recipe", "places", "--quiet", "--verbose"], 2, "exclude each other"),
    ],
)
def test_dedupe_and_link_refuse(
    sameas, table: Path, tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    arguments = [argument.format(table) for argument in arguments]
    out = [] if "--out" in arguments or len(arguments) == 1 else ["--out", tmp_path / "run"]
    ended = sameas(*arguments, *out)
    assert ended.code == code
    assert message in " ".join(ended.err.split())
    assert "Traceback" not in ended.err
    assert not (tmp_path / "run" / "links.parquet").exists()


def test_a_missing_file_names_the_nearest(sameas, table: Path, tmp_path: Path) -> None:
    missing = tmp_path / "place.csv"
    ended = sameas("dedupe", missing, "--recipe", "places", "--out", tmp_path / "run")
    assert ended.code == 1
    assert "Did you mean 'places.csv'?" in " ".join(ended.err.split())


def test_a_new_store_needs_a_linker_and_is_not_made_without(
    sameas, table: Path, tmp_path: Path
) -> None:
    ended = sameas("load", table, "--store", tmp_path / "new.db")
    assert ended.code == 1
    assert "give --linker FOLDER" in " ".join(ended.err.split())
    assert not (tmp_path / "new.db").exists()


def test_fit_refuses_a_folder_of_something_else(sameas, table: Path, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "thesis.txt").write_text("dear")
    ended = sameas("fit", table, "--recipe", "places", "--save", tmp_path / "model")
    assert (ended.code, "not empty" in ended.err) == (2, True)


def test_fit_takes_labels_or_a_silver_field(sameas, table: Path, tmp_path: Path) -> None:
    ended = sameas("fit", table, "--recipe", "places", "--labels", table, "--silver", "phone",
                   "--save", tmp_path / "model")  # fmt: skip
    assert (ended.code, "not both" in ended.err) == (2, True)


def test_score_refuses_an_unknown_suffix_first(sameas, table: Path) -> None:
    ended = sameas("score", table, "--pairs", table, "--linker", "model", "--out", "scores.parket")
    assert (ended.code, "Did you mean '.parquet'?" in ended.err) == (2, True)


def test_verbose_shows_the_traceback(sameas, table: Path, tmp_path: Path) -> None:
    ended = sameas("dedupe", table, "--recipe", "place", "--out", tmp_path / "run", "--verbose")
    assert ended.code == 1
    assert "Traceback" in ended.err


@pytest.mark.parametrize("what", ["persons", "places"])
def test_generate_writes_what_is_asked(sameas, what: str, tmp_path: Path) -> None:
    for suffix in (".parquet", ".csv"):
        ended = sameas("generate", what, "--records", "1_000", "--out", tmp_path / f"p{suffix}")
        assert ended.code == 0
        assert ended.out.startswith(f"1,000 {what}, seed 1: ")
    ended = sameas("generate", what, "--records", 500, "--out", tmp_path / "p.csv", "--check")
    assert ended.code == 1
    assert "FAILED" in ended.out
    assert sorted(file.name for file in tmp_path.iterdir()) == ["p.csv", "p.parquet"]
    assert sameas("generate", "palces", "--records", 10, "--out", "x.csv").code == 2


def test_explain_names_the_run_that_is_not_there(sameas, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    ended = sameas("explain", tmp_path / "rnu", "--pair", "1", "2")
    assert ended.code == 1
    assert "does not exist. Did you mean 'run'?" in " ".join(ended.err.split())


def test_a_full_disk_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with _errors.exit_code() as ended:
        raise OSError(28, "No space left on device")
    assert ended.code == 1
    assert "The disk is full" in capsys.readouterr().err


def test_ctrl_c_says_whether_stages_are_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for kept, words in ((False, "No stage was finished yet"), (True, "Finished stages are kept")):
        if kept:
            (tmp_path / "stages").mkdir()
            (tmp_path / "stages" / "scores-1.parquet").touch()
        with _errors.exit_code() as ended, _errors.resumable(tmp_path):
            raise KeyboardInterrupt
        assert ended.code == 130
        assert words in capsys.readouterr().err


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in _errors.WORDING])
def test_wording_replaces_what_the_library_still_says(pattern: str) -> None:
    """A message whose words change must not lose its translation silently."""
    root = Path(package.__file__).parent
    sources = [file for file in root.rglob("*.py") if "cli" not in file.relative_to(root).parts]
    words = " ".join(
        re.sub(r'"\s*\n\s*f?"', "", file.read_text("utf-8")).replace("{{", "{").replace("}}", "}")
        for file in sources
    ).replace("{silver!r}", "'phone'").replace("{name!r}", "'name'")  # fmt: skip
    assert re.search(pattern, words), f"no message of the library matches {pattern!r}"
