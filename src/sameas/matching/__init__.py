"""Matching: how likely a pair is one thing, given its comparisons."""

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
    read_splink,
)
from sameas.matching.forest import RandomForest, paper_forest
from sameas.matching.rules import FittedRules, RuleMatcher, word_relevance_heuristic
from sameas.matching.self_training import SelfTraining

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
