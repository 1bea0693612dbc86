"""``--engine spark``: a saved linker on a cluster."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

import click

from sameas.cli._logs import say
from sameas.cli._options import LinkerChoice, NearestChoice, RunChoice, TableOptions

__all__ = ["EngineChoice", "engine_options", "run_on_spark"]

_NAMES = ("engine", "spark_master", "spark_work")
_OPTIONS = (
    click.option("--engine", type=NearestChoice(["duckdb", "spark"]), default="duckdb",
                 show_default=True,
                 help="duckdb: this machine. spark: a saved linker on Spark; TABLE is a Parquet "
                      "folder that Spark reads."),
    click.option("--spark-master", metavar="ADDRESS", default="local[*]", show_default=True,
                 help="Of Spark: local[N], spark://host:port, yarn, k8s://...; sc://host:port "
                      "for Spark Connect."),
    click.option("--spark-work", metavar="FOLDER",
                 help="Where stages are kept: driver and workers see it under one name. "
                      "[default: a folder in --out]"),
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
    """Link or deduplicate on Spark and write what is found.

    Raises
    ------
    click.UsageError
        If the linker is not a saved one, or an option has no meaning there.
    """
    if choice.linker is None:
        raise click.UsageError("--engine spark needs a saved linker: --linker FOLDER.")
    for name in ("labels", "save", "memory"):
        if getattr(wanted, name) is not None:
            raise click.UsageError(f"--{name} has no meaning with --engine spark; leave it out.")
    out = wanted.out
    from sameas.cli._linkers import options_for
    from sameas.engines.spark import SparkEngine, local_session
    from sameas.linker import Linker
    from sameas.linker.inputs import name_tables
    from sameas.linker.spark import SparkLinker

    linker = Linker.load(choice.linker)
    names = given.source
    named = dict(zip(names, tables, strict=True)) if names else name_tables(tables)
    options = replace(
        options_for(linker, named, given),
        unique_sources=wanted.unique_source,
        constraints=wanted.constraints,
    )
    engine = SparkEngine(local_session(on.spark_master), work=on.spark_work or str(out / "work"))
    result = SparkLinker(linker, engine).link(
        named, mode=mode, threshold=wanted.threshold, options=options
    )
    for name in ("links", "clusters", "entities", "quarantine"):
        getattr(result, name).write.mode("overwrite").parquet(str(out.absolute() / name))
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result.report, indent=2, ensure_ascii=False, default=str)
    (out / "run.json").write_text(text + "\n", encoding="utf-8")
    report = result.report
    say(f"records: {report['records']:,}; mode {report['mode']}")
    say(f"candidate pairs: {report['candidates']:,}")
    say(f"links: {report['links']:,} at threshold {report['threshold']:.6g}")
    say(f"entities: {report['clusters']['clusters']:,}")
    say(f"written: links, clusters, entities, quarantine (folders), run.json in {out}")
