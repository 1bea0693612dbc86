"""The linker composes the steps: records to entities."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import sameas.linker.embeddings  # noqa: F401 - says how vectors are prepared

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

_HOMES = {
    "Budget": "found",
    "Cascade": "cascade",
    "Distilled": "distillation",
    "Estimate": "estimate",
    "LabelRun": "asking",
    "Linker": "linker",
    "LinkerSpec": "spec",
    "Options": "inputs",
    "PairClassifier": "pair_classifier",
    "Plan": "planning",
    "Pool": "pool",
    "Result": "result",
    "RunComparison": "compare",
    "Stop": "distillation",
    "adapt": "adapting",
    "compare_runs": "compare",
    "distill": "distillation",
    "label_pairs": "asking",
    "learning_curve": "curves",
    "network_for_few": "reading_student",
    "open_pool": "pool",
    "plan_tables": "planning",
    "splink_settings": "from_splink",
    "with_examples": "asking",
}

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


def __getattr__(name: str) -> Any:
    """Import public names when they are first used: a run needs few of these modules."""
    if name in _HOMES:
        return getattr(import_module(f"sameas.linker.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'sameas.linker' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
