"""From options to a linker: a recipe, fields, or a saved one; fitted if need be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sameas.cli._goals import goal_of
from sameas.cli._imports import import_alone
from sameas.cli._logs import say
from sameas.cli._options import LinkerChoice, RunChoice, TableOptions
from sameas.cli._plans import keep_plan, plan_for, plan_options
from sameas.cli._show import fit_lines
from sameas.cli._sources import check_exists, linker_options_of
from sameas.cli._stores import check_existing, is_store
from sameas.core.errors import ArgumentError, choices_hint

if TYPE_CHECKING:
    from sameas.linker import Linker, Options, Result
    from sameas.linker.planning import Plan

__all__ = ["check_choice", "check_save", "fit_aloud", "make_linker", "options_for", "run_linker",
           "say_fit", "say_silver"]  # fmt: skip


def make_linker(
    choice: LinkerChoice, *, labelled: bool = False, plan: Plan | None = None
) -> Linker:
    """Return the linker that the options describe; a saved one is fitted, others are not.

    Parameters
    ----------
    choice : LinkerChoice
    labelled : bool
        Labels are given, so a recipe needs no silver field.
    plan : Plan, optional
        Where the options name no other linker.

    Raises
    ------
    click.UsageError
        If the options name two linkers.
    ArgumentError
        If a recipe, preset or kind is unknown.
    """
    check_choice(choice, labelled=labelled)
    from sameas.linker import Linker

    if choice.linker is not None:
        return Linker.load(choice.linker)
    settings = _settings(choice)
    silver = None if choice.silver in (None, "none") else choice.silver
    if plan is not None:
        return plan.linker(**({} if silver is None else {"silver": silver}), **settings)
    if choice.field:
        return Linker(dict(choice.field), silver=silver, **settings)
    from sameas.recipes import RECIPES

    name, _, preset = str(choice.recipe).partition(":")
    if name not in RECIPES:
        raise ArgumentError(
            f"There is no recipe {name!r}.{choices_hint(name, RECIPES)} "
            f"There are: {', '.join(RECIPES)}."
        )
    arguments: dict[str, Any] = {}
    if choice.silver is not None or labelled:
        arguments["silver"] = silver
    linker = RECIPES[name](choice.preset or preset or "default", **arguments)
    return Linker(linker.spec, **settings)


def options_for(
    linker: Linker, named: Mapping[str, str], given: TableOptions, plan: Plan | None = None
) -> Options:
    """Return how this linker reads these tables."""
    if plan is not None:
        return plan_options(plan, named, given)
    return linker_options_of(given, named, [field.name for field in linker.spec.fields])


def fit_aloud(
    linker: Linker,
    named: Mapping[str, str],
    options: Options,
    *,
    labels: str | None = None,
    conflicts: str = "drop",
    mode: str | None = None,
) -> None:
    """Fit a linker and print what it learned."""
    say_silver(linker, labels)
    linker.fit(dict(named), labels=labels, mode=mode, conflicts=conflicts, options=options)
    say_fit(linker)


def say_silver(linker: Linker, labels: str | None) -> None:
    """Say that the silver field teaches, if it does."""
    if labels is None and linker.spec.silver is not None:
        say(f"No labels given: fitting on the silver field {linker.spec.silver!r} first.")


def say_fit(linker: Linker, *, notes: bool = True) -> None:
    """Say what was learned; a run without labels says the `notes` itself."""
    assert linker.fitted_ is not None
    report = linker.fitted_.report
    for line in fit_lines(report, linker.threshold, linker.version, notes=notes):
        say(line)


def _say_saved(linker: Linker, save: Path | None) -> None:
    if save is not None:
        linker.save(save)
        say(f"linker saved in {save}")
    say()


def run_linker(
    choice: LinkerChoice,
    named: Mapping[str, str],
    given: TableOptions,
    wanted: RunChoice,
    *,
    mode: str | None = None,
) -> Result:
    """Link or deduplicate, after fitting if the linker is not fitted."""
    _check_run(choice, wanted)
    import_alone()
    labels, save = wanted.labels, wanted.save
    constraints: Any = wanted.constraints
    if constraints is not None:
        constraints = _constraints(constraints, named)
    check_choice(choice, labelled=labels is not None)
    tables = _tables(choice, named, labels)
    plan = plan_for(choice, named, given, labels=labels, tables=tables)
    if plan is not None:
        keep_plan(plan, wanted.out)
    linker = make_linker(choice, labelled=labels is not None, plan=plan)
    options = replace(
        options_for(linker, named, given, plan),
        unique_sources=wanted.unique_source,
        constraints=constraints,
        memory=wanted.memory,
    )
    if linker.fitted_ is None and labels is not None:
        fit_aloud(linker, named, options, labels=labels, conflicts=wanted.conflicts, mode=mode)
        _say_saved(linker, save)
    # Without labels the run fits first, on the very tables that it links: nothing is made twice.
    fits = linker.fitted_ is None
    if fits:
        say_silver(linker, labels)
    how: dict[str, Any] = {
        "threshold": wanted.threshold,
        "out": wanted.out,
        "report": wanted.report,
        "entities": wanted.entities,
        "stages": wanted.stages,
    }
    if len(tables) == 1:
        result = linker.dedupe(tables, options=options, **how)
    else:
        result = linker.link(tables, mode=mode, options=options, **how)
    if fits:
        say_fit(linker, notes=False)
        _say_saved(linker, save)
    return result


def _tables(choice: LinkerChoice, named: Mapping[str, str], labels: str | None) -> dict[str, Any]:
    """Return the tables; those that a plan is made of and that are then run are read once."""
    from sameas.records.frames import ReadTwice

    ways = (choice.plan, choice.recipe, choice.linker, choice.field or None, labels)
    if any(way is not None for way in ways):
        return dict(named)
    return {name: ReadTwice(path) for name, path in named.items()}


def _check_run(choice: LinkerChoice, wanted: RunChoice) -> None:
    """Refuse options that exclude each other, before anything is read."""
    if choice.linker is not None and (wanted.labels is not None or wanted.save is not None):
        raise click.UsageError("--linker is fitted already: leave out --labels and --save.")
    if wanted.save is not None:
        check_save(wanted.save)
    if wanted.labels is not None:
        check_exists(wanted.labels)
    if wanted.memory is not None and choice.linker is None and wanted.labels is None:
        raise click.UsageError(
            "--memory needs a linker that is fitted: give --linker FOLDER, of `sameas fit` on a "
            "part of the table, or --labels FILE."
        )
    if wanted.memory is not None and not wanted.stages:
        raise click.UsageError("--memory works in stages: leave out --no-stages.")


def _constraints(given: str, named: Mapping[str, str]) -> Any:
    """Return the file of constraints, or the corrections of a store."""
    if not is_store(given):
        check_exists(given)
        return given
    from sameas.resolver import read_corrections

    check_existing(given)
    found = read_corrections(given, sources=named)
    return found if len(found) else None


def check_save(folder: Path) -> None:
    """Refuse a folder that a linker cannot be saved to before any work is done."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "linker.json").exists():
        raise click.UsageError(
            f"--save {folder}: the folder is not empty and holds no saved linker; give an empty "
            "or new one."
        )


def check_choice(choice: LinkerChoice, *, labelled: bool) -> None:
    """Refuse options that contradict each other before any work is done."""
    ways = [choice.recipe, choice.linker, choice.plan, choice.field or None]
    if sum(way is not None for way in ways) > 1:
        from sameas.records import FIELD_KINDS

        raise click.UsageError(
            "Give one linker only: --recipe places, or --linker FOLDER (saved by fit), or --plan "
            "FILE, or --field NAME=KIND for each field to compare (kinds: "
            f"{', '.join(FIELD_KINDS)})."
        )
    if choice.preset is not None and choice.recipe is None:
        raise click.UsageError("--preset belongs to --recipe.")
    if choice.preset is not None and ":" in str(choice.recipe):
        raise click.UsageError("Give the preset once: --recipe NAME:PRESET or --preset NAME.")
    fixed = {"--silver": choice.silver, "--goal": choice.goal, "--seed": choice.seed,
             "--no-rivals": None if choice.rivals else True}  # fmt: skip
    named = [name for name, value in fixed.items() if value is not None]
    if choice.linker is not None and named:
        raise click.UsageError(
            f"{', '.join(named)}: a saved linker has this settled. Fit a new one instead."
        )
    if choice.by_keys and any(way is not None for way in ways):
        raise click.UsageError(
            "--by-keys is for a plan that is made from the tables: leave out --recipe, --linker, "
            "--plan and --field, or say it to `sameas plan`."
        )
    if labelled and not choice.rivals:
        raise click.UsageError(
            "--no-rivals is for learning without labels: no pairs compete where labels teach. "
            "Leave it out."
        )
    if labelled and choice.silver not in (None, "none"):
        raise click.UsageError("Give --labels or --silver FIELD, not both.")


def _settings(choice: LinkerChoice) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if choice.goal is not None:
        settings["goal"] = goal_of(choice.goal)
    if choice.seed is not None:
        settings["seed"] = choice.seed
    if not choice.rivals:
        settings["rivals"] = False
    return settings
