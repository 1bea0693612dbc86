"""Preparations of texts that hold numbers: telephone numbers, quantities."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.prepared import Need
from sameas.core.prepared_values import Phones, Quantities
from sameas.records.phones import read_phones
from sameas.records.preparations.texts import hashes
from sameas.records.preparations.workspace import Stateless, Workspace, preparation
from sameas.records.quantities import read_quantities

__all__: list[str] = []


@preparation("phones")
class _Phones:
    """Telephone numbers. Option ``region``. Frozen is whether `phonenumbers` is used."""

    def fit(self, workspace: Workspace, need: Need) -> pa.Table:
        return pa.table({"library": [find_spec("phonenumbers") is not None]})

    def transform(self, workspace: Workspace, need: Need, statistics: pa.Table | None) -> Phones:
        assert statistics is not None
        distinct = workspace.distinct(need.fields, "as_is")
        library = statistics.column("library")[0].as_py()
        region = dict(need.options).get("region")
        numbers = read_phones(distinct.values, region=region, library=library)
        return Phones(*(np.append(number, 0)[distinct.code] for number in numbers))


@preparation("quantities")
class _Quantities(Stateless):
    """Numbers with a unit, in the base unit of their dimension."""

    def compute(self, workspace: Workspace, need: Need) -> Quantities:
        distinct = workspace.distinct(need.fields, "as_is")
        value, dimension = read_quantities(distinct.values)
        code = np.where(
            pc.is_valid(dimension).to_numpy(zero_copy_only=False),
            hashes(pc.fill_null(dimension, "")),
            np.uint64(0),
        )
        return Quantities(
            np.append(value, np.nan)[distinct.code], np.append(code, np.uint64(0))[distinct.code]
        )
