"""What the commands for stores have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sameas.cli._options import TableOptions
from sameas.core.errors import RunError, SavedLinkerError

if TYPE_CHECKING:
    from sameas.linker.saving import FittedLinker
    from sameas.resolver import LoadReport
    from sameas.store import Store

__all__ = [
    "check_existing",
    "fill",
    "is_store",
    "known_linker",
    "linker_option",
    "report_lines",
    "store_option",
]

linker_option = click.option(
    "--linker", type=click.Path(path_type=Path), metavar="FOLDER",
    help="A linker that was saved by fit --save. [default: where the store was loaded from]",
)  # fmt: skip
store_option = click.option(
    "--store", metavar="FILE|ADDRESS", required=True,
    help="The store: a file, or postgresql://user@host/database.",
)  # fmt: skip


def is_store(place: str) -> bool:
    """Say whether a text names a store rather than a table."""
    return place.endswith(".db") or place.startswith(("postgresql://", "postgres://"))


def check_existing(store: str) -> None:
    """Refuse a file that is not there, before an empty store is made in its place."""
    if "://" not in store and not Path(store).exists():
        raise RunError(f"There is no store {store}; `sameas load` makes one.")


def known_linker(
    store: Store, folder: Path | None, *, required: bool = True
) -> FittedLinker | None:
    """Return the linker that is given, or the one that the store was loaded with."""
    from sameas.linker.saving import load_linker

    if folder is None:
        with store.read() as work:
            found = work.meta("linker_folder")
        if found is None or not (Path(found) / "linker.json").exists():
            if not required:
                return None
            where = "" if found is None else f" (it was {found})"
            raise SavedLinkerError(
                f"The linker of {store.name} is not where it was{where}: give --linker FOLDER."
            )
        folder = Path(found)
    return load_linker(folder)


def fill(
    tables: Sequence[str],
    linker: Path | None,
    store: str,
    given: TableOptions,
    *,
    run: Path | None = None,
    rebuild: bool = False,
    memory: str | None = None,
) -> LoadReport:
    """Put tables or a run into a store."""
    from sameas.cli._sources import find_tables, linker_options_of
    from sameas.linker.inputs import Options
    from sameas.resolver import load_run, load_tables, rebuild_store
    from sameas.resolver.errors import LinkerChangedError
    from sameas.store import open_store

    named = find_tables(tables, given.source) if tables else {}
    if linker is None and "://" not in store and not Path(store).exists():
        raise SavedLinkerError(f"{store} will be a new store: give --linker FOLDER.")
    opened = open_store(store)
    try:
        fitted = known_linker(opened, linker)
        assert fitted is not None
        with opened.read() as work:
            before = work.meta("linker")
        if before not in (None, fitted.version) and not rebuild:
            raise LinkerChangedError(
                f"{store} was filled by the linker {before}; this one is {fitted.version}. Say "
                "`sameas load --rebuild` first; entity ids stay."
            )
        if rebuild:
            report = rebuild_store(fitted, opened, options=Options(threads=given.threads))
        elif run is not None:
            report = load_run(fitted, opened, run, threads=given.threads)
        else:
            names = [field.name for field in fitted.spec.fields]
            options = linker_options_of(given, list(named), names)
            options = replace(options, memory=memory)
            report = load_tables(fitted, opened, named, options=options)
        if linker is not None:
            with opened.write() as work:
                work.set_meta("linker_folder", str(linker.resolve()))
    finally:
        opened.close()
    return report


def report_lines(report: LoadReport, store: str) -> Iterator[str]:
    """Say what a load did."""
    yield (
        f"records: {report.new:,} new, {report.changed:,} changed, "
        f"{report.unchanged:,} as they were"
    )
    yield (
        f"entities: {report.created:,} new, {report.joined:,} records joined one, "
        f"{report.merged:,} merged, {report.split:,} split"
    )
    rows = report.quarantine.num_rows
    if rows:
        yield f"quarantine: {rows:,} rows or values could not be used"
    yield f"{store}: {report.records:,} records, {report.entities:,} entities"
