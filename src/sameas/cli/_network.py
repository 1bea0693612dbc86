"""The options of a network that reads pairs, and the linker with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from sameas.cli._options import gathered
from sameas.cli._types import NearestChoice, WholeNumber
from sameas.core.dataclass import dataclass

if TYPE_CHECKING:
    from sameas.linker import Linker, PairClassifier

__all__ = [
    "NetworkChoice",
    "ReaderChoice",
    "check_network",
    "network_options",
    "reader_options",
    "with_network",
]


@dataclass(frozen=True, slots=True)
class NetworkChoice:
    """Whether a network reads the pairs in doubt, and which."""

    matcher: str = "recipe"
    model: str | None = None
    epochs: int | None = None
    max_length: int | None = None
    layers: int | None = None
    unlabelled: int | None = None


@dataclass(frozen=True, slots=True)
class ReaderChoice:
    """Which network reads, where a language model's labels teach it."""

    reader: str | None = None
    layers: int | None = None
    unlabelled: int | None = None

    def network(self, matcher: str) -> PairClassifier | None:
        """Return the settings of the network, if the matcher has one.

        Raises
        ------
        click.UsageError
            If options contradict each other.
        """
        given = {name: value for name in ("reader", "layers", "unlabelled")
                 if (value := getattr(self, name)) is not None}  # fmt: skip
        if matcher != "pair-classifier":
            for name in given:
                raise click.UsageError(f"--{name} belongs to --matcher pair-classifier.")
            return None
        if self.reader is None:
            raise click.UsageError(
                "--matcher pair-classifier needs --reader NAME: a transformer with weights, such "
                "as all-MiniLM-L6-v2."
            )
        from sameas.linker import network_for_few

        return network_for_few(given.pop("reader"), **given)


_LAYERS = click.option(
    "--layers", type=WholeNumber(min=1), metavar="N",
    help="Only the first layers of the transformer: half of them take half the time. "
         "[default: all]",
)  # fmt: skip
_READER = (
    click.option("--reader", metavar="NAME",
                 help="With --matcher pair-classifier: any transformer with weights; a folder, an "
                      "installed package, the hub."),
    _LAYERS,
    click.option("--unlabelled", type=WholeNumber(min=0), metavar="N",
                 help="Pairs that nobody asked about and that the forest labels for the "
                      "transformer. [default: 1,500]"),
)  # fmt: skip
_OPTIONS = (
    click.option("--matcher", default="recipe", show_default=True,
                 type=NearestChoice(["recipe", "fellegi-sunter", "pair-classifier"]),
                 help="recipe: the matcher of the recipe, plan or fields; fellegi-sunter: levels "
                      "of agreement, also where nobody labelled pairs; "
                      "pair-classifier: before that of the recipe a transformer reads the pairs "
                      "in doubt, fine-tuned on the labels, and what it says is one more column."),
    click.option("--model", metavar="NAME",
                 help="With --matcher pair-classifier: any transformer with weights; a folder, an "
                      "installed package, the hub."),
    click.option("--epochs", type=WholeNumber(min=1), metavar="N",
                 help="Passes through the training pairs. [default: 10]"),
    click.option("--max-length", type=WholeNumber(min=8), metavar="N",
                 help="Tokens of two records together. [default: 512]"),
    _LAYERS,
    click.option("--unlabelled", type=WholeNumber(min=0), metavar="N",
                 help="Candidates without a label that the first matcher labels for the "
                      "transformer; worth it with a few hundred labels. [default: 0]"),
)  # fmt: skip


def reader_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what belongs to a network that a language model's labels teach, as ``reader``."""
    return gathered("reader", ReaderChoice, _READER)(function)


def network_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--matcher`` and what belongs to a network, as ``network``."""
    return gathered("network", NetworkChoice, _OPTIONS)(function)


def check_network(choice: NetworkChoice) -> None:
    """Refuse options that contradict each other before any work is done.

    Raises
    ------
    click.UsageError
    """
    if choice.matcher == "pair-classifier":
        if choice.model is None:
            raise click.UsageError(
                "--matcher pair-classifier needs --model NAME: a transformer with weights, such "
                "as roberta-base or all-MiniLM-L6-v2."
            )
        return
    for name in ("model", "epochs", "max_length", "layers", "unlabelled"):
        if getattr(choice, name) is not None:
            option = f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{option} belongs to --matcher pair-classifier.")


def with_network(linker: Linker, choice: NetworkChoice) -> Linker:
    """Return the linker with the matcher that was asked for, a network before it perhaps."""
    if choice.matcher == "fellegi-sunter":
        from sameas.linker import Linker
        from sameas.matching import FellegiSunter

        spec = replace(linker.spec, matcher=FellegiSunter(), second_pass=None, cascade=None)
        return Linker(spec)
    if choice.matcher != "pair-classifier":
        return linker
    from sameas.linker import Linker, PairClassifier
    from sameas.models.pairs import PAPER

    options = replace(
        PAPER,
        epochs=choice.epochs or PAPER.epochs,
        max_length=choice.max_length or PAPER.max_length,
    )
    network = PairClassifier(
        str(choice.model), layers=choice.layers, options=options,
        unlabelled=choice.unlabelled or 0,
    )  # fmt: skip
    return Linker(replace(linker.spec, second_pass=network, cascade=None, cross_fit=None))
