"""A language model as a labeler: one question a pair, and how much likelier yes was than no."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.specs import register
from sameas.labeling.questions import Example, Question
from sameas.models.client import Answers, ChatAnswer, Client, Cost, choice_logprobs

__all__ = ["LLMLabeler", "Verdicts"]

_WORD = re.compile(r"\b(yes|no|true|false)\b", re.IGNORECASE)
_YES = ("yes", "true")


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """What a language model said of pairs.

    Attributes
    ----------
    said : int8[n]
        The written answer: 1 yes, 0 no, -1 neither, or no answer at all.
    log_odds : float64[n]
        Log-probability of yes minus that of no; NaN where the server gave none.
    text : tuple of str
        What was written.
    error : tuple of (str or None)
        Why there is no answer.
    cost : Cost
        Of this job; answers from the store cost nothing.
    stopped : str or None
        Why the job ended before all pairs were asked.
    """

    said: npt.NDArray[np.int8]
    log_odds: npt.NDArray[np.float64]
    text: tuple[str, ...]
    error: tuple[str | None, ...]
    cost: Cost
    stopped: str | None = None

    @property
    def answered(self) -> npt.NDArray[np.bool_]:
        """Say which pairs have a written answer or a log-probability."""
        return (self.said >= 0) | ~np.isnan(self.log_odds)


@register("labeler", "llm")
@dataclass(frozen=True, slots=True)
class LLMLabeler:
    """Ask a language model about pairs.

    Parameters
    ----------
    question : Question
    examples : tuple of Example
        Labelled pairs shown before every question (few-shot).
    top_logprobs : int
        Alternatives a token to ask for; 0 for servers that refuse.

    Examples
    --------
    >>> labeler = LLMLabeler(Question("mineral site"))
    >>> request = labeler.question.request({"name": "Star"}, {"name": "Star Mine"})
    >>> request.turns[-1].content[:46]
    'A is {name:Star}. B is {name:Star Mine}. Do th'
    """

    question: Question = field(default_factory=Question)
    examples: tuple[Example, ...] = ()
    top_logprobs: int = 10

    def __post_init__(self) -> None:
        object.__setattr__(self, "examples", tuple(self.examples))

    def ask(
        self,
        left: Sequence[Mapping[str, Any]],
        right: Sequence[Mapping[str, Any]],
        client: Client,
        *,
        sample: int = 0,
    ) -> Verdicts:
        """Ask about each pair of records.

        Parameters
        ----------
        left, right : sequence of mapping
            Records of the pairs, attributes by name.
        client : Client
            Its store keeps every answer: an interrupted job resumes, a repeated one is free.
        sample : int
            Tells repeated questions apart.

        Returns
        -------
        Verdicts
            In the order of the pairs. When the budget ends or requests fail, the rest has no
            answer, and `error` and `stopped` say why. Nothing is raised for that.
        """
        if len(left) != len(right):
            raise ArgumentError(f"left has {len(left)} records and right has {len(right)}.")
        requests = [
            self.question.request(
                a, b, examples=self.examples, top_logprobs=self.top_logprobs, sample=sample
            )
            for a, b in zip(left, right, strict=True)
        ]
        return read_answers(client.chat(requests, partial=True))


def read_answers(answers: Answers) -> Verdicts:
    """Read verdicts from the answers of a client."""
    odds = [choice_logprobs(one) for one in answers]
    return Verdicts(
        said=np.array([_said(one) for one in answers], np.int8),
        log_odds=np.array(
            [np.nan if one is None else one["yes"] - one["no"] for one in odds], np.float64
        ),
        text=tuple(one.text for one in answers),
        error=tuple(_error(one) for one in answers),
        cost=answers.cost,
        stopped=answers.stopped,
    )


def _said(answer: ChatAnswer) -> int:
    if isinstance(answer.parsed, dict) and isinstance(answer.parsed.get("match"), bool):
        return int(answer.parsed["match"])
    found = _WORD.search(answer.text)
    return -1 if found is None else int(found[0].casefold() in _YES)


def _error(answer: ChatAnswer) -> str | None:
    """Return why there is no answer; text that is no JSON may still say yes or no."""
    return answer.error if not answer.text else None
