"""The linker composes the steps: records to entities."""

import sameas.linker.embeddings  # noqa: F401 - says how vectors are prepared
from sameas.linker.asking import LabelRun, Pool, label_pairs, open_pool
from sameas.linker.cascade import Cascade
from sameas.linker.compare import RunComparison, compare_runs
from sameas.linker.distillation import Distilled, Stop, distill
from sameas.linker.estimate import Estimate
from sameas.linker.found import Budget
from sameas.linker.from_splink import splink_settings
from sameas.linker.inputs import Options
from sameas.linker.linker import Linker
from sameas.linker.planning import Plan, plan_tables
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
    "Plan",
    "Pool",
    "Result",
    "RunComparison",
    "Stop",
    "compare_runs",
    "distill",
    "label_pairs",
    "open_pool",
    "plan_tables",
    "splink_settings",
]
