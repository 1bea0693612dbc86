"""Labels: what a person, a label table, a held-out field or a language model says of pairs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sameas.labeling.agreements import Agreement, agreement
    from sameas.labeling.audit import Audit, audit_labels
    from sameas.labeling.calibration import AnswerCalibration, calibrate
    from sameas.labeling.labels import Find, LabelledPairs, read_labels
    from sameas.labeling.llm import LLMLabeler, Verdicts
    from sameas.labeling.questions import Example, Question
    from sameas.labeling.resolve import RULE, TRUST, resolve_labels
    from sameas.labeling.selection import Chosen, PairSelection, choose_pairs
    from sameas.labeling.silver import SilverLabels, check_evidence, silver_labels
    from sameas.labeling.splits import SPLITS, Split, deal_folds, split_by_group, stratified_split
    from sameas.labeling.table import gather_labels, label_rows
    from sameas.labeling.transitivity import contradictions, triangles

__all__ = [
    "RULE",
    "SPLITS",
    "TRUST",
    "Agreement",
    "AnswerCalibration",
    "Audit",
    "Chosen",
    "Example",
    "Find",
    "LLMLabeler",
    "LabelledPairs",
    "PairSelection",
    "Question",
    "SilverLabels",
    "Split",
    "Verdicts",
    "agreement",
    "audit_labels",
    "calibrate",
    "check_evidence",
    "choose_pairs",
    "contradictions",
    "deal_folds",
    "gather_labels",
    "label_rows",
    "read_labels",
    "resolve_labels",
    "silver_labels",
    "split_by_group",
    "stratified_split",
    "triangles",
]

_HOMES = {
    "Agreement": "agreements",
    "AnswerCalibration": "calibration",
    "Audit": "audit",
    "Chosen": "selection",
    "Example": "questions",
    "Find": "labels",
    "LLMLabeler": "llm",
    "LabelledPairs": "labels",
    "PairSelection": "selection",
    "Question": "questions",
    "RULE": "resolve",
    "SPLITS": "splits",
    "SilverLabels": "silver",
    "Split": "splits",
    "TRUST": "resolve",
    "Verdicts": "llm",
    "agreement": "agreements",
    "audit_labels": "audit",
    "calibrate": "calibration",
    "check_evidence": "silver",
    "choose_pairs": "selection",
    "contradictions": "transitivity",
    "deal_folds": "splits",
    "gather_labels": "table",
    "label_rows": "table",
    "read_labels": "labels",
    "resolve_labels": "resolve",
    "silver_labels": "silver",
    "split_by_group": "splits",
    "stratified_split": "splits",
    "triangles": "transitivity",
}


def __getattr__(name: str) -> Any:
    """Import public names when they are first used: a run needs few of these modules."""
    if name in _HOMES:
        return getattr(import_module(f"sameas.labeling.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'sameas.labeling' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
