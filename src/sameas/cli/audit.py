"""``sameas audit``: how good labels are, against a person or only against themselves."""

from __future__ import annotations

import json
from pathlib import Path

import click

from sameas.cli._options import Command, common_options
from sameas.cli._types import WholeNumber

__all__ = ["command"]


@click.command("audit", cls=Command, short_help="Check labels against a person's, or themselves.")
@click.argument("labels")
@click.option("--human", metavar="FILE",
              help="Labels of a person: left_id, right_id, label (and left_source, right_source). "
                   "Without them only self-agreement and transitivity can be said.")  # fmt: skip
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path),
              metavar="FILE", help="Also write the figures and all contradictions "
                                   "there.")  # fmt: skip
@click.option("--replicates", type=WholeNumber(min=1), default=1000, show_default=True,
              metavar="N", help="Bootstrap replicates for the intervals.")  # fmt: skip
@click.option("--seed", type=WholeNumber(min=0), default=0, show_default=True,
              help="Seed of the bootstrap.")  # fmt: skip
@common_options
def command(
    labels: str, human: str | None, json_file: Path | None, replicates: int, seed: int
) -> None:
    """Audit LABELS (written by label): agreement, kappa and macro-F1 with intervals.

    With a person's labels it says how right the labels are. Without any it says only whether
    they agree with themselves: pairs that were asked in both orders, and transitivity.

        sameas audit labels.parquet --human truth.parquet
    """
    from sameas.cli._logs import say
    from sameas.cli._sources import check_exists
    from sameas.labeling import audit_labels, gather_labels
    from sameas.records.frames import to_arrow

    tables = {}
    for path in (labels, *([human] if human is not None else [])):
        check_exists(path)
        tables[path] = to_arrow(path)[0]
    table, sources = tables[labels], ("left", "right")
    if "left_source" in table.column_names and table.num_rows:
        sources = (str(table["left_source"][0]), str(table["right_source"][0]))
    given = gather_labels({f"table:{labels}": table}, sources=sources)
    person = None
    if human is not None:
        named = tables[human]
        named = named.drop_columns([name for name in ("labeler",) if name in named.column_names])
        person = gather_labels({f"person:{human}": named}, sources=sources)
    found = audit_labels(given, human=person, replicates=replicates, seed=seed)
    click.echo(found.to_text())
    if json_file is not None:
        text = json.dumps(found.to_dict(), indent=2, allow_nan=False)
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(text + "\n", encoding="utf-8")
        say(f"written: {json_file}")
