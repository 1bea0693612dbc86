"""Prepare one record without a table: what is kept of it, in well under a millisecond.

Whatever is unusual makes it step back, and the record goes the way of all tables. Both ways give
the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import pack
from typing import Any

import pyarrow as pa

from sameas.core.prepared import Need
from sameas.resolver.layout import Layout
from sameas.resolver.quick_parts import MAKERS, NotHereError, Part, Record, Step, hashed

__all__ = ["QuickPreparer"]

_MISSING = bytes(8)


class QuickPreparer:
    """Prepares one record at a time.

    Parameters
    ----------
    layouts : sequence of Layout
    statistics : mapping of slug to table
        Frozen.
    documents : mapping of Need to int
    """

    def __init__(
        self,
        layouts: Sequence[Layout],
        statistics: Mapping[str, pa.Table],
        documents: Mapping[Need, int],
    ) -> None:
        needs = list(dict.fromkeys(need for layout in layouts for need in layout.kept))
        looked_up = _LookedUp(statistics)
        self.steps: list[Step] | None = None
        if all(need.kind in MAKERS for need in needs):
            self.steps = [looked_up.step(need, documents) for need in needs]
        self.orders = [[needs.index(need) for need in layout.kept] for layout in layouts]

    def pack(self, fields: Mapping[str, Any], source: str, id: str) -> list[bytes] | None:
        """Return what is kept of a record in each layout; None: it needs the way of tables."""
        if self.steps is None:
            return None
        record = Record(fields, source, id)
        try:
            parts = [step.make(record, step) for step in self.steps]
        except NotHereError:
            return None
        code = hashed(list(record.to_hash))
        done = [_finished(part, code) for part in parts]
        return [_joined([done[place] for place in order]) for order in self.orders]


class _LookedUp:
    """Frozen statistics as dictionaries; each is made once."""

    def __init__(self, statistics: Mapping[str, pa.Table]) -> None:
        self.statistics = statistics
        self.made: dict[str, dict[str, int]] = {}

    def step(self, need: Need, documents: Mapping[Need, int]) -> Step:
        """Return how a need is prepared."""
        form = str(dict(need.options).get("form", "normalise"))
        known: Mapping[str, int] = {}
        pruned: frozenset[int] = frozenset()
        if need.kind == "tokens":
            known = self._counts(need.slug, "token", "frequency")
        elif need.kind == "frequency":
            known = self._counts(need.slug, "text", "records")
        elif need.kind == "core_word":
            known = self._counts(Need("tokens", need.fields[:1]).slug, "token", "frequency")
            if len(need.fields) > 1:
                pruned = frozenset(self.statistics[need.slug]["key"].to_pylist())
        total = max(documents.get(need, 0), 1)
        return Step(MAKERS[need.kind], need.fields, form, known, total, pruned)

    def _counts(self, slug: str, text: str, count: str) -> Mapping[str, int]:
        if slug not in self.made:
            table = self.statistics[slug]
            self.made[slug] = dict(
                zip(table[text].to_pylist(), table[count].to_pylist(), strict=True)
            )
        return self.made[slug]


def _finished(part: Part, code: Sequence[bytes]) -> tuple[bytes, list[int], bytes]:
    """Put the hashes into a part: its fixed numbers, the sizes of its ranges, the ranges."""
    numbers, ranges = part
    fixed = [
        number if isinstance(number, bytes) else _MISSING if number is None else code[number]
        for number in numbers
    ]
    sizes, data = [], []
    for size, content in ranges:
        if isinstance(content, tuple):  # hashes of words, sorted if they are a set
            how, places = content
            values = [code[place] for place in places]
            if how == "set":
                values = sorted(set(values), key=_as_number)
                size = len(values)
            content = b"".join(values)
        sizes.append(size)
        data.append(content)
    return b"".join(fixed), sizes, b"".join(data)


def _joined(parts: Sequence[tuple[bytes, list[int], bytes]]) -> bytes:
    """Put fixed numbers, sizes of ranges and ranges one behind the other."""
    sizes = [size for part in parts for size in part[1]]
    fixed, data = [part[0] for part in parts], [part[2] for part in parts]
    return b"".join([*fixed, pack(f"<{len(sizes)}i", *sizes), *data])


def _as_number(code: bytes) -> int:
    return int.from_bytes(code, "little")
