"""Text tables without a header line are known by their first line, and no record is lost."""

import logging

import numpy as np
import pytest

from sameas.datasets.persons import generate_persons
from sameas.records.headless import is_record
from sameas.records.read import read_table

PEOPLE = [
    "7,Ann,Lee,a.lee@example.org,1980-02-01,Bath",
    "8,Ann,Hall,hall@example.org,1979-11-30,York",
    "9,Bo,Hall,bo@example.net,1990-05-17,York",
    "10,Cy,May,,2001-01-09,Bath",
]


def csv(folder, *lines):
    path = folder / "people.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_the_first_record_is_kept_and_it_is_said(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        source = read_table(csv(tmp_path, *PEOPLE))
    assert source.table.column_names == [f"column_{n}" for n in range(1, 7)]
    assert source.table["column_2"].to_pylist() == ["Ann", "Ann", "Bo", "Cy"]
    assert source.table["column_4"].null_count == 1
    assert "'7,Ann,Lee,a.lee@example.org" in caplog.text
    assert "columns are named column_1 to column_6" in caplog.text
    some = read_table(csv(tmp_path, *PEOPLE), columns=["column_6"]).table
    assert some.to_pydict() == {"column_6": ["Bath", "York", "York", "Bath"]}


def test_a_header_stays_one(tmp_path, caplog):
    header = "id,given_name,surname,email,birth,city"
    source = read_table(csv(tmp_path, header, *PEOPLE))
    assert source.table.column_names == header.split(",")
    assert source.table.num_rows == 4
    twice = read_table(csv(tmp_path, header, *PEOPLE, header, *PEOPLE))
    assert twice.table.column_names == header.split(","), "two files, one behind the other"
    assert not caplog.text


def test_broken_rows_are_numbered_from_the_first_line(tmp_path):
    source = read_table(csv(tmp_path, *PEOPLE[:2], "11,too,few", *PEOPLE[2:]))
    assert source.row.tolist() == [0, 1, 3, 4]
    assert source.quarantine["row"].to_pylist() == [2]
    assert source.quarantine["reason"].to_pylist() == ["line 3 has 3 values, the first line 6"]


def test_two_equal_cells_are_no_two_columns_of_one_name(tmp_path):
    lines = ["York,Hall,York", "Bath,Lee,York", "York,Lee,Bath"]
    assert read_table(csv(tmp_path, *lines)).table.num_rows == 3


@pytest.mark.parametrize("seed", range(3))
def test_persons_of_any_first_row_are_known(seed):
    table = generate_persons(400, seed=seed)
    rows = [["" if cell is None else str(cell) for cell in row.values()]
            for row in table.to_pylist()]  # fmt: skip
    assert not is_record(table.column_names, rows)
    chosen = np.random.default_rng(seed).permutation(len(rows))[:40]
    known = [is_record(rows[row], rows[:row] + rows[row + 1 :]) for row in chosen]
    assert np.mean(known) > 0.9


@pytest.mark.parametrize(
    "header",
    [
        ["country", "1990", "2000", "2010"],  # years over counts that hold such numbers too
        ["0", "1", "2", "3"],  # a frame without names
        ["name", "line_1", "line_2", "zip5"],
    ],
)
def test_numbers_and_odd_words_may_be_names(header):
    rows = [[f"A{n}", str(1990 + n), str(n), str(2000 + n)] for n in range(30)]
    assert not is_record(header, rows)


def test_numbered_names_over_codes_stay_names():
    rows = [[f"rec{n}", f"b{n * 7}", "1"] for n in range(90)]
    assert not is_record(["id1", "id2", "label"], rows)
    rows = [[f"rec_{n}", f"b_{n * 7}", "1"] for n in range(90)]
    assert not is_record(["id_1", "id_2", "label"], rows)


def test_without_rows_the_first_line_is_the_header():
    assert not is_record(["Ann", "a@example.org"], [])
    assert not is_record(["Ann", "a@example.org"], [["Ann", "a@example.org"]])
