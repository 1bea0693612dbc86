"""Every format is read, and what is wrong with a file is said."""

import gzip
import json
import sqlite3
import zipfile

import duckdb
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from sameas.core.errors import ArgumentError, ColumnError, DataError
from sameas.records import collect
from sameas.records.read import read_table

TABLE = pa.table({"id": ["01", "2"], "name": ["é", None]})


def write_xlsx(path, rows, name="First"):
    """Write a workbook with one sheet: text cells inline, numbers as they are."""

    def cell(value):
        if value is None:
            return "<c/>"
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    lines = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types">'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/s.xml" ContentType="{kind}.worksheet+xml"/>'
            "</Types>",
        )
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="a" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="a" '
            f'Type="{office}/worksheet" Target="worksheets/s.xml"/></Relationships>',
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            f'<sheet name="{name}" sheetId="1" r:id="a"/></sheets></workbook>',
        )
        book.writestr(
            "xl/worksheets/s.xml",
            f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData></worksheet>',
        )


def csv(tmp_path, data, name="a.csv"):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def reasons(source):
    return [(row["row"], row["reason"], row["value"]) for row in source.quarantine.to_pylist()]


def test_parquet_and_arrow(tmp_path):
    pq.write_table(TABLE, tmp_path / "a.parquet")
    feather.write_feather(TABLE, tmp_path / "a.feather")
    with pa.ipc.new_stream(tmp_path / "a.arrow", TABLE.schema) as writer:
        writer.write_table(TABLE)
    for name in ("a.parquet", "a.feather", "a.arrow"):
        source = read_table(tmp_path / name)
        assert source.table.to_pydict() == TABLE.to_pydict()
        assert source.row.tolist() == [0, 1]
        assert source.quarantine.num_rows == 0
        assert read_table(str(tmp_path / name), columns=["name"]).table.column_names == ["name"]
        with pytest.raises(ColumnError, match="Did you mean 'name'"):
            read_table(tmp_path / name, columns=["nam"])


def test_a_folder_of_parquet(tmp_path):
    folder = tmp_path / "places.v1"
    folder.mkdir()
    with pytest.raises(DataError, match=r"without any .parquet"):
        read_table(folder)
    pq.write_table(TABLE, folder / "1.parquet")
    pq.write_table(TABLE, folder / "2.parquet")
    assert read_table(folder).table.num_rows == 4


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_csv(tmp_path, separator, newline, start):
    lines = [["id", "name", "zip"], ["01", '"é; , | ""x"""', "00123"], ["NA", "", "5"]]
    text = start + "".join(separator.join(line) + newline for line in lines)
    table = read_table(csv(tmp_path, text)).table
    assert table.to_pydict() == {
        "id": ["01", "NA"],
        "name": ['é; , | "x"', None],
        "zip": ["00123", "5"],
    }


def test_tsv_and_gzip_and_encodings(tmp_path):
    assert read_table(csv(tmp_path, "a,b\tc\n1\t2\n", "a.tsv")).table.to_pydict() == {
        "a,b": ["1"],
        "c": ["2"],
    }
    packed = csv(tmp_path, gzip.compress(b"id,name\n1,a\n"), "a.csv.gz")
    assert read_table(packed).table.to_pydict() == {"id": ["1"], "name": ["a"]}
    latin = csv(tmp_path, "id,name\n1,caf\xe9\n".encode("latin-1"))
    assert read_table(latin, encoding="latin-1").table["name"].to_pylist() == ["café"]
    wide = csv(tmp_path, "id,name\n1,caf\xe9\n".encode("utf-16"))
    assert read_table(wide, encoding="utf-16").table["name"].to_pylist() == ["café"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_csv_says_its_encoding_itself(tmp_path, encoding, name, caplog):
    rows = "".join(f"{row};x\n" for row in range(10_000))
    data = f"id;Straße\n{rows}a;Österreich – „Café“\n".encode(encoding)
    path = csv(tmp_path, gzip.compress(data, 1) if name.endswith("gz") else data, name)
    table = read_table(path).table
    assert table.column_names == ["id", "Straße"]
    assert table["Straße"][-1].as_py() == "Österreich – „Café“"
    assert ("read as windows-1252" in caplog.text) == (encoding == "cp1252")


def test_letters_late_in_a_file_say_its_encoding(tmp_path):
    rows = b"".join(b"%d;x\n" % row for row in range(3_000_000))
    path = csv(tmp_path, b"id;name\n" + rows + "a;Café\n".encode("cp1252"))
    assert read_table(path).table["name"][-1].as_py() == "Café"


def test_a_path_may_name_an_encoding(tmp_path):
    data = "id,name\n1,Łódź\n".encode("cp1250")
    path = csv(tmp_path, data)
    assert read_table(f"{path}::cp1250").table["name"].to_pylist() == ["Łódź"]
    with pytest.raises(ArgumentError, match=r"unknown encoding 'cp1349'.*windows-1250"):
        read_table(f"{path}::cp1349")
    pq.write_table(TABLE, tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"cp1250: what stands behind :: has no meaning"):
        read_table(f"{tmp_path / 'a.parquet'}::cp1250")


def test_one_broken_value_does_not_make_another_encoding(tmp_path):
    # One sound letter of UTF-8 is enough, and so is a byte that no text has.
    for texts in ("é".encode() + b"\n2,caf\xe9", b"e\n2,caf\xff"):
        path = csv(tmp_path, b"id,name\n1," + texts + b"\n")
        records = collect({"a": path}, {"name": "text"})
        assert records.quarantine["reason"].to_pylist() == ["not valid UTF-8"]
        assert records.quarantine["row"].to_pylist() == [1]


def test_words_that_programs_write_for_a_missing_value_are_none(tmp_path):
    lines = [f"{n},{'NA' if n % 2 else 'Ann'},{'NA' if n == 7 else 'DE'}" for n in range(100)]
    table = read_table(csv(tmp_path, "id,middle,country\n" + "\n".join(lines) + "\n")).table
    assert table["middle"].to_pylist()[:2] == ["Ann", None]
    assert table["country"].to_pylist()[7] == "NA"  # once in a hundred rows: Namibia
    broken = read_table(csv(tmp_path, "id,middle\n1,NULL\n2,b,c\n3,NULL\n4,NULL\n")).table
    assert broken["middle"].null_count == len(broken) == 3


def test_csv_values_may_hold_line_breaks_and_be_long(tmp_path):
    long = "x" * 20_000_000
    table = read_table(csv(tmp_path, f'id,name\n1,"a\nb"\n2,{long}\n')).table
    assert table["name"].to_pylist() == ["a\nb", long]
    one = read_table(csv(tmp_path, 'id,name\n1,"a\nb"\n')).table
    assert one["name"].to_pylist() == ["a\nb"]


def test_ragged_rows_are_set_aside(tmp_path):
    source = read_table(csv(tmp_path, "id,name\n1,a\n2,b,c\n3\n4,d\n"))
    assert source.table.to_pydict() == {"id": ["1", "4"], "name": ["a", "d"]}
    assert source.row.tolist() == [0, 3]
    assert reasons(source) == [
        (1, "line 3 has 3 values, the header 2", "2,b,c"),
        (2, "line 4 has 1 values, the header 2", "3"),
    ]
    assert source.quarantine["source"].to_pylist() == ["a.csv"] * 2


def test_ragged_rows_far_into_a_file(tmp_path):
    lines = [f"{k},name of {k}" for k in range(60_000)]
    lines[50_000] += ",x"
    source = read_table(csv(tmp_path, "id,name\n" + "\n".join(lines)))
    assert reasons(source)[0][0] == 50_000
    assert source.table.num_rows == 59_999
    assert source.row[50_000] == 50_001


@pytest.mark.parametrize("text", ['id,name\n1,"a\n2,b\n3,c\n', 'id,name\n1,a\n"2,b\n3,c\n'])
def test_an_open_quotation_mark_is_no_value(tmp_path, text):
    with pytest.raises(DataError, match="never closed"):
        read_table(csv(tmp_path, text))


def test_csv_with_a_header_only(tmp_path):
    for text in ("id,name\n", "id,name"):
        table = read_table(csv(tmp_path, text)).table
        assert table.schema == pa.schema([("id", pa.string()), ("name", pa.string())])
        assert table.num_rows == 0
    assert read_table(csv(tmp_path, "id,name"), columns=["name"]).table.column_names == ["name"]


def test_csv_columns(tmp_path):
    path = csv(tmp_path, "id,name\n1,a\n")
    assert read_table(path, columns=["name"]).table.to_pydict() == {"name": ["a"]}
    with pytest.raises(ColumnError, match=r"a.csv has no column 'nmae'"):
        read_table(path, columns=["nmae"])
    with pytest.raises(DataError, match="several columns named 'id'"):
        read_table(csv(tmp_path, "id,id\n1,2\n"))
    with pytest.raises(DataError, match="header line is not valid"):
        read_table(csv(tmp_path, b"id,n\xff\n1,2\n"))


@pytest.mark.parametrize("content", [b"a" * 300_000, b"\x00" * 300_000, b"\xff" * 5_000])
def test_a_file_that_is_no_table_is_said_so_in_a_few_words(tmp_path, content):
    with pytest.raises(DataError, match=r"is no table|not valid") as caught:
        read_table(csv(tmp_path, content))
    assert len(str(caught.value).replace(str(tmp_path), "")) < 500


def test_json_lines(tmp_path):
    text = '{"id": "2020-01-01", "tags": ["2020-01-01"]}\n\n{"id": "007", "n": 1}\n'
    for name in ("a.jsonl", "a.ndjson", "a.json"):
        assert read_table(csv(tmp_path, text, name)).table.to_pylist() == [
            {"id": "2020-01-01", "tags": ["2020-01-01"], "n": None},
            {"id": "007", "tags": None, "n": 1},
        ]
    dates = csv(tmp_path, '{"id": "2020-01-01", "tags": ["2020-01-01"]}\n', "a.jsonl")
    assert read_table(dates).table.to_pylist() == [{"id": "2020-01-01", "tags": ["2020-01-01"]}]
    packed = csv(tmp_path, gzip.compress(text.encode()), "a.jsonl.gz")
    assert read_table(packed, columns=["n"]).table.to_pydict() == {"n": [None, 1]}


def test_json_list(tmp_path):
    path = csv(tmp_path, '[{"id": 1}, 5, {"id": "x"}]', "a.json")
    source = read_table(path)
    assert source.table.to_pydict() == {"id": ["1", "x"]}
    assert source.row.tolist() == [0, 2]
    assert reasons(source) == [(1, "not a JSON object", "5")]
    with pytest.raises(DataError, match="list of objects"):
        read_table(csv(tmp_path, "[]", "a.json"))


def test_bad_json_lines_are_set_aside(tmp_path):
    text = b'{"id": 1}\n{"id": \n5\n{"id": "x\xff"}\n{"id": "y"}\n'
    source = read_table(csv(tmp_path, text, "a.jsonl"))
    assert source.table.to_pydict() == {"id": ["1", "y"]}
    assert source.row.tolist() == [0, 4]
    found = reasons(source)
    assert [row for row, _, _ in found] == [1, 2, 3]
    assert "line 2 is not JSON" in found[0][1]
    assert found[1][1:] == ("line 3 is no JSON object", "5")
    assert found[2][1:] == ("line 4 is not valid UTF-8", '{"id": "x\\xff"}')


def test_large_json_numbers_keep_their_digits(tmp_path):
    path = csv(tmp_path, '{"id": 12345678901234567890123}\n', "a.jsonl")
    assert read_table(path).table.to_pydict() == {"id": ["12345678901234567890123"]}
    small = csv(tmp_path, '{"id": 1.5}\n{"id": null}\n', "a.jsonl")
    assert read_table(small).table.to_pydict() == {"id": [1.5, None]}


def test_excel(tmp_path):
    path = tmp_path / "a.xlsx"
    write_xlsx(path, [["id", "name", "n", "mixed"], [1, "é", 1.5, 7], [2, None, 2, "x"]])
    expected = {"id": [1, 2], "name": ["é", None], "n": [1.5, 2.0], "mixed": ["7", "x"]}
    assert read_table(path).table.to_pydict() == expected
    assert read_table(f"{path}::First", columns=["id"]).table.to_pydict() == {"id": [1, 2]}
    with pytest.raises(DataError, match=r"no sheet 'Frist'. Did you mean 'First'"):
        read_table(f"{path}::Frist")
    write_xlsx(path, [["id", "id"], [1, 2]])
    with pytest.raises(DataError, match="several columns named 'id'"):
        read_table(path)
    write_xlsx(path, [])
    with pytest.raises(DataError, match="empty"):
        read_table(path)


def test_sqlite(tmp_path):
    path = tmp_path / "a.sqlite"
    connection = sqlite3.connect(path)
    connection.execute('CREATE TABLE "my table" (id, name TEXT, n REAL)')
    rows = [(1, "é", 1.5), ("01", None, 2.0), (3, "x", None)]
    connection.executemany('INSERT INTO "my table" VALUES (?, ?, ?)', rows)
    connection.execute("CREATE TABLE void (id INTEGER, name TEXT)")
    connection.commit()
    connection.close()
    expected = {"id": ["1", "01", "3"], "name": ["é", None, "x"], "n": [1.5, 2.0, None]}
    assert read_table(f"{path}::my table").table.to_pydict() == expected
    assert read_table(f"{path}::void").table.column_names == ["id", "name"]
    with pytest.raises(DataError, match=r"needs a table.*my table, void"):
        read_table(path)
    with pytest.raises(DataError, match=r"no table 'voit'. Did you mean 'void'"):
        read_table(f"{path}::voit")


def test_duckdb(tmp_path):
    path = tmp_path / "a.duckdb"
    connection = duckdb.connect(str(path))
    connection.execute("CREATE TABLE places AS SELECT 1 AS id, 'é' AS name")
    connection.close()
    assert read_table(f"{path}::places").table.to_pydict() == {"id": [1], "name": ["é"]}
    assert read_table(path).table.num_rows == 1
    with pytest.raises(DataError, match="Did you mean 'places'"):
        read_table(f"{path}::place")


def test_what_is_absent_or_unknown(tmp_path):
    csv(tmp_path, "id\n1\n", "places.csv")
    with pytest.raises(DataError, match=r"does not exist. Did you mean 'places.csv'"):
        read_table(tmp_path / "place.csv")
    with pytest.raises(DataError, match="does not exist"):
        read_table(tmp_path / "no" / "a.csv")
    for name in ("a.txt", "a", "a.cvs", "a.parquet.gz"):
        with pytest.raises(DataError, match=r"unknown suffix.*\.parquet, \.csv"):
            read_table(csv(tmp_path, "id\n1\n", name))


@pytest.mark.parametrize(
    "suffix", ["parquet", "csv", "tsv", "jsonl", "json", "xlsx", "arrow", "duckdb", "sqlite"]
)
def test_empty_and_wrong_files(tmp_path, suffix):
    with pytest.raises(DataError, match="is empty: expected"):
        read_table(csv(tmp_path, b"", f"a.{suffix}"))
    pq.write_table(TABLE, tmp_path / "real.parquet")
    if suffix != "parquet":
        data = (tmp_path / "real.parquet").read_bytes()
        with pytest.raises(DataError):
            read_table(csv(tmp_path, data, f"b.{suffix}"))
    if suffix not in ("csv", "tsv"):
        with pytest.raises(DataError):
            read_table(csv(tmp_path, b"id,name\n1,a\n", f"c.{suffix}"))


def test_a_wrong_suffix_is_named(tmp_path):
    pq.write_table(TABLE, tmp_path / "a.csv")
    with pytest.raises(DataError, match="looks like a Parquet file"):
        read_table(tmp_path / "a.csv")
    write_xlsx(tmp_path / "a.parquet", [["id"], [1]])
    with pytest.raises(DataError, match="looks like an Excel workbook"):
        read_table(tmp_path / "a.parquet")


def test_a_torn_file_is_named(tmp_path):
    packed = gzip.compress(json.dumps({"id": "x" * 1000}).encode() * 1000)[:-100]
    for name in ("a.csv.gz", "a.jsonl.gz"):
        with pytest.raises(DataError, match=name):
            read_table(csv(tmp_path, packed, name))
    pq.write_table(TABLE, tmp_path / "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()
    with pytest.raises(DataError, match=r"a.parquet cannot be read"):
        read_table(csv(tmp_path, whole[:-20], "a.parquet"))
