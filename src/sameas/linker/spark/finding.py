"""Records by their ids, wherever they are: every worker looks through its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.errors import ArgumentError, choices_hint
from sameas.core.prepared import IntArray
from sameas.engines.pieces import Piece
from sameas.engines.spark import SparkEngine
from sameas.linker.spark.pack import Settings
from sameas.linker.spark.shared import share, shared
from sameas.records.numbered import ids_like

__all__ = ["SparkRecords"]


@dataclass(frozen=True)
class SparkRecords:
    """The numbered records of a run.

    Attributes
    ----------
    engine : SparkEngine
    stage : frame of pieces
        "records".
    settings : Settings
    """

    engine: SparkEngine
    stage: Any
    settings: Settings

    def find(self, source: str, ids: Any) -> IntArray:
        """Return the record numbers of ids of one source, -1 where there is no such record.

        Raises
        ------
        ArgumentError
            If there is no such source.
        """
        sources = self.settings.sources
        if source not in sources:
            raise ArgumentError(
                f"There is no source {source!r}.{choices_hint(source, sources)} There are: "
                f"{', '.join(sources)}."
            )
        wanted = ids_like(ids, self.settings.id_type)
        address = share(self.engine.folder, "wanted", pa.table({"id": wanted}))
        looked = self.engine.each_piece(
            self.stage.where("kind = 'records'"), partial(_look, self.settings, source, address)
        )
        found = np.full(len(wanted), -1, np.int32)
        for piece in self.engine.collect(looked):
            found[piece.table["row"].to_numpy()] = piece.table["record"].to_numpy()
        return found


def _look(
    settings: Settings, source: str, address: str, part: int, pieces: list[Piece]
) -> Iterator[Piece]:
    """Give the wanted ids that are in a piece."""
    (piece,), wanted = pieces, shared(address)["id"]
    own = pc.equal(piece.table["source"], source)
    if not pc.any(own).as_py():
        return
    known = piece.table.filter(own)["id"].combine_chunks()
    place = pc.index_in(wanted, value_set=known).combine_chunks()
    row = np.flatnonzero(pc.is_valid(place).to_numpy(zero_copy_only=False))
    if len(row):
        first = settings.first[part] + piece.origin + int(pc.index(own, True).as_py())
        record = first + place.take(pa.array(row)).to_numpy()
        yield Piece(part, "found", part, pa.table({"row": row, "record": record.astype(np.int32)}))
