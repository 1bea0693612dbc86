"""Answer whether a record is in a store, without storing it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.prepared import IntArray
from sameas.core.tables import QUARANTINE, empty
from sameas.linker.explain import Explainer
from sameas.linker.pieces.work import local_windows
from sameas.records import Records
from sameas.reporting import Explanation
from sameas.resolver.answers import Candidate, Match, entity_name
from sameas.resolver.layout import Unpacked
from sameas.resolver.machine import Machine
from sameas.resolver.partners import Partners, Seeker, find_partners
from sameas.resolver.reading import as_table, read_content
from sameas.resolver.scoring import First, PairWindows, gather_windows
from sameas.store import ComparedRow, Transaction

if TYPE_CHECKING:
    from sameas.resolver.writing import Given

__all__ = ["NOBODY", "match_records"]

Longs = npt.NDArray[np.int64]
#: The number of a record that is not in the store, and the key of one that was given none.
_ASKED = -1
NOBODY = ("asked", "asked")


def match_records(
    work: Transaction, machine: Machine, givens: Sequence[Given], *, limit: int, explain: bool
) -> list[Match]:
    """Score the candidates of records, each as if it alone were added to the store."""
    seekers = [Seeker(_ASKED, given.source, given.thin) for given in givens]
    partners = find_partners(work, machine, seekers)
    pairs = _pairs(work, givens, partners)
    asked = _compare(machine, givens, work.compared(set(pairs.number.tolist())), pairs)
    about = (machine.threshold, machine.fitted.version, machine.order_dependent())
    ends = np.searchsorted(pairs.seeker, np.arange(len(givens) + 1)).tolist()
    answers = []
    for place, (begin, end) in enumerate(pairwise(ends)):
        count = (end - begin, int(partners.looked[place]), int(partners.capped[place]))
        if begin == end:
            answers.append(Match(False, None, (), *count, *about))
            continue
        score = asked.score[begin:end]
        order = np.lexsort((pairs.number[begin:end], -score)) + begin
        shown, best = order[:limit], int(order[0])
        said: list[Explanation | None] = [None] * len(shown)
        if explain:
            said = _explain(machine, asked, slice(begin, end), shown, givens[place])
        found = [
            _candidate(asked.row(pair), float(asked.score[pair]), machine.threshold, explanation)
            for pair, explanation in zip(shown.tolist(), said, strict=True)
        ]
        matched = bool(asked.score[best] >= machine.threshold)
        entity = entity_name(asked.row(best).entity) if matched else None
        answers.append(Match(matched, entity, tuple(found), *count, *about))
    return answers


class _Pairs(NamedTuple):
    """Pairs of the records asked about and their candidates, the former rising.

    Attributes
    ----------
    seeker, number : int64[p]
    itself : int64[k]
        The number under which the store has a record that is asked about, else -1.
    """

    seeker: Longs
    number: Longs
    itself: Longs


def _pairs(work: Transaction, givens: Sequence[Given], partners: Partners) -> _Pairs:
    """Return the pairs; what the store holds of a record until now is no candidate of it."""
    keys = [(given.source, given.id) for given in givens]
    known = [None if key == NOBODY else work.find(*key) for key in keys]
    itself = np.array([_ASKED if row is None else row.record for row in known], np.int64)
    others = partners.other != itself[partners.seeker]
    return _Pairs(partners.seeker[others], partners.other[others], itself)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Records and their candidates, compared.

    Attributes
    ----------
    rows : list of ComparedRow
    number : int64[p]
        The candidate of each pair: its place among the rows.
    place : int32[n]
        Where the records asked about, and then the rows, stand in the order of source and id.
    """

    rows: list[ComparedRow]
    number: Longs
    place: IntArray
    columns: Unpacked
    left: IntArray
    right: IntArray
    first: First
    windows: PairWindows
    score: npt.NDArray[np.float64]

    def row(self, pair: int) -> ComparedRow:
        """Return the candidate of a pair."""
        return self.rows[int(self.number[pair])]


def _compare(
    machine: Machine, givens: Sequence[Given], rows: list[ComparedRow], pairs: _Pairs
) -> _Asked:
    """Score records with their candidates."""
    scorer, count = machine.scorer, len(givens)
    # A pair is oriented by (source, id), as in a batch run: parents and their parts differ.
    everyone = [(given.source, given.id) for given in givens]
    everyone += [(row.source, row.id) for row in rows]
    order = sorted(range(len(everyone)), key=everyone.__getitem__)
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    blobs = [*(given.whole for given in givens), *(row.prepared for row in rows)]
    columns = machine.whole.unpack([blobs[one] for one in order])
    stored = np.array([row.record for row in rows], np.int64)
    by_number = np.argsort(stored)
    number = by_number[np.searchsorted(stored, pairs.number, sorter=by_number)]
    mine, other = place[pairs.seeker], place[number + count]
    left, right = np.minimum(mine, other), np.maximum(mine, other)
    first = scorer.first(columns, left, right)
    # Each pair has a window of its own for the candidate: nobody else who asks stands in it.
    lists = [rows[n].edges or b"" for n in number.tolist()]
    entry = np.frombuffer(b"".join(lists), machine.edge)
    size = [len(each) // machine.edge.itemsize for each in lists]
    pair = np.repeat(np.arange(len(number), dtype=np.int32), size)
    others = entry["other"] != pairs.itself[pairs.seeker[pair]]
    known = (pair[others] + np.int32(count), entry["first"][others])
    ends = pairs.seeker.astype(np.int32), np.arange(count, count + len(number), dtype=np.int32)
    windows = gather_windows(*ends, first.faded, known, count + len(number))
    score = scorer.score(columns, left, right, first, windows)
    return _Asked(rows, number, place, columns, left, right, first, windows, score)


def _candidate(
    row: ComparedRow, score: float, threshold: float, explanation: Explanation | None
) -> Candidate:
    content = read_content(row.content)
    name = entity_name(row.entity)
    return Candidate(row.source, row.id, name, score, score >= threshold, content, explanation)


def _explain(
    machine: Machine, asked: _Asked, pairs: slice, shown: Longs, given: Given
) -> list[Explanation | None]:
    """Say why candidates have their scores; that of another source stands on the right."""
    rows = [asked.row(pair) for pair in range(pairs.start, pairs.stop)]
    said = [(row.source, row.id, row.content, row.prepared) for row in rows]
    said.append((given.source, given.id, given.content, given.whole))
    order = sorted(range(len(said)), key=lambda one: said[one][:2])
    said = [said[one] for one in order]
    place = order.index(len(rows))
    other = np.delete(np.arange(len(said), dtype=np.int32), place)
    # The pairs in the order of a job, and where each of them stood before.
    before = np.delete(np.array(order), place) + pairs.start
    left, right = np.minimum(other, place), np.maximum(other, place)
    job = machine.job(machine.whole.unpack([one[3] for one in said]), left, right)
    table = as_table(machine.spec, [one[:2] for one in said], [one[2] for one in said])
    job.records = Records(
        table, machine.spec.fields, (), np.zeros(len(table), np.int32),
        empty(QUARANTINE), pa.string(),
    )  # fmt: skip
    job.__dict__["similarities"] = tuple(each[before] for each in asked.first)
    window = np.empty(len(said), np.int32)
    window[other], window[place] = asked.windows.other[before], asked.windows.one[pairs.start]
    job.__dict__["windows"] = local_windows(asked.windows.windows, window)
    at = np.array([int((before == pair).nonzero()[0][0]) for pair in shown.tolist()], np.int64)
    sources = tuple(dict.fromkeys((given.source, *(one[0] for one in said))))
    explainer = Explainer(job, machine.fitted.matcher, machine.threshold)
    return list(explainer.explain(left[at], right[at], sources))
