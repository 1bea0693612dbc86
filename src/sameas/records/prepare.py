"""Prepare: every column that the steps need, computed once for all records."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from sameas.core.prepared import Column, Need
from sameas.records.preparations import Workspace

__all__ = ["prepare"]


def prepare(
    records: pa.Table,
    needs: Iterable[Need],
    statistics: dict[str, pa.Table],
    *,
    threads: int = 1,
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
    threads : int
        Columns of different fields are computed beside each other.

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
    needs = sorted(set(needs), key=lambda need: need.slug)
    # One column a field first, for it normalises the texts; then the others, the words
    # before the short work, so that no thread waits at the end.
    heads = list({need.fields: need for need in reversed(needs)}.values())
    others = [need for need in reversed(needs) if need not in heads]
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(workspace.column, [*heads, *others]):
            pass
    return {need: workspace.column(need) for need in needs}
