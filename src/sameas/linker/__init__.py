"""The linker composes the steps: records to entities."""

import sameas.linker.embeddings  # noqa: F401 - says how vectors are prepared
from sameas.linker.adapting import adapt
from sameas.linker.asking import LabelRun, label_pairs, with_examples
from sameas.linker.cascade import Cascade
from sameas.linker.compare import RunComparison, compare_runs
from sameas.linker.curves import learning_curve
from sameas.linker.distillation import Distilled, Stop, distill
from sameas.linker.estimate import Estimate
from sameas.linker.found import Budget
from sameas.linker.from_splink import splink_settings
from sameas.linker.inputs import Options
from sameas.linker.linker import Linker
from sameas.linker.pair_classifier import PairClassifier
from sameas.linker.planning import Plan, plan_tables
from sameas.linker.pool import Pool, open_pool
from sameas.linker.reading_student import network_for_few
from sameas.linker.result import Result
from sameas.linker.spec import LinkerSpec

__all__ = [
    "Budget",
    "Cascade",
    "Distilled",
    "Estimate",
    "LabelRun",
    "Linker",
    "LinkerSpec",
    "Options",
    "PairClassifier",
    "Plan",
    "Pool",
    "Result",
    "RunComparison",
    "Stop",
    "adapt",
    "compare_runs",
    "distill",
    "label_pairs",
    "learning_curve",
    "network_for_few",
    "open_pool",
    "plan_tables",
    "splink_settings",
    "with_examples",
]
