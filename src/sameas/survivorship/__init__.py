"""Step 6: clusters become entities, one golden record each."""

from sameas.survivorship.clusters import clusters_table, record_names
from sameas.survivorship.golden import (
    Survivorship,
    golden_batches,
    golden_records,
    name_columns,
)
from sameas.survivorship.rules import First, Longest, Median, Medoid, MostFrequent, Rule
from sameas.survivorship.union import Union

__all__ = [
    "First",
    "Longest",
    "Median",
    "Medoid",
    "MostFrequent",
    "Rule",
    "Survivorship",
    "Union",
    "clusters_table",
    "golden_batches",
    "golden_records",
    "name_columns",
    "record_names",
]
