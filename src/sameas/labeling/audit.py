"""How good labels are: against a person where there is one, else only whether they agree with
themselves. The report says which of the two it was."""  # noqa: D205, D209

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import LabelError
from sameas.labeling.agreements import Agreement, agreement
from sameas.labeling.resolve import resolve_labels
from sameas.labeling.table import Ends, pair_ends_of
from sameas.labeling.transitivity import contradictions, triangles
from sameas.labeling.values import plain_column, read_verdicts

__all__ = ["SWAPPED", "Audit", "audit_labels"]

#: Ends the name of a labeler whose rows are answers to the same pairs in the other order.
SWAPPED = ":swapped"

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """What an audit found.

    Attributes
    ----------
    against : {"person", "itself"}
        Whether a person's labels were there. Agreement with oneself is no proof of being right.
    counts : dict
        Rows, pairs, matches, non-matches, undecided, conflicts, labelers.
    human : Agreement or None
        Against the person, on the pairs that both decided.
    human_weighted : Agreement or None
        The same on the random share alone, weighted to stand for all candidates.
    swapped : Agreement or None
        Against the answers to the same pairs in the other order.
    triples, broken : int
        Triples with two matches and a third labelled pair, and those that break transitivity.
    contradictions : pa.Table
        Non-matches whose records are joined by a chain of matches.
    """

    against: str
    counts: dict[str, Any]
    human: Agreement | None
    human_weighted: Agreement | None
    swapped: Agreement | None
    triples: int
    broken: int
    contradictions: pa.Table

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        found = {
            name: None if getattr(self, name) is None else getattr(self, name).to_dict()
            for name in ("human", "human_weighted", "swapped")
        }
        return {
            "against": self.against,
            **self.counts,
            **found,
            "triples": self.triples,
            "broken_triples": self.broken,
            "contradictions": self.contradictions.to_pylist(),
        }

    def to_text(self) -> str:
        """Return the report."""
        lines = [_HEAD[self.against], _counts_line(self.counts), ""]
        for title, found in (
            ("Against the person's labels", self.human),
            ("Against the person's labels, the random share only", self.human_weighted),
            ("Against itself, records in the other order", self.swapped),
        ):
            if found is not None:
                lines += [f"{title}:", *(f"  {line}" for line in found.lines()), ""]
        if self.swapped is None:
            lines += ["No pair was asked in both orders (label --swapped asks some again).", ""]
        lines.append(
            f"Transitivity: {self.triples:,} labelled triples with two matches, {self.broken:,} "
            f"broken; {self.contradictions.num_rows:,} non-matches are joined by matches"
            + (", such as" if self.contradictions.num_rows else ".")
        )
        for row in self.contradictions.slice(0, 10).to_pylist():
            ends = [f"{row[f'{side}_source']}:{row[f'{side}_id']}" for side in ("left", "right")]
            lines.append(
                f"  {ends[0]} is not {ends[1]} ({_said(row['confidence'])}), yet "
                f"{row['matches']} matches join them through {', '.join(row['via'][:4])} "
                f"(weakest {_said(row['weakest'])})"
            )
        return "\n".join(lines)


_HEAD = {
    "person": "This audit compares labels with those of a person.",
    "itself": "No human labels were given: this audit only says whether the labels agree with "
    "themselves. A labeler can agree with itself and be wrong.",
}


def audit_labels(
    table: pa.Table, *, human: pa.Table | None = None, replicates: int = 1000, seed: int = 0
) -> Audit:
    """Audit a label table.

    Parameters
    ----------
    table : pa.Table
        LABELS, of any labelers; a column ``weight`` (pairs that a row stands for, null where it
        was not drawn at random) gives figures for all candidates.
    human : pa.Table, optional
        LABELS of a person. Rows of persons inside `table` are used too, and only those of
        other labelers are audited.
    replicates, seed : int
        Of the bootstrap.

    Returns
    -------
    Audit

    Raises
    ------
    LabelError
        If the table has no labels to audit, or none that the person decided too.
    """
    ours, persons = _by_person(table)
    if human is not None:
        persons = pa.concat_tables([persons, human], promote_options="default")
    if not ours.num_rows:
        raise LabelError("There are no labels to audit but those of persons.")
    plain, again = _by_order(ours)
    one = resolve_labels(plain)
    verdict = _verdict(one)
    counts: dict[str, Any] = {
        "rows": table.num_rows,
        "pairs": one.num_rows,
        "matches": int((verdict == 1).sum()),
        "non_matches": int((verdict == 0).sum()),
        "undecided": int((verdict < 0).sum()),
        "conflicts": int(np.sum(one["conflict"].to_pylist())),
        "labelers": sorted(set(table["labeler"].to_pylist())),
    }
    how: dict[str, Any] = {"replicates": replicates, "seed": seed}
    found = weighted = swapped = None
    if persons.num_rows:
        left, right, rows = _meet(one, resolve_labels(persons))
        if not len(left):
            raise LabelError(
                "No pair of the labels was decided by the person too. Do sources and ids agree?"
            )
        found = agreement(left, right, **how)
        weight = _weights(one)[rows]
        drawn = ~np.isnan(weight)
        if drawn.any():
            weighted = agreement(left[drawn], right[drawn], weights=weight[drawn], **how)
    if again.num_rows:
        left, right, _ = _meet(one, resolve_labels(again))
        swapped = agreement(left, right, **how) if len(left) else None
    triples, broken = triangles(plain)
    against = "person" if persons.num_rows else "itself"
    return Audit(
        against, counts, found, weighted, swapped, triples, broken, contradictions(plain)
    )  # fmt: skip


def _by_person(table: pa.Table) -> tuple[pa.Table, pa.Table]:
    names = [str(name or "") for name in table["labeler"].to_pylist()]
    person = np.array([name.partition(":")[0] == "person" for name in names], bool)
    return table.filter(pa.array(~person)), table.filter(pa.array(person))


def _by_order(table: pa.Table) -> tuple[pa.Table, pa.Table]:
    names = [str(name or "") for name in table["labeler"].to_pylist()]
    again = np.array([name.endswith(SWAPPED) for name in names], bool)
    return table.filter(pa.array(~again)), table.filter(pa.array(again))


def _verdict(table: pa.Table) -> npt.NDArray[np.int8]:
    return read_verdicts(plain_column(table, "label"), name="The label table")


def _weights(table: pa.Table) -> Floats:
    if "weight" not in table.column_names:
        return np.full(table.num_rows, np.nan)
    return np.asarray(plain_column(table, "weight").to_numpy(zero_copy_only=False), np.float64)


def _meet(ours: pa.Table, theirs: pa.Table) -> tuple[Bools, Bools, npt.NDArray[np.int64]]:
    """Return the verdicts of pairs that both decided, and their rows in the first table."""
    keep = ["left_source", "left_id", "right_source", "right_id"]
    texts = [table.select(keep).cast(pa.schema([(name, pa.string()) for name in keep]))
             for table in (ours, theirs)]  # fmt: skip
    ends: Ends = pair_ends_of(pa.concat_tables(texts))
    cut, label = ours.num_rows, (_verdict(ours), _verdict(theirs))
    _, mine, other = np.intersect1d(ends.key[:cut], ends.key[cut:], return_indices=True)
    decided = (label[0][mine] >= 0) & (label[1][other] >= 0)
    mine, other = mine[decided], other[decided]
    return label[0][mine] == 1, label[1][other] == 1, mine.astype(np.int64)


def _counts_line(counts: dict[str, Any]) -> str:
    return (
        f"{counts['pairs']:,} pairs in {counts['rows']:,} rows: {counts['matches']:,} matches, "
        f"{counts['non_matches']:,} non-matches, {counts['undecided']:,} undecided, "
        f"{counts['conflicts']:,} in conflict; labelers: {', '.join(counts['labelers'])}"
    )


def _said(value: float | None) -> str:
    return "confidence unknown" if value is None else f"confidence {value:.2f}"
