"""What the benchmarks of mineral sites share: their tables, halves of the groups, how they end."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from common import about, table, write_section

_KEPT = ["id", "name", "other_names", "latitude", "longitude", "state_or_province", "commodities",
         "deposit_types"]  # fmt: skip


def options_of(text: str | None, *, deals: int) -> argparse.ArgumentParser:
    """Return a command line with the folder of the data and the number of deals."""
    parser = argparse.ArgumentParser(description=text)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--deals", type=int, default=deals)
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    return parser


def read(data: Path, name: str) -> Any:
    """Read one of the tables below ``minerals/``."""
    import pyarrow.parquet as pq

    return pq.read_table(data / "minerals" / f"{name}.parquet")


def groups_of(data: Path, name: str, key: str) -> dict[str, str]:
    """Return the group of each record of a table of truth."""
    truth = read(data, name)
    return dict(zip(truth[key].to_pylist(), truth["group_id"].to_pylist(), strict=True))


def grouped(data: Path, name: str, key: str) -> tuple[Any, Any]:
    """Return the records that a table of truth groups, sorted by id, and their groups."""
    import pyarrow as pa
    import pyarrow.compute as pc

    truth, group = read(data, name), groups_of(data, name, key)
    mrds, usmin = read(data, "mrds"), read(data, "usmin")
    shared = [c for c in usmin.column_names if c in mrds.column_names]
    known = pa.concat_tables([mrds.select(shared), usmin.select(shared)])
    if "name" in truth.column_names:
        known = truth.rename_columns({key: "id"})
    found = known.filter(pc.is_in(known["id"], pa.array(list(group)).cast(known["id"].type)))
    found = found.sort_by("id")
    return found, np.array([group[one] for one in found["id"].to_pylist()])


def assessment(data: Path) -> tuple[Any, Any, dict[str, str]]:
    """Return the sites of the Great Basin, all of MRDS, and the site of each record known."""
    sites = read(data, "gbw_sites").rename_columns({"primary_commodity_codes": "commodities"})
    group = groups_of(data, "gbw_groups", "mrds_id")
    return sites.select(_KEPT), read(data, "mrds").select(_KEPT), group


def pairs_of(ids: list[str], group: Any) -> Any:
    """Return all pairs of records with their truth."""
    import pyarrow as pa

    left, right = np.triu_indices(len(ids), 1)
    names = np.array(ids)
    label = (group[left] == group[right]).astype(np.int8)
    return pa.table({"left_id": names[left], "right_id": names[right], "label": label})


def halves(group: dict[str, str], deals: int) -> Iterator[tuple[int, int, dict[str, int]]]:
    """Deal groups into halves, each held out in turn: yield deal, half held out, half of each."""
    names = np.array(sorted(set(group.values())))
    for deal in range(1, deals + 1):
        dealt = np.random.default_rng(deal).permutation(len(names)) % 2
        for held in range(2):
            yield deal, held, dict(zip(names.tolist(), dealt.tolist(), strict=True))


def ends_of(links: Any) -> set[tuple[str, str]]:
    """Return links as pairs of ids."""
    return set(zip(links["left_id"].to_pylist(), links["right_id"].to_pylist(), strict=True))


def finish(
    section: str,
    title: str,
    text: str,
    rows: tuple[list[str], list[list[Any]]],
    *,
    begin: float,
    write: bool,
) -> None:
    """Print text, CPU seconds since `begin` and a table (heads, rows); write the section."""
    seconds = round(time.process_time() - begin)
    body = f"{text} {seconds} CPU seconds.\n\n{table(*rows)}"
    print(body)
    if write:
        write_section(section, title, body, about("numpy", "pyarrow", "scikit-learn"))
