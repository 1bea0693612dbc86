"""``sameas compare``: what changed between two runs."""

from __future__ import annotations

import json
from pathlib import Path

import click

from sameas.cli._options import Command, common_options

__all__ = ["command"]

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command("compare", cls=Command, short_help="Say what changed between two runs.")
@click.argument("first", type=_FOLDER)
@click.argument("second", type=_FOLDER)
@click.option("--labels", metavar="FILE",
              help="Labelled pairs; both runs are measured on them.")  # fmt: skip
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path),
              metavar="FILE", help="Also write the changes there.")  # fmt: skip
@common_options
def command(first: Path, second: Path, labels: str | None, json_file: Path | None) -> None:
    """Say what changed from the FIRST run to the SECOND.

    Links gained and lost, entities split, merged and rearranged, and the figures side by side.
    Records are told by source and id, so the tables need not be quite the same.

        sameas compare run-before/ run-after/ --labels pairs.csv
    """
    from sameas.cli._logs import say
    from sameas.cli._sources import check_exists
    from sameas.linker.compare import compare_runs

    if labels is not None:
        check_exists(labels)
    found = compare_runs(first, second, labels)
    click.echo(found.to_text())
    if json_file is not None:
        text = json.dumps(found.to_dict(), indent=2, ensure_ascii=False, default=str)
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(text + "\n", encoding="utf-8")
        say(f"written: {json_file}")
