"""Fields whose numbers tell things apart: the names of seasons, elections and claims."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sameas.blocking import NoSeries
from sameas.core.prepared import IntArray
from sameas.linker.planning.sample import Sample
from sameas.records import Field
from sameas.records.concepts import concept_of
from sameas.records.series import Words

__all__ = ["about_series", "numbered_fields"]

_KINDS = ("name", "organisation", "text")
#: Things of one wording and so many numbers are a series; two may be one thing, mistyped.
_LEAST = 3
#: From this share of the records on numbers matter. It was 0.1 to 0.98 on lists by year and in
#: Singapore, where blocks of flats have numbers, and up to 0.016 on products, papers and songs.
_SHARE = 0.02


def numbered_fields(sample: Sample, fields: Sequence[Field]) -> tuple[str, ...]:
    """Return the field that names things, if many names differ in nothing but a number.

    Parameters
    ----------
    sample : Sample
    fields : sequence of Field
    """
    named = _naming(fields)
    if named is None:
        return ()
    rule = NoSeries(named)
    wording, number = (found.value for found in sample.columns(rule.needs()).values())
    return (named,) if _in_series(wording, number) >= _SHARE * len(sample) else ()


def about_series(fields: Sequence[str], words: Words = ()) -> list[str]:
    """Say that pairs of a series are not compared."""
    said = [
        f"Many records have the wording of another one and another number in {name}: such two are "
        'taken for two things. ("numbered": [] in the plan compares them.)'
        for name in fields
    ]
    if fields and words:
        each = "; ".join(" or ".join(alike) for alike in words)
        said.append(
            f"So do words that stand for one another in many of them: {each}. "
            '("series_words": [] in the plan compares them.)'
        )
    return said


def _naming(fields: Sequence[Field]) -> str | None:
    """Return the field that names things."""
    worded = [field for field in fields if field.kind in _KINDS]
    meant = {field.name: concept_of(field.name) for field in worded}
    titles = [name for name, found in meant.items() if found is not None and found.name == "name"]
    names = [field.name for field in worded if field.kind == "name"]
    one = [field.name for field in worded] if len(worded) == 1 else []
    return next(iter([*names, *titles, *one]), None)


def _in_series(wording: IntArray, number: IntArray) -> int:
    """Count the records whose wording has several numbers."""
    known = wording != 0
    _, group = np.unique(wording[known], return_inverse=True)
    pairs = np.unique(np.stack([group.astype(np.uint64), number[known]]), axis=1)
    numbers = np.bincount(pairs[0].astype(np.int64), minlength=1)
    return int((numbers >= _LEAST)[group].sum()) if known.any() else 0
