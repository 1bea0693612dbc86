"""The demo: two real airport registers linked without a human label, and a table of places.

    python examples/link_airports.py --out demo

Codes are the truth, so they are not evidence. On one half of the left records they serve as
silver labels; on the other half they are only the truth that the figure is taken against.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import sameas
from sameas.blocking import AnyOf, Radius, SharedToken, SharedTokenNearby, SimilarText
from sameas.datasets.airports import load_airports, split_by_hash
from sameas.datasets.places import write_places
from sameas.evaluation import bootstrap, cluster_metrics, pair_metrics
from sameas.linker import LinkerSpec
from sameas.linker.spec import as_spec
from sameas.reporting import plot_links, plot_precision_recall, plot_scores

FIELDS = {
    "name": "name",
    "latitude": "latitude",
    "longitude": "longitude",
    "country": "category",
    "timezone": "category",
    "icao": "identifier",
}


def airport_spec() -> LinkerSpec:
    """Wide radius with name evidence; the code is held out."""
    alike = AnyOf((SharedToken("name"), SimilarText("name", at_least=0.7)))
    blocking = (
        Radius(5_000.0),
        Radius(25_000.0, filter=alike),
        SharedTokenNearby("name", 100_000.0, filter=SimilarText("name", at_least=0.8)),
    )
    return as_spec(FIELDS, silver="icao", blocking=blocking)


def link_airports(out: Path) -> None:
    """Link the registers and measure the half whose codes nobody has looked at."""
    airports = load_airports()
    left, right = airports.left, airports.right
    taught = split_by_hash(left["id"], 0.5)
    silver = pc.if_else(pa.array(taught), left["icao"], pa.scalar(None, pa.string()))
    hidden = left.set_column(left.column_names.index("icao"), "icao", silver)
    linker = sameas.Linker(airport_spec())
    begun = time.process_time()
    result = linker.link(hidden, right, mode="one-to-one", out=out / "airports")
    spent = time.process_time() - begun
    print(f"{left.num_rows:,} and {right.num_rows:,} airports, {spent:.0f} CPU seconds")
    print(linker.fitted_.report["labels"])
    print(result)
    measure(linker, result, left, right, out, taught)


def measure(linker, result, left, right, out: Path, taught: np.ndarray) -> None:
    """Compare links and scores with the codes of the half that was kept aside."""
    code = {
        side: dict(zip(*(given[name].to_pylist() for name in ("id", "icao")), strict=True))
        for side, given in (("left", left), ("right", right))
    }
    aside = set(left["id"].filter(pa.array(~taught)).to_pylist())
    links = result.links.to_pylist()
    links = [link for link in links if link["left_id"] in aside and code["right"][link["right_id"]]]
    found = {(link["left_id"], link["right_id"]) for link in links}
    of_right = {icao: key for key, icao in code["right"].items() if icao}
    truth = {(key, of_right[code["left"][key]]) for key in aside if code["left"][key] in of_right}
    precision, recall = len(found & truth) / len(found), len(found & truth) / len(truth)
    print(
        f"on the other half, one to one: {len(truth):,} true links, {len(found):,} found; "
        f"precision {precision:.4f}, recall {recall:.4f}, "
        f"F1 {2 * precision * recall / (precision + recall):.4f}"
    )
    print("(a link to a record without a code is undecided and not counted)\n")
    show(links[:: max(1, len(links) // 8)], left, right, truth)
    stage = pq.read_table(next((out / "airports" / "stages").glob("scores-*.parquet")))
    draw(linker, stage, result, left, right, out, aside, code)


def show(links: list[dict], left: pa.Table, right: pa.Table, truth: set) -> None:
    """Print some links to read."""
    name = {
        side: dict(zip(table["id"].to_pylist(), table["name"].to_pylist(), strict=True))
        for side, table in (("left", left), ("right", right))
    }
    print("some links    left                              right")
    for link in links:
        first, second = link["left_id"], link["right_id"]
        verdict = "true " if (first, second) in truth else "FALSE"
        names = f"{name['left'][first][:32]:32}  {name['right'][second][:32]}"
        print(f"  {link['score']:.3f} {verdict} {names}")
    print()


def draw(linker, stage, result, left, right, out: Path, aside: set[str], code) -> None:
    """Write the plots, and the figures of all candidate pairs of the half kept aside."""
    ids = {"left": np.sort(left["id"].to_numpy()), "right": np.sort(right["id"].to_numpy())}
    first = ids["left"][stage["left"].to_numpy()]
    second = ids["right"][stage["right"].to_numpy() - left.num_rows]
    known = np.array(
        [a in aside and bool(code["right"][b]) for a, b in zip(first, second, strict=True)]
    )
    labels = np.array(
        [code["left"][a] == code["right"][b] for a, b in zip(first, second, strict=True)]
    )[known]
    scores = stage["score"].to_numpy()[known]
    figures = pair_metrics(labels, scores, threshold=linker.threshold)
    interval = bootstrap(labels, scores, threshold=linker.threshold, metrics=("f1",))["f1"]
    print(
        f"candidate pairs of the other half: {len(labels):,}, {int(labels.sum()):,} true; "
        f"threshold {linker.threshold:.3f}: precision {figures.precision:.4f}, "
        f"recall {figures.recall:.4f}, "
        f"F1 {figures.f1:.4f} [{interval.low:.4f}, {interval.high:.4f}], "
        f"average precision {figures.average_precision:.4f}"
    )
    plot_scores(scores, out / "airport_scores.png", threshold=linker.threshold, labels=labels)
    plot_precision_recall(
        labels, scores, out / "airport_precision_recall.png", threshold=linker.threshold
    )
    ends = []
    for table, column in ((left, "left_id"), (right, "right_id")):
        place = pc.index_in(result.links[column], value_set=table["id"].combine_chunks())
        rows = table.select(["latitude", "longitude"]).take(place)
        ends.append(np.stack([rows["latitude"].to_numpy(), rows["longitude"].to_numpy()], axis=1))
    plot_links(
        *ends, out / "airport_links.png", title=f"{len(ends[0]):,} links between two registers"
    )


def dedupe_places(out: Path, records: int) -> None:
    """Generate places with known truth, deduplicate them by silver phones, compare."""
    file = out / "places.parquet"
    write_places(file, records, seed=1)
    linker = sameas.recipes.places()
    begun = time.process_time()
    result = linker.dedupe(file, out=out / "places")
    spent = time.process_time() - begun
    print(f"\n{records:,} generated places, {spent:.0f} CPU seconds")
    print(linker.fitted_.report["labels"])
    print(result)
    truth = pq.read_table(file, columns=["id", "entity_id"]).sort_by("id")
    entity = result.clusters.sort_by("id")["entity"]
    figures = cluster_metrics(np.asarray(entity.dictionary_encode().combine_chunks().indices),
                              truth["entity_id"].to_numpy())  # fmt: skip
    print("against the truth:", {key: round(value, 4) for key, value in figures.to_dict().items()
                                 if isinstance(value, float)})  # fmt: skip


def main() -> None:
    """Run both parts and say where to look."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("demo"))
    parser.add_argument("--places", type=int, default=50_000)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    link_airports(arguments.out)
    dedupe_places(arguments.out, arguments.places)
    print(f"\nLook at {arguments.out}/airport_*.png, {arguments.out}/*/run.json and links.parquet.")


if __name__ == "__main__":
    main()
