"""Prepare a few records with the frozen statistics of a linker, quickly.

A preparation looks its words up in a frozen table; for one record, building that look-up
costs more than everything else. So it is built once here, and a preparation is given the
few rows of the table that the record can ask for. Its result is the same.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sameas.core.prepared import Column, Need
from sameas.linker.saving import FittedLinker
from sameas.records.preparations import Workspace
from sameas.records.preparations.words import STREET_WORDS
from sameas.resolver.layout import beside, unlimited

__all__ = ["Preparer", "documents_of"]

#: Statistics that are looked up by a text, and by which column.
_BY_TEXT = {"tokens": "token", "frequency": "text", "relative_frequency": "text"}


def documents_of(fitted: FittedLinker, needs: tuple[Need, ...]) -> dict[Need, int]:
    """Return how many texts the frozen frequencies of words were counted in."""
    found = {}
    for need in needs:
        table = fitted.statistics.get(need.slug)
        if need.kind == "tokens" and table is not None:
            found[need] = int(table.schema.metadata[b"documents"])
    return found


class Preparer:
    """Prepares records for one fitted linker.

    Parameters
    ----------
    fitted : FittedLinker
    """

    def __init__(self, fitted: FittedLinker) -> None:
        self.needs = tuple(dict.fromkeys(unlimited(need) for need in fitted.spec.needs()))
        base = [
            Need("tokens", need.fields, need.options)
            for need in self.needs
            if need.kind in ("word_vectors", "token_bits", "learned_words")
        ]
        base += [other for need in self.needs for other in beside(need)]
        self.needs = tuple(dict.fromkeys((*self.needs, *base)))
        self._tables = dict(fitted.statistics)
        self._words: dict[str, _Words] = {}
        for need in self.needs:
            column = _BY_TEXT.get(need.kind)
            if column is not None and need.slug in self._tables:
                self._words[need.slug] = _Words(self._tables[need.slug], column)

    def prepare(self, records: pa.Table) -> dict[Need, Column]:
        """Compute the prepared columns of some records."""
        workspace = Workspace(records, dict(self._tables))
        few = len(records) <= _FEW
        made: dict[Need, Column] = {}
        for need in self.needs:
            if few and need.slug in self._words:
                self._narrow(workspace, need)
            made[need] = workspace.column(need)
        return made

    def _narrow(self, workspace: Workspace, need: Need) -> None:
        """Give the preparation only the rows of its statistics that it can ask for."""
        form = str(dict(need.options).get("form", "normalise"))
        street = form == "street"
        distinct = workspace.distinct(need.fields, "normalise" if street else form)
        texts = distinct.values.to_pylist()
        if need.kind == "tokens":
            texts = [word for text in texts for word in text.split(" ")]
            if street:
                texts += [STREET_WORDS.get(word, word) for word in texts]
        workspace.statistics[need.slug] = self._words[need.slug].rows(texts)


#: Up to so many records the rows of the statistics are picked.
_FEW = 64


class _Words:
    """A frozen table, looked up by text."""

    def __init__(self, table: pa.Table, column: str) -> None:
        self.table, self.column = table.combine_chunks(), column
        texts = table.column(column).to_pylist()
        self.place = {text: row for row, text in enumerate(texts)}
        self.always = [self.place[""]] if "" in self.place else []

    def rows(self, texts: list[str]) -> pa.Table:
        """Return the rows of some texts; the row of all others, the empty text, stays first."""
        found = [self.place[text] for text in dict.fromkeys(texts) if text in self.place]
        index = np.array([*self.always, *sorted(set(found) - set(self.always))], np.int64)
        return self.table.take(pa.array(index))
