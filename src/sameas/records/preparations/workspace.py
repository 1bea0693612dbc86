"""The workshop of preparation: the records, and what has been computed from them so far."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.errors import ArgumentError, ColumnError, choices_hint
from sameas.core.prepared import Column, IntArray, Need
from sameas.records.encoded import encoded
from sameas.records.forms import FORMS
from sameas.records.normalise import changed_where, null_if_empty

__all__ = [
    "Counted",
    "Distinct",
    "Preparation",
    "Stateless",
    "Workspace",
    "counts",
    "documents_of",
    "frequencies",
    "maker_of",
    "preparation",
]

_PREPARATIONS: dict[str, Preparation] = {}
Made = TypeVar("Made")


class Distinct(NamedTuple):
    """A text column with each distinct text once: ``values[code]``, code -1 for missing."""

    code: IntArray
    values: pa.LargeStringArray

    def present(self) -> IntArray:
        """Return the code of each record, -1 also where the text itself is missing."""
        some = np.append(self.values.is_valid().to_numpy(zero_copy_only=False), False)
        return np.where(some[self.code], self.code, np.int32(-1))


class Preparation(Protocol):
    """How one kind of prepared column is made."""

    def fit(self, workspace: Workspace, need: Need) -> pa.Table | None:
        """Learn the statistics to freeze, or None when there is nothing to learn."""

    def transform(self, workspace: Workspace, need: Need, statistics: pa.Table | None) -> Column:
        """Compute the column of all records, with frozen statistics."""


class Stateless:
    """Base of preparations that learn nothing."""

    def fit(self, workspace: Workspace, need: Need) -> None:
        """Nothing to learn."""
        return

    def transform(
        self,
        workspace: Workspace,
        need: Need,
        statistics: pa.Table | None,
    ) -> Column:
        """Compute the column from the records alone."""
        return self.compute(workspace, need)

    def compute(self, workspace: Workspace, need: Need) -> Column:
        """Compute the column of all records."""
        raise NotImplementedError


class Counted:
    """Base of preparations whose statistics are sums over the records.

    So those of parts of the records can be added up: rows that agree in all columns but
    ``count``, and the number of documents.
    """

    #: Counting asks for the statistics of other needs.
    late = False

    def fit(self, workspace: Workspace, need: Need) -> pa.Table | None:
        """Learn the statistics to freeze."""
        return self.freeze(need, self.count(workspace, need))

    def additive(self, need: Need) -> bool:
        """Say whether the statistics of a need are sums, and not the same for all records."""
        return True

    def least(self, need: Need) -> int | None:
        """Return the sum below which a row makes no difference."""
        return None

    def count(self, workspace: Workspace, need: Need) -> pa.Table:
        """Count, in the order of the columns before ``count``; see `counts`."""
        raise NotImplementedError

    def freeze(self, need: Need, counted: pa.Table) -> pa.Table:
        """Turn the counts of all records into the statistics."""
        raise NotImplementedError


def counts(documents: int, **columns: Any) -> pa.Table:
    """Return a table of counts."""
    return pa.table(columns).replace_schema_metadata({"documents": str(documents)})


def frequencies(counted: pa.Table) -> pa.Table:
    """Return counts as statistics: ``count`` is called ``frequency``."""
    names = ["frequency" if name == "count" else name for name in counted.column_names]
    return counted.rename_columns(names).replace_schema_metadata(counted.schema.metadata)


def documents_of(counted: pa.Table) -> int:
    """Return the number of documents of counts or statistics."""
    return int(counted.schema.metadata[b"documents"])


def maker_of(kind: str) -> Preparation:
    """Return the preparation of a kind."""
    return _PREPARATIONS[kind]


def preparation(kind: str) -> Callable[[type], type]:
    """Register a `Preparation` class for a kind of need."""

    def add(cls: type) -> type:
        _PREPARATIONS[kind] = cls()
        return cls

    return add


@dataclass
class Workspace:
    """Records on the bench: computes each needed column once, and freezes statistics.

    Parameters
    ----------
    records : pyarrow.Table
        RECORDS: ``source``, ``id`` and the fields.
    statistics : dict of str to pyarrow.Table
        Frozen statistics by slug of the need; what is absent is learnt and put there.
    """

    records: pa.Table
    statistics: dict[str, pa.Table]

    def __post_init__(self) -> None:
        self._made: dict[Any, Any] = {}
        self.learned: list[Need] = []
        self._locks: dict[Any, threading.Lock] = {}

    def once(self, key: Any, make: Callable[[], Made]) -> Made:
        """Return what `make` gives, made once, whichever thread asks first."""
        with self._locks.setdefault(key, threading.Lock()):
            if key not in self._made:
                self._made[key] = make()
            made: Made = self._made[key]
            return made

    def once_more(self, key: Any, make: Callable[[], Made]) -> Made:
        """Return what `once` has made, or make it, and keep it no longer."""
        made = self.once(key, make)
        self._made.pop(key, None)
        return made

    def column(self, need: Need) -> Column:
        """Return the prepared column of a need."""
        return self.once(need, lambda: self._column(need))

    def _column(self, need: Need) -> Column:
        if need.kind not in _PREPARATIONS:
            raise ArgumentError(
                f"Unknown preparation {need.kind!r}.{choices_hint(need.kind, _PREPARATIONS)}"
            )
        return _PREPARATIONS[need.kind].transform(self, need, self.frozen(need))

    def frozen(self, need: Need) -> pa.Table | None:
        """Return the statistics of a need, learnt if they are absent; None if it has none."""
        return self.once(("statistics", need), lambda: self._frozen(need))

    def _frozen(self, need: Need) -> pa.Table | None:
        if need.slug not in self.statistics:
            learnt = _PREPARATIONS[need.kind].fit(self, need)
            if learnt is not None:
                self.statistics[need.slug] = learnt
                self.learned.append(need)
        return self.statistics.get(need.slug)

    def field(self, name: str) -> pa.Array:
        """Return one field of the records as a single Arrow array."""
        if name not in self.records.column_names:
            raise ColumnError.missing(name, self.records.column_names, table="The records")
        return self.records.column(name).combine_chunks()

    def distinct(self, fields: tuple[str, ...], form: str = "normalise") -> Distinct:
        """Return the texts of the fields in a normal form, several joined by a space."""
        if form not in FORMS:
            raise ArgumentError(f"Unknown text form {form!r}.{choices_hint(form, FORMS)}")
        return self.once(("distinct", fields, form), lambda: self._make(fields, form))

    def _maker(self, form: str) -> Callable[[pa.Array], pa.Array]:
        """Return the function of a form; freeze whether it may use its library."""
        if FORMS[form].library is None:
            return FORMS[form].make
        frozen = pa.table({"library": [FORMS[form].available()]})
        frozen = self.statistics.setdefault(f"form-{form}", frozen)
        return FORMS[form].maker(library=frozen["library"][0].as_py())

    def formed(self, field: str, form: str) -> Distinct:
        """Return the texts of a field in a normal form, in which some may be equal or missing.

        Cheaper than `distinct`, which tells them apart once more.
        """
        return self.once(("formed", field, form), lambda: self._formed(field, form))

    def _formed(self, field: str, form: str) -> Distinct:
        after = FORMS[form].after
        if after is not None:
            before = self.formed(field, after[0])
            return Distinct(before.code, after[1](before.values))
        raw = self.once(("raw", field), lambda: _encode(_as_text(self.field(field))))
        return Distinct(raw.code, self._maker(form)(raw.values))

    def _make(self, fields: tuple[str, ...], form: str) -> Distinct:
        if len(fields) == 1:
            made = self.formed(fields[0], form)
            if form == "as_is":
                return made
            again = _encode(made.values)
            code = np.where(made.code >= 0, _pad(again.code)[made.code], -1).astype(np.int32)
            return Distinct(code, again.values)
        kind, rows = self._together(fields, form)
        joined = _encode(self.joined(fields, form, rows))
        return Distinct(joined.code[kind], joined.values)

    def _together(
        self, fields: tuple[str, ...], form: str
    ) -> tuple[IntArray, npt.NDArray[np.int64]]:
        """Return the number of the combination of texts of each record, and a record of each."""
        kind = np.zeros(self.records.num_rows, np.int64)
        rows = np.zeros(0, np.int64)
        for field in fields:
            part = self.distinct((field,), form)
            both = kind * (len(part.values) + 1) + part.code
            coded = pa.array(both).dictionary_encode()
            kind = coded.indices.to_numpy().astype(np.int64)
            rows = np.empty(len(coded.dictionary), np.int64)
            rows[kind[::-1]] = np.arange(len(kind) - 1, -1, -1)  # the first one stays
        return kind.astype(np.int32), rows

    def joined(self, fields: tuple[str, ...], form: str, rows: npt.NDArray[np.int64]) -> pa.Array:
        """Return the texts of several fields of some records, joined by a space."""
        parts = []
        for field in fields:
            part = self.distinct((field,), form)
            code = part.code[rows]
            parts.append(pc.fill_null(part.values.take(pa.array(code, mask=code < 0)), ""))
        joined = pc.binary_join_element_wise(*parts, pa.scalar(" ", pa.large_string()))
        joined = changed_where(
            pc.utf8_trim_whitespace(joined),
            pc.match_substring_regex(joined, r"\s\s|[^\S ]"),
            _spaced,
        )
        return null_if_empty(joined)


def _spaced(texts: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, r"\s+", " "))


def _as_text(values: pa.Array) -> pa.Array:
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        return pc.binary_join(values.cast(pa.list_(pa.string())), " ").cast(pa.large_string())
    if pa.types.is_floating(values.type):
        whole = pc.equal(pc.floor(values), values)
        as_int = pc.cast(pc.if_else(whole, values, None), pa.int64(), safe=False)
        text = pc.cast(as_int, pa.large_string())
        return pc.coalesce(text, pc.cast(values, pa.large_string()))
    return values.cast(pa.large_string())


def _pad(codes: IntArray) -> IntArray:
    return codes if len(codes) else np.full(1, -1, np.int32)


def _encode(values: pa.Array) -> Distinct:
    return Distinct(*encoded(values))
