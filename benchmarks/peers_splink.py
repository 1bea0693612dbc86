"""Splink 5 (DuckDB) and sameas on one generated table of places, with the same candidate rule.

Usage: python benchmarks/peers_splink.py --python VENV/bin/python [--records 200_000]

VENV holds splink 5, duckdb and pyarrow. Each side runs in a fresh process; CPU seconds, peak
memory, and F1 of the entities against the truth. Splink is trained by EM, its threshold is
picked on the truth of another seed. The candidate rule as SQL blocking rules: overlapping
cells (two places within a radius share a cell that half the radius around each touches)
are exploded, exact distance, names and words are conditions of the join.
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


def splink_job(path: str, threads: int, threshold: float | None, out: str) -> dict[str, Any]:
    """Train and predict; cluster at the threshold, or write the scored pairs without one."""
    import logging

    import duckdb
    from splink import DuckDBAPI, Linker, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect()
    connection.execute(f"SET threads TO {threads}")
    connection.execute(prepared(path))
    linker = Linker(DuckDBAPI(connection).register("places"), settings())
    training = linker.training
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("phone"), block_on("name", "postal_code")):
        training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=threshold or 0.0001)
    pairs = connection.execute(f"SELECT count(*) FROM {predicted.physical_name}").fetchall()
    if threshold is None:
        connection.sql(
            "SELECT unique_id_l AS left_id, unique_id_r AS right_id, match_probability AS score "
            f"FROM {predicted.physical_name}"
        ).write_parquet(out)
    else:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
            predicted, threshold_match_probability=threshold
        )
        connection.sql(
            f"SELECT unique_id AS id, cluster_id AS entity FROM {clusters.physical_name}"
        ).write_parquet(out)
    return {"pairs": pairs[0][0]}


def sameas_job(path: str, threads: int, model: str, out: str) -> dict[str, Any]:
    """Load a saved linker and deduplicate."""
    from sameas import Linker
    from sameas.linker import Options

    result = Linker.load(model).dedupe(path, out=out, options=Options(threads=threads))
    return {"candidates": result.report["candidates"], "links": result.report["links"]}


def best_threshold(scored: str, path: str) -> float:
    """Pick the threshold of the best pairwise F1, on the truth of a table."""
    import numpy as np
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    truth = pq.read_table(path, columns=["id", "entity_id"])
    pairs = pq.read_table(scored)
    ends = [
        pc.take(truth["entity_id"], pc.index_in(pairs[side], value_set=truth["id"]))
        for side in ("left_id", "right_id")
    ]
    match = pc.equal(*ends).to_numpy()
    score = pairs["score"].to_numpy()
    order = np.argsort(-score)
    found = np.cumsum(match[order])
    sizes = pc.value_counts(truth["entity_id"]).field("counts").to_numpy()
    total = int((sizes * (sizes - 1) // 2).sum())
    f1 = 2 * found / (np.arange(1, len(order) + 1) + total)
    return float(score[order[int(np.argmax(f1))]])


def main() -> None:
    """Run both sides and report."""
    from scale import entity_figures, fitted

    from common import about, run, table, whole, write_json, write_section
    from sameas.datasets.places import write_places

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", required=True, help="the interpreter that has splink")
    parser.add_argument("--records", type=whole, default=200_000)
    parser.add_argument("--fit-records", type=whole, default=100_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--no-results", action="store_true")
    options = parser.parse_args()
    report: dict[str, Any] = {"about": about("sameas", "numba", "pyarrow")}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        path, other = str(home / "places.parquet"), str(home / "other.parquet")
        write_places(path, options.records, seed=1)
        write_places(other, options.fit_records, seed=2)
        me, threads = __file__, str(options.threads)
        scored, clusters = str(home / "scored.parquet"), str(home / "clusters.parquet")
        tuning = run([me, "splink", other, threads, "", scored], python=options.python)
        threshold = best_threshold(scored, other)
        cost = run([me, "splink", path, threads, repr(threshold), clusters], python=options.python)
        report["splink"] = {
            **vars(cost), "threshold": threshold, "tuning_cpu_seconds": tuning.cpu_seconds,
            "entities": entity_figures(path, clusters),
        }  # fmt: skip
        for kind in ("silver", "truth"):
            model = fitted(home, other, kind)
            cost = run([me, "sameas", path, threads, str(model), str(home / kind)])
            found = entity_figures(path, str(home / kind / "clusters.parquet"))
            report[f"sameas_{kind}"] = {**vars(cost), "entities": found}
    rows = []
    for name in ("splink", "sameas_silver", "sameas_truth"):
        side = report[name]
        found = side["entities"]
        figures = [found[f"pairwise_{part}"] for part in ("precision", "recall", "f1")]
        ratio = side["cpu_seconds"] / report["sameas_truth"]["cpu_seconds"]
        rows.append([name, side["cpu_seconds"], ratio, side["peak_mb"], *figures,
                     found["bcubed_f1"]])  # fmt: skip
    head = ["", "CPU s", "ratio", "peak MB", "precision", "recall", "F1", "B-cubed F1"]
    write_json(report)
    if not options.no_results:
        title = f"Splink 5 and sameas, {options.records:,} generated places"
        note = (
            "The job of sameas begins with a saved linker; fitting it is not counted, nor is the "
            "tuning of Splink's threshold; the EM training of Splink is part of its job."
        )
        text = f"{table(head, rows)}\n\n{note}"
        write_section("peers_splink", title, text, report["about"])


if __name__ == "__main__":
    if len(sys.argv) > 5 and sys.argv[1] == "splink":
        _, _, given, count, cut, target = sys.argv
        print(json.dumps(splink_job(given, int(count), float(cut) if cut else None, target)))
    elif len(sys.argv) > 5 and sys.argv[1] == "sameas":
        _, _, given, count, model_folder, target = sys.argv
        print(json.dumps(sameas_job(given, int(count), model_folder, target)))
    else:
        main()
