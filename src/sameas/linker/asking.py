"""Ask a language model about the candidates of a job: which pairs, and what becomes of answers."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.errors import ArgumentError, LabelError
from sameas.core.pair_key import pair_key
from sameas.core.prepared import IntArray
from sameas.labeling import LabelledPairs
from sameas.labeling.audit import SWAPPED
from sameas.labeling.calibration import AnswerCalibration, answer_log_odds, calibrate
from sameas.labeling.llm import LLMLabeler
from sameas.labeling.questions import Example
from sameas.labeling.selection import DRAWN, PairSelection, choose_pairs
from sameas.labeling.table import label_rows
from sameas.linker.pool import Asked, Pool
from sameas.models.client import Client, Cost

__all__ = [
    "LabelRun",
    "draw",
    "label_pairs",
    "put",
    "rows_of",
    "told",
    "verdict_of",
    "with_examples",
]

logger = logging.getLogger(__name__)
Floats = npt.NDArray[np.float64]

#: Human labels are asked about too, to calibrate the answers: this share of the budget at most.
_HUMAN = 0.2


@dataclass(frozen=True, eq=False)
class LabelRun:
    """What came of asking.

    Attributes
    ----------
    table : pa.Table
        LABELS, and behind it ``drawn`` (why the pair was asked), ``weight`` (candidates that a
        random pair stands for), ``score`` (of the cheap matcher) and ``log_odds`` (yes to no).
    calibration : AnswerCalibration
    cost : Cost
        Of the client so far.
    stopped : str or None
        Why not all pairs were asked.
    pool : Pool
    asked : Asked
    """

    table: pa.Table
    calibration: AnswerCalibration
    cost: Cost
    stopped: str | None
    pool: Pool
    asked: Asked


def label_pairs(
    pool: Pool,
    labeler: LLMLabeler,
    client: Client,
    *,
    pairs: int,
    selection: PairSelection | None = None,
    human: LabelledPairs | None = None,
    examples: int = 0,
    swapped: float = 0.0,
    combine: bool = False,
) -> LabelRun:
    """Draw pairs and have a language model label them.

    Parameters
    ----------
    pool : Pool
    labeler : LLMLabeler
    client : Client
    pairs : int
        Questions at most, those in the other order included.
    selection : PairSelection, optional
    human : LabelledPairs, optional
        A person's labels: some are shown as examples, the others calibrate the answers.
    examples : int
        How many are shown before each question; half of them matches.
    swapped : float
        Share of the questions that ask a pair again in the other order, for the audit.
    combine : bool
        Let the cheap matcher's score count beside the answer; see `AnswerCalibration`.

    Returns
    -------
    LabelRun
    """
    if pairs < 1 or not 0 <= swapped < 0.5:
        raise ArgumentError(
            f"label_pairs needs pairs >= 1 and swapped from 0 to below 0.5; got {pairs}, {swapped}."
        )
    labeler, human = with_examples(pool, labeler, human, examples)
    again = round(pairs * swapped)
    asked = draw(pool, pairs - again, selection, Asked.nothing(), human=human)
    asked, stopped = put(pool, labeler, client, asked)
    line, labels = verdict_of(asked, human, combine=combine)
    table = rows_of(pool, asked, labels, line, client.endpoint.model)
    if again and stopped is None:
        more, stopped = _swap(pool, labeler, client, asked, line, again, combine=combine)
        table = pa.concat_tables([table, more])
    return LabelRun(table, line, client.cost, stopped, pool, asked)


def with_examples(
    pool: Pool, labeler: LLMLabeler, human: LabelledPairs | None, count: int
) -> tuple[LLMLabeler, LabelledPairs | None]:
    """Take some human labels as examples; they are not used for anything else then."""
    if not count:
        return labeler, human
    if human is None:
        raise ArgumentError("Examples need human labels: give human=.")
    sides = [np.flatnonzero(human.label == side) for side in (1, 0)]
    if min(len(side) for side in sides) < (count + 1) // 2:
        raise ArgumentError(
            f"{count} examples need {(count + 1) // 2} matches and as many non-matches among the "
            f"human labels; there are {len(sides[0])} and {len(sides[1])}."
        )
    random = np.random.default_rng(0)
    drawn = [random.permutation(side)[: (count + 1) // 2] for side in sides]
    rows = np.stack(drawn, axis=1).ravel()[:count]
    left, right = (pool.records(side[rows]) for side in (human.left, human.right))
    shown = tuple(
        Example(a, b, bool(label == 1))
        for a, b, label in zip(left, right, human.label[rows], strict=True)
    )
    rest = np.setdiff1d(np.arange(len(human.label)), rows)
    split = None if human.split is None else human.split[rest]
    left_over = LabelledPairs(human.left[rest], human.right[rest], human.label[rest], split)
    return replace(labeler, examples=shown), left_over


def put(
    pool: Pool, labeler: LLMLabeler, client: Client, asked: Asked, *, turned: bool = False
) -> tuple[Asked, str | None]:
    """Ask about pairs; return them with what was answered, and why not all were asked."""
    left, right = pool.records(asked.left), pool.records(asked.right)
    found = labeler.ask(right, left, client) if turned else labeler.ask(left, right, client)
    filled = replace(
        asked, said=found.said, log_odds=found.log_odds, text=list(found.text),
        error=list(found.error),
    )  # fmt: skip
    return filled, found.stopped


def verdict_of(
    asked: Asked, human: LabelledPairs | None, *, combine: bool = False
) -> tuple[AnswerCalibration, Floats]:
    """Calibrate the answers and return the chance of a match of each pair; NaN: no answer."""
    odds = answer_log_odds(asked.said, asked.log_odds)
    if np.isnan(odds).all():
        why = next((one for one in asked.error if one), "the answers say neither yes nor no")
        raise LabelError(f"No pair got an answer: {why}")
    truth = None
    if human is not None:
        truth = told(asked, human)
    line = calibrate(odds, labels=truth, prior=asked.prior)
    return line, line.probability(odds, prior=asked.prior if combine else None)


def told(asked: Asked, human: LabelledPairs) -> npt.NDArray[np.int8]:
    """Return what a person said of the asked pairs, -1 where nothing."""
    if not len(human.left):
        return np.full(len(asked.left), -1, np.int8)
    key = pair_key(human.left, human.right)
    order = np.argsort(key)
    place = np.minimum(np.searchsorted(key[order], asked.key), len(key) - 1)
    known = key[order][place] == asked.key
    return np.where(known, human.label[order][place], -1).astype(np.int8)


def rows_of(
    pool: Pool, asked: Asked, chance: Floats, line: AnswerCalibration, model: str
) -> pa.Table:
    """Return the label table of asked pairs."""
    label = np.where(np.isnan(chance), -1, chance >= 0.5).astype(np.int8)
    odds = answer_log_odds(asked.said, asked.log_odds)
    reason = [
        f"no answer: {error or 'neither yes nor no'}" if np.isnan(p)
        else f"wrote {text[:40]!r}; yes to no {z:+.2f}; chance of a match {p:.2f} ({line.method})"
        for text, error, z, p in zip(asked.text, asked.error, odds, chance, strict=True)
    ]  # fmt: skip
    pairs = pool.pairs(asked.left, asked.right)
    more = {
        "drawn": pa.array(asked.drawn, pa.string()),
        "weight": pa.array(asked.weight, mask=np.isnan(asked.weight)),
        "score": pa.array(asked.prior),
        "log_odds": pa.array(asked.log_odds, mask=np.isnan(asked.log_odds)),
    }
    for name, values in more.items():
        pairs = pairs.append_column(name, values)
    sure = np.maximum(chance, 1 - chance)
    return label_rows(pairs, label, labeler=f"llm:{model}", confidence=sure, reason=reason)


def draw(
    pool: Pool,
    pairs: int,
    selection: PairSelection | None,
    before: Asked,
    *,
    human: LabelledPairs | None = None,
    committee: Floats | None = None,
) -> Asked:
    """Draw pairs that were not asked before; those that a person labelled come first."""
    first = _human_rows(pool, human, int(pairs * _HUMAN))
    key = pair_key(pool.left, pool.right)
    chosen = choose_pairs(
        pool.left, pool.right, np.clip(pool.score, 0, 1), pairs=pairs - len(first.left),
        selection=selection, taken=np.isin(key, [*before.key, *first.key]), committee=committee,
    )  # fmt: skip
    rows = chosen.rows
    why = [DRAWN[place] for place in chosen.drawn]
    return first.plus(
        _blank(pool.left[rows], pool.right[rows], why, chosen.weight, pool.score[rows])
    )


def _human_rows(pool: Pool, human: LabelledPairs | None, most: int) -> Asked:
    """Return the pairs that a person labelled, as far as the budget for them goes."""
    if human is None:
        return Asked.nothing()
    rows = np.flatnonzero(human.label >= 0)
    rows = np.sort(np.random.default_rng(0).permutation(rows)[:most])
    left, right = human.left[rows], human.right[rows]
    listed = pool.job.listed(left, right)
    prior = pool.job.scores(pool.cheap.matcher, left, right, listed)
    return _blank(left, right, ["human"] * len(rows), np.full(len(rows), np.nan), prior)


def _blank(
    left: IntArray, right: IntArray, drawn: list[str], weight: Floats, prior: Floats
) -> Asked:
    count = len(left)
    return Asked(
        left, right, drawn, weight, prior, np.full(count, -1, np.int8), np.full(count, np.nan),
        [""] * count, [None] * count,
    )  # fmt: skip


def _swap(
    pool: Pool,
    labeler: LLMLabeler,
    client: Client,
    asked: Asked,
    line: AnswerCalibration,
    again: int,
    *,
    combine: bool,
) -> tuple[pa.Table, str | None]:
    """Ask some pairs in the other order."""
    rows = np.sort(np.random.default_rng(1).permutation(len(asked.left))[:again])
    part = _blank(
        asked.left[rows], asked.right[rows], [asked.drawn[row] for row in rows],
        np.full(len(rows), np.nan), asked.prior[rows],
    )  # fmt: skip
    part, stopped = put(pool, labeler, client, part, turned=True)
    odds = answer_log_odds(part.said, part.log_odds)
    chance = line.probability(odds, prior=part.prior if combine else None)
    return rows_of(pool, part, chance, line, client.endpoint.model + SWAPPED), stopped
