"""Scores beside the labels of the same pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.errors import ArgumentError, ColumnError, DataError, LabelError
from sameas.labeling import SPLITS
from sameas.labeling.values import plain_column, read_splits, read_verdicts
from sameas.records.frames import to_arrow
from sameas.records.values import as_strings

__all__ = ["Aligned", "align", "write_curves"]

_EXAMPLES = 3
_IDS = ("left_id", "right_id")
_SOURCES = ("left_source", "right_source")


@dataclass(frozen=True)
class Aligned:
    """The labels that count and their scores, in the order of the label table.

    Attributes
    ----------
    label : bool[n]
    score : float64[n]
        NaN where the scores' file has null.
    candidate : bool[n] or None
        None if the file does not say.
    threshold : float
    version : str or None
        Of the linker.
    notes : tuple of str
        What was left out, and why.
    """

    label: npt.NDArray[np.bool_]
    score: npt.NDArray[np.float64]
    candidate: npt.NDArray[np.bool_] | None
    threshold: float
    version: str | None
    notes: tuple[str, ...]


def align(
    scores: str, labels: str, *, split: str | None = None, threshold: float | None = None
) -> Aligned:
    """Read scores and labels, and find the score of every label.

    Parameters
    ----------
    scores, labels : path
    split : {"train", "valid", "test"}, optional
        Only these labels.
    threshold : float, optional
        Instead of the one that the scores' file holds.

    Raises
    ------
    ColumnError, LabelError, DataError, ArgumentError
        If a column, a score or the threshold is missing.
    """
    scored, labelled = to_arrow(scores)[0], to_arrow(labels)[0]
    _need(scored, (*_IDS, "score"), scores)
    _need(labelled, (*_IDS, "label"), labels)
    about = scored.schema.metadata or {}
    chosen = _threshold(about, threshold, scores)
    verdict = read_verdicts(plain_column(labelled, "label"), name=labels)
    keep, notes = verdict >= 0, []
    if split is not None:
        _need(labelled, ("split",), labels)
        keep &= read_splits(plain_column(labelled, "split"), name=labels) == SPLITS.index(split)
    if undecided := int((verdict < 0).sum()):
        notes.append(f"undecided labels left out: {undecided:,}")
    rows = np.flatnonzero(keep)
    if not len(rows):
        where = "" if split is None else f" in the split {split!r}"
        raise LabelError(f"{labels} holds no decided label{where}.")
    labelled = labelled.take(pa.array(rows))
    both = all(name in table.column_names for table in (scored, labelled) for name in _SOURCES)
    names = (*_SOURCES, *_IDS) if both else _IDS
    theirs, mine = _keys(scored, labelled, names)
    place = _places(theirs, mine, scored, scores)
    _refuse_unscored(place, labelled, theirs, _keys(scored, labelled, names, swapped=True)[1],
                     names=(scores, labels))  # fmt: skip
    if contradictory := _contradictions(mine, verdict[rows]):
        notes.append(f"{contradictory:,} pairs bear both verdicts; every row counts")
    version = about.get(b"sameas.version")
    return Aligned(
        label=verdict[rows] == 1,
        score=_numbers(scored, scores)[place],
        candidate=_flags(scored, scores, place),
        threshold=chosen,
        version=None if version is None else version.decode(),
        notes=tuple(notes),
    )


def write_curves(found: Aligned, folder: Path) -> list[str]:
    """Write the curves of all labelled pairs, and end to end, as CSV."""
    from sameas.evaluation import precision_recall_curve, roc_curve, threshold_curve
    from sameas.records.write import write_table

    scopes = {"": found.score}
    if found.candidate is not None:
        scopes["_end_to_end"] = np.where(found.candidate, found.score, np.nan)
    kinds = {"precision_recall": precision_recall_curve, "roc": roc_curve,
             "thresholds": threshold_curve}  # fmt: skip
    names = []
    for scope, score in scopes.items():
        for kind, curve in kinds.items():
            names.append(f"{kind}{scope}.csv")
            write_table(curve(found.label, score), folder / names[-1])
    return names


def _need(table: pa.Table, columns: Sequence[str], name: str) -> None:
    for column in columns:
        if column not in table.column_names:
            raise ColumnError.missing(column, table.column_names, table=name)


def _threshold(about: dict[bytes, bytes], given: float | None, name: str) -> float:
    if given is not None:
        return given
    if b"sameas.threshold" not in about:
        raise ArgumentError(
            f"{name} does not say at which threshold a pair is a match (a CSV or JSON file "
            "cannot). Give --threshold X, or let `sameas score` write a .parquet file."
        )
    return float(about[b"sameas.threshold"])


def _keys(
    scored: pa.Table, labelled: pa.Table, names: Sequence[str], *, swapped: bool = False
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give equal numbers to equal pairs of both tables; ids are compared as texts."""
    size = scored.num_rows
    key = np.zeros(size + labelled.num_rows, np.int64)
    for name in names:
        side, _, what = name.partition("_")
        other = f"{'right' if side == 'left' else 'left'}_{what}" if swapped else name
        texts = [*as_strings(scored[name]).chunks, *as_strings(labelled[other]).chunks]
        codes = (
            pa.chunked_array(texts, pa.string())
            .combine_chunks()
            .dictionary_encode(null_encoding="encode")
            .indices.to_numpy(zero_copy_only=False)
        )
        key = np.unique(key * (int(codes.max(initial=0)) + 1) + codes, return_inverse=True)[1]
    return key[:size], key[size:]


def _places(
    theirs: npt.NDArray[np.int64], mine: npt.NDArray[np.int64], scored: pa.Table, name: str
) -> npt.NDArray[np.int64]:
    """Return the row of the scores of each label, -1 where there is none."""
    if not len(theirs):
        return np.full(len(mine), -1, np.int64)
    order = np.argsort(theirs, kind="stable")
    ranked = theirs[order]
    score = _numbers(scored, name)[order]
    repeated = np.flatnonzero(ranked[1:] == ranked[:-1])
    differs = ~np.isclose(score[repeated], score[repeated + 1], rtol=0, atol=1e-9, equal_nan=True)
    if differs.any():
        row = scored.slice(int(order[repeated[differs][0]]), 1).to_pylist()[0]
        raise DataError(
            f"{name}: {int(differs.sum()):,} pairs have several scores that differ, such as "
            f"({row['left_id']!r}, {row['right_id']!r})."
        )
    at = np.minimum(np.searchsorted(ranked, mine), len(ranked) - 1)
    return np.where(ranked[at] == mine, order[at], -1)


def _refuse_unscored(
    place: npt.NDArray[np.int64],
    labelled: pa.Table,
    theirs: npt.NDArray[np.int64],
    swapped: npt.NDArray[np.int64],
    *,
    names: tuple[str, str],
) -> None:
    missing = np.flatnonzero(place < 0)
    if not len(missing):
        return
    some = labelled.select(_IDS).take(pa.array(missing[:_EXAMPLES])).to_pylist()
    seen = ", ".join(f"({row['left_id']!r}, {row['right_id']!r})" for row in some)
    turned = np.isin(swapped[missing], theirs).sum() if len(swapped) == len(place) else 0
    hint = f" {int(turned):,} of them are there the other way round." if turned else ""
    raise LabelError(
        f"{names[0]} has no score for {len(missing):,} of the {len(place):,} labels of "
        f"{names[1]}, such as {seen}.{hint} Score the pairs of the labels: sameas score ... "
        f"--pairs {names[1]}."
    )


def _contradictions(key: npt.NDArray[np.int64], verdict: npt.NDArray[np.int8]) -> int:
    matches, others = np.unique(key[verdict == 1]), np.unique(key[verdict == 0])
    return len(np.intersect1d(matches, others, assume_unique=True))


def _numbers(scored: pa.Table, name: str) -> npt.NDArray[np.float64]:
    column = scored["score"]
    try:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            column = pc.if_else(pc.equal(column, ""), None, column)
        values = column.cast(pa.float64()).combine_chunks().to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid as error:
        raise DataError(f"{name}: the column 'score' holds no numbers: {error}.") from error
    return np.asarray(values, np.float64)


def _flags(
    scored: pa.Table, name: str, place: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_] | None:
    if "candidate" not in scored.column_names:
        return None
    try:
        met = scored["candidate"].cast(pa.bool_()).combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise DataError(f"{name}: the column 'candidate' is not true or false.") from error
    return np.asarray(pc.fill_null(met, False).to_numpy(zero_copy_only=False))[place]
