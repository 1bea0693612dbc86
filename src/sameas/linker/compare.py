"""What changed between two runs: links, clusters, figures."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sameas.core.dataclass import dataclass
from sameas.core.errors import RunError
from sameas.core.pair_key import pair_key
from sameas.labeling import read_labels
from sameas.linker.compare_text import comparison_lines
from sameas.linker.inputs import label_sources
from sameas.records.frames import to_arrow
from sameas.reporting.folder import read_run
from sameas.survivorship import record_names

__all__ = ["RunComparison", "compare_runs"]

_SAMPLES = 10
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RunComparison:
    """The second run against the first.

    Attributes
    ----------
    figures : dict of str to (first, second)
        Records, candidates, links, entities, threshold, linker version, f1 of the fit.
    records : dict
        ``both``, ``only_first``, ``only_second``.
    links : dict
        ``kept``, ``gained``, ``lost`` (counts), ``gained_samples``, ``lost_samples``: links
        with the highest score first.
    clusters : dict
        Of the records of both runs: ``unchanged`` (entities), ``split`` (entities of the first
        run), ``merged`` (entities of the second), ``rearranged`` (entities of the first), and
        ``split_samples``, ``merged_samples``.
    labelled : dict or None
        By run: pairs of the labels in one entity that should be, and so on.
    """

    figures: dict[str, tuple[Any, Any]]
    records: dict[str, int]
    links: dict[str, Any]
    clusters: dict[str, Any]
    labelled: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self)

    def to_text(self) -> str:
        """Return the changes as a table with samples, for a terminal."""
        return "\n".join(comparison_lines(self))


def compare_runs(
    first: str | os.PathLike[str], second: str | os.PathLike[str], labels: Any = None
) -> RunComparison:
    """Compare two run folders.

    Parameters
    ----------
    first, second : folder
        Of runs over the same tables, or nearly: records are told by source and id.
    labels : frame or path, optional
        Labelled pairs, as for `Linker.fit`; both runs are measured on them, clusters and all.

    Returns
    -------
    RunComparison

    Raises
    ------
    RunError
        If a folder holds no finished run.
    """
    runs = [_Run.read(Path(folder)) for folder in (first, second)]
    keys = pc.unique(pa.concat_arrays([run.key for run in runs]))
    places = [pc.index_in(run.key, keys).to_numpy().astype(np.int64) for run in runs]
    both = np.intersect1d(*places)
    names = ("both", "only_first", "only_second")
    counts = (len(both), len(places[0]) - len(both), len(places[1]) - len(both))
    entities = [run.entities(place, len(keys)) for run, place in zip(runs, places, strict=True)]
    return RunComparison(
        figures=_figures(runs[0].content, runs[1].content),
        records=dict(zip(names, counts, strict=True)),
        links=_links(runs, keys),
        clusters=_clusters(runs, entities, both),
        labelled=None if labels is None else _labelled(labels, runs, keys, entities),
    )


@dataclass
class _Run:
    content: dict[str, Any]
    key: pa.Array
    entity: Ints
    entity_name: pa.Array
    links: pa.Table

    @classmethod
    def read(cls, folder: Path) -> _Run:
        """Read what is compared of a run folder."""
        content = read_run(folder)
        try:
            clusters = pq.read_table(folder / "clusters.parquet", partitioning=None)
            links = pq.read_table(folder / "links.parquet", partitioning=None)
        except (OSError, pa.ArrowException) as error:
            raise RunError(f"{folder} cannot be read: {error}.") from error
        coded = clusters["entity"].combine_chunks().dictionary_encode()
        return cls(
            content, _keys(clusters, "source", "id"),
            coded.indices.to_numpy().astype(np.int64), coded.dictionary, links,
        )  # fmt: skip

    def entities(self, place: Ints, total: int) -> Ints:
        """Return the entity of each known record, -1 where this run lacks it."""
        found = np.full(total, -1, np.int64)
        found[place] = self.entity
        return found


def _keys(table: pa.Table, source: str, identifier: str) -> pa.Array:
    names = record_names(table[source].combine_chunks(), table[identifier].combine_chunks())
    return names.cast(pa.large_string())


def _figures(first: dict[str, Any], second: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the figures of both runs side by side."""

    def of(content: dict[str, Any]) -> dict[str, Any]:
        fit = content.get("fit") or {}
        return {
            "records": content["records"],
            "candidate pairs": content["candidates"],
            "links": content["links"],
            "entities": content["clusters"]["clusters"],
            "threshold": content["threshold"],
            "linker version": content["linker_version"],
            "f1 (valid)": (fit.get("valid") or {}).get("f1"),
        }

    left, right = of(first), of(second)
    return {name: (left[name], right[name]) for name in left}


def _links(runs: list[_Run], keys: pa.Array) -> dict[str, Any]:
    """Count links kept, gained and lost, with samples."""
    codes = []
    for run in runs:
        ends = [
            pc.index_in(_keys(run.links, f"{side}_source", f"{side}_id"), keys)
            .to_numpy().astype(np.int64)
            for side in ("left", "right")
        ]  # fmt: skip
        codes.append(pair_key(np.minimum(*ends), np.maximum(*ends)))
    kept = np.intersect1d(codes[0], codes[1])
    found: dict[str, Any] = {"kept": len(kept)}
    for name, run, code in zip(("lost", "gained"), runs, codes, strict=True):
        rows = np.flatnonzero(~np.isin(code, kept))
        score = run.links["score"].to_numpy()[rows]
        best = rows[np.argsort(-score, kind="stable")[:_SAMPLES]]
        found[name] = len(rows)
        found[f"{name}_samples"] = [
            {"left": _end(row, "left"), "right": _end(row, "right"), "score": row["score"]}
            for row in run.links.take(best).to_pylist()
        ]
    return found


def _end(row: dict[str, Any], side: str) -> str:
    return f"{row[f'{side}_source']}:{row[f'{side}_id']}"


def _clusters(runs: list[_Run], entities: list[Ints], both: Ints) -> dict[str, Any]:
    """Say what became of the entities, over the records that both runs have."""
    a, b = (entity[both] for entity in entities)
    joint, size = np.unique(np.stack([a, b], axis=1), axis=0, return_counts=True)
    parts_of_a = np.bincount(joint[:, 0], minlength=int(a.max(initial=-1)) + 1)
    parts_of_b = np.bincount(joint[:, 1], minlength=int(b.max(initial=-1)) + 1)
    one_a, one_b = parts_of_a[joint[:, 0]] == 1, parts_of_b[joint[:, 1]] == 1
    mixed_a = np.unique(joint[~one_b, 0])  # share an entity of the second run with others
    mixed_b = np.unique(joint[~one_a, 1])
    split = np.setdiff1d(np.unique(joint[~one_a, 0]), mixed_a)
    merged = np.setdiff1d(np.unique(joint[~one_b, 1]), mixed_b)
    into = np.isin(joint[:, 1], merged)
    touched = np.unique(joint[~(one_a & one_b), 0])
    gone = np.union1d(split, np.unique(joint[into, 0]))
    return {
        "unchanged": int((one_a & one_b).sum()),
        "split": len(split),
        "merged": len(merged),
        "rearranged": len(np.setdiff1d(touched, gone)),
        "split_samples": _samples(joint, size, 0, split, runs),
        "merged_samples": _samples(joint, size, 1, merged, runs),
    }


def _samples(
    joint: Ints, size: Ints, side: int, chosen: Ints, runs: list[_Run]
) -> list[dict[str, Any]]:
    """Return the largest of the chosen entities and the sizes of their parts."""
    total = np.bincount(joint[:, side], size).astype(np.int64)
    largest = chosen[np.lexsort((chosen, -total[chosen]))][:_SAMPLES]
    return [
        {
            "entity": runs[side].entity_name[int(entity)].as_py(),
            "records": int(total[entity]),
            "parts": sorted(size[joint[:, side] == entity].tolist(), reverse=True),
        }
        for entity in largest
    ]


def _labelled(
    labels: Any, runs: list[_Run], keys: pa.Array, entities: list[Ints]
) -> dict[str, Any]:
    """Measure both runs on labelled pairs: whether a pair is in one entity."""
    table = to_arrow(labels)[0]
    inputs = (runs[0].content.get("inputs") or {}).get("tables") or runs[0].content["sources"]

    def find(source: str | None, ids: pa.Array) -> npt.NDArray[np.int32]:
        if source is None:
            raise RunError("With more than two tables the labels need left_source, right_source.")
        names = record_names(pa.array([source] * len(ids)), ids.cast(pa.string()))
        place = pc.fill_null(pc.index_in(names.cast(pa.large_string()), keys), -1)
        return np.asarray(place.to_numpy(zero_copy_only=False), np.int32)

    pairs = read_labels(table, find, sources=label_sources(tuple(inputs)), conflicts="drop")
    decided = pairs.label >= 0
    left, right, truth = pairs.left[decided], pairs.right[decided], pairs.label[decided] == 1
    found: dict[str, Any] = {"pairs": len(truth), "matches": int(truth.sum())}
    together = []
    for name, entity in zip(("first", "second"), entities, strict=True):
        same = (entity[left] == entity[right]) & (entity[left] >= 0)
        together.append(same)
        hits = int((same & truth).sum())
        found[name] = {
            "precision": hits / max(int(same.sum()), 1),
            "recall": hits / max(int(truth.sum()), 1),
            "f1": 2 * hits / max(int(same.sum()) + int(truth.sum()), 1),
        }
    right_now, right_before = together[1] == truth, together[0] == truth
    found["mended"] = int((right_now & ~right_before).sum())
    found["broken"] = int((right_before & ~right_now).sum())
    return found
