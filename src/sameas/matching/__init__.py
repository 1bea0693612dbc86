"""Matching: how likely a pair is one thing, given its comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sameas.matching.base import FittedMatcher, Matcher
from sameas.matching.boosting import Boosting
from sameas.matching.calibration import Calibrated, FittedCalibrated
from sameas.matching.conditions import Condition
from sameas.matching.ensemble import TreeEnsemble
from sameas.matching.fellegi_sunter import (
    Case,
    FellegiSunter,
    FittedFellegiSunter,
    Levels,
)
from sameas.matching.forest import RandomForest, paper_forest
from sameas.matching.rules import FittedRules, RuleMatcher, word_relevance_heuristic
from sameas.matching.self_training import SelfTraining

if TYPE_CHECKING:
    from sameas.matching.fellegi_sunter import read_splink

__all__ = [
    "Boosting",
    "Calibrated",
    "Case",
    "Condition",
    "FellegiSunter",
    "FittedCalibrated",
    "FittedFellegiSunter",
    "FittedMatcher",
    "FittedRules",
    "Levels",
    "Matcher",
    "RandomForest",
    "RuleMatcher",
    "SelfTraining",
    "TreeEnsemble",
    "paper_forest",
    "read_splink",
    "word_relevance_heuristic",
]


def __getattr__(name: str) -> Any:
    """Import what reads models of Splink when it is first used."""
    if name == "read_splink":
        from sameas.matching.fellegi_sunter import read_splink

        return read_splink
    raise AttributeError(f"module 'sameas.matching' has no attribute {name!r}")
