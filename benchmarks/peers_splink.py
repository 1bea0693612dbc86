"""Splink 5 (DuckDB), goldenmatch and sameas on one generated table of places.

Usage: python benchmarks/peers_splink.py --python VENV/bin/python [--goldenmatch VENV/bin/python]
       [--records 200_000]

The first VENV holds splink 5, duckdb and pyarrow; the second goldenmatch (peers_goldenmatch.py).
Each side runs in a fresh process; CPU seconds, peak memory, and F1 of the entities against the
truth. All are trained on another seed: Splink by EM; its threshold is picked on the truth of as
many records of that seed as the table has, for a cut from a smaller table does not carry over.
The candidate rule of sameas as SQL blocking rules: overlapping cells (two places within a radius
share a cell that half the radius around each touches) are exploded; exact distance, names and
words are conditions of the join.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

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


def splink_job(path: str, threads: str, model: str, weight: str, out: str) -> dict[str, Any]:
    """Load a saved model, predict, and cluster at a match weight."""
    connection, linker = splink_linker(path, int(threads), model)
    cut = float(weight)
    predicted = linker.inference.predict(threshold_match_weight=cut)
    pairs = connection.execute(f"SELECT count(*) FROM {predicted.physical_name}").fetchall()
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        predicted, threshold_match_weight=cut
    )
    connection.sql(
        f"SELECT unique_id AS id, cluster_id AS entity FROM {clusters.physical_name}"
    ).write_parquet(out)
    return {"links": pairs[0][0]}


def sameas_job(path: str, threads: str, model: str, out: str) -> dict[str, Any]:
    """Load a saved linker and deduplicate."""
    from sameas import Linker
    from sameas.linker import Options

    result = Linker.load(model).dedupe(path, out=out, options=Options(threads=int(threads)))
    return {"candidates": result.report["candidates"], "links": result.report["links"]}


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


def main() -> None:
    """Run both sides and report."""
    from common import about, run, table, whole, write_json, write_section
    from peers_goldenmatch import THRESHOLDS
    from peers_goldenmatch import side as goldenmatch_side
    from sameas.datasets.places import write_places
    from scale import entity_figures, fitted

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", required=True, help="the interpreter that has splink")
    parser.add_argument("--goldenmatch", help="the interpreter that has goldenmatch")
    parser.add_argument("--records", type=whole, default=200_000)
    parser.add_argument("--fit-records", type=whole, default=100_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    report: dict[str, Any] = {"about": about("sameas", "numba", "pyarrow")}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        path, other = str(home / "places.parquet"), str(home / "other.parquet")
        write_places(path, options.records, seed=1)
        write_places(other, options.fit_records, seed=2)
        alike = str(home / "alike.parquet")
        write_places(alike, options.records, seed=2)
        me, threads = __file__, str(options.threads)
        scored, clusters = str(home / "scored.parquet"), str(home / "clusters.parquet")
        saved = str(home / "splink.json")
        training = run([me, "splink-fit", other, threads, saved], python=options.python)
        run([me, "splink-scores", alike, threads, saved, scored], python=options.python)
        chosen = best_weight(scored, alike)
        arguments = [me, "splink", path, threads, saved, repr(chosen["weight"]), clusters]
        cost = run(arguments, python=options.python)
        report["splink"] = {
            **vars(cost), **chosen, "training_cpu_seconds": training.cpu_seconds,
            "entities": entity_figures(path, clusters),
        }  # fmt: skip
        if options.goldenmatch:
            report["goldenmatch"] = goldenmatch_side(home, path, other, options.goldenmatch)
        for kind in ("silver", "truth"):
            model = fitted(home, other, kind)
            arguments = [me, "sameas", path, threads, str(model), str(home / kind)]
            cost = run(arguments, NUMBA_CACHE_DIR=str(home / f"cache_{kind}"))
            found = entity_figures(path, str(home / kind / "clusters.parquet"))
            report[f"sameas_{kind}"] = {**vars(cost), "entities": found}
    rows = []
    for name in ("splink", "goldenmatch", "sameas_silver", "sameas_truth"):
        if name not in report:
            continue
        side = report[name]
        found = side["entities"]
        figures = [found[f"pairwise_{part}"] for part in ("precision", "recall", "f1")]
        ratio = side["cpu_seconds"] / report["sameas_truth"]["cpu_seconds"]
        rows.append([name, side["cpu_seconds"], ratio, side["peak_mb"], *figures,
                     found["bcubed_f1"]])  # fmt: skip
    head = ["", "CPU s", "ratio", "peak MB", "precision", "recall", "F1", "B-cubed F1"]
    write_json(report)
    if not options.no_results:
        title = f"Splink 5, goldenmatch and sameas, {options.records:,} generated places"
        note = (
            "All begin with what was learned on another seed "
            f"({options.fit_records:,} records); that is not counted. Splink: u by random "
            "sampling, m by EM, and the match weight whose clusters have the best pairwise F1 on "
            f"the truth of {options.records:,} records of that seed "
            f"({report['splink']['weight']:.3g}, F1 {report['splink']['f1_there']:.3f} there)."
        )
        if "goldenmatch" in report:
            found = report["goldenmatch"]
            note += (
                " goldenmatch: two blocking passes and a weighted match key "
                f"(peers_goldenmatch.py), the threshold of {len(THRESHOLDS)} with the best F1 on "
                f"the other seed ({found['threshold']}, F1 {found['f1_there']:.3f} there). "
            )
        note += (
            " Both configurations are ours; who knows the tools better may do better. One thread "
            "each. sameas reads kernels with an empty cache, compilation counted."
        )
        text = f"{table(head, rows)}\n\n{note}"
        write_section("peers_splink", title, text, report["about"])


if __name__ == "__main__":
    jobs = {
        "splink-fit": splink_fit, "splink-scores": splink_scores, "splink": splink_job,
        "sameas": sameas_job,
    }  # fmt: skip
    if len(sys.argv) > 1 and sys.argv[1] in jobs:
        print(json.dumps(jobs[sys.argv[1]](*sys.argv[2:])))
    else:
        main()
