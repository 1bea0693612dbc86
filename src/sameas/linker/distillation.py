"""Distillation: a language model labels a few pairs, a small matcher learns them and stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.pair_key import pair_key
from sameas.core.specs import register
from sameas.labeling import LabelledPairs
from sameas.labeling.agreements import Agreement, agreement
from sameas.labeling.llm import LLMLabeler
from sameas.labeling.selection import PairSelection
from sameas.linker.asking import (
    LabelRun,
    draw,
    put,
    rows_of,
    told,
    verdict_of,
)
from sameas.linker.committee import Committee, alike
from sameas.linker.linker import Linker
from sameas.linker.pair_classifier import PairClassifier
from sameas.linker.pool import Asked, Pool
from sameas.linker.reading_student import teach_reader
from sameas.linker.saving import FittedLinker, version_of
from sameas.linker.student import Classroom, Lesson, Student, population_weights, teach
from sameas.matching import Matcher
from sameas.models.client import Client

__all__ = ["Distilled", "Stop", "distill", "teach_linker"]

Floats = npt.NDArray[np.float64]


@register("stop", "stable")
@dataclass(frozen=True, slots=True)
class Stop:
    """In how many rounds pairs are asked about, and when to stop before.

    Stops once the decisions of the student about the candidates agree with those of the round
    before, by Cohen's kappa, `calm` times in a row (Bloodgood and Vijay-Shanker, "A method for
    stopping active learning based on stabilizing predictions", CoNLL 2009).

    Examples
    --------
    >>> Stop().kappa
    0.99
    """

    rounds: int = 4
    kappa: float = 0.99
    calm: int = 2

    def __post_init__(self) -> None:
        if not 0 < self.kappa <= 1 or min(self.rounds, self.calm) < 1:
            raise ArgumentError(
                f"Stop needs kappa in (0, 1], rounds and calm of at least 1; got {self.kappa}, "
                f"{self.rounds} and {self.calm}."
            )


@dataclass(frozen=True, eq=False)
class Distilled:
    """A taught linker and what it was taught.

    Attributes
    ----------
    linker : Linker
        Fitted; its report holds the estimate.
    labels : LabelRun
    student : Student
    """

    linker: Linker
    labels: LabelRun
    student: Student

    def lines(self) -> list[str]:
        """Return the estimates in words."""
        assert self.linker.fitted_ is not None
        report, found = self.linker.fitted_.report, []
        for one in report["estimates"]:
            macro, ends = one["macro_f1"], one["intervals"]["macro_f1"]
            stands = " for all candidates" if one["weighted"] else ""
            figure = "undefined" if macro is None else f"{macro:.3f}"
            if ends["low"] is not None:
                figure += f" ({ends['low']:.3f} to {ends['high']:.3f})"
            found.append(
                f"estimate{stands} against {one['against']}: macro-F1 {figure}, "
                f"{one['pairs']:,} pairs that the student had not seen"
            )
        if not any("person" in one["against"] for one in report["estimates"]):
            found.append("No human labels: the estimate says how well the student follows the "
                         "model, not how right the model is.")  # fmt: skip
        return [*found, f"threshold: {self.linker.threshold:.6g}"]


def distill(
    pool: Pool,
    labeler: LLMLabeler,
    client: Client,
    *,
    pairs: int,
    matcher: Matcher | None = None,
    selection: PairSelection | None = None,
    human: LabelledPairs | None = None,
    stop: Stop | None = None,
    network: PairClassifier | None = None,
) -> Distilled:
    """Have a language model label pairs in rounds, and teach a small matcher.

    Parameters
    ----------
    pool : Pool
    labeler : LLMLabeler
    client : Client
    pairs : int
        Questions at most.
    matcher : Matcher, optional
        The student; a forest by default.
    selection : PairSelection, optional
        The first round draws its random and score shares; in the others a committee of
        students says where it is in doubt.
    human : LabelledPairs, optional
        A person's labels calibrate the answers, and are taught as they are. Some can be shown to
        the model instead: `with_examples`.
    stop : Stop, optional
        Four rounds at most by default.
    network : PairClassifier, optional
        Let a network read the pairs in doubt, taught by the labels and by what the matcher makes
        of further pairs: `network_for_few`.

    Returns
    -------
    Distilled

    Raises
    ------
    LabelError
        If too few pairs were answered to teach anything; the answers are in the store.
    """
    how, rule = selection or PairSelection(), stop or Stop()
    rounds = rule.rounds
    committee = Committee(pool, matcher)
    asked, ended, calm, number = Asked.nothing(), None, 0, 0
    members: Floats | None = None
    for number in range(rounds):
        part = _next(pool, asked, _share(pairs, how, rounds, number), how, members, human)
        part, ended = put(pool, labeler, client, part)
        asked = asked.plus(part)
        if ended is not None or number == rounds - 1:
            break
        before, members = members, committee.ask(_lesson(pool, asked, human)[0])
        if before is not None and members is not None:
            calm = calm + 1 if alike(before, members) >= rule.kappa else 0
        if calm >= rule.calm:
            ended = f"the decisions are stable after {len(asked.left):,} pairs"
            break
    line, chance = verdict_of(asked, human)
    table = rows_of(pool, asked, chance, line, client.endpoint.model)
    run = LabelRun(table, line, client.cost, ended, pool, asked)
    lesson, rows = _lesson(pool, asked, human)
    linker, student = teach_linker(pool, lesson, matcher, network)
    assert linker.fitted_ is not None
    linker.fitted_.report.update(_report(student, lesson, run, rows, human, rounds=number + 1))
    return Distilled(linker, run, student)


def teach_linker(
    pool: Pool,
    lesson: Lesson,
    matcher: Matcher | None = None,
    network: PairClassifier | None = None,
) -> tuple[Linker, Student]:
    """Teach a linker by labelled pairs of a pool."""
    room = Classroom.open(pool.job, pool.cheap, matcher)
    student = teach(room, lesson) if network is None else teach_reader(room, lesson, network)
    job = room.job
    fitted = FittedLinker(
        job.spec, job.statistics, student.matcher, student.threshold, job.mode, {}
    )
    fitted.version = version_of(fitted)
    linker = Linker(job.spec)
    linker.fitted_ = fitted
    return linker, student


def _share(pairs: int, how: PairSelection, rounds: int, number: int) -> int:
    """Say how many pairs are asked up to the end of a round."""
    if rounds == 1 or how.doubt + how.hard == 0:
        return pairs
    first = how.random + how.score
    return round(pairs * (first + (1 - first) * number / (rounds - 1)))


def _next(
    pool: Pool,
    asked: Asked,
    total: int,
    how: PairSelection,
    members: Floats | None,
    human: LabelledPairs | None,
) -> Asked:
    """Draw the pairs of one round."""
    first, later = how.random + how.score, how.doubt + how.hard
    if not len(asked.left):
        if total < 1:
            raise ArgumentError("The budget leaves no pair for the first round.")
        spread = how if later == 0 or first == 0 else replace(
            how, random=how.random / first, score=how.score / first, doubt=0.0, hard=0.0
        )  # fmt: skip
        return draw(pool, total, spread, asked, human=human)
    if later == 0:
        return Asked.nothing()
    pointed = replace(how, random=0.0, score=0.0, doubt=how.doubt / later, hard=how.hard / later)
    return draw(pool, total - len(asked.left), pointed, asked, committee=members)


def _lesson(
    pool: Pool, asked: Asked, human: LabelledPairs | None
) -> tuple[Lesson, npt.NDArray[np.int64]]:
    """Return what there is to learn, and which asked pairs it holds; a person's word counts."""
    chance = verdict_of(asked, human)[1]
    label = np.where(np.isnan(chance), -1, chance >= 0.5)
    if human is not None:
        said = told(asked, human)
        label = np.where(said >= 0, said, label)
    rows = np.flatnonzero(label >= 0)
    key = pair_key(pool.left, pool.right)
    place = np.minimum(np.searchsorted(key, asked.key[rows]), len(key) - 1)
    weight = population_weights(pool.score, place)
    return Lesson(asked.left[rows], asked.right[rows], label[rows] == 1, weight), rows


def _report(
    student: Student,
    lesson: Lesson,
    run: LabelRun,
    rows: npt.NDArray[np.int64],
    human: LabelledPairs | None,
    *,
    rounds: int,
) -> dict[str, Any]:
    """Say what was learned, and how good it is on the random share: against whom it says too."""
    asked = run.asked
    labels = f"{len(rows):,} labels of {run.table['labeler'][0].as_py()}"
    weight = asked.weight[rows]
    drawn = np.flatnonzero(~np.isnan(weight))
    found: dict[str, Any] = {
        "labels": labels,
        "split": f"cross-fitted in {student.folds} folds without a common record",
        "notes": [run.calibration.note] + ([run.stopped] if run.stopped else []),
        "pairs": {"train": len(rows), "valid": 0, "test": 0},
        "matches": {"train": int(lesson.label.sum()), "valid": 0, "test": 0},
        "threshold_note": "chosen on cross-fitted scores, weighted to stand for all candidates",
        "matcher": student.matcher.describe(),
        "rounds": rounds,
        "answered": len(rows),
        "asked": len(asked.left),
        "estimates": [],
    }
    if len(drawn):
        of_model = agreement(student.decision[drawn], lesson.label[drawn], weights=weight[drawn])
        found["estimates"].append(_estimate("the labels of the language model", of_model))
    if human is not None:
        said = told(asked, human)[rows]
        known = np.flatnonzero(said >= 0)
        if len(known):
            of_person = agreement(student.decision[known], said[known] == 1)
            found["estimates"].append(_estimate("a person's labels", of_person))
    return found


def _estimate(against: str, found: Agreement) -> dict[str, Any]:
    return {"against": against, **found.to_dict()}
