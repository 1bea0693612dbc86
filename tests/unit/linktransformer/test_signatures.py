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
    "merge_k_judge": [
        *["df1", "df2", "on=None", MODEL, *SIDES, "k=3", SUFFIXES, "batch_size=128", *KEYS],
        *["drop_sim_threshold=None", "knn_sbert_model=None", "knn_api_model=None"],
        *["judge_llm_model=None", "llm_provider='auto'", "llm_prompt=None", "llm_params=None"],
        *["confidence_threshold=None", "max_retries=5", "ratelimit_sleep_time=15"],
    ],
    "aggregate_rows": ["df", "ref_df", MODEL, *SIDES, *KEYS],
    "dedup_rows": CLUSTERS,
    "cluster_rows": CLUSTERS,
    "evaluate_pairs": PAIR,
    "classify_rows": [
        *["df", "on=None", "model=None", "num_labels=2", "label_map=None", "batch_size=128"],
        *["openai_key=None", "openai_topic=None", "openai_prompt=None", "openai_params={}"],
        "progress_bar=True",
    ],
    "train_model": [
        *["data=None", "train_data=None", "val_data=None", "test_data=None"],
        "model_path='sentence-transformers/all-mpnet-base-v2'",
        *["left_col_names=None", "right_col_names=None", "left_id_name=None"],
        *["right_id_name=None", "label_col_name=None", "clus_id_col_name=None"],
        *["clus_text_col_names=None", "config_path=None", "training_args={'num_epochs': 10}"],
        "log_wandb=False",
    ],
    "train_clf_model": [
        *["data=None", "model='distilroberta-base'", "on=[]", "label_col_name='label'"],
        *["train_data=None", "val_data=None", "test_data=None", "data_dir='.'"],
        *["training_args={}", "config=None", "eval_steps=None", "save_steps=None"],
        *["batch_size=None", "lr=None", "epochs=None", "model_save_dir='.'"],
        *["weighted_loss=False", "weight_list=None", "wandb_log=False", "wandb_name='topic'"],
        "print_test_mistakes=False",
    ],
    "all_pair_combos_evaluate": PAIR,
    "load_model": ["model_path"],
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


def test_transform_rows_takes_options_by_keyword() -> None:
    parameters = inspect.signature(lt.transform_rows).parameters.values()
    names = [p.name for p in parameters]
    keyword = [p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY]
    assert names[:2] == ["df", "on"]
    assert keyword == [
        *["openai_key", "model", "openai_prompt", "openai_params", "batch_size"],
        *["output_column", "progress_bar"],
    ]
    assert inspect.signature(lt.transform_rows).parameters["model"].default == "gpt-4o"


def test_no_function_is_left_out_of_the_table() -> None:
    loaders = {"LinkTransformer", "load_clf"}
    judges = {"merge_knn_with_llm", "merge_knn_openai"}
    assert set(lt.__all__) == set(TABLE) | loaders | judges | {"transform_rows"}


def test_defaults_of_transform_rows() -> None:
    parameters = inspect.signature(lt.transform_rows).parameters
    found = {name: p.default for name, p in parameters.items() if name not in ("df", "openai_key")}
    assert found == {
        **{"on": None, "model": "gpt-4o", "openai_prompt": None, "openai_params": None},
        **{"batch_size": 50, "output_column": None, "progress_bar": True},
    }


def test_the_names_of_the_judge() -> None:
    assert lt.merge_knn_with_llm is lt.merge_k_judge
    assert lt.merge_knn_openai is lt.merge_k_judge
    assert sorted(lt.__all__) == lt.__all__


def test_importing_costs_next_to_nothing() -> None:
    import subprocess
    import sys

    probe = (
        "import sys, time; begin = time.process_time(); import sameas.linktransformer as lt; "
        "spent = time.process_time() - begin; "
        "heavy = {'numba', 'torch', 'duckdb'} & set(sys.modules); "
        "print(spent < 0.5 and not heavy and callable(lt.merge))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
