"""What a plan says of the ids and fields that were recognised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sameas.linker.planning.planned import PlannedField
from sameas.records.joined import JOIN
from sameas.records.recognise import IGNORE, Recognised

__all__ = ["about_fields", "about_ids"]

_UNSURE = 0.65  # guesses below it are told


def about_ids(found: Recognised, tables: Mapping[str, pa.Table]) -> list[str]:
    """Say which columns hold the ids, and whether tables share some."""
    lines = [f"{source}: {item.why}." for source, item in found.ids.items()]
    named = [(s, item.column) for s, item in found.ids.items() if item.column is not None]
    if len(named) > 1:
        one, other = (pc.unique(tables[s][c].cast(pa.string())) for s, c in named[:2])
        shared = int(np.sum(pc.is_in(one, value_set=other).to_numpy(zero_copy_only=False)))
        if shared:
            lines.append(
                f"{shared:,} ids occur in both tables; ids are not compared. If they are the same "
                "code in both, they answer the question."
            )
    return lines


def about_fields(fields: Sequence[PlannedField]) -> list[str]:
    """Say which columns are left out or joined, and which were guessed with little evidence."""
    unsure = [f.name for f in fields if f.kind != IGNORE and f.confidence < _UNSURE]
    ignored = [f"{f.name} ({'; '.join(f.why)})" for f in fields if f.kind == IGNORE]
    lines = [f"Ignored: {', '.join(ignored)}."] if ignored else []
    for f in fields:
        joined = sum(JOIN in column for column in f.columns.values())
        if joined and f.why:  # the last reasons are those of the joined columns
            lines.append(f"Joined for {f.name}: {'; '.join(f.why[-joined:])}.")
    if unsure:
        lines.append(f"Guessed with little evidence: {', '.join(unsure)}.")
    return lines
