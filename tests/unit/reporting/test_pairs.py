"""One pair as a card."""

import math

import pytest

from sameas.reporting.explanation import Explanation, Part
from sameas.reporting.pairs import pair_card


@pytest.mark.parametrize(("raw", "drawn"), [(-2.0, True), (60.0, False)])
def test_a_card_speaks_of_the_dashed_line_where_there_is_one(raw, drawn):
    """A score of 1 says too little of the raw score to place the threshold beside it."""
    ends = ({"source": "a", "id": n, "name": "x"} for n in (1, 2))
    part = Part("name", "name is the same", raw - 1.0, ())
    pair = Explanation(
        *ends, score=1 / (1 + math.pow(2.0, -raw)), threshold=0.5, decision=raw > 0,
        candidate=True, scale="log2", base=1.0, raw=raw, baseline="the prior", parts=(part,),
    )  # fmt: skip
    card = pair_card(pair)
    assert ('class="zero"' in card) is drawn
    assert ("A dashed line is the threshold." in card) is drawn
