"""Step 1: from the user's tables to records and prepared columns."""

from sameas.records.collect import collect
from sameas.records.fields import FIELD_KINDS, Field, as_fields
from sameas.records.numbered import Records
from sameas.records.prepare import prepare
from sameas.records.read import read_table
from sameas.records.write import write_table

__all__ = [
    "FIELD_KINDS",
    "Field",
    "Records",
    "as_fields",
    "collect",
    "prepare",
    "read_table",
    "write_table",
]
