"""The tables between steps: every schema that is stored or handed out, in one file.

The public key of a record is ``(source, id)``. The dense ``record`` number is internal:
records are numbered in the order of ``(source, id)``, so nothing depends on the order
of rows, and a pair ``left < right`` is a pair oriented by ``(source, id)``.
"""

from __future__ import annotations

import pyarrow as pa

__all__ = [
    "CLUSTERS",
    "ENTITIES_KEY",
    "LABELS",
    "LEARNED_WORDS",
    "PAIRS",
    "QUARANTINE",
    "SCORES",
    "empty",
]

#: A candidate pair: two record numbers, ``left < right``, and the rule that found it.
PAIRS = pa.schema([("left", pa.int32()), ("right", pa.int32()), ("rule", pa.uint8())])

#: A scored pair: probability of a match in [0, 1], and whether it reaches the threshold.
#: The type of the two id columns is the user's own.
SCORES = pa.schema(
    [
        ("left_source", pa.string()),
        ("left_id", pa.string()),
        ("right_source", pa.string()),
        ("right_id", pa.string()),
        ("score", pa.float64()),
        ("decision", pa.bool_()),
    ]
)

#: What somebody or something says of a pair; a null label is "undecided".
LABELS = pa.schema(
    [
        ("left_source", pa.string()),
        ("left_id", pa.string()),
        ("right_source", pa.string()),
        ("right_id", pa.string()),
        ("label", pa.bool_()),
        ("confidence", pa.float64()),
        ("labeler", pa.string()),
        ("reason", pa.string()),
        ("labelled_at", pa.timestamp("us", tz="UTC")),
    ]
)

#: Statistics of a linker: what an unmatched word adds to the log-odds of a match.
LEARNED_WORDS = pa.schema([("word", pa.string()), ("hash", pa.uint64()), ("weight", pa.float64())])

#: Which entity a record belongs to. The entity is named by its first member.
CLUSTERS = pa.schema([("source", pa.string()), ("id", pa.string()), ("entity", pa.string())])

#: The first column of ENTITIES; the golden fields and their provenance follow.
ENTITIES_KEY = pa.schema([("entity", pa.string()), ("size", pa.int64())])

#: A row that was set aside: where it stood, its id as text, and why.
QUARANTINE = pa.schema(
    [
        ("source", pa.string()),
        ("row", pa.int64()),
        ("id", pa.string()),
        ("field", pa.string()),
        ("reason", pa.string()),
        ("value", pa.string()),
    ]
)


def empty(schema: pa.Schema) -> pa.Table:
    """Return the empty table of a schema: what "nothing found" looks like.

    Examples
    --------
    >>> empty(PAIRS).num_rows
    0
    """
    return schema.empty_table()
