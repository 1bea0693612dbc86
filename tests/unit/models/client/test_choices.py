from __future__ import annotations

import math

import pytest

from sameas.models.client import ChatAnswer, TokenLogprob, choice_logprobs


def test_the_place_of_the_choice_is_found_inside_json() -> None:
    tokens = (
        TokenLogprob('{"', -0.01, (('{"', -0.01), ("no", -6.0))),
        TokenLogprob("match", -0.01, (("match", -0.01),)),
        TokenLogprob(" true", -0.5, ((" true", -0.5), (" false", -1.0))),
    )
    found = choice_logprobs(ChatAnswer(logprobs=tokens))
    assert found == pytest.approx({"yes": -0.5, "no": -1.0})


def test_without_a_chosen_spelling_the_alternatives_are_read() -> None:
    tokens = (TokenLogprob("I", -0.1, (("I", -0.1), ("Yes", -3.0), ("YES.", -4.0), ("No", -5.0))),)
    found = choice_logprobs(ChatAnswer(logprobs=tokens))
    assert found is not None
    assert found["yes"] == pytest.approx(math.log(math.exp(-3.0) + math.exp(-4.0)))
    assert found["no"] == pytest.approx(-5.0)


def test_an_absent_choice_gets_the_most_it_can_have() -> None:
    token = TokenLogprob("yes", math.log(0.9), (("yes", math.log(0.9)), ("well", math.log(0.06))))
    found = choice_logprobs(ChatAnswer(logprobs=(token,)))
    assert found is not None
    assert math.exp(found["no"]) == pytest.approx(0.04)
    sure = TokenLogprob("yes", 0.0, (("yes", 0.0), ("no", float("-inf"))))
    found = choice_logprobs(ChatAnswer(logprobs=(sure,)))
    assert found is not None
    assert math.isfinite(found["no"])


def test_no_log_probabilities_or_no_choice() -> None:
    assert choice_logprobs(ChatAnswer("yes")) is None
    tokens = (TokenLogprob("Nothing", -0.1, (("Nothing", -0.1), ("Not", -2.0))),)
    assert choice_logprobs(ChatAnswer(logprobs=tokens)) is None


def test_own_choices() -> None:
    tokens = (TokenLogprob("B", -0.2, (("B", -0.2), ("A", -1.7))),)
    found = choice_logprobs(ChatAnswer(logprobs=tokens), {"first": ("a",), "second": ("b",)})
    assert found == pytest.approx({"first": -1.7, "second": -0.2})
