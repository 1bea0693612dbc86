"""How likely each of the nearest texts of the same table is a match, whatever their number.

The matches of a text are the first of its neighbours; behind them the others begin. Others that
lie close together are a crowd (branches of a chain in one street), and a text in a crowd has no
match there unless it is nearer than the crowd is wide. How many of the first are matches is not
known: every number is weighed, and the distributions are learned from all texts (EM).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.prepared import FloatArray
from sameas.frames._evidence import RELATIONS, Codes8, log_ratio
from sameas.frames._neighbours import Within
from sameas.frames._probability import learn_mixture, log_normal, moments, share_below

__all__ = ["Partners", "Seen", "learn_partners", "learn_seen"]

#: Partners of a text that are thought of. Large groups look like crowds; only where matches and
#: others lie this many deviations apart are they told from them, and there they may be large.
_MOST, _APART = (16, 8, 4), 2.5
#: Texts that are learned from, and texts in one step.
_SAMPLE, _STEP = 10_000, 50_000
_ROUNDS, _STILL = 60, 1e-3
#: Rounds before numbers in the texts have a say.
_EARLY = 3
_NARROW = 2e-3


class Seen(NamedTuple):
    """Neighbours as far as they are partners: in another order, equal texts among them.

    Attributes
    ----------
    similarity : float64[n, d]
        Falling. A shared rare code halves the distance to 1, for variants of one thing in one
        list are often more alike than the same thing in two, and a model number tells them apart.
        A text that several rows bear may have a match of similarity 1 in front.
    relation : int8[n, d]
    order : int64[n, d]
        Where each stood among the neighbours that were found.
    equal : bool[n]
    """

    similarity: FloatArray
    relation: Codes8
    order: npt.NDArray[np.int64]
    equal: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, found: Within, equal: npt.NDArray[np.bool_]) -> Seen:
        """Take what was found, and a match in front of some."""
        similarity = found.near.similarity.astype(np.float64)
        nearer = np.where(found.coded, (1 + similarity) / 2, similarity)
        order = np.argsort(-np.nan_to_num(nearer, nan=-2), axis=1, kind="stable")
        nearer, relation = (
            np.take_along_axis(one, order, axis=1) for one in (nearer, found.relation)
        )
        return cls(
            _behind(nearer, np.ones(len(nearer)), equal),
            _behind(relation, found.own, equal),
            order,
            equal,
        )

    def as_found(self, likely: FloatArray) -> FloatArray:
        """Return probabilities of what is seen in the order of what was found."""
        without = np.pad(likely[:, 1:], ((0, 0), (0, 1)))
        out = np.empty_like(likely)
        np.put_along_axis(out, self.order, np.where(self.equal[:, None], without, likely), axis=1)
        return out


def _behind(
    values: npt.NDArray[Any], first: npt.NDArray[Any], where: npt.NDArray[np.bool_]
) -> npt.NDArray[Any]:
    """Put a value before those of some rows, whose last one is lost."""
    moved = np.concatenate([first[:, None], values[:, :-1]], axis=1)
    return np.where(where[:, None], moved, values).astype(values.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class Partners:
    """Texts with none, one or several matches among their neighbours.

    Attributes
    ----------
    share : float
        Share of texts with a match.
    more : float
        Share of texts with a further match, of those with one.
    match, other : (mean, deviation)
        Of the similarity to a match, and to the first of the others.
    gap : float64[d - 1]
        Mean distance from one of the others to the next.
    relation : float64[...]
        Log-odds of each place in `RELATIONS`.
    most : int
        Matches of a text, at most.
    """

    share: float
    more: float
    match: tuple[float, float]
    other: tuple[float, float]
    gap: FloatArray
    relation: FloatArray
    most: int

    @property
    def apart(self) -> float:
        """Distance of matches and others in deviations of both."""
        return (self.match[0] - self.other[0]) / (self.match[1] + self.other[1])

    def probability(self, similarity: FloatArray, relation: Codes8) -> FloatArray:
        """Return how likely each neighbour is a match, float64[n, d]; 0 beyond the `most`."""
        out = np.zeros(similarity.shape)
        for first in range(0, len(out), _STEP):
            span = slice(first, first + _STEP)
            known = np.nan_to_num(similarity[span, : self.most + 2])
            counts = self.counts(known, relation[span])
            out[span, : self.most] = _at_least(counts)
        return out

    def counts(self, similarity: FloatArray, relation: Codes8) -> FloatArray:
        """Return how likely a text has 0, 1, ... matches, float64[n, most + 1]."""
        gaps = similarity[:, :-1] - similarity[:, 1:]
        hit = log_normal(np.minimum(similarity, self.match[0]), *self.match)
        hit = (hit + self.relation[relation[:, : hit.shape[1]]])[:, : self.most].cumsum(axis=1)
        odds = log_normal(similarity[:, : self.most + 1], *self.other)
        odds[:, 1:] += hit - np.log(share_below(similarity[:, : self.most], *self.other))
        for count in range(self.most + 1):
            usual = self.gap[: gaps.shape[1] - count]
            odds[:, count] -= (np.log(usual) + gaps[:, count:] / usual).sum(axis=1)
        odds += self._prior()
        odds = np.exp(odds - odds.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def _prior(self) -> FloatArray:
        number = np.arange(self.most + 1)
        prior = np.log(self.share) + (number - 1) * np.log(self.more)
        prior[:-1] += np.log(1 - self.more)
        prior[0] = np.log(1 - self.share)
        return np.asarray(prior)


def learn_seen(found: Within) -> tuple[Seen, Partners | None]:
    """Learn with and without the matches of equal text; the better is what tells more apart.

    Where most matches are spelled alike, those spelled differently say little of what a match
    looks like. Where equal texts are the fewer ones, they only blur it.
    """
    views = [Seen.of(found, np.zeros(len(found.own), bool))]
    if found.equal.any():
        views.append(Seen.of(found, found.equal))
    learned = [(view, learn_partners(view.similarity, view.relation)) for view in views]
    return max(learned, key=lambda one: -np.inf if one[1] is None else one[1].apart)


def learn_partners(similarity: FloatArray, relation: Codes8) -> Partners | None:
    """Learn from the similarities of the nearest other texts of each text (EM).

    Parameters
    ----------
    similarity : float64[n, d]
        Falling; NaN where there is no further neighbour.
    relation : int8[n, d]
        Places in `RELATIONS`.

    Returns
    -------
    Partners or None
        None if there are too few texts, or what is nearest is not alike enough for matches.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> others = 0.4 + np.cumsum(random.exponential(0.03, (200, 8)), axis=1)[:, ::-1] / 3
    >>> rows = np.where(np.arange(200)[:, None] < 120, others - 0.1, others)
    >>> rows[:120, :2] = np.sort(random.normal(0.9, 0.03, (120, 2)))[:, ::-1]
    >>> learned = learn_partners(rows, np.zeros(rows.shape, np.int8))
    >>> learned.probability(rows[:1], np.zeros((1, 8), np.int8)).round(2)[0, :3].tolist()
    [1.0, 1.0, 0.0]
    """
    if similarity.shape[1] < 3:
        return None
    start = learn_mixture(similarity[:, 0], similarity[:, 1])
    if start is None:
        return None
    rows = np.unique(np.linspace(0, len(similarity) - 1, _SAMPLE).astype(np.int64))
    known, relation = np.nan_to_num(similarity[rows]), relation[rows]
    for most in _MOST:
        most = min(most, known.shape[1] - 2)
        part, codes = known[:, : most + 2], relation[:, : most + 2]
        gap = np.maximum((part[:, :-1] - part[:, 1:]).mean(axis=0), _NARROW)
        behind = moments(part[:, most], np.ones(len(part)))
        none = np.zeros(len(RELATIONS))
        first = Partners(start.share, 0.2, start.match, behind, gap, none, most)
        learned = _learned(first, part, codes)
        if learned.apart > _APART:
            break
    return learned if learned.match[0] > learned.other[0] else None


def _learned(model: Partners, similarity: FloatArray, relation: Codes8) -> Partners:
    counts = model.counts(similarity, relation)
    for step in range(_ROUNDS):
        model = _maximised(model, similarity, counts)
        if step >= _EARLY:
            model = replace(model, relation=_relation_table(relation, counts))
        update = model.counts(similarity, relation)
        still = float(np.abs(update - counts).max()) < _STILL
        counts = update
        if still and step > _EARLY:
            break
    return model


def _maximised(model: Partners, similarity: FloatArray, counts: FloatArray) -> Partners:
    """Fit the distributions to how likely each text has how many matches."""
    likely = _at_least(counts)
    gaps = similarity[:, :-1] - similarity[:, 1:]
    total, weight = np.zeros(gaps.shape[1]), np.zeros(gaps.shape[1])
    for count in range(model.most + 1):
        behind = gaps.shape[1] - count
        total[:behind] += counts[:, count] @ gaps[:, count:]
        weight[:behind] += counts[:, count].sum()
    other = moments(similarity[:, : model.most + 1].ravel(), counts.ravel())
    mean, deviation = moments(similarity[:, : model.most].ravel(), likely.ravel())
    more = likely[:, 1:].sum() / max(float(likely[:, :-1].sum()), 1e-9)
    return replace(
        model,
        share=float(np.clip(likely[:, 0].mean(), 1e-3, 1 - 1e-3)),
        more=float(np.clip(more, 1e-3, 0.9)),
        match=(mean, max(deviation, other[1])),
        other=other,
        gap=np.maximum(total / np.maximum(weight, 1e-9), _NARROW),
    )


def _relation_table(relation: Codes8, counts: FloatArray) -> FloatArray:
    """Compare the numbers of matches with those of the first of the others."""
    width = counts.shape[1]
    likely = np.pad(_at_least(counts), ((0, 0), (0, 1)))
    return log_ratio(relation[:, :width].ravel(), likely.ravel(), counts.ravel())


def _at_least(counts: FloatArray) -> FloatArray:
    """Return how likely a text has 1, 2, ... matches or more."""
    return np.asarray(counts[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:])
