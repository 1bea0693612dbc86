"""Step 1: from the user's tables to records and prepared columns."""

from sameas.kernels.shapes import compare_shapes
from sameas.records.collect import collect
from sameas.records.fields import FIELD_KINDS, Field, as_fields
from sameas.records.geodesy import Shift, to_wgs84
from sameas.records.mineral_tables import read_mrds, read_usmin
from sameas.records.numbered import Records
from sameas.records.prepare import prepare
from sameas.records.read import read_table
from sameas.records.shifted import in_wgs84
from sameas.records.write import write_table

__all__ = [
    "FIELD_KINDS",
    "Field",
    "Records",
    "Shift",
    "as_fields",
    "collect",
    "compare_shapes",
    "in_wgs84",
    "prepare",
    "read_mrds",
    "read_table",
    "read_usmin",
    "to_wgs84",
    "write_table",
]
