"""Plans on the command line: read from a file, or made from the tables at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from sameas.cli._logs import say
from sameas.cli._options import LinkerChoice, TableOptions
from sameas.cli._sources import mapping_of

if TYPE_CHECKING:
    from sameas.linker import Options
    from sameas.linker.planning import Plan

__all__ = ["keep_plan", "plan_for", "plan_options"]


def plan_for(
    choice: LinkerChoice,
    named: Mapping[str, str],
    given: TableOptions,
    *,
    labels: str | None = None,
    tables: Mapping[str, str | PathLike[str]] | None = None,
) -> Plan | None:
    """Return the plan of a call: that of ``--plan``, or one of its own if no linker is named.

    The `tables` are those that are `named`, where they are to be read in some other way.
    """
    if choice.plan is not None:
        from sameas.linker.planning import Plan

        return Plan.read(choice.plan)
    if choice.recipe is not None or choice.linker is not None or choice.field:
        return None
    from sameas.linker.planning import plan_tables

    plan = plan_tables(
        dict(tables or named), labels=labels, threads=given.threads, id_column=given.id,
        by_keys=choice.by_keys,
    )  # fmt: skip
    for line in _short(plan, named):
        say(line)
    return plan


def plan_options(plan: Plan, named: Mapping[str, str], given: TableOptions) -> Options:
    """Return how the linker of a plan reads the tables; ``--map`` and ``--id`` win."""
    options = plan.options(list(named), threads=given.threads)
    assert options.mapping is not None
    mapping = {source: dict(columns) for source, columns in options.mapping.items()}
    for source, columns in mapping_of(
        given.map, list(named), [field.name for field in plan.used]
    ).items():
        mapping[source].update(columns)
    for columns in mapping.values():
        if given.id == "none":
            columns.pop("id", None)
        elif given.id is not None:
            columns["id"] = given.id
    return replace(options, mapping=mapping)


def keep_plan(plan: Plan, out: Path) -> None:
    """Write the plan into the run folder."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "plan.json").write_text(plan.to_json(), encoding="utf-8")


def _short(plan: Plan, named: Mapping[str, str]) -> Iterator[str]:
    """Say what was assumed, in a few lines."""
    from sameas.linker.planning.show import found_together

    used = [f for f in plan.fields if f.kind != "ignore"]
    yield "No linker named: planned from the tables themselves."
    yield f"fields: {', '.join(f'{f.name} ({f.kind})' for f in used)}"
    yield "records meet by:" if plan.blocking else "records meet by: nothing that could be found"
    yield from (f"  {rule.label}" for rule in plan.blocking)
    together = found_together(plan)
    if plan.blocking and together:
        yield f"  together {together}"
    yield "assumed:"
    yield from (f"  {line}" for line in plan.assumptions)
    yield (
        f"To change any of it: sameas plan {' '.join(named.values())} > plan.json, edit, and run "
        "again with --plan plan.json"
    )
    yield ""
