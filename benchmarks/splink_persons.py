"""Splink 5 on generated persons: one configuration, written after its tutorials for persons."""

from __future__ import annotations

import time
from typing import Any

from splink_places import write_entities

_EM_RULES = (("given_name", "surname"), ("date_of_birth",), ("email",))
_RULES = (
    ("surname", "date_of_birth"),
    ("given_name", "date_of_birth"),
    ("given_name", "surname", "city"),
    ("postal_code", "surname"),
    ("postal_code", "given_name"),
    ("postal_code", "date_of_birth"),
    ("phone", "given_name"),
    ("phone", "date_of_birth"),
    ("email",),
)
_CLEAN = """
CREATE TABLE persons AS
SELECT id AS unique_id, lower(given_name) AS given_name, lower(surname) AS surname, sex,
    date_of_birth, lower(address) AS address, lower(city) AS city, postal_code,
    right(regexp_replace(phone, '[^0-9]', '', 'g'), 10) AS phone, lower(email) AS email
FROM '{path}'
"""


def settings() -> Any:
    """Return the settings: levels for every field, term frequencies where values are skewed."""
    import splink.comparison_level_library as level
    import splink.comparison_library as comparison
    from splink import SettingsCreator, block_on

    # One comparison for where people live: its parts say the same thing several times.
    alike = "jaro_winkler_similarity(address_l, address_r)"
    same_area = "(postal_code_l = postal_code_r OR city_l = city_r)"
    home = comparison.CustomComparison(
        output_column_name="home",
        comparison_levels=[
            level.CustomLevel(
                "coalesce(address_l, address_r, postal_code_l, postal_code_r) IS NULL", "missing"
            ).configure(is_null_level=True),
            level.CustomLevel(f"address_l = address_r AND {same_area}", "equal"),
            level.CustomLevel(f"{alike} >= 0.92 AND {same_area}", "alike"),
            level.CustomLevel("postal_code_l = postal_code_r", "postal code"),
            level.CustomLevel("city_l = city_r", "city"),
            level.ElseLevel(),
        ],
    )
    often = {"term_frequency_adjustments": True}
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="unique_id",
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in _RULES],
        comparisons=[
            comparison.JaroWinklerAtThresholds("given_name", [0.92, 0.85, 0.7]).configure(**often),
            comparison.JaroWinklerAtThresholds("surname", [0.92, 0.85, 0.7]).configure(**often),
            comparison.ExactMatch("sex"),
            comparison.DateOfBirthComparison("date_of_birth", input_is_string=True,
                                             invalid_dates_as_null=False),
            home,
            comparison.ExactMatch("phone"),
            comparison.EmailComparison("email"),
        ],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )  # fmt: skip


def splink_scored(path: str, threads: int) -> tuple[Any, Any, Any]:
    """Clean, train and score; return the connection, the linker and the scored pairs."""
    import logging

    import duckdb
    from splink import DuckDBAPI, Linker, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect()
    connection.execute(f"SET threads TO {threads}")
    connection.execute(_CLEAN.format(path=path))
    linker = Linker(DuckDBAPI(connection).register("persons"), settings())
    training = linker.training
    sure = [block_on("given_name", "surname", "date_of_birth"), block_on("email"),
            block_on("given_name", "surname", "phone")]  # fmt: skip
    training.estimate_probability_two_random_records_match(sure, recall=0.7)
    training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for rule in _EM_RULES:
        training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
    return connection, linker, linker.inference.predict(threshold_match_probability=0.001)


def splink_scores(path: str, threads: str, out: str) -> dict[str, Any]:
    """Train on a table and write its scored pairs."""
    connection, _, predicted = splink_scored(path, int(threads))
    connection.sql(
        "SELECT unique_id_l AS left_id, unique_id_r AS right_id, match_weight AS weight "
        f"FROM {predicted.physical_name}"
    ).write_parquet(out)
    return {}


def splink_job(path: str, threads: str, weight: str, out: str, picked: str) -> dict[str, Any]:
    """Do the whole job with clusters at 0.95, and once more clusters at a match weight."""
    connection, linker, predicted = splink_scored(path, int(threads))
    begin = time.process_time()
    for target, cut in ((out, {"threshold_match_probability": 0.95}),
                        (picked, {"threshold_match_weight": float(weight)})):  # fmt: skip
        begin = time.process_time()
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, **cut)
        write_entities(connection, clusters, target)
    extra = time.process_time() - begin
    pairs = connection.execute(f"SELECT count(*) FROM {predicted.physical_name}").fetchall()
    return {"pairs": pairs[0][0], "second_clustering_cpu_seconds": round(extra, 2)}
