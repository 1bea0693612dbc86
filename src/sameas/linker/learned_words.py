"""What words say of a match is learned from the training pairs, beside what all else says.

A first matcher, cross-fitted, gives the log-odds of each training pair. A logistic regression
adds to them a weight for each word that stays unmatched. What the column holds for a training
pair comes from pairs of other records; on new pairs it comes from the weights of all, which are
kept as statistics of the linker.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.comparison import LearnedWords
from sameas.core.prepared import IntArray, Tokens
from sameas.core.tables import LEARNED_WORDS
from sameas.labeling import deal_folds, folds_can_teach
from sameas.linker.spec import LinkerSpec
from sameas.matching import Boosting

if TYPE_CHECKING:
    from sameas.linker.job import Job

__all__ = ["can_learn_words", "learn_words", "telling_words", "without_learned_words"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Weights = npt.NDArray[np.float64]

logger = logging.getLogger(__name__)
_FIRST = Boosting(iterations=100, learning_rate=0.1, leaves=8, min_leaf=10, columns_per_split=0.3)
#: Training pairs get their weights of words from the other folds.
_FOLDS = 3
#: With fewer training matches a word is seen too seldom to be judged.
_FEWEST_MATCHES = 100
#: In so many training pairs a word must stay unmatched to have a weight.
_FEWEST_PAIRS = 4
#: Inverse strength of the pull of the weights towards 0, as in scikit-learn.
_STRENGTH = 0.1
_SURE = 1e-4
_MOST_TOLD = 8


def without_learned_words(spec: LinkerSpec) -> LinkerSpec:
    """Leave out the comparisons that only labels can teach."""
    left = tuple(item for item in spec.comparisons if not isinstance(item, LearnedWords))
    return spec if len(left) == len(spec.comparisons) else spec.keeping(left)


def learn_words(
    job: Job,
    features: Floats,
    pairs: tuple[IntArray, IntArray],
    label: Bools,
    train: Bools,
    *,
    dealt: IntArray | None = None,
) -> Floats:
    """Learn the weights of the job's `LearnedWords` and give the labelled pairs their columns.

    Parameters
    ----------
    job : Job
        Its statistics and prepared columns take the weights; with too few matches its
        comparisons lose the `LearnedWords`.
    features : float32[p, k]
        Comparisons and context of the labelled pairs.
    pairs : (left int32[p], right int32[p])
    label, train : bool[p]
    dealt : int32[p], optional
        What is dealt into folds; the left record of each pair by default.

    Returns
    -------
    float32[p, k], or with fewer columns
    """
    learned = [item for item in job.spec.comparisons if isinstance(item, LearnedWords)]
    if not learned:
        return features
    dealt = job.number(pairs[0]) if dealt is None else dealt
    names, fold = job.spec.base_names(), deal_folds(dealt, _FOLDS)
    if not can_learn_words(label, train, dealt):
        logger.info("Too few matches to learn what words say: LearnedWords is left out.")
        job.spec = without_learned_words(job.spec)
        return features[:, [names.index(name) for name in job.spec.base_names()]]
    odds = _first_odds(features, label, train, fold, names=names, seed=job.spec.seed)
    features = features.copy()
    for item in learned:
        column = names.index(item.names()[0])
        words = _Words(job.columns[item.needs()[0]], *item.unmatched(job.columns, *pairs))
        for number in range(_FOLDS):
            mine = train & (fold == number)
            weight = words.weights(odds, label, train & ~mine)
            features[mine, column] += words.sums(weight, mine)
        weight = words.weights(odds, label, train)
        need = item.needs()[0]
        job.statistics[need.slug] = words.table(weight)
        job.columns = {**job.columns, need: replace(words.tokens, weight=weight)}
        rest = ~train
        (features[rest, column],) = item.values(job.columns, pairs[0][rest], pairs[1][rest])
    return features


def telling_words(job: Job) -> dict[str, dict[str, list[str]]]:
    """Return the words that say most, by column: ``against`` a match and ``for`` it."""
    found = {}
    for item in job.spec.comparisons:
        if isinstance(item, LearnedWords):
            table = job.statistics[item.needs()[0].slug].sort_by("weight")
            words, weight = table["word"].to_pylist(), table["weight"].to_numpy()
            low, high = int((weight < 0).sum()), int((weight > 0).sum())
            found[item.names()[0]] = {
                "against": words[: min(low, _MOST_TOLD)],
                "for": words[::-1][: min(high, _MOST_TOLD)],
            }
    return found


def can_learn_words(label: Bools, train: Bools, dealt: IntArray) -> bool:
    """Say whether there are matches enough, and both kinds of pairs outside of every fold."""
    both = folds_can_teach(label[train], deal_folds(dealt, _FOLDS)[train], _FOLDS)
    return both and int(label[train].sum()) >= _FEWEST_MATCHES


def _first_odds(
    features: Floats, label: Bools, train: Bools, fold: npt.NDArray[np.int64], **settings: Any
) -> Weights:
    """Return the log-odds of training pairs by matchers that have not seen their left records."""
    odds = np.zeros(len(label))
    for number in range(_FOLDS):
        mine, rest = train & (fold == number), train & (fold != number)
        first = _FIRST.fit(features[rest], label[rest], **settings)
        score = np.clip(first.score(features[mine]), _SURE, 1 - _SURE)
        odds[mine] = np.log(score / (1 - score))
    return odds


class _Words:
    """The unmatched words of the labelled pairs: ``token[begin[p]:begin[p + 1]]`` of pair p."""

    def __init__(self, tokens: Tokens, begin: npt.NDArray[np.int64], token: IntArray) -> None:
        self.tokens = tokens
        self._token = token
        self._pair = np.repeat(np.arange(len(begin) - 1), np.diff(begin))

    def weights(self, odds: Weights, label: Bools, rows: Bools) -> Weights:
        """Learn a weight for each word from some pairs, 0 for those seen too seldom."""
        from scipy.sparse import csr_matrix, hstack
        from sklearn.linear_model import LogisticRegression

        weight = np.zeros(len(self.tokens.weight))
        inside = rows[self._pair]
        seen = np.bincount(self._token[inside], minlength=len(weight))
        known = np.flatnonzero(seen >= _FEWEST_PAIRS)
        known = known[[not word.isdigit() for word in self._spelled(known)]]
        if not len(known):
            return weight
        place = np.full(len(weight), -1)
        place[known] = np.arange(len(known))
        inside &= place[self._token] >= 0
        number = np.cumsum(rows) - 1
        where = number[self._pair[inside]], place[self._token[inside]]
        shape = int(rows.sum()), len(known)
        counted = csr_matrix((np.ones(len(where[0])), where), shape=shape)
        model = LogisticRegression(C=_STRENGTH, max_iter=500)
        model.fit(hstack([csr_matrix(odds[rows][:, None]), counted]).tocsr(), label[rows])
        weight[known] = model.coef_[0][1:]
        return weight

    def sums(self, weight: Weights, rows: Bools) -> Weights:
        """Return the summed weights of some pairs."""
        total = np.bincount(self._pair, weight[self._token], minlength=len(rows))
        return np.asarray(total[rows], np.float64)

    def table(self, weight: Weights) -> pa.Table:
        """Return the words that have a weight, as statistics."""
        known = np.flatnonzero(weight)
        columns = pa.array(self._spelled(known)), self.tokens.hash[known], weight[known]
        return pa.table(list(columns), schema=LEARNED_WORDS)

    def _spelled(self, tokens: npt.NDArray[np.intp]) -> list[str]:
        begin, units = self.tokens.spelling_start, self.tokens.spelling_units.astype("<u2")
        spelled = (units[begin[token] : begin[token + 1]] for token in tokens)
        return [word.tobytes().decode("utf-16-le", "replace") for word in spelled]
