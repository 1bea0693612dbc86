"""``--memory``: a run in pieces from the command line."""

from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from sameas import Linker
from sameas.datasets.places import generate_places, write_places
from sameas.recipes import places


def test_needs_a_fitted_linker(sameas, tmp_path):
    write_places(tmp_path / "places.parquet", 100)
    ended = sameas("dedupe", tmp_path / "places.parquet", "--recipe", "places", "--memory", "4GB",
                   "--out", tmp_path / "run")  # fmt: skip
    assert ended.code == 2
    assert "--memory needs a linker that is fitted" in ended.err


def test_gives_what_one_piece_gives(sameas, tmp_path):
    path, model = tmp_path / "places.parquet", tmp_path / "model"
    write_places(path, 3_000, seed=3)
    spec = places().spec
    spec = replace(spec, matcher=replace(spec.matcher, iterations=20, members=1))
    Linker(spec).fit(generate_places(5_000, seed=2)).save(model)
    for name, more in (("one", ()), ("pieces", ("--memory", "4GB"))):
        ended = sameas("dedupe", path, "--linker", model, "--out", tmp_path / name, *more)
        assert ended.code == 0, ended.err
    assert (tmp_path / "one" / "report.html").exists()
    assert not (tmp_path / "pieces" / "report.html").exists()
    for name in ("links", "clusters", "entities", "quarantine"):
        found = [pq.read_table(tmp_path / run / f"{name}.parquet") for run in ("one", "pieces")]
        assert found[0].equals(found[1]), name


@pytest.mark.parametrize("how", [("--memory", "4GB"), ("--engine", "spark")])
def test_what_works_in_stages_needs_them(sameas, tmp_path, how):
    path = tmp_path / "places.parquet"
    write_places(path, 10)
    run = ("--linker", tmp_path, "--out", tmp_path / "run", "--no-stages")
    ended = sameas("dedupe", path, *run, *how)
    assert ended.code == 2
    assert "leave out --no-stages" in ended.err or "leave it out" in ended.err
