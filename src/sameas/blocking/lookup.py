"""Blocks that outlast a run: where a record stands, and where it has to look for others.

In a batch only the records at hand count, so a rule leaves out the cells that are empty and
gives each pair one cell to meet in. A store keeps one place for each record instead, and a
record looks in every block in which its partners may stand.
"""

from __future__ import annotations

from sameas.blocking.base import KeyArray, KeyRule
from sameas.blocking.cells import Geohash, Radius
from sameas.blocking.tokens import SharedTokenNearby
from sameas.core.prepared import Columns, IntArray

__all__ = ["looks", "stands"]


def stands(rule: KeyRule, columns: Columns) -> tuple[KeyArray, IntArray]:
    """Return the blocks in which records stand: key and record of each row."""
    if isinstance(rule, SharedTokenNearby):
        return rule.cells(columns, around=False)
    if isinstance(rule, Radius):
        return rule.cells(columns, around=False)
    rows = rule.rows(columns)
    anchors = ~rows.visitor
    return rows.key[anchors], rows.record[anchors]


def looks(rule: KeyRule, columns: Columns) -> tuple[KeyArray, IntArray]:
    """Return the blocks in which the partners of records stand: key and record of each row.

    Whoever meets a record by the rule stands in one of them; not all who stand there do.

    Examples
    --------
    >>> import numpy as np
    >>> from sameas.blocking import ExactKey
    >>> from sameas.core.prepared import Codes, Need
    >>> rule = ExactKey(("phone",))
    >>> columns = {rule.needs()[0]: Codes(np.array([7, 0], np.uint64))}
    >>> key, record = looks(rule, columns)
    >>> record.tolist(), (key == stands(rule, columns)[0]).all()
    ([0], np.True_)
    """
    if isinstance(rule, SharedTokenNearby | Radius):
        return rule.cells(columns, around=True)
    if isinstance(rule, Geohash) and rule.neighbours:
        return rule.around(columns)
    return stands(rule, columns)
