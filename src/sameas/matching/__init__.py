"""Matching: how likely a pair is one thing, given its comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sameas.core.when_used import import_when_used
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

__getattr__, __dir__ = import_when_used(__name__, {"fellegi_sunter": ["read_splink"]})
