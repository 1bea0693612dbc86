"""The linker composes the steps: records to entities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sameas.linker.embeddings  # noqa: F401 - says how vectors are prepared
from sameas.core.when_used import import_when_used

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


if TYPE_CHECKING:
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

__getattr__, __dir__ = import_when_used(
    __name__,
    {
        "adapting": ["adapt"],
        "asking": ["LabelRun", "label_pairs", "with_examples"],
        "cascade": ["Cascade"],
        "compare": ["RunComparison", "compare_runs"],
        "curves": ["learning_curve"],
        "distillation": ["Distilled", "Stop", "distill"],
        "estimate": ["Estimate"],
        "found": ["Budget"],
        "from_splink": ["splink_settings"],
        "inputs": ["Options"],
        "linker": ["Linker"],
        "pair_classifier": ["PairClassifier"],
        "planning": ["Plan", "plan_tables"],
        "pool": ["Pool", "open_pool"],
        "reading_student": ["network_for_few"],
        "result": ["Result"],
        "spec": ["LinkerSpec"],
    },
)
