"""Parquet files that workers read: every row once, chosen columns, partitioned folders refused."""

import pyarrow as pa
import pyarrow.parquet as pq

from sameas.engines.parquet import find_parquet, read_groups


def test_all_row_groups_of_all_files_are_read_once(tmp_path):
    for number in range(3):
        part = pa.table({"a b": list(range(number * 10, number * 10 + 10)), "c": ["x"] * 10})
        pq.write_table(part, tmp_path / f"{number}.parquet", row_group_size=4)
    found = find_parquet(str(tmp_path))
    assert found.columns == ("a b", "c")
    assert len(found.groups) == 9
    chosen = found.select("`a b`").chosen
    assert chosen == ("a b",)
    groups = pa.record_batch({"path": [group[0] for group in found.groups],
                              "group": [group[1] for group in found.groups]})  # fmt: skip
    table = pa.Table.from_batches(read_groups([groups], chosen))
    assert table.column_names == ["a b"]
    assert sorted(table["a b"].to_pylist()) == list(range(30))


def test_what_spark_has_to_read_is_left_to_it(tmp_path):
    pq.write_table(pa.table({"a": []}), tmp_path / "empty.parquet")
    (tmp_path / "folder" / "day=1").mkdir(parents=True)
    pq.write_table(pa.table({"a": [1]}), tmp_path / "folder" / "day=1" / "x.parquet")
    assert find_parquet(str(tmp_path / "folder")) is None
    assert find_parquet("s3a://bucket/table") is None
    assert find_parquet(str(tmp_path / "absent")) is None
