"""How likely each of a few short answers was, from the log-probabilities of tokens."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from sameas.models.client.requests import ChatAnswer, TokenLogprob

__all__ = ["YES_NO", "choice_logprobs"]

#: Spellings of yes and no; true and false for answers in JSON.
YES_NO: Mapping[str, tuple[str, ...]] = {"yes": ("yes", "true"), "no": ("no", "false")}


def choice_logprobs(
    answer: ChatAnswer, choices: Mapping[str, Sequence[str]] = YES_NO
) -> dict[str, float] | None:
    """Return the natural log-probability of each choice where the model chose.

    Spellings with other capitals, spaces or punctuation around them are added up. That place is
    the first token that is a spelling itself, so it is found inside JSON too; without one, the
    first token whose alternatives hold a spelling.

    Parameters
    ----------
    answer : ChatAnswer
        Of a request with `top_logprobs`, best 10 or more.
    choices : mapping of str to spellings

    Returns
    -------
    dict or None
        A choice that is not among the alternatives gets the most it can have: no more than the
        least alternative, and no more than what the alternatives leave. None when no token has
        any of the choices, or the server gave no log-probabilities.

    Examples
    --------
    >>> token = TokenLogprob("Yes", -0.1, (("Yes", -0.1), (" yes", -3.0), ("No", -3.0)))
    >>> found = choice_logprobs(ChatAnswer("Yes", logprobs=(token,)))
    >>> round(found["yes"] - found["no"], 3)
    2.954
    """
    names = {_bare(text): name for name, texts in choices.items() for text in texts}
    place = next((one for one in answer.logprobs if _bare(one.token) in names), None)
    if place is None:
        place = next(
            (one for one in answer.logprobs if any(_bare(text) in names for text, _ in one.top)),
            None,
        )
    return None if place is None else _at(place, choices, names)


def _at(
    place: TokenLogprob, choices: Mapping[str, Sequence[str]], names: Mapping[str, str]
) -> dict[str, float]:
    seen = {place.token: place.logprob, **dict(place.top)}
    mass = dict.fromkeys(choices, 0.0)
    for text, logprob in seen.items():
        if (name := names.get(_bare(text))) is not None:
            mass[name] += math.exp(logprob)
    left = max(1.0 - sum(math.exp(logprob) for logprob in seen.values()), 1e-9)
    most = min(left, math.exp(min(seen.values())))
    most = max(most, 1e-30)
    return {name: math.log(value if value > 0 else most) for name, value in mass.items()}


def _bare(text: str) -> str:
    return re.sub(r"[\W_\u2581\u0120]+", "", text).casefold()
