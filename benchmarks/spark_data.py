"""Real places and FEBRL persons: one machine, Apache Spark and Sail side by side.

Usage: python benchmarks/spark_data.py --data FOLDER [--sets osm_fsq_pit febrl3 ...]

A linker is fitted on one machine (places: the labels of train and valid; persons: without
labels), links the tables there, on Spark and on Sail, and the results are compared. "fit there"
says whether a fit on Spark gives the same version of the linker. No figure of quality is read.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from common import about, table, write_json, write_section
from spark_common import started

CITIES = ("pit", "edi", "sin", "tor")
PLACES = tuple(f"osm_{other}_{city}" for other in ("fsq", "yelp") for city in CITIES)
FEBRL = ("febrl1", "febrl2", "febrl3", "febrl4")
_PACKAGES = ("sameas", "pyspark", "pysail", "pyarrow")
_PERSON = {
    "given_name": "given_name", "surname": "surname", "date_of_birth": "date",
    "address_1": "address", "suburb": "category", "postcode": "postal_code",
}  # fmt: skip


def linker_for(folder: Path, name: str) -> tuple[Any, dict[str, str], pa.Table | None]:
    """Return an unfitted linker, the tables and the labels."""
    from sameas import Linker
    from sameas.blocking import ExactKey
    from sameas.recipes import places

    if name in FEBRL:
        home = folder / "febrl" / name
        rules = (ExactKey(("surname",)), ExactKey(("date_of_birth",)), ExactKey(("postcode",)))
        files = ["records"] if name != "febrl4" else ["left", "right"]
        named = {file: str(home / f"{file}.parquet") for file in files}
        return Linker(_PERSON, blocking=rules), named, None
    home = folder / "places" / name
    labels = pq.read_table(home / "pairs.parquet")
    labels = labels.filter(pc.is_in(labels["split"], pa.array(["train", "valid"])))
    named = {side: str(home / f"{side}.parquet") for side in ("left", "right")}
    return places(silver=None), named, labels


def compare(folder: Path, name: str, engines: dict[str, Any], work: str) -> list[list[Any]]:
    """Link one set everywhere."""
    from sameas import Linker
    from sameas.engines.spark import SparkEngine
    from sameas.linker.spark import SparkLinker

    linker, named, labels = linker_for(folder, name)
    spec = linker.spec
    linker.fit(dict(named), labels=labels)
    expected = linker.link(dict(named)) if len(named) > 1 else linker.dedupe(dict(named))
    rows = []
    for engine, session in engines.items():
        on = SparkEngine(session, work=work, parts=4, records_per_part=3_000)
        there = Linker(spec)
        SparkLinker.fit(there, dict(named), labels=labels, engine=on)
        got = SparkLinker(linker, on).link(dict(named))
        report = got.report
        same = [report[one] == expected.report[one] for one in ("candidates", "links")]
        rows.append([
            name, engine, report["records"], report["candidates"], report["links"],
            report["clusters"]["clusters"], all(same), difference(got.links, expected.links),
            equal(got.clusters, expected.clusters, ("source", "id")),
            equal(got.entities, expected.entities, ("entity",)), there.version == linker.version,
        ])  # fmt: skip
        print(rows[-1], flush=True)
    return rows


def difference(got: Any, expected: pa.Table) -> float:
    """Return the largest difference of scores of equal links; infinite if links differ."""
    by = [(name, "ascending") for name in ("left_source", "left_id", "right_source", "right_id")]
    one, other = got.toArrow().sort_by(by), expected.sort_by(by)
    ids = [name for name, _ in by]
    if not one.select(ids).equals(other.select(ids).cast(one.select(ids).schema)):
        return float("inf")
    return float(np.abs(one["score"].to_numpy() - other["score"].to_numpy()).max(initial=0.0))


def equal(got: Any, expected: pa.Table, keys: tuple[str, ...]) -> bool:
    """Say whether two tables hold the same rows."""
    by = [(name, "ascending") for name in keys]
    one = got.toArrow().sort_by(by)
    return bool(one.equals(expected.select(one.column_names).cast(one.schema).sort_by(by)))


def _word(value: Any) -> Any:
    return ("no", "yes")[value] if isinstance(value, bool) else value


def write_results(rows: list[list[Any]]) -> None:
    """Write the sets that are done."""
    head = ["set", "engine", "records", "candidates", "links", "entities", "as many as here",
            "largest difference of a score", "same clusters", "same golden records",
            "same linker fitted there"]  # fmt: skip
    shown = [[_word(value) for value in row] for row in rows]
    facts = about(*_PACKAGES)
    write_section("spark_data", "Real tables on Spark and Sail", table(head, shown), facts)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=[*PLACES, *FEBRL])
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    rows: list[list[Any]] = []
    with tempfile.TemporaryDirectory() as work, started("sail") as sail:
        sail.range(1).collect()  # connect before there is another session
        with started("spark") as spark:
            for name in options.sets:
                rows += compare(options.data, name, {"sail": sail, "spark": spark}, work)
                if not options.no_results:
                    write_results(rows)
    write_json({"rows": rows})


if __name__ == "__main__":
    main()
