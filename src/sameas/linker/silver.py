"""Labels from a field that is held out: candidate pairs with equal or different values."""

from __future__ import annotations

import logging

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.prepared import Codes, IntArray, Need
from sameas.labeling import LabelledPairs, silver_labels
from sameas.linker.job import Job
from sameas.linker.spec import LinkerSpec
from sameas.records import prepare

__all__ = ["pairs_by_codes", "silver_codes", "silver_pairs"]

logger = logging.getLogger(__name__)
#: Silver pairs beyond this many are thinned out, by a hash of the pair.
_MOST_SILVER = 200_000
#: Codes of the silver field are compared in this normal form, by the kind of the field.
_FORMS = {"phone": "digits", "url": "url", "postal_code": "postal_code", "email": "email"}


def silver_pairs(job: Job, field: str) -> tuple[LabelledPairs, str]:
    """Label candidate pairs by a held-out field.

    Parameters
    ----------
    job : Job
    field : str
        Equal values are a match, different ones are none, missing ones are undecided.

    Returns
    -------
    pairs : LabelledPairs
        The decided pairs; at most about 200 thousand, thinned out by a hash of the pair.
    origin : str
        The class ratio in words.
    """
    codes = silver_codes(job.records.table, job.spec, field)
    found = job.candidates
    return pairs_by_codes(codes, found.left, found.right, field=field, seed=job.spec.seed)


def silver_codes(table: pa.Table, spec: LinkerSpec, field: str) -> npt.NDArray[np.uint64]:
    """Return the values of the silver field as codes, 0 where there is none."""
    kind = next(item.kind for item in spec.fields if item.name == field)
    need = Need("codes", (field,), (("form", _FORMS.get(kind, "normalise")),))
    codes = prepare(table, [need], {})[need]
    assert isinstance(codes, Codes)
    return codes.value


def pairs_by_codes(
    code: npt.NDArray[np.uint64], left: IntArray, right: IntArray, *, field: str, seed: int
) -> tuple[LabelledPairs, str]:
    """Label pairs of records by the codes of the silver field; see `silver_pairs`."""
    silver = silver_labels(code, left, right, field=field)
    decided = np.flatnonzero(silver.label >= 0)
    if len(decided) > _MOST_SILVER:
        keep = _pair_hash(left[decided], right[decided], seed)
        decided = decided[keep < np.uint64(2**63 // len(decided) * 2 * _MOST_SILVER)]
    pairs = LabelledPairs(left[decided], right[decided], silver.label[decided], None)
    logger.info("%s", silver.describe())
    return pairs, silver.describe()


def _pair_hash(left: IntArray, right: IntArray, seed: int) -> npt.NDArray[np.uint64]:
    """Scramble pairs, the same way whatever else is there."""
    value = left.astype(np.uint64) << np.uint64(32) | right.astype(np.uint64)
    value = (value + np.uint64(seed)) * np.uint64(0x9E3779B97F4A7C15)
    value ^= value >> np.uint64(29)
    return value * np.uint64(0xBF58476D1CE4E5B9)
