"""``sameas report``: a run on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sameas.cli._options import Command, common_options
from sameas.cli._types import NearestChoice

__all__ = ["command"]


@click.command("report", cls=Command, short_help="Draw a run on one page that works offline.")
@click.argument("run", type=click.Path(file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Where the page goes. [default: report.html in the run folder]")  # fmt: skip
@click.option("--mask", type=NearestChoice(["shape", "hidden"]),
              help="Make the values of records unreadable: letters become x and digits 9 (shape), "
                   "or nothing is left (hidden). The map is left out too.")  # fmt: skip
@click.option("--evaluation", metavar="FILE",
              help="Figures of `sameas evaluate --json`, to be shown too.")  # fmt: skip
@click.option("--curves", metavar="FOLDER",
              help="Curves of `sameas evaluate --curves`, to be shown too.")  # fmt: skip
@common_options
def command(run: Path, out: Path | None, **settings: Any) -> None:
    """Draw the RUN folder on one page: one file, nothing from the network.

    Every run writes its page already; this draws it again, masked, with the figures of an
    evaluation, or for a run that wrote none.

        sameas report run/ --mask shape --out to-show.html
        sameas report run/ --evaluation figures.json --curves curves/
    """
    from sameas.cli._logs import say
    from sameas.reporting.folder import report_of, with_evaluation
    from sameas.reporting.page import report_page

    data = with_evaluation(
        report_of(run), figures=settings["evaluation"], curves=settings["curves"]
    )  # fmt: skip
    file = out or run / "report.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(report_page(data, mask=settings["mask"]), encoding="utf-8")
    say(f"written: {file}")
