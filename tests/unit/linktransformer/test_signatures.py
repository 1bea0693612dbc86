"""Names, order and defaults of parameters, as LinkTransformer 0.1.18 documents them."""

from __future__ import annotations

import inspect

import pytest

import sameas.linktransformer as lt

KEYS = ["openai_key=None", "gemini_key=None"]
MODEL = "model='all-MiniLM-L6-v2'"
SIDES = ["left_on=None", "right_on=None"]
SUFFIXES = "suffixes=('_x', '_y')"
CLUSTERS = [
    "df",
    MODEL,
    "on=None",
    "cluster_type='SLINK'",
    "cluster_params={'threshold': 0.5, 'min cluster size': 2, 'metric': 'cosine'}",
    *KEYS,
]
PAIR = ["df", MODEL, *SIDES, *KEYS]
TABLE = {
    "merge": [
        *["df1", "df2", "merge_type=None", "on=None", MODEL, *SIDES, SUFFIXES, "batch_size=128"],
        *KEYS,
    ],
    "merge_blocking": [
        *["df1", "df2", "merge_type=None", "on=None", MODEL, *SIDES, "blocking_vars=None"],
        *[SUFFIXES, "batch_size=128", *KEYS],
    ],
    "merge_knn": [
        *["df1", "df2", "on=None", MODEL, *SIDES, "k=1", SUFFIXES, "batch_size=128", *KEYS],
        "drop_sim_threshold=None",
    ],
    "merge_range": [
        *["df1", "df2", "on=None", MODEL, *SIDES, "sim_threshold=0.5", SUFFIXES],
        *["batch_size=128", *KEYS],
    ],
    "aggregate_rows": ["df", "ref_df", MODEL, *SIDES, *KEYS],
    "dedup_rows": CLUSTERS,
    "cluster_rows": CLUSTERS,
    "evaluate_pairs": PAIR,
    "all_pair_combos_evaluate": PAIR,
}


@pytest.mark.parametrize("name", TABLE)
def test_parameters_are_those_of_linktransformer(name: str) -> None:
    parameters = inspect.signature(getattr(lt, name)).parameters.values()
    plain = [
        p.name if p.default is inspect.Parameter.empty else f"{p.name}={p.default!r}"
        for p in parameters
    ]
    assert plain == TABLE[name]
    assert all(p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for p in parameters)
