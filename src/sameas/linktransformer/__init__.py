"""Calls as in LinkTransformer 0.1.18: change one import, and scripts go on.

``import sameas.linktransformer as lt``. Names, order and defaults of parameters, result columns
and suffixes are those that its documentation gives; the work is done by `sameas.frames` and
`sameas.models`. New code is better written with `sameas.frames`. What differs on purpose:

* no row is lost: `dedup_rows` keeps rows that are like no other, `merge` keeps rows without
  text, with nulls;
* columns of any type may be keys, and one column can be compared with several;
* the caller's frames and dictionaries are never changed;
* a key names its server; without a key or a `sameas.models.client.Client` nothing is sent;
* training keeps the best weights, never overwrites a model, and warns of settings it does not know;
* model ``"lexical"`` needs no model at all; `batch_size` is left to the encoder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sameas.core.when_used import import_when_used

__all__ = [
    "LinkTransformer",
    "aggregate_rows",
    "all_pair_combos_evaluate",
    "classify_rows",
    "cluster_rows",
    "dedup_rows",
    "evaluate_pairs",
    "load_clf",
    "load_model",
    "merge",
    "merge_blocking",
    "merge_k_judge",
    "merge_knn",
    "merge_knn_openai",
    "merge_knn_with_llm",
    "merge_range",
    "train_clf_model",
    "train_model",
    "transform_rows",
]

if TYPE_CHECKING:
    from sameas.linktransformer._classes import classify_rows, train_clf_model
    from sameas.linktransformer._groups import cluster_rows, dedup_rows
    from sameas.linktransformer._joins import (
        aggregate_rows,
        merge,
        merge_blocking,
        merge_knn,
        merge_range,
    )
    from sameas.linktransformer._llm import (
        merge_k_judge,
        merge_knn_openai,
        merge_knn_with_llm,
        transform_rows,
    )
    from sameas.linktransformer._models import LinkTransformer, load_clf, load_model
    from sameas.linktransformer._pairs import all_pair_combos_evaluate, evaluate_pairs
    from sameas.linktransformer._train import train_model

__getattr__, __dir__ = import_when_used(
    __name__,
    {
        "_classes": ["classify_rows", "train_clf_model"],
        "_groups": ["cluster_rows", "dedup_rows"],
        "_joins": ["aggregate_rows", "merge", "merge_blocking", "merge_knn", "merge_range"],
        "_llm": ["merge_k_judge", "merge_knn_openai", "merge_knn_with_llm", "transform_rows"],
        "_models": ["LinkTransformer", "load_clf", "load_model"],
        "_pairs": ["all_pair_combos_evaluate", "evaluate_pairs"],
        "_train": ["train_model"],
    },
)
