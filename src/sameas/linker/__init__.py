"""The linker composes the steps: records to entities.

Which file does what:

A linker and its tables
    `linker` is the door, `spec` its settings, `defaults` what follows from the kinds of fields,
    `subjects` whether records are of persons or firms, `checks` what is refused; `inputs` and
    `modes` say what is given; `job` holds the tables at hand; `saving` a linker on disk.
Candidates
    `candidates` runs the blocking rules, `blocks` one of them, `oversized` and `collapse` see to
    blocks of very many pairs, `found` holds what came out, `estimate` foretells it.
Scores
    `scoring`, in `chunks`; `bounded` and `cascade` spare comparisons; `passes`, `second_pass`,
    `pair_classifier` (`pair_fitting`, `pair_lesson`, `pair_network`) and `rivals` (`contest`,
    `seats`, `exclusivity`) see more than one pair; `embeddings` and `opinion` add columns.
Learning
    `learning` chooses. With labels: `training`, `cross_fit`, `learned_words`, `cluster_cut`,
    `silver`. Taught by a language model: `asking`, `pool`, `distillation`, `student`, `committee`,
    `reading_student`, `curves`, `teaching`. To other tables: `adapting`. From Splink:
    `from_splink`. What came out is a `fit`.
Learning without labels
    `without_labels` chooses the matcher; `unlabelled` and `levels` are its settings, `home` and
    `absent` what is known of addresses. Fellegi-Sunter: `unsupervised`, with `sampling`,
    `patterns`, `redundancy`, `room`, `strangers`, `crowded` and `competition`. Self-training:
    `self_training`, with `learner`, `one_table`, `two_tables`, `several_tables`; `guesses` and
    `namesakes` are where it begins, `examples`, `fold_trees` and `both_ways` how it learns.
    Whether there is anything to find: `halves`, `hands`, `in_common`, `doubts`. Afterwards:
    `apart`, `without_rivals`, `expectations`.
A run
    `runs` leads, in `stages`, with `parts` that may be left out and work `beside`; `constraints`,
    `repeats` and `spreading` decide who is together; `result`, `review`, `run_file`, `run_report`,
    `gather`, `strands` and `assumptions` say what came out, `explain` and `what_if` why, `compare`
    and `compare_text` what changed.
Rooms
    `planning` proposes a linker from tables alone; `pieces` and `spark` are the other two doors.
"""

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
