"""Fellegi-Sunter: match weights of levels, learned with or without labels."""

from sameas.matching.fellegi_sunter.kinds import BEYOND, HALF
from sameas.matching.fellegi_sunter.layout import Layout, Patterns, fits
from sameas.matching.fellegi_sunter.levels import Case, Levels
from sameas.matching.fellegi_sunter.model import FittedFellegiSunter, Learning
from sameas.matching.fellegi_sunter.signs import IDENTIFIED, telling
from sameas.matching.fellegi_sunter.spec import FellegiSunter, Sample
from sameas.matching.fellegi_sunter.splink import SplinkModel, read_splink
from sameas.matching.fellegi_sunter.strata import Stratum

__all__ = [
    "BEYOND",
    "HALF",
    "IDENTIFIED",
    "Case",
    "FellegiSunter",
    "FittedFellegiSunter",
    "Layout",
    "Learning",
    "Levels",
    "Patterns",
    "Sample",
    "SplinkModel",
    "Stratum",
    "fits",
    "read_splink",
    "telling",
]
