"""Prepare: every column that the steps need, computed once for all records."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from sameas.core.prepared import Column, Need
from sameas.records.preparations import Workspace

__all__ = ["prepare"]


def prepare(
    records: pa.Table, needs: Iterable[Need], statistics: dict[str, pa.Table]
) -> dict[Need, Column]:
    """Compute the prepared columns of all records.

    Parameters
    ----------
    records : pyarrow.Table
        RECORDS, in the order of record numbers.
    needs : iterable of Need
        What the steps ask for; repeats cost nothing.
    statistics : dict of str to pyarrow.Table
        Frozen statistics by slug. A statistic that is absent is learnt from these records
        and added to the dict, so a second call with the same dict never refits.

    Returns
    -------
    dict of Need to Column

    Examples
    --------
    >>> records = pa.table({"source": ["s", "s"], "id": ["1", "2"], "name": ["Café X", None]})
    >>> frozen = {}
    >>> need = Need("tokens", ("name",))
    >>> prepare(records, [need], frozen)[need].code.tolist(), sorted(frozen)
    ([0, -1], ['tokens-name'])
    """
    workspace = Workspace(records, statistics)
    return {need: workspace.column(need) for need in sorted(set(needs), key=lambda need: need.slug)}
