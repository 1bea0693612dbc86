"""Statistics of records that lie in parts: counted part by part, added up, frozen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from sameas.core.prepared import Need
from sameas.records.preparations import Workspace
from sameas.records.preparations.workspace import Counted, maker_of

__all__ = ["Counted", "count_part", "counted_needs", "maker_for", "summed"]


def counted_needs(
    records: pa.Table, needs: Iterable[Need]
) -> tuple[dict[str, pa.Table], list[Need]]:
    """Find what is to be counted.

    Parameters
    ----------
    records : pyarrow.Table
        RECORDS without a row.
    needs : iterable of Need

    Returns
    -------
    statistics : dict of str to pyarrow.Table
        Those that are the same for all records.
    counted : list of Need
        Those whose statistics are sums, each after those that it asks for.
    """
    workspace = Workspace(records, {})
    for need in sorted(set(needs), key=lambda need: need.slug):
        workspace.column(need)
    counted = [
        need
        for need in workspace.learned
        if isinstance(maker := maker_of(need.kind), Counted) and maker.additive(need)
    ]
    slugs = {need.slug for need in counted}
    fixed = {key: table for key, table in workspace.statistics.items() if key not in slugs}
    return fixed, counted


def maker_for(need: Need) -> Counted:
    """Return what counts a need."""
    maker = maker_of(need.kind)
    assert isinstance(maker, Counted)
    return maker


def count_part(
    records: pa.Table, needs: Sequence[Need], statistics: dict[str, pa.Table]
) -> list[pa.Table]:
    """Count a part of the records; `statistics` holds those that counting asks for."""
    workspace = Workspace(records, dict(statistics))
    return [maker_for(need).count(workspace, need) for need in needs]


def summed(tables: Sequence[pa.Table], least: int | None = None) -> pa.Table:
    """Add up counts, in the order of the columns before ``count``.

    Examples
    --------
    >>> part = pa.table({"text": ["b", "a"], "count": [1, 2]})
    >>> summed([part, part], least=3).to_pydict()
    {'text': ['a'], 'count': [4]}
    """
    table = pa.concat_tables([table.replace_schema_metadata(None) for table in tables])
    keys = [name for name in table.column_names if name != "count"]
    total = table.group_by(keys).aggregate([("count", "sum")])
    total = total.rename_columns([*keys, "count"])
    if least is not None:
        total = total.filter(pa.compute.greater_equal(total["count"], least))
    return total.sort_by([(name, "ascending") for name in keys]).select([*keys, "count"])
