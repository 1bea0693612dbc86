"""Preparations of values that are not texts: numbers, positions, sets, keys of records."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.prepared import Codes, FloatArray, Need, Numbers, Points, Sets
from sameas.kernels.geo import to_xyz
from sameas.records.forms import FORMS
from sameas.records.preparations.texts import hashes
from sameas.records.preparations.workspace import Stateless, Workspace, preparation

__all__ = ["as_sets"]


def _floats(workspace: Workspace, field: str) -> FloatArray:
    values = workspace.field(field).cast(pa.float64())
    return np.asarray(values.to_numpy(zero_copy_only=False), np.float64)


@preparation("number")
class _Number(Stateless):
    """A number a record."""

    def compute(self, workspace: Workspace, need: Need) -> Numbers:
        return Numbers(_floats(workspace, need.fields[0]))


@preparation("points")
class _Points(Stateless):
    """Latitude and longitude as a position on the sphere."""

    def compute(self, workspace: Workspace, need: Need) -> Points:
        latitude, longitude = (_floats(workspace, field) for field in need.fields)
        return Points(latitude, longitude, to_xyz(latitude, longitude))


@preparation("sets")
class _Sets(Stateless):
    """A list field as a set of normalised values. Option ``form``."""

    def compute(self, workspace: Workspace, need: Need) -> Sets:
        lists = workspace.field(need.fields[0]).cast(pa.large_list(pa.large_string()))
        owner = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)
        encoded = pc.dictionary_encode(pc.list_flatten(lists))
        forms = FORMS[str(dict(need.options).get("form", "normalise"))].make(encoded.dictionary)
        code = np.where(
            pc.is_valid(forms).to_numpy(zero_copy_only=False),
            hashes(pc.fill_null(forms, "")),
            np.uint64(0),
        )
        place = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        value = np.append(code, np.uint64(0))[place]
        return as_sets(owner, value, len(lists))


@preparation("identity")
class _Identity(Stateless):
    """The record's own key ``(source, id)``: what a reference is compared with."""

    def compute(self, workspace: Workspace, need: Need) -> Codes:
        return Codes(_keys(workspace, "id"))


@preparation("reference")
class _Reference(Stateless):
    """The key of another record of the same source (a parent), missing where null."""

    def compute(self, workspace: Workspace, need: Need) -> Codes:
        return Codes(_keys(workspace, need.fields[0]))


def _keys(workspace: Workspace, field: str) -> npt.NDArray[np.uint64]:
    values = workspace.field(field).cast(pa.large_string())
    source = workspace.field("source").cast(pa.large_string())
    keys = pc.binary_join_element_wise(source, values, pa.scalar("\x1f", pa.large_string()))
    missing = pc.is_null(values).to_numpy(zero_copy_only=False)
    return np.where(missing, np.uint64(0), hashes(pc.fill_null(keys, "")))


def as_sets(owner: npt.NDArray[np.integer], value: npt.NDArray[np.uint64], records: int) -> Sets:
    """Gather (owner, value) rows into one sorted set an owner; value 0 is left out."""
    keep = value != 0
    owner, value = owner[keep], value[keep]
    order = np.lexsort((value, owner))
    owner, value = owner[order], value[order]
    first = np.ones(len(owner), bool)
    first[1:] = (owner[1:] != owner[:-1]) | (value[1:] != value[:-1])
    owner, value = owner[first], value[first]
    start = np.zeros(records + 1, np.int64)
    np.cumsum(np.bincount(owner, minlength=records), out=start[1:])
    return Sets(start, value)
