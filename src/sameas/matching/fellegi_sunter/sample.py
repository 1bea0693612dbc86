"""What a Fellegi-Sunter matcher learns from without labels."""

from __future__ import annotations

from sameas.core.dataclass import dataclass
from sameas.matching.base import Weights
from sameas.matching.fellegi_sunter.layout import Patterns
from sameas.matching.fellegi_sunter.strata import Stratum
from sameas.matching.fellegi_sunter.sure import Chance

__all__ = ["Sample"]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What a Fellegi-Sunter matcher learns from without labels.

    Parameters
    ----------
    candidates : Patterns
        Of the candidate pairs.
    likely : float
        Number of matches that is thinkable among them, for the starting values.
    random : Patterns, optional
        Of random pairs: they give u, if the spec says so; and they tell what agrees by chance
        where matches are looked for beside several kinds.
    outside : float
        Pairs that are not candidates; taken for non-matches where u is from random pairs.
    matches, others : Patterns, optional
        Of labelled matches and labelled non-matches.
    strata : tuple of Stratum
        The candidates by blocking rule; empty where rules leave nothing to learn from.
    begin : float64[p], optional
        How likely candidates of each pattern are matches, where learning begins. Then there is
        one start, and matches are not looked for beside several kinds.
    """

    candidates: Patterns
    likely: float
    random: Patterns | None = None
    outside: float = 0.0
    matches: Patterns | None = None
    others: Patterns | None = None
    strata: tuple[Stratum, ...] = ()
    begin: Weights | None = None

    @property
    def chance(self) -> Chance | None:
        """What agrees by chance; None where there are no random pairs."""
        if self.random is None:
            return None
        return Chance(self.random, self.outside + self.candidates.pairs)
