"""Fellegi-Sunter: match weights of levels, learned with or without labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sameas.core.when_used import import_when_used
from sameas.matching.fellegi_sunter.alike import told_by
from sameas.matching.fellegi_sunter.kinds import BEYOND, HALF
from sameas.matching.fellegi_sunter.layout import Layout, Patterns, fits
from sameas.matching.fellegi_sunter.levels import Case, Levels
from sameas.matching.fellegi_sunter.model import FittedFellegiSunter, Learning
from sameas.matching.fellegi_sunter.sample import Sample
from sameas.matching.fellegi_sunter.signs import IDENTIFIED, telling
from sameas.matching.fellegi_sunter.spec import FellegiSunter
from sameas.matching.fellegi_sunter.strata import Stratum
from sameas.matching.fellegi_sunter.sure import surely

if TYPE_CHECKING:
    from sameas.matching.fellegi_sunter.splink import SplinkModel, read_splink

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
    "surely",
    "telling",
    "told_by",
]

__getattr__, __dir__ = import_when_used(__name__, {"splink": ["SplinkModel", "read_splink"]})
