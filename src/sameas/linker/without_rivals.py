"""Trees that score each pair by itself and have learned what competition makes of it.

A store sees one record at a time and cannot let all candidates compete. But it knows how good a
pair is among the candidates of its two records by the first similarities: the context. So trees
learn what came out of the competition from comparisons and context together.
"""

from __future__ import annotations

from copy import copy
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.linker.examples import some, steps_of
from sameas.linker.learner import Learner
from sameas.matching import TreeEnsemble

__all__ = ["Alone", "learn_outcome"]

#: Pairs whose values say where trees may cut.
_MOST_VALUES = 20_000


class Alone(NamedTuple):
    """A matcher that scores each pair by itself.

    Attributes
    ----------
    matcher : TreeEnsemble
    own : float64[p]
        Its log-odds of all candidates.
    """

    matcher: TreeEnsemble
    own: npt.NDArray[np.float64]


def learn_outcome(learner: Learner, chance: npt.NDArray[np.float64]) -> Alone | None:
    """Learn what came out of the competition, from comparisons and context.

    Parameters
    ----------
    learner : Learner
        Its rounds are over; it stays as it is.
    chance : float64[p]
        Of a match, where pairs that share a record have competed.

    Returns
    -------
    Alone or None
        None where too few matches are left to learn from.
    """
    near = chance[learner.near]
    if not learner.teaches(near):
        return None
    random = np.random.default_rng(learner.job.spec.seed)
    sample = learner.features(some(learner.near, _MOST_VALUES, random))
    pupil, names = copy(learner), learner.job.spec.base_names()
    pupil.columns, pupil.steps = list(learner.columns), list(learner.steps)
    for column in range(len(names) - len(learner.context_names), len(names)):
        values = sample[:, column]
        steps = steps_of(values[~np.isnan(values)], learner.spec.bins)
        if len(steps) > 1:
            pupil.columns.append(column)
            pupil.steps.append(steps)
    pupil.fresh = list(range(len(pupil.columns)))
    pupil.opinion = None  # the share of matches is that of the outcome
    matcher, _, own = pupil.learn(near, learner.rounds, last=True)
    return Alone(matcher, own)
