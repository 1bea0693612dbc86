"""Files are whole or not there."""

import errno
import os
import subprocess
import sys
import textwrap

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sameas.core.errors import ArgumentError, RunError
from sameas.records import write
from sameas.records.read import read_table
from sameas.records.write import write_pieces, write_table

TABLE = pa.table({"id": ["01", "2"], "name": ["é", None], "n": [1.5, None]})


@pytest.mark.parametrize("suffix", ["parquet", "arrow", "feather", "jsonl", "ndjson"])
def test_round_trip(tmp_path, suffix):
    path = tmp_path / "new" / f"a.{suffix}"
    write_table(TABLE, path)
    assert read_table(path).table.to_pydict() == TABLE.to_pydict()
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_round_trip_of_text(tmp_path, suffix):
    table = TABLE.append_column("tags", [[["a", "b"], None]])
    table = table.append_column("kind", TABLE["id"].dictionary_encode())
    write_table(table, tmp_path / f"a.{suffix}")
    assert read_table(tmp_path / f"a.{suffix}").table.to_pydict() == {
        "id": ["01", "2"],
        "name": ["é", None],
        "n": ["1.5", None],
        "tags": ["a;b", None],
        "kind": ["01", "2"],
    }


def test_parquet_is_compressed_with_zstd(tmp_path):
    import pyarrow.parquet as pq

    write_table(TABLE, tmp_path / "a.parquet")
    found = pq.ParquetFile(tmp_path / "a.parquet").metadata.row_group(0).column(0).compression
    assert found == "ZSTD"


def test_ids_are_written_as_what_differs_from_the_one_before(tmp_path):
    table = pa.table({"source": ["a", "a"], "id": ["x1", "x2"], "number": [1, 2]})
    write_table(table, tmp_path / "ids.parquet", prefixed=("id", "number", "entity"))
    assert pq.read_table(tmp_path / "ids.parquet").equals(table)
    group = pq.read_metadata(tmp_path / "ids.parquet").row_group(0)
    encodings = [group.column(place).encodings for place in range(3)]
    assert ["DELTA_BYTE_ARRAY" in found for found in encodings] == [False, True, False]
    write_table(table, tmp_path / "ids.csv", prefixed=("id",))
    assert (tmp_path / "ids.csv").exists()


def test_only_the_first_of_the_ids_has_least_and_greatest_values(tmp_path):
    table = pa.table({"id": ["a", "b"], "entity": ["b", "a"], "score": [0.5, 1.0]})
    write_table(table, tmp_path / "ids.parquet", prefixed=("id", "entity"))
    group = pq.read_metadata(tmp_path / "ids.parquet").row_group(0)
    assert [group.column(place).is_stats_set for place in range(3)] == [True, False, True]


def test_pieces_become_one_file(tmp_path):
    path = tmp_path / "new" / "a.parquet"
    with write_pieces(path, TABLE.schema) as write_piece:
        for row in range(2):
            write_piece(TABLE.slice(row, 1))
        assert not path.exists()
    assert read_table(path).table.to_pydict() == TABLE.to_pydict()
    assert os.listdir(path.parent) == ["a.parquet"]


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_a_fault_between_pieces_leaves_the_older_file(tmp_path, fault):
    path = tmp_path / "a.parquet"
    write_table(TABLE, path)
    expected = RunError if isinstance(fault, OSError) else KeyboardInterrupt

    def stopped():
        with write_pieces(path, TABLE.schema) as write_piece:
            write_piece(TABLE.slice(0, 1))
            raise fault

    with pytest.raises(expected):
        stopped()
    assert os.listdir(tmp_path) == ["a.parquet"]
    assert read_table(path).table.num_rows == 2


def test_unknown_suffix(tmp_path):
    with pytest.raises(ArgumentError, match=r"Did you mean '.parquet'"):
        write_table(TABLE, tmp_path / "a.parqet")


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_a_fault_leaves_the_older_file_and_no_other(tmp_path, monkeypatch, fault):
    path = tmp_path / "a.parquet"
    write_table(TABLE, path)

    def fail(table, file, suffix, compression):
        file.write(b"half")
        raise fault

    monkeypatch.setattr(write, "_write", fail)
    expected = RunError if isinstance(fault, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as caught:
        write_table(TABLE.slice(0, 1), path)
    if expected is RunError:
        assert "disk is full" in str(caught.value)
        assert "MB free" in str(caught.value)
        assert "Nothing was lost" in str(caught.value)
    assert os.listdir(tmp_path) == ["a.parquet"]
    assert read_table(path).table.num_rows == 2


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file size are POSIX")
@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl", "arrow"])
def test_a_file_system_that_takes_no_more(tmp_path, suffix):
    program = f"""
        import resource, os
        import pyarrow as pa
        from sameas.core.errors import RunError
        from sameas.records.write import write_table
        import pyarrow.parquet, pyarrow.csv
        table = pa.table({{"a": [os.urandom(50).hex() for _ in range(20_000)]}})
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            write_table(table, {str(tmp_path / ("a." + suffix))!r})
        except RunError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-B", "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "The disk is full" in done.stdout
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunError, match="cannot be written"):
        write_table(TABLE, tmp_path / "file" / "a.csv")
