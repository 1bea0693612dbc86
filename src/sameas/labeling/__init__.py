"""Labels: what a person, a label table, a held-out field or a language model says of pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sameas.core.when_used import import_when_used

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
    from sameas.labeling.splits import (
        SPLITS,
        Split,
        deal_folds,
        folds_can_teach,
        split_by_group,
        stratified_split,
    )
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
    "folds_can_teach",
    "gather_labels",
    "label_rows",
    "read_labels",
    "resolve_labels",
    "silver_labels",
    "split_by_group",
    "stratified_split",
    "triangles",
]

__getattr__, __dir__ = import_when_used(
    __name__,
    {
        "agreements": ["Agreement", "agreement"],
        "audit": ["Audit", "audit_labels"],
        "calibration": ["AnswerCalibration", "calibrate"],
        "labels": ["Find", "LabelledPairs", "read_labels"],
        "llm": ["LLMLabeler", "Verdicts"],
        "questions": ["Example", "Question"],
        "resolve": ["RULE", "TRUST", "resolve_labels"],
        "selection": ["Chosen", "PairSelection", "choose_pairs"],
        "silver": ["SilverLabels", "check_evidence", "silver_labels"],
        "splits": [
            "SPLITS",
            "Split",
            "deal_folds",
            "folds_can_teach",
            "split_by_group",
            "stratified_split",
        ],
        "table": ["gather_labels", "label_rows"],
        "transitivity": ["contradictions", "triangles"],
    },
)
