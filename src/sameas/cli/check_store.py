"""``sameas check-store``: is a store whole."""

from __future__ import annotations

from pathlib import Path

import click

from sameas.cli._options import Command, common_options
from sameas.cli._stores import linker_option, store_option

__all__ = ["command"]


@click.command("check-store", cls=Command, short_help="Check that a store is whole.")
@linker_option
@store_option
@common_options
def command(linker: Path | None, store: str) -> None:
    """Check files, entities, events, blocks and edges of a store; exit code 1 if they disagree.

    With the linker of the store every entity is decided again too.

        sameas check-store --store places.db
    """
    from sameas.cli._logs import say
    from sameas.cli._stores import check_existing, known_linker
    from sameas.core.errors import RunError
    from sameas.resolver import Limits, check_store
    from sameas.resolver.machine import Machine
    from sameas.store import open_store

    check_existing(store)
    opened = open_store(store)
    try:
        fitted = known_linker(opened, linker, required=False)
        machine = None if fitted is None else Machine(fitted, Limits())
        report = check_store(opened, machine)
    finally:
        opened.close()
    for name, figure in report.figures.items():
        say(f"{name.replace('_', ' ')}: {figure:,}")
    if fitted is None:
        say("blocks and decisions were not checked: give --linker FOLDER")
    if not report:
        raise RunError(f"{store} is not whole: " + "; ".join(report.problems))
    say(f"{store} is whole")
