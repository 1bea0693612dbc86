"""Answer whether a record is in a store, without storing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.tables import QUARANTINE, empty
from sameas.linker.explain import Explainer
from sameas.linker.found import Candidates
from sameas.records import Records
from sameas.reporting import Explanation
from sameas.resolver.answers import Candidate, Match, entity_name
from sameas.resolver.candidates import Scored, find_partners, score_pairs
from sameas.resolver.edges import Pairs
from sameas.resolver.machine import Machine
from sameas.resolver.reading import as_table, read_content
from sameas.store import RecordRow, Transaction

if TYPE_CHECKING:
    from sameas.resolver.writing import Given

__all__ = ["match_record"]

#: The number of a record that is not in the store.
_ASKED = -1


def match_record(
    work: Transaction, machine: Machine, given: Given, *, limit: int, explain: bool
) -> Match:
    """Score the candidates of a record as if it were in the store."""
    partners = find_partners(work, machine, _ASKED, given.thin, source=given.source, stored=False)
    known = work.find(given.source, given.id)
    other, rule = partners.other, partners.rule
    if known is not None:  # not a candidate of itself
        mine = other != known.record
        other, rule = other[mine], rule[mine]
    about = (machine.threshold, machine.fitted.version, machine.order_dependent())
    if not len(other):
        return Match(False, None, (), 0, partners.looked, partners.capped, *about)
    pairs = Pairs.of(np.full(len(other), _ASKED, np.int64), other, rule)
    asked = (_ASKED, given.source, given.id, given.whole)
    scored = score_pairs(work, machine, pairs, np.array([_ASKED]), asked)
    order = np.lexsort((pairs.high, -scored.score))
    shown = order[:limit]
    best = int(order[0])
    matched = bool(scored.score[best] >= machine.threshold)
    wanted = set(pairs.high.tolist()) if explain else {int(pairs.high[n]) for n in (*shown, best)}
    rows = {row.record: row for row in work.records(sorted(wanted))}
    said: list[Explanation | None] = [None] * len(shown)
    if explain:
        said = _explain(machine, scored, shown, rows, given)
    found = []
    for place, explanation in zip(shown.tolist(), said, strict=True):
        row, score = rows[int(pairs.high[place])], float(scored.score[place])
        found.append(
            Candidate(
                row.source,
                row.id,
                entity_name(row.entity or 0),
                score,
                score >= machine.threshold,
                read_content(row.content or "{}"),
                explanation,
            )
        )
    entity = entity_name(rows[int(pairs.high[best])].entity or 0) if matched else None
    return Match(
        matched, entity, tuple(found), len(other), partners.looked, partners.capped, *about
    )


def _explain(
    machine: Machine,
    scored: Scored,
    shown: npt.NDArray[np.int64],
    rows: dict[int, RecordRow],
    given: Given,
) -> list[Explanation | None]:
    """Say why candidates have their scores; that of another source stands on the right."""
    said = {row.record: (row.source, row.id, row.content or "{}") for row in rows.values()}
    said[_ASKED] = (given.source, given.id, given.content)
    kept = [said[number] for number in scored.numbers.tolist()]
    table = as_table(machine.spec, [one[:2] for one in kept], [one[2] for one in kept])
    job = scored.job
    job.records = Records(
        table, machine.spec.fields, (), np.zeros(len(table), np.int32),
        empty(QUARANTINE), pa.string(),
    )  # fmt: skip
    left, right = job.candidates.left, job.candidates.right
    order = np.lexsort((right, left))
    job.candidates = Candidates(left[order], right[order], np.zeros(len(order), np.uint8))
    sources = tuple(dict.fromkeys((given.source, *(one[0] for one in kept))))
    explainer = Explainer(job, machine.fitted.matcher, machine.threshold)
    return list(explainer.explain(left[shown], right[shown], sources))
