"""Labels: what a person, a label table, a held-out field or a language model says of pairs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sameas.labeling.agreement import Agreement, agreement
from sameas.labeling.audit import Audit, audit_labels
from sameas.labeling.calibrate import AnswerCalibration, calibrate
from sameas.labeling.labels import Find, LabelledPairs, read_labels
from sameas.labeling.resolve import RULE, TRUST, resolve_labels
from sameas.labeling.selection import Chosen, PairSelection, choose_pairs
from sameas.labeling.silver import SilverLabels, check_evidence, silver_labels
from sameas.labeling.splits import SPLITS, Split, deal_folds, split_by_group, stratified_split
from sameas.labeling.table import gather_labels, label_rows
from sameas.labeling.transitivity import contradictions, triangles

if TYPE_CHECKING:
    from sameas.labeling.llm import LLMLabeler, Verdicts
    from sameas.labeling.questions import Example, Question

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

#: These need the client of language models, which is not imported otherwise.
_LAZY = {
    "Example": "sameas.labeling.questions",
    "LLMLabeler": "sameas.labeling.llm",
    "Question": "sameas.labeling.questions",
    "Verdicts": "sameas.labeling.llm",
}


def __getattr__(name: str) -> Any:
    """Import what needs the client of language models when it is first used."""
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'sameas.labeling' has no attribute {name!r}")
