"""``sameas fit --matcher pair-classifier``: what is refused, and what the linker becomes."""

import pytest

from sameas.cli._network import NetworkChoice, with_network
from sameas.linker import Linker, PairClassifier
from sameas.recipes import places


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--matcher", "pair-classifier"], "needs --model NAME"),
        (["--model", "x"], "--model belongs to --matcher pair-classifier"),
        (["--max-length", "99"], "--max-length belongs to"),
        (["--layers", "3"], "--layers belongs to"),
        (["--unlabelled", "3"], "--unlabelled belongs to"),
        (["--matcher", "pair-classifer", "--model", "x"], "pair-classifier"),
        (["--matcher", "pair-classifier", "--model", "x", "--engine", "spark"], "on one machine"),
    ],
)
def test_options_that_do_not_fit(options, message, sameas) -> None:
    ended = sameas("fit", "a.csv", "b.csv", "--labels", "c.csv", "--save", "m", *options)
    assert ended.code == 2
    assert message in ended.err


def test_the_network_takes_the_place_of_the_cascade() -> None:
    plain = Linker(places(silver=None).spec)
    assert with_network(plain, NetworkChoice()) is plain
    assert plain.spec.cascade is not None
    found = with_network(plain, NetworkChoice("pair-classifier", "m", 3, 64, 2, 500)).spec
    assert found.cascade is None
    assert isinstance(found.second_pass, PairClassifier)
    assert (found.second_pass.options.epochs, found.second_pass.options.max_length) == (3, 64)
    assert (found.second_pass.layers, found.second_pass.unlabelled) == (2, 500)
    assert found.second_pass.options.warm_up == 0, "the rest as in the paper"
    assert found.comparisons == plain.spec.comparisons
