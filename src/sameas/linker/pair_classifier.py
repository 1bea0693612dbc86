"""The pair classifier: a network reads both records where a first matcher leaves a doubt.

A small matcher over comparisons and context comes first. Where its score is plainly low or high
nothing is asked of the network; for the pairs between it gives the log-odds of a match, one more
column for the final matcher, which weighs it against all comparisons. `pair_fitting` teaches it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, SavedLinkerError
from sameas.core.prepared import IntArray
from sameas.core.specs import register
from sameas.labeling import deal_folds, folds_can_teach
from sameas.linker.opinion import Opinion, OpinionColumns
from sameas.linker.pair_network import FILES, PairNetwork, Texts, record_columns
from sameas.linker.rivals import FittedRivals
from sameas.matching import Boosting, FittedMatcher, Matcher
from sameas.matching.base import saved_table
from sameas.matching.parts import part_of, tables_of_parts
from sameas.models.pairs import PAPER, Serialisation, Shuffled
from sameas.models.training import TrainOptions

if TYPE_CHECKING:
    from sameas.linker.job import Job

__all__ = ["BAND", "COLUMN", "FittedPairClassifier", "PairClassifier", "metres_of"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]

#: The column that the final matcher sees beside comparisons and context.
COLUMN = "pair_classifier_log_odds"
#: The column of the comparison `Distance`, in metres.
DISTANCE = "distance"
#: One row: the first scores between which the network is asked; what was measured on train and
#: valid pairs: the share of pairs between them, and the share on the wrong side of them.
BAND = pa.schema([pa.field(name, pa.float64()) for name in ("low", "high", "asked", "lost")])
_FIRST = Boosting(iterations=100, learning_rate=0.1, leaves=8, min_leaf=10, columns_per_split=0.3)


@register("second_pass", "pair_classifier")
@dataclass(frozen=True, slots=True)
class PairClassifier:
    """Let a transformer that reads both records judge the pairs that a first matcher leaves open.

    Parameters
    ----------
    model : str
        Any transformer with weights: a folder, an installed package, the hub. It is fine-tuned
        on the labelled pairs.
    fields : tuple of str
        What it reads of a record, in this order. By default all fields of the linker that have
        values, but the silver one, and without coordinates where the form tells the distance.
    form : Serialisation, optional
        How a record becomes a text. By default as attributes; where the linker compares
        positions, with the distance in words.
    layers : int, optional
        Take only so many first layers of the model: training and reading cost so much less.
    augment : Shuffled, optional
        Changes of the training pairs.
    options : TrainOptions
        By default those of the paper. The best weights are those of the valid pairs.
    matcher : Matcher
        The first matcher.
    folds : int
        The network is trained once on all training pairs, and once without each fold of the left
        records; two folds double the time.
    loss : float
        Largest share of the matches that the first matcher may put below the pairs that are
        asked, and of the others above them, on train and valid pairs.
    margin : float
        The bounds are moved outwards to this share of what `loss` allows, for new pairs are not
        the labelled ones.
    int8 : bool
        Weights of the saved network as 8-bit integers: a quarter of the size, half the time.
    only_open : bool
        Train the network on the pairs in doubt alone, those that it will be asked about: a part
        of the time, where comparisons decide the rest.
    unlabelled : int
        So many candidates without a label teach the network too, spread over the scores of the
        first matcher, which says how likely each is a match. For a few hundred labels: a network
        learns little from so few texts, a forest much from their comparisons.
    opinion : Opinion, optional
        What a matcher without labels thinks of a pair, shown to both matchers; `distill` sets it.

    Examples
    --------
    >>> network = PairClassifier("all-MiniLM-L6-v2", loss=0.0)
    >>> network.band(np.array([0.2, 0.9, 0.6, 0.1]), np.array([False, True, True, False]))
    (0.3, 0.6)
    """

    model: str
    fields: tuple[str, ...] = ()
    form: Serialisation | None = None
    layers: int | None = None
    augment: Shuffled | None = None
    options: TrainOptions = PAPER
    matcher: Matcher = _FIRST
    folds: int = 2
    loss: float = 0.002
    margin: float = 0.5
    int8: bool = True
    only_open: bool = False
    unlabelled: int = 0
    opinion: Opinion | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", tuple(self.fields))
        if not isinstance(self.model, str) or not self.model:
            raise ArgumentError(f"model must be the name of a transformer, got {self.model!r}.")
        if self.layers is not None and self.layers < 1:
            raise ArgumentError(f"layers must be at least 1, got {self.layers}.")
        if self.folds < 2:
            raise ArgumentError(f"folds must be at least 2, got {self.folds}.")
        if not 0 <= self.loss < 1:
            raise ArgumentError(f"loss must be a share in [0, 1), got {self.loss}.")
        if not 0 < self.margin <= 1:
            raise ArgumentError(f"margin must be in (0, 1], got {self.margin}.")
        if self.unlabelled < 0:
            raise ArgumentError(f"unlabelled must be at least 0, got {self.unlabelled}.")

    def names(self) -> tuple[str, ...]:
        """Name the columns that are added."""
        return (*(self.opinion.names() if self.opinion else ()), COLUMN)

    def band(self, score: Scores, label: Bools) -> tuple[float, float]:
        """Choose the first scores between which the network is asked."""
        match, other = np.sort(score[label]), np.sort(score[~label])
        lowest = match[int(self.loss * len(match))]
        highest = other[len(other) - 1 - int(self.loss * len(other))]
        low, high = sorted((self.margin * lowest, 1 - self.margin * (1 - highest)))
        return float(low), float(high)

    def can_fit(self, left: IntArray, label: Bools) -> bool:
        """Say whether every network would see both kinds of pairs."""
        return folds_can_teach(label, deal_folds(left, self.folds), self.folds)

    def load(self, spec: Matcher, tables: Mapping[str, pa.Table]) -> FittedPairClassifier:
        """Read what `FittedPairClassifier.to_tables` wrote.

        Raises
        ------
        SavedLinkerError
            If a table is missing or damaged.
        """
        bounds = saved_table(tables, "band", BAND).to_pylist()
        if len(bounds) != 1:
            raise SavedLinkerError("Table 'band' of the saved matcher must hold one row.")
        network = PairNetwork(saved_table(tables, "network", FILES), self.form or Serialisation())
        first = self.matcher.load(part_of(tables, "first"))
        final = spec.load(part_of(tables, "final"))
        opinion = None
        if self.opinion is not None:
            names = first.names[: -len(self.opinion.names())]
            opinion = self.opinion.load_columns(tables, names)
        return FittedPairClassifier(self, first, network, final, bounds[0], opinion)


@dataclass(frozen=True)
class FittedPairClassifier:
    """A first matcher, the network, and the final matcher that sees what the network said.

    Attributes
    ----------
    spec : PairClassifier
        With the fields that the network reads.
    first : FittedMatcher
    network : PairNetwork
    final : FittedMatcher
    bounds : dict of str to float
        The row of `BAND`.
    opinion : OpinionColumns or None
        What both matchers see beside comparisons and context.
    """

    spec: PairClassifier
    first: FittedMatcher
    network: PairNetwork
    final: FittedMatcher
    bounds: dict[str, float]
    opinion: OpinionColumns | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the final matcher."""
        return self.final.names

    @property
    def rivals(self) -> FittedRivals | None:
        """The matcher whose candidates compete, if they do."""
        return None if self.opinion is None else self.opinion.rivals

    def own(self, job: Job) -> Scores:
        """Return the log-odds of every candidate by the opinion itself."""
        assert self.opinion is not None
        return self.opinion.own(job)

    def score(self, features: Floats, *, names: Sequence[str] | None = None) -> Any:
        """Score rows that hold the log-odds of the network too."""
        return self.final.score(features, names=names)

    def to_tables(self) -> dict[str, pa.Table]:
        """Return the tables of both matchers, under prefixes, the bounds, and the network."""
        parts = {"first": self.first, "final": self.final}
        if self.opinion is not None:
            parts["opinion"] = self.opinion.matcher
        tables = tables_of_parts(parts)
        bounds = pa.Table.from_pylist([self.bounds], schema=BAND)
        return tables | {"band": bounds, "network": self.network.files}

    def describe(self) -> str:
        """Say what was learned."""
        low, high, asked, lost = (self.bounds[name] for name in BAND.names)
        return (
            f"first: {self.first.describe()}\n"
            f"from {low:.4g} to {high:.4g} of its scores {self.spec.model} as pair classifier "
            f"reads {', '.join(self.spec.fields)}: {asked:.1%} of the labelled pairs, {lost:.2%} "
            f"lie beyond on the wrong side\nthen: {self.final.describe()}"
        )

    def window(self, job: Job) -> tuple[Any, Texts]:
        """Let the candidates compete, where the opinion does that; gather all texts."""
        return self.window_of(job, None if self.opinion is None else self.opinion.window(job))

    def window_of(self, job: Job, contest: Any) -> tuple[Any, Texts]:
        """Gather the texts of all records, where the candidates have competed already."""
        return contest, record_columns(job.records, self.spec.fields)

    def complete(
        self,
        features: Floats,
        left: IntArray,
        right: IntArray,
        listed: Bools,
        window: tuple[Any, Texts],
    ) -> Floats:
        """Add what the network says of the pairs in doubt to comparisons and context."""
        contest, texts = window
        if self.opinion is not None:
            features = self.opinion.complete(features, left, right, listed, contest)
        first = np.asarray(self.first.score(features))
        asked = np.flatnonzero((first >= self.bounds["low"]) & (first <= self.bounds["high"]))
        extra = np.full((len(left), 1), np.nan, np.float32)
        metres = metres_of(self.network.form, features, self.first.names)
        extra[asked, 0] = self.network.log_odds(
            texts, left[asked], right[asked], None if metres is None else metres[asked]
        )
        return np.hstack([features, extra])


def metres_of(form: Serialisation, features: Floats, names: Sequence[str]) -> Floats | None:
    """Return the distances that a form tells, a column of the comparisons; None if it tells none.

    Raises
    ------
    ArgumentError
        If the linker does not compare positions.
    """
    if form.distance is None:
        return None
    if DISTANCE not in names:
        raise ArgumentError(
            f"form tells the {form.distance} of the distance, but no comparison measures it: add "
            f"Distance(latitude, longitude) to the comparisons. There are {', '.join(names)}."
        )
    return np.ascontiguousarray(features[:, list(names).index(DISTANCE)])
