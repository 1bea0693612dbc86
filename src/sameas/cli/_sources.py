"""Tables of a call: their names, and which column is which field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sameas.cli._options import TableOptions
from sameas.core.addresses import is_address, parted
from sameas.core.errors import ArgumentError, choices_hint

if TYPE_CHECKING:
    from sameas.linker import Options

__all__ = ["check_exists", "find_tables", "linker_options_of", "mapping_of", "name_sources"]

_PACKED = (".gz", ".bz2", ".zst")


def name_sources(paths: Sequence[str], given: Sequence[str] = ()) -> dict[str, str]:
    """Give every table the name of its source, in the order of the call.

    Parameters
    ----------
    paths : sequence of str
    given : sequence of str
        Names from the user. Otherwise the names of the files, if they differ; otherwise
        left and right, or table_01 and so on.

    Examples
    --------
    >>> name_sources(["osm.parquet", "data/fsq.csv.gz"])
    {'osm': 'osm.parquet', 'fsq': 'data/fsq.csv.gz'}
    >>> name_sources(["a/places.csv", "b/places.csv"])
    {'left': 'a/places.csv', 'right': 'b/places.csv'}
    """
    if given:
        if len(given) != len(paths):
            raise click.UsageError(
                f"--source is given {len(given)} times for {len(paths)} tables: name all or none."
            )
        if len(set(given)) < len(given):
            raise click.UsageError("--source: every table needs a name of its own.")
        return dict(zip(given, paths, strict=True))
    names = [_stem(path) for path in paths]
    if len(set(names)) < len(names):
        names = (
            ["left", "right"]
            if len(names) == 2
            else [f"table_{number:02d}" for number in range(1, len(names) + 1)]
        )
    return dict(zip(names, paths, strict=True))


def find_tables(paths: Sequence[str], given: Sequence[str] = ()) -> dict[str, str]:
    """Name the tables of a call, all of which must exist; see `name_sources`."""
    for path in paths:
        check_exists(path)
    return name_sources(paths, given)


def check_exists(path: str) -> None:
    """Refuse a file that is not there before any work is done."""
    if is_address(path):
        return
    if not Path(path.partition("::")[0]).exists():
        from sameas.records.read import read_table

        read_table(path)  # raises, and names the nearest file


def _stem(path: str) -> str:
    if is_address(path):
        address, table = parted(path)
        database = address.partition("?")[0].rpartition("/")[2]
        return (table or database).rpartition(".")[2] or "table"
    file, _, part = path.partition("::")
    name = Path(file).name
    if part and not any(text in name for text in (".csv", ".tsv")):  # there it is an encoding
        return part
    for suffix in _PACKED:
        name = name.removesuffix(suffix)
    return Path(name).stem or name or "table"


def mapping_of(
    entries: Iterable[tuple[str, str]], sources: Sequence[str], fields: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Turn ``field=column`` and ``source.field=column`` into a mapping by source.

    Parameters
    ----------
    entries : iterable of (str, str)
    sources : sequence of str
        In the order of the call; of two, ``left`` and ``right`` stand for the first and second.
    fields : sequence of str

    Raises
    ------
    ArgumentError
        If an entry names an unknown source.

    Examples
    --------
    >>> mapping_of([("name", "title"), ("right.name", "label")], ["osm", "fsq"], ["name"])
    {'osm': {'name': 'title'}, 'fsq': {'name': 'label'}}
    """
    called = {name: name for name in sources}
    if len(sources) == 2:
        called = {"left": sources[0], "right": sources[1], **called}
    for_all: dict[str, str] = {}
    for_one: dict[str, dict[str, str]] = {name: {} for name in sources}
    for key, column in entries:
        if key in ("id", *fields) or "." not in key:
            for_all[key] = column
            continue
        owner = max((name for name in called if key.startswith(f"{name}.")), key=len, default=None)
        if owner is None:
            wrong = key.rpartition(".")[0]
            raise ArgumentError(
                f"--map {key}={column} names the unknown source {wrong!r}."
                f"{choices_hint(wrong, called)} Sources: {', '.join(called)}."
            )
        for_one[called[owner]][key.removeprefix(f"{owner}.")] = column
    return {name: {**for_all, **own} for name, own in for_one.items() if for_all or own}


def linker_options_of(
    given: TableOptions, sources: Iterable[str], fields: Sequence[str]
) -> Options:
    """Return how the linker reads these tables."""
    from sameas.linker import Options

    column = "id" if given.id is None else None if given.id == "none" else given.id
    return Options(
        mapping=mapping_of(given.map, list(sources), fields),
        id_column=column,
        threads=given.threads,
    )
