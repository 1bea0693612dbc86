"""Two tables, no labels: what the command line says and keeps."""

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

THINGS = ["lamp", "chair", "drill", "radio", "kettle", "mixer", "camera", "phone", "saw", "fan"]


def write(folder):
    codes = [f"{THINGS[n % 10]} {THINGS[n % 7]} {n * 37 % 1009}x" for n in range(150)]
    left = {"id": [f"l{n}" for n in range(150)], "title": [f"acme {code}" for code in codes]}
    right = {"id": [f"r{n}" for n in range(150)], "title": [f"{code} by acme" for code in codes]}
    for name, table in (("a", left), ("b", right)):
        pc.write_csv(pa.table(table), folder / f"{name}.csv")
    return folder / "a.csv", folder / "b.csv"


def test_it_says_how_exclusive_partners_are_and_a_saved_linker_agrees(sameas, tmp_path):
    tables, model = write(tmp_path), tmp_path / "model"
    field = ("--field", "title=text")
    first = sameas("link", *tables, *field, "--out", tmp_path / "run", "--save", model)
    assert first.code == 0
    said = first.out + first.err
    assert "run.json, report.html, linker/ in " in said
    bare = sameas("link", *tables, *field, "--out", tmp_path / "bare", "--no-report")
    assert "run.json, linker/ in " in bare.out
    assert "labels: none: self-training, which began with 1" in said
    assert "each record of a has at most one partner: " in said
    assert "no labels were used" in said
    assert sameas("link", *tables, "--linker", model, "--out", tmp_path / "again").code == 0
    links = [pq.read_table(tmp_path / name / "links.parquet") for name in ("run", "again")]
    assert links[0].drop_columns("score").equals(links[1].drop_columns("score"))
    assert np.allclose(*(table["score"].to_numpy() for table in links), rtol=0, atol=1e-9)
    right = [row["left_id"][1:] == row["right_id"][1:] for row in links[0].to_pylist()]
    assert sum(right) > 140
    assert sum(right) / len(right) > 0.95


def test_one_table_goes_online_with_the_matcher_that_needs_no_other_candidates(sameas, tmp_path):
    places = tmp_path / "places.parquet"
    assert sameas("generate", "places", "--records", "1500", "--out", places).code == 0
    fields = [word for name, kind in (("name", "name"), ("latitude", "latitude"),
                                      ("longitude", "longitude"), ("address", "address"))
              for word in ("--field", f"{name}={kind}")]  # fmt: skip
    store = tmp_path / "places.db"
    model = tmp_path / "levels"
    fitted = sameas("fit", places, *fields, "--matcher", "fellegi-sunter", "--save", model)
    assert fitted.code == 0
    assert "Fellegi-Sunter" in fitted.out
    assert sameas("load", places, "--linker", model, "--store", store).code == 0


def test_places_go_online_and_in_pieces_where_each_pair_is_scored_by_itself(sameas, tmp_path):
    whole = tmp_path / "places.parquet"
    assert sameas("generate", "places", "--records", "1600", "--out", whole).code == 0
    table = pq.read_table(whole).select(["id", "name", "latitude", "longitude", "address"])
    for name, part in (("a", table.slice(0, 800)), ("b", table.slice(800)), ("c", table)):
        pq.write_table(part, tmp_path / f"{name}.parquet")
    for number, tables in enumerate([("a", "b"), ("c",)]):
        paths = [tmp_path / f"{name}.parquet" for name in tables]
        model, verb = tmp_path / f"model{number}", "link" if len(tables) > 1 else "dedupe"
        fitted = sameas("fit", *paths, "--no-rivals", "--save", model)
        assert fitted.code == 0
        assert "each pair is scored by itself" in fitted.out + fitted.err
        one, some = tmp_path / f"one{number}", tmp_path / f"some{number}"
        assert sameas(verb, *paths, "--linker", model, "--out", one).code == 0
        pieces = ("--memory", "1GB", "--threads", "1", "--out", some)
        assert sameas(verb, *paths, "--linker", model, *pieces).code == 0
        links, same = (pq.read_table(run / "links.parquet") for run in (one, some))
        assert links.num_rows > 50
        assert same.equals(links)
        store = tmp_path / f"{number}.db"
        assert sameas("load", *paths, "--linker", model, "--store", store).code == 0
        clusters = pq.read_table(one / "clusters.parquet")
        entities = len(set(clusters["entity"].to_pylist()))
        checked = sameas("check-store", "--store", store)
        assert checked.code == 0
        assert f"entities: {entities:,}\n" in checked.out


def test_no_rivals_is_for_learning_without_labels(sameas, tmp_path):
    tables = write(tmp_path)
    labels = tmp_path / "labels.csv"
    labels.write_text("left_id,right_id,label\nl1,r1,1\n", encoding="utf-8")
    model = tmp_path / "model"
    said = sameas("fit", *tables, "--labels", labels, "--no-rivals", "--save", model)
    assert said.code == 2
    assert "--no-rivals is for learning without labels" in said.err


def test_tables_of_words_go_online_by_keys(sameas, tmp_path):
    tables, model, store = write(tmp_path), tmp_path / "model", tmp_path / "words.db"
    planned = sameas("plan", *tables, "--by-keys")
    assert planned.code == 0
    assert "text_neighbours" not in planned.out
    assert "shared_word" in planned.out
    assert sameas("fit", *tables, "--by-keys", "--no-rivals", "--save", model).code == 0
    assert sameas("load", *tables, "--linker", model, "--store", store).code == 0
    out = tmp_path / "run"
    assert sameas("link", *tables, "--linker", model, "--out", out).code == 0
    entities = len(set(pq.read_table(out / "clusters.parquet")["entity"].to_pylist()))
    assert f"entities: {entities:,}\n" in sameas("check-store", "--store", store).out
    assert sameas("fit", *tables, "--no-rivals", "--save", tmp_path / "other").code == 0
    refused = sameas("load", *tables, "--linker", tmp_path / "other", "--store", tmp_path / "o.db")
    assert refused.code == 1
    assert "--by-keys" in " ".join(refused.err.split())
    named = ("--field", "title=text")
    wrong = sameas("fit", *tables, *named, "--by-keys", "--save", tmp_path / "third")
    assert wrong.code == 2
    assert "--by-keys is for a plan" in wrong.err
