"""The user's frames: their texts, their rows taken in any order, results of the same kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, ColumnError
from sameas.core.texts import join_known
from sameas.records.frames import FrameKind, like, to_arrow
from sameas.records.values import as_strings

__all__ = ["Columns", "Part", "Rows", "Table", "assemble", "key_columns", "listed", "read"]

#: Columns as users name them: one, several, or names on the left with those on the right.
Columns: TypeAlias = str | Sequence[str] | Mapping[Any, Any]
Rows: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A user's frame and what it holds as Arrow.

    Attributes
    ----------
    frame : the user's
    arrow : pyarrow.Table
    kind : FrameKind
    what : str
        How messages call it: ``"left"``.
    """

    frame: Any
    arrow: pa.Table
    kind: FrameKind
    what: str

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.arrow.num_rows)

    @property
    def names(self) -> list[str]:
        """Names of its columns."""
        return list(self.arrow.column_names)

    def texts(self, columns: Sequence[str], separator: str = " ") -> pa.Array:
        """Join the columns of each row; null where none of them has a value.

        Missing values are left out, unless the separator is more than a space: then columns
        are told apart by their place.
        """
        parts = [self._strings(name) for name in columns]
        if len(parts) == 1:
            return parts[0]
        between = pa.scalar(separator, pa.large_string())
        if separator.strip():
            joined = pc.binary_join_element_wise(
                *parts, between, null_handling="replace", null_replacement=""
            )
            empty = pc.equal(joined, separator * (len(parts) - 1))
            return pc.if_else(empty, pa.scalar(None, joined.type), joined)
        return join_known(parts, separator)

    def values(self, columns: Sequence[str]) -> pa.Array:
        """Join columns that have to be equal; null where one of them has no value."""
        parts = [self._strings(name) for name in columns]
        between = pa.scalar("\x1f", pa.large_string())
        return pc.binary_join_element_wise(*parts, between) if len(parts) > 1 else parts[0]

    def _strings(self, name: str) -> pa.Array:
        if name not in self.names:
            raise ColumnError.missing(name, self.names, table=self.what)
        try:
            text = as_strings(self.arrow[name])
        except pa.ArrowNotImplementedError as error:
            kind = self.arrow[name].type
            raise ArgumentError(
                f"{self.what}: column {name!r} holds {kind}; expected text, numbers, dates or "
                "the like: join its values to one text first."
            ) from error
        text = pc.utf8_trim_whitespace(text.cast(pa.large_string()))
        text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.large_string()), text)
        whole = text.combine_chunks()
        return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


class Part(NamedTuple):
    """Rows of a table (-1 is a row of nulls) and the names that its columns get."""

    table: Table
    rows: Rows
    names: Mapping[str, str]


def read(frame: Any, what: str) -> Table:
    """Read a user's frame; it is not changed."""
    if getattr(frame, "ndim", 2) == 1:
        raise ArgumentError(
            f"{what} must be a table, got one column ({type(frame).__name__}): give "
            f"{what}.to_frame('name')."
        )
    arrow, kind = to_arrow(frame)
    return Table(frame, arrow, kind, what)


def key_columns(
    on: Columns | None, left: Table, right: Table, *, what: str = "on"
) -> tuple[list[str], list[str]]:
    """Return the columns to compare on both sides; by default all they have in common."""
    if on is None:
        common = [name for name in left.names if name in right.names]
        if not common:
            raise ArgumentError(
                f"{what}: {left.what} and {right.what} have no column name in common; say which "
                f"columns to compare: {what}={{'left column': 'right column'}}."
            )
        return common, common
    if isinstance(on, Mapping):
        sides = [[name for one in names for name in listed(one)] for names in (on, on.values())]
    else:
        sides = [listed(on), listed(on)]
    for names, table in zip(sides, (left, right), strict=True):
        if not names:
            raise ArgumentError(f"{what}: expected at least one column, got none.")
        for name in names:
            if name not in table.names:
                raise ColumnError.missing(name, table.names, table=table.what)
    return sides[0], sides[1]


def listed(names: Any) -> list[str]:
    """Return one name or several as a list of texts; pandas may name columns by numbers.

    >>> listed("a"), listed(["a", 7]), listed(7)
    (['a'], ['a', '7'], ['7'])
    """
    several = isinstance(names, Iterable) and not isinstance(names, str)
    return [str(name) for name in names] if several else [str(names)]


def assemble(
    parts: Sequence[Part], added: Mapping[str, npt.NDArray[Any] | pa.Array], about: Any = None
) -> Any:
    """Put parts side by side and add columns; the kind, and the index, of the first part.

    Parameters
    ----------
    parts : sequence of Part
        All of one number of rows.
    added : mapping of names to values
    about : plain data, optional
        Kept in ``attrs["sameas"]`` (pandas) or the metadata of the schema (Arrow).
    """
    first = parts[0].table
    if first.kind.name == "pandas":
        return _pandas(parts, added, about)
    columns: dict[str, Any] = {}
    for part in parts:
        rows = pa.array(part.rows, mask=part.rows < 0)
        for name in part.table.names:
            columns[part.names.get(name, name)] = part.table.arrow[name].take(rows)
    columns |= {name: _nulls(values) for name, values in added.items()}
    table = pa.table(columns | _encoded(parts, columns))
    if about is not None and first.kind.name == "arrow":
        import json

        table = table.replace_schema_metadata({"sameas": json.dumps(about)})
    result = like(table, first.kind)
    return _polars_types(result, parts) if first.kind.name.startswith("polars") else result


def _encoded(parts: Sequence[Part], columns: Mapping[str, Any]) -> dict[str, Any]:
    """Encode the columns again that were dictionaries in the Arrow tables of the user."""
    found = {}
    for part in parts:
        if isinstance(part.table.frame, pa.Table | pa.RecordBatch):
            for field in part.table.frame.schema:
                if pa.types.is_dictionary(field.type):
                    name = part.names.get(field.name, field.name)
                    found[name] = columns[name].dictionary_encode().cast(field.type)
    return found


def _polars_types(result: Any, parts: Sequence[Part]) -> Any:
    """Give columns of polars the types that they had, where Arrow has none (Categorical, Enum)."""
    known = result.collect_schema()
    wanted = {
        part.names.get(name, name): kind
        for part in parts
        if part.table.kind.name.startswith("polars")
        for name, kind in part.table.frame.collect_schema().items()
    }
    return result.cast({name: kind for name, kind in wanted.items() if known[name] != kind})


def _nulls(values: npt.NDArray[Any] | pa.Array) -> pa.Array:
    return values if isinstance(values, pa.Array) else pa.array(values, from_pandas=True)


def _pandas(parts: Sequence[Part], added: Mapping[str, Any], about: Any) -> Any:
    """Take rows of the pandas frames themselves, so that their types stay."""
    import pandas as pd

    pieces, index = [], parts[0].table.frame.index
    for part in parts:
        frame = part.table.frame
        if part.table.kind.name != "pandas":
            frame = like(part.table.arrow, FrameKind("pandas"))
        taken = frame.reset_index(drop=True)
        whole = bool((part.rows >= 0).all())
        taken = taken.take(part.rows) if whole else taken.reindex(part.rows)
        taken.index = pd.RangeIndex(len(taken))
        labels = [part.names.get(str(label), label) for label in taken.columns]
        pieces.append(taken.set_axis(labels, axis=1))
    result = pd.concat(pieces, axis=1)
    for name, values in added.items():
        if isinstance(values, pa.Array):
            values = values.to_pandas().to_numpy()
        result[name] = values
    result.index = index.take(parts[0].rows)
    if about is not None:
        result.attrs["sameas"] = about
    return result
