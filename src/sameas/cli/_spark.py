"""``--engine spark``: fit, score, estimate and runs on a cluster."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any

import click

from sameas.cli._logs import say
from sameas.cli._options import LinkerChoice, RunChoice, TableOptions
from sameas.cli._types import NearestChoice
from sameas.core.dataclass import dataclass

__all__ = [
    "EngineChoice",
    "engine_options",
    "estimate_on",
    "fit_on",
    "run_on_spark",
    "score_on",
]

_NAMES = ("engine", "spark_master", "spark_work")
_OPTIONS = (
    click.option("--engine", type=NearestChoice(["duckdb", "spark"]), default="duckdb",
                 show_default=True,
                 help="duckdb: this machine. spark: Spark, here or on a cluster; each TABLE "
                      "is a Parquet file or folder that Spark reads."),
    click.option("--spark-master", metavar="ADDRESS", default="local[*]", show_default=True,
                 help="Of Spark: local[N], spark://host:port, yarn, k8s://...; sc://host:port "
                      "for Spark Connect."),
    click.option("--spark-work", metavar="FOLDER",
                 help="Where stages are kept: driver and workers see it under one name. "
                      "[default: a folder on this machine]"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """Where the work is done."""

    engine: str = "duckdb"
    spark_master: str = "local[*]"
    spark_work: str | None = None


def engine_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of the engine; the command gets them as ``on``."""

    @wraps(function)
    def call(*arguments: Any, **given: Any) -> Any:
        on = EngineChoice(**{name: given.pop(name) for name in _NAMES})
        return function(*arguments, on=on, **given)

    for option in reversed(_OPTIONS):
        call = option(call)
    return call


def run_on_spark(
    choice: LinkerChoice,
    tables: Sequence[str],
    given: TableOptions,
    on: EngineChoice,
    *,
    mode: str | None,
    wanted: RunChoice,
) -> None:
    """Link or deduplicate on Spark and write what is found; fit first, if need be.

    Raises
    ------
    click.UsageError
        If an option has no meaning there.
    """
    from sameas.cli._linkers import check_save

    if wanted.memory is not None:
        raise click.UsageError("--memory has no meaning with --engine spark; leave it out.")
    if not wanted.stages:
        raise click.UsageError("--no-stages has no meaning with --engine spark; leave it out.")
    if choice.linker is not None and (wanted.labels is not None or wanted.save is not None):
        raise click.UsageError("--linker is fitted already: leave out --labels and --save.")
    if wanted.save is not None:
        check_save(wanted.save)
    out = wanted.out
    door = _Door(choice, tables, given, on, str(out / "work"), labelled=wanted.labels is not None)
    if choice.linker is None:
        door.fit(labels=wanted.labels, conflicts=wanted.conflicts, mode=mode)
        if wanted.save is not None:
            door.linker.save(wanted.save)
            say(f"linker saved in {wanted.save}")
    options = replace(
        door.options, unique_sources=wanted.unique_source, constraints=wanted.constraints
    )
    result = door.open().link(
        door.named, mode=mode, threshold=wanted.threshold, out=str(out.absolute()),
        entities=wanted.entities, options=options,
    )  # fmt: skip
    if on.spark_work is None:
        rmtree(out / "work", ignore_errors=True)
    text = json.dumps(result.report, indent=2, ensure_ascii=False, default=str)
    (out / "run.json").write_text(text + "\n", encoding="utf-8")
    report = result.report
    say(f"records: {report['records']:,}; mode {report['mode']}")
    say(f"candidate pairs: {report['candidates']:,}")
    say(f"links: {report['links']:,} at threshold {report['threshold']:.6g}")
    say(f"entities: {report['clusters']['clusters']:,}")
    written = [name for name in ("links", "clusters", "entities", "quarantine", "review")
               if getattr(result, name) is not None]  # fmt: skip
    say(f"written: {', '.join(written)} (folders), run.json in {out}")


def fit_on(
    choice: LinkerChoice,
    tables: Sequence[str],
    given: TableOptions,
    on: EngineChoice,
    *,
    labels: str | None,
    conflicts: str,
    mode: str | None,
    save: Path,
) -> None:
    """Fit on Spark and save the linker."""
    with TemporaryDirectory(prefix="sameas-spark-") as work:
        door = _Door(choice, tables, given, on, work, labelled=labels is not None)
        door.fit(labels=labels, conflicts=conflicts, mode=mode)
    door.linker.save(save)
    say(f"linker saved in {save}")


def score_on(
    linker: Path, tables: Sequence[str], given: TableOptions, on: EngineChoice, pairs: str
) -> Any:
    """Score given pairs on Spark; return the linker and the table of scores."""
    with TemporaryDirectory(prefix="sameas-spark-") as work:
        door = _Door(LinkerChoice(linker=linker), tables, given, on, work)
        scores = door.open().score(door.named, pairs=pairs, options=door.options)
    return door.linker, scores


def estimate_on(
    choice: LinkerChoice,
    tables: Sequence[str],
    given: TableOptions,
    on: EngineChoice,
    *,
    mode: str | None,
) -> Any:
    """Estimate the work of a saved linker on Spark."""
    if choice.linker is None:
        raise click.UsageError("estimate --engine spark needs a saved linker: --linker FOLDER.")
    with TemporaryDirectory(prefix="sameas-spark-") as work:
        door = _Door(choice, tables, given, on, work)
        return door.open().estimate(door.named, mode=mode, options=door.options)


class _Door:
    """A linker, its tables and a Spark."""

    def __init__(
        self,
        choice: LinkerChoice,
        tables: Sequence[str],
        given: TableOptions,
        on: EngineChoice,
        work: str,
        *,
        labelled: bool = False,
    ) -> None:
        from sameas.cli._linkers import make_linker, options_for
        from sameas.engines.spark import SparkEngine, local_session
        from sameas.linker.inputs import name_tables

        if not (choice.linker or choice.recipe or choice.field):
            raise click.UsageError(
                "--engine spark makes no plan of its own: give --linker FOLDER, --recipe NAME or "
                "--field NAME=KIND."
            )
        self.linker = make_linker(choice, labelled=labelled)
        names = given.source
        self.named = dict(zip(names, tables, strict=True)) if names else name_tables(tables)
        self.options = options_for(self.linker, self.named, given)
        self.engine = SparkEngine(local_session(on.spark_master), work=on.spark_work or work)

    def fit(self, *, labels: str | None, conflicts: str, mode: str | None) -> None:
        from sameas.cli._linkers import say_fit, say_silver
        from sameas.linker.spark import SparkLinker

        say_silver(self.linker, labels)
        SparkLinker.fit(
            self.linker, self.named, labels=labels, mode=mode, conflicts=conflicts,
            options=self.options, engine=self.engine,
        )  # fmt: skip
        say_fit(self.linker)

    def open(self) -> Any:
        from sameas.linker.spark import SparkLinker

        return SparkLinker(self.linker, self.engine)
