"""Fellegi-Sunter: match weights of levels, learned with or without labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sameas.matching.fellegi_sunter.kinds import BEYOND, HALF
from sameas.matching.fellegi_sunter.layout import Layout, Patterns, fits
from sameas.matching.fellegi_sunter.levels import Case, Levels
from sameas.matching.fellegi_sunter.model import FittedFellegiSunter, Learning
from sameas.matching.fellegi_sunter.signs import IDENTIFIED, telling
from sameas.matching.fellegi_sunter.spec import FellegiSunter, Sample
from sameas.matching.fellegi_sunter.strata import Stratum

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
    "telling",
]


def __getattr__(name: str) -> Any:
    """Import what reads models of Splink when it is first used."""
    if name in ("SplinkModel", "read_splink"):
        from sameas.matching.fellegi_sunter import splink

        return getattr(splink, name)
    raise AttributeError(f"module 'sameas.matching.fellegi_sunter' has no attribute {name!r}")
