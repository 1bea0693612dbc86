"""Self-training: a matcher that makes its own labels, and how it goes about it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace

import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.specs import register
from sameas.matching.base import Features, Labels, Weights
from sameas.matching.boosting import Boosting
from sameas.matching.ensemble import TreeEnsemble

__all__ = ["SelfTraining"]

_TREES = Boosting(
    iterations=40, learning_rate=0.1, leaves=8, depth=None, columns_per_split=0.3, forest=0.3,
    forest_trees=50,
)  # fmt: skip


@register("matcher", "self_training")
@dataclass(frozen=True, slots=True)
class SelfTraining:
    """Learn without labels: first guesses become labels, trees learn what they share.

    Two tables: two opinions are asked for. One is of the candidates that are the best of a
    record by the first similarities of the context: they are matches as far as they are more
    alike than what is left to a record when its best candidate is taken away. The other is that
    of a `FellegiSunter` model of the same candidates, which also says how far a record has one
    partner only. A pair counts as far as both agree. Boosted trees learn that from the
    comparisons, each fold from the others, so what the guesses have in common stays and their
    errors do not, and what the opinions differ in is decided by the trees. Then the best
    candidates by the trees are judged like those by the first similarities, and trees learn from
    the mean of that and of the first guess, this time without the first similarities: where the
    first guess is wrong, these are what it looked at. The share of matches among all pairs is
    estimated anew, for it is greater than among those of one mind. Last, pairs that share a record
    compete, as far as partners are found to be exclusive.

    One table is taken as two copies of itself. There what one hand wrote is most alike, so from the
    second round on the first similarities have no say beside the trees, and there are six rounds.
    Of more than two tables each two are linked like two alone; the share of records with one
    partner only is measured for all together. Tables with duplicates of their own
    (`also-within`): the guess is a cut of the first similarity, there is one round, and nothing
    competes.

    With labels it is these trees alone.

    Parameters
    ----------
    trees : Boosting
        The trees of one fold. Directions (`monotone`) come from the comparisons; more can be
        given. The forest beside them is steadier against wrong guesses; it is left out where the
        guesses are more than 50,000, for it would take minutes.
    near : int
        The fit looks at candidates that are among so many best of one of their records.
    folds : int
        At least 2. The final matcher is the mean of so many boostings.
    rounds : int, optional
        From the second on the trees of the last one say which candidates are the best. By
        default two, and six inside one table.
    others : int
        Plain non-matches that each fold learns from; they stand for all.
    bins : int
        Distinct values of a column that the trees can tell apart.

    Notes
    -----
    Training needs the extra ``train``. On 20 sets of products, papers, places and songs (train
    and valid pairs) it was better than mutual best candidates, and than `FellegiSunter` by
    itself on nearly all. A third round gained nothing on the mean.

    Examples
    --------
    >>> SelfTraining().trees.iterations
    40
    """

    trees: Boosting = _TREES
    near: int = 5
    folds: int = 3
    rounds: int | None = None
    others: int = 8000
    bins: int = 100

    def __post_init__(self) -> None:
        least = {"near": 1, "folds": 2, "rounds": 1, "others": 100, "bins": 2}
        for name, low in least.items():
            if getattr(self, name) is not None and getattr(self, name) < low:
                raise ArgumentError(f"{name} must be at least {low}, got {getattr(self, name)}.")

    def fit(
        self,
        features: Features,
        labels: Labels,
        *,
        names: tuple[str, ...],
        seed: int,
        weights: Weights | None = None,
    ) -> TreeEnsemble:
        """Learn from labelled pairs; see `Matcher.fit`."""
        return self.trees.fit(features, labels, names=names, seed=seed, weights=weights)

    def load(self, tables: Mapping[str, pa.Table]) -> TreeEnsemble:
        """Read a fitted matcher; see `Matcher.load`."""
        return TreeEnsemble.from_tables(tables)

    def without(self, names: Set[str]) -> SelfTraining:
        """Drop the directions of columns that are gone; `names` are those that are left."""
        return replace(self, trees=self.trees.without(names))
