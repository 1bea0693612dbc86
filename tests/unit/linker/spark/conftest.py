"""An engine without Spark: the same exchanges over lists, so that tests take milliseconds."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pyarrow as pa
import pytest

from sameas.engines.pieces import each_part, each_piece, from_rows, to_rows


class Frame:
    """What of Spark's frames is used; blobs are written and read as on Spark."""

    def __init__(self, batches, columns=("part", "kind", "origin", "rows", "blob")):
        self.batches, self.columns = [batch for batch in batches if batch.num_rows], list(columns)

    def where(self, condition):
        sign, kind = re.fullmatch(r"kind (=|!=) '([\w-]+)'", condition).groups()
        chosen = (batch["kind"].to_pylist() for batch in self.batches)
        return Frame(
            batch.filter(pa.array([(one == kind) == (sign == "=") for one in kinds]))
            for batch, kinds in zip(self.batches, chosen, strict=True)
        )

    def select(self, *names):
        names = [name.strip("`") for name in names]
        return Frame([batch.select(names) for batch in self.batches], names)

    def collect(self):
        return [tuple(row.values()) for batch in self.batches for row in batch.to_pylist()]

    def unionAll(self, other):
        return Frame([*self.batches, *other.batches])

    def toArrow(self):
        return pa.Table.from_batches(self.batches)


class LocalEngine:
    """Parts in dicts; `given` keeps what went through each exchange."""

    def __init__(self, parts=3, records_per_part=600, folder=""):
        self.parts, self.records_per_part, self.folder = parts, records_per_part, str(folder)
        self.given = []

    def parts_for(self, records):
        return max(self.parts, -(-records // self.records_per_part))

    def each_piece(self, frame, task):
        return Frame(each_piece(frame.batches, task))

    def each_part(self, frame, task, parts):
        rows = [batch.slice(row, 1) for batch in frame.batches for row in range(batch.num_rows)]
        rows.sort(key=lambda row: row["part"][0].as_py())
        self.given.append(rows)
        return Frame(each_part(rows, task))

    def read_frame(self, frame, read):
        return Frame(from_rows(frame.batches, read))

    def write_frame(self, frame, write, schema):
        return SimpleNamespace(toArrow=lambda: _as_table(to_rows(frame.batches, write), schema))

    def keep(self, frame, name):
        return frame


def _as_table(batches, schema):
    return pa.Table.from_batches(list(batches), schema=schema)


@pytest.fixture
def local():
    return LocalEngine


@pytest.fixture
def frame():
    """Make a frame of pieces or of a table."""

    def make(given):
        if isinstance(given, pa.Table):
            return Frame(given.to_batches(max_chunksize=500), given.column_names)
        return Frame(from_rows(["rows"], lambda _: given))

    return make
