import click
import pytest

from sameas.cli._goals import checked_goal, goal_of
from sameas.evaluation import ExpectedCost, FBeta, OneToOne, PrecisionAtLeast, ReviewBand


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("f1", FBeta(1, replicates=100)),
        ("f.5", FBeta(0.5, replicates=100)),
        ("precision=0.99", PrecisionAtLeast(0.99)),
        ("precision=0.99@0.9", PrecisionAtLeast(0.99, 0.9)),
        ("cost=5:1", ExpectedCost(5, 1)),
        ("cost=5:1:0.2", ExpectedCost(5, 1, 0.2)),
        ("one-to-one", OneToOne(FBeta(1, replicates=100))),
        ("one-to-one,precision=0.9", OneToOne(PrecisionAtLeast(0.9))),
        ("f2,review=0.98:0.02", ReviewBand(FBeta(2, replicates=100), 0.98, 0.02)),
        ("one-to-one,f1,review=0.9:0@0.9",
         ReviewBand(OneToOne(FBeta(1, replicates=100)), 0.9, 0, 0.9)),
    ],
)  # fmt: skip
def test_goals(text, goal):
    assert checked_goal(None, None, text) == text
    assert goal_of(text) == goal


@pytest.mark.parametrize(
    "text", ["best", "f0", "f", "precision=2", "precision=0", "f1,f2", "f1,precision=0.9", "cost=5",
             "cost=0:1", "f1,", "review=0.9"],
)  # fmt: skip
def test_what_is_no_goal_is_refused(text):
    with pytest.raises(click.BadParameter):
        checked_goal(None, None, text)
