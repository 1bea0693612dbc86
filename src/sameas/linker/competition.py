"""Who competes in a Fellegi-Sunter model that learned without labels, and how much."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.comparison import Distance
from sameas.core.prepared import IntArray
from sameas.linker.both_ways import both_ways
from sameas.linker.contest import SURE, as_chance
from sameas.linker.exclusivity import measure_exclusivity, measure_inside, measure_several
from sameas.linker.halves import pairs_of_copies
from sameas.linker.job import Job
from sameas.linker.rivals import FittedRivals, Rivals
from sameas.linker.seats import Seats
from sameas.matching import FellegiSunter, FittedFellegiSunter
from sameas.matching.fellegi_sunter import BEYOND, HALF

__all__ = ["NEARLY_ALL", "NO_RIVALS", "Competition", "competition_of"]

Wide = npt.NDArray[np.float64]

#: With so many times more matches than records, and so many plausible partners of those that
#: have any, in either table, a pairwise model has not found matches.
_TOO_MANY, _AMBIGUOUS = 2.0, 1.25
#: Of such a model the order of pairs is better than their number: this share of the smaller table
#: is taken to have a partner. Of four pairs of real tables a half was worse on one, all on two.
_FOUND = 0.75
_HALVINGS = 40
#: Inside one table: where records that have copies have several, and one copy at most so far.
_MOSTLY_ONE = 0.35
#: But not of places where halves show copies by so many standard errors: it may be a mall.
_SURELY = 3.0
#: What is alike may be of one kind: halves must show so many fewer than none, of the records that
#: have a plausible partner. Made tables with copies on both sides showed 0.12 and more.
_CROWDED = 0.1
#: Where so many of the best candidates of a record are matches, records have many copies.
NEARLY_ALL = 0.8
NO_RIVALS = 0.0, 0.0


class Competition(NamedTuple):
    """A model with its rivals.

    Attributes
    ----------
    matcher : FittedFellegiSunter or FittedRivals
        The model alone where nobody competes.
    notes : list of str
    exclusive : (float, float) or None
        How far a left and a right record is believed to have one partner only.
    lowered : float
        By how much the log-odds (base e) of its prior are less than they were; 0 mostly.
    """

    matcher: FittedFellegiSunter | FittedRivals
    notes: list[str]
    exclusive: tuple[float, float] | None
    lowered: float = 0.0


def competition_of(
    job: Job,
    fitted: FittedFellegiSunter,
    own: Wide,
    rows: npt.NDArray[np.int64],
    near: npt.NDArray[np.bool_],
    *,
    opinion: bool,
) -> Competition:
    """Let the candidates of a record compete, as far as partners are found to be exclusive.

    Those of two tables do where the linker has rivals; those of one table or of several only in
    an opinion for self-training, for a linker that competes is of no use for a store.

    Parameters
    ----------
    job : Job
    fitted : FittedFellegiSunter
    own : float64[rows]
        Log-odds of the pairs alone.
    rows : int64[rows]
        Which candidates these are.
    near : bool[rows]
        Which of them are among the best few of a record.
    opinion : bool
    """
    ends = job.candidates.left[rows], job.candidates.right[rows]
    sizes = np.bincount(job.records.source_code)
    likely = float((1 / (1 + np.exp(-np.clip(own, -700, 700)))).sum())
    likely *= len(job.candidates) / max(len(rows), 1)
    if opinion and job.mode == "dedupe":
        return _inside(job, fitted, *ends, own, likely)
    rivals = isinstance(job.spec.second_pass, Rivals) and job.group is not None
    if not rivals or len(sizes) < 2 or (len(sizes) > 2 and not opinion):
        return Competition(fitted, [], None)
    given = isinstance(job.spec.matcher, FellegiSunter) and job.spec.matcher.prior is not None
    keeps = opinion or given or not job.spec.rivals
    return _across(job, fitted, *ends, own, likely, near=near, keeps=keeps)


def _across(
    job: Job,
    fitted: FittedFellegiSunter,
    left: IntArray,
    right: IntArray,
    own: Wide,
    likely: float,
    *,
    near: npt.NDArray[np.bool_],
    keeps: bool,
) -> Competition:
    """Let pairs of two tables, or of each two, compete as much as is measured or must be.

    Where too much is taken for matches, what was measured of them is too low: there it is the
    greater of both, made greater. The prior is too high then, and is lowered. A model that
    `keeps` its prior gives each record one partner at most instead: where the user gave it; an
    opinion, for trees learn more from many guesses than from the surest ones; and one whose
    rivals only say where to cut.
    """
    sizes = np.bincount(job.records.source_code)
    seats, room = Seats.of(sizes), sum(map(min, combinations(sizes.tolist(), 2)))
    shares: tuple[float, float]
    if len(sizes) == 2:
        shares = measure_exclusivity(left, right, own, len(job.records), single=job.single)
    else:
        shares = (measure_several(seats, left, right, own, single=job.single),) * 2
    ambiguous = _partners(*seats.ends(left, right), own) >= _AMBIGUOUS
    if ambiguous and _are_many(job, fitted, left, right, own, near):
        return Competition(FittedRivals(fitted, (0.0,) * len(sizes)), [], NO_RIVALS)
    few = likely <= _TOO_MANY * room or not ambiguous
    if few or (keeps and all(job.single)):
        each = shares if len(sizes) == 2 else shares[:1] * len(sizes)
        return Competition(FittedRivals(fitted, each), [], shares)
    greater = 1 - (1 - max(shares)) ** 2
    said = (
        f"pair by pair the model takes {likely:,.0f} for matches, more than {room:,} records allow"
    )
    if keeps:
        note = f"{said}: each record was therefore given one partner at most"
        return Competition(FittedRivals(fitted, (1.0,) * len(sizes)), [note], (greater, greater))
    wanted = _FOUND * room
    lowered = _too_high(own, wanted * float(as_chance(own.copy()).sum()) / likely)
    odds = np.log(fitted.prior) - np.log1p(-fitted.prior) - lowered
    prior = float(1 / (1 + np.exp(-odds)))
    model = replace(fitted, parameters=fitted.parameters._replace(prior=prior))
    note = f"{said}: its prior was lowered until it takes {wanted:,.0f}"
    return Competition(FittedRivals(model, (greater, greater)), [note], (greater, greater), lowered)


def _are_many(
    job: Job,
    fitted: FittedFellegiSunter,
    left: IntArray,
    right: IntArray,
    own: Wide,
    near: npt.NDArray[np.bool_],
) -> bool:
    """Say whether records of two tables have several partners each.

    Whoever has one partner only has lost it in every second half of the tables, so halves show
    that there are such; where records have several, halves show fewer than none. Where they have
    more than the best few candidates, nearly all of these are matches.
    """
    if len(job.records.sources) != 2 or any(job.single):
        return False
    if float(as_chance(np.clip(own[near], -SURE, SURE)).mean()) >= NEARLY_ALL:
        return True
    shown = pairs_of_copies(left, right, own, len(job.records), job.spec.seed).pairs
    likely, share = own > 0, fitted.learning.share
    partners = len(np.unique(left[likely])) + len(np.unique(right[likely]))
    return shown < (-_CROWDED * partners if share is not None and share < HALF else 0.0)


def _too_high(own: Wide, matches: float) -> float:
    """Say how much less the log-odds of pairs must be for so many matches."""
    low, high = 0.0, 2 * SURE
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        too_many = float(as_chance(np.clip(own - middle, -SURE, SURE)).sum()) > matches
        low, high = (middle, high) if too_many else (low, middle)
    return high


def _inside(
    job: Job,
    fitted: FittedFellegiSunter,
    left: IntArray,
    right: IntArray,
    own: Wide,
    likely: float,
) -> Competition:
    """Let pairs of one table compete.

    Where records have several copies, as a paper that is cited often, nobody competes. But where
    places share nearly all and halves of the table show that records have one copy, those with
    several likely ones may be shops of a mall: they compete, in the opinion itself half as much,
    for which of the two it is nobody knows. Where the model takes too much for matches though
    records mostly have one copy, it has found what is of one kind.
    """
    records = len(job.records)
    share = measure_inside(left, right, own, records)
    ambiguous = _partners(*both_ways(left, right, records, own)) >= _AMBIGUOUS
    if share < _MOSTLY_ONE and ambiguous:
        if not _may_be_a_mall(job, fitted, left, right, own):
            return Competition(FittedRivals(fitted, (0.0,)), [], NO_RIVALS)
        return Competition(FittedRivals(fitted, (share / 2,)), [], (share, share))
    # Every record has one copy in half as many pairs.
    if likely <= _TOO_MANY * records / 2 or not ambiguous:
        return Competition(FittedRivals(fitted, (share,)), [], (share, share))
    greater = 1 - (1 - share) ** 2
    return Competition(FittedRivals(fitted, (1.0,)), [], (greater, greater))


def _may_be_a_mall(
    job: Job, fitted: FittedFellegiSunter, left: IntArray, right: IntArray, own: Wide
) -> bool:
    """Say whether places that are alike may be neighbours, for halves show one copy each."""
    near = any(isinstance(item, Distance) for item in job.spec.comparisons)
    if not near or (fitted.learning.share or 0.0) < BEYOND:
        return False
    shown = pairs_of_copies(left, right, own, len(job.records), job.spec.seed)
    return shown.pairs >= _SURELY * shown.error


def _partners(left: IntArray, right: IntArray, own: Wide) -> float:
    """Return how many plausible partners a record has that has any, in the better table."""
    likely = own > 0
    most = max(len(np.unique(side[likely])) for side in (left, right))
    return float(likely.sum()) / max(most, 1)
