"""Splink's side of the comparison on generated places: its settings, jobs and threshold.

The candidate rule of sameas as SQL blocking rules: overlapping cells (two places within a radius
share a cell that half the radius around each touches) are exploded; exact distance, names and
words are conditions of the join. The jobs run by an interpreter that has splink, duckdb and
pyarrow; `side` runs here and calls them.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

__all__ = ["side"]

_NEAR, _WIDE = 250.0, 2000.0
_METRES = 111_195.08


def cells(radius: float) -> str:
    """Return SQL for the cells that half the radius around a place touches."""
    half, tall = radius / 2 / _METRES, radius / _METRES
    wide = f"({tall} / cos(radians(least(abs(band * {tall}) + {tall}, 89))))"
    reach = f"({half} / cos(radians(least(abs(latitude) + {half}, 89.5))))"
    return f"""list_distinct(flatten(list_transform(
        range(floor((latitude - {half}) / {tall})::BIGINT,
              floor((latitude + {half}) / {tall})::BIGINT + 1),
        lambda band: list_transform(
            range(floor((longitude - {reach}) / {wide})::BIGINT,
                  floor((longitude + {reach}) / {wide})::BIGINT + 1),
            lambda strip: band * 10000000 + strip))))"""


def prepared(path: str) -> str:
    """Return SQL that prepares the table once, as a user of Splink would."""
    plain = "nullif(trim(regexp_replace(strip_accents(lower({})), '[^a-z0-9]+', ' ', 'g')), '')"
    site = "regexp_replace(lower(homepage), '^https?://(www\\.)?|[?#].*$|/$', '', 'g')"
    return f"""
    CREATE TABLE places AS
    WITH plain AS (
        SELECT id AS unique_id, latitude, longitude,
               {plain.format("name")} AS name, {plain.format("address")} AS address,
               lower(replace(postal_code, ' ', '')) AS postal_code, {site} AS homepage,
               regexp_replace(phone, '[^0-9]', '', 'g') AS phone, labels
        FROM read_parquet('{path}')
    ), listed AS (
        SELECT *, list_distinct(string_split(name, ' ')) AS words,
               {cells(_NEAR)} AS near_cell, {cells(_WIDE)} AS wide_cell,
               CASE WHEN count(*) OVER (PARTITION BY homepage) <= 20 THEN homepage END AS rare_site
        FROM plain
    )
    SELECT * EXCLUDE (wide_cell), flatten(list_transform(words, lambda word:
           list_transform(wide_cell, lambda cell: hash(word, cell)))) AS word_cell
    FROM listed"""


def apart(left: str = "l.", right: str = "r.") -> str:
    """Return SQL for the great-circle distance in metres."""
    return (
        f"(12742017.6 * asin(sqrt(least(1, pow(sin(radians({right}latitude - {left}latitude) / 2),"
        f" 2) + cos(radians({left}latitude)) * cos(radians({right}latitude)) * "
        f"pow(sin(radians({right}longitude - {left}longitude) / 2), 2)))))"
    )


def rules() -> list[Any]:
    """Return the union of the recipe as blocking rules."""
    from splink.blocking_rule_library import CustomRule

    alike = "jaro_winkler_similarity(l.name, r.name)"
    return [
        CustomRule(
            f"l.near_cell = r.near_cell AND {apart()} <= {_NEAR} AND "
            f"(list_has_any(l.words, r.words) OR {alike} >= 0.7)",
            arrays_to_explode=["near_cell"],
        ),
        CustomRule(
            f"l.word_cell = r.word_cell AND {apart()} <= {_WIDE} AND "
            f"({alike} >= 0.85 OR ({apart()} <= 1000 AND {alike} >= 0.7))",
            arrays_to_explode=["word_cell"],
        ),
        CustomRule(f"l.rare_site = r.rare_site AND {alike} >= 0.7"),
    ]


def settings() -> Any:
    """Return the settings: levels of similarity for every field."""
    import splink.comparison_level_library as level
    import splink.comparison_library as comparison
    from splink import SettingsCreator

    far = (
        "(12742017.6 * asin(sqrt(least(1, pow(sin(radians(latitude_r - latitude_l) / 2), 2) + "
        "cos(radians(latitude_l)) * cos(radians(latitude_r)) * "
        "pow(sin(radians(longitude_r - longitude_l) / 2), 2)))))"
    )
    steps = [level.CustomLevel(f"{far} <= {metres}", f"{metres} m")
             for metres in (25, 75, 150, 250, 500, 1000)]  # fmt: skip
    distance = comparison.CustomComparison(
        output_column_name="place",
        comparison_levels=[
            level.CustomLevel("latitude_l IS NULL OR latitude_r IS NULL", "missing")
            .configure(is_null_level=True), *steps, level.ElseLevel(),
        ],
    )  # fmt: skip
    name = comparison.JaroWinklerAtThresholds("name", [0.95, 0.88, 0.8, 0.7]).configure(
        term_frequency_adjustments=True
    )
    return SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=rules(),
        comparisons=[
            name,
            distance,
            comparison.JaroWinklerAtThresholds("address", [0.9, 0.75, 0.6]),
            comparison.ExactMatch("postal_code"),
            comparison.ExactMatch("phone"),
            comparison.ExactMatch("homepage").configure(term_frequency_adjustments=True),
            comparison.ArrayIntersectAtSizes("labels", [2, 1]),
        ],
        unique_id_column_name="unique_id",
        retain_matching_columns=False,
        probability_two_random_records_match=1e-7,
    )


def splink_linker(path: str, threads: int, model: Any) -> tuple[Any, Any]:
    """Prepare a table and make a linker of settings or of a saved model."""
    import logging

    import duckdb
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect()
    connection.execute(f"SET threads TO {threads}")
    connection.execute(prepared(path))
    return connection, Linker(DuckDBAPI(connection).register("places"), model)


def splink_fit(path: str, threads: str, model: str) -> dict[str, Any]:
    """Train by EM and save the model."""
    from splink import block_on

    _, linker = splink_linker(path, int(threads), settings())
    training = linker.training
    training.estimate_u_using_random_sampling(max_pairs=1e8, seed=1)
    for rule in (block_on("phone"), block_on("name", "postal_code")):
        training.estimate_parameters_using_expectation_maximisation(rule)
    linker.misc.save_model_to_json(model, overwrite=True)
    return {}


def splink_scores(path: str, threads: str, model: str, out: str) -> dict[str, Any]:
    """Write the scored pairs of a table."""
    connection, linker = splink_linker(path, int(threads), model)
    predicted = linker.inference.predict(threshold_match_probability=0.0001)
    connection.sql(
        "SELECT unique_id_l AS left_id, unique_id_r AS right_id, match_probability AS score, "
        f"match_weight AS weight FROM {predicted.physical_name}"
    ).write_parquet(out)
    return {}


def write_entities(connection: Any, clusters: Any, out: str) -> None:
    """Write the entity of each record."""
    connection.sql(
        f"SELECT unique_id AS id, cluster_id AS entity FROM {clusters.physical_name}"
    ).write_parquet(out)


def splink_job(path: str, threads: str, model: str, weight: str, out: str) -> dict[str, Any]:
    """Load a saved model, predict, and cluster at a match weight."""
    connection, linker = splink_linker(path, int(threads), model)
    cut = float(weight)
    predicted = linker.inference.predict(threshold_match_weight=cut)
    pairs = connection.execute(f"SELECT count(*) FROM {predicted.physical_name}").fetchall()
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        predicted, threshold_match_weight=cut
    )
    write_entities(connection, clusters, out)
    return {"links": pairs[0][0]}


def best_weight(scored: str, path: str) -> dict[str, float]:
    """Pick the match weight whose clusters have the best pairwise F1 on the truth."""
    import numpy as np
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from sameas.evaluation import cluster_metrics
    from sameas.kernels.components import connected_components

    truth = pq.read_table(path, columns=["id", "entity_id"]).combine_chunks()
    entity = truth["entity_id"].combine_chunks()
    pairs = pq.read_table(scored)
    left, right = (
        pc.index_in(pairs[side], value_set=truth["id"]).to_numpy()
        for side in ("left_id", "right_id")
    )
    weight = pairs["weight"].to_numpy()
    found = []
    for cut in np.unique(np.quantile(weight, np.linspace(0, 1, 101))):
        kept = weight >= cut
        label = connected_components(left[kept], right[kept], len(truth))
        found.append((cluster_metrics(label, entity).pairwise_f1, float(cut)))
    best, cut = max(found)
    return {"weight": cut, "f1_there": best}


def side(home: Path, tables: tuple[str, str, str], options: argparse.Namespace) -> dict[str, Any]:
    """Train Splink on the second table, pick its cut on the third, run it on the first."""
    from common import run
    from scale import entity_figures

    path, other, alike = tables
    saved, scored = str(home / "splink.json"), str(home / "scored.parquet")
    clusters, threads = str(home / "clusters.parquet"), options.threads
    training = run([__file__, "fit", other, threads, saved], python=options.python)
    run([__file__, "scores", alike, threads, saved, scored], python=options.python)
    chosen = best_weight(scored, alike)
    arguments = [__file__, "dedupe", path, threads, saved, repr(chosen["weight"]), clusters]
    cost = run(arguments, python=options.python)
    return {
        **vars(cost), **chosen, "training_cpu_seconds": training.cpu_seconds,
        "entities": entity_figures(path, clusters),
    }  # fmt: skip


if __name__ == "__main__":
    jobs = {"fit": splink_fit, "scores": splink_scores, "dedupe": splink_job}
    print(json.dumps(jobs[sys.argv[1]](*sys.argv[2:])))
