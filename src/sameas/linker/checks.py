"""What a linker is given must be what it should be; who errs is told what was expected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np

from sameas.core.errors import ArgumentError, choices_hint
from sameas.core.specs import family_of, registered
from sameas.matching import Boosting, Calibrated, FellegiSunter, RuleMatcher, SelfTraining

__all__ = ["check_columns", "check_settings", "check_threshold"]

#: Of each setting: the family, what it is called, an example.
_SEVERAL = {
    "blocking": ("blocking", "blocking rules", "ExactKey(('name',))"),
    "comparisons": ("comparison", "comparisons", "JaroWinkler('name')"),
}
_ONE = {
    "context": ("context", "a Context or None", "Context((JaroWinkler('name'),))"),
    "matcher": ("matcher", "a matcher", "FellegiSunter()"),
    "clusterer": ("clusterer", "a clusterer", "ConnectedComponents()"),
    "survivorship": ("survivorship", "a Survivorship", "Survivorship()"),
    "second_pass": ("second_pass", "a second pass or None", "SecondPass()"),
    "goal": ("goal", "a goal", "FBeta(1.0)"),
    "cascade": ("cascade", "a Cascade or None", "Cascade(...)"),
}
_MAY_LACK = ("context", "second_pass", "cascade", "cross_fit")
#: So many names of columns are listed; a linker can have a hundred.
_MOST_NAMED = 12
#: How alike a text and the name of a spec must be for the one to be meant by the other.
_NEAR = 0.75


def check_settings(settings: Mapping[str, Any]) -> None:
    """Refuse settings of a linker that are of the wrong kind.

    Parameters
    ----------
    settings : mapping
        Some or all settings of `LinkerSpec`.

    Raises
    ------
    ArgumentError
        Naming the setting, what it should be, what came, and the nearest that would do.

    Examples
    --------
    >>> check_settings({"matcher": "fellegi-sunter"})
    Traceback (most recent call last):
    ...
    sameas.core.errors.ArgumentError: matcher must be a matcher, such as FellegiSunter(); got \
'fellegi-sunter'. Did you mean FellegiSunter()?
    """
    for name, value in settings.items():
        if name in _MAY_LACK and value is None:
            continue
        if name in _SEVERAL:
            _check_several(name, value)
        elif name in _ONE:
            family, kind, example = _ONE[name]
            if family_of(value) != family:
                raise _wrong(f"{name} must be {kind}", value, family, example)
        elif name in ("seed", "cross_fit") and not _is_whole(value):
            raise ArgumentError(f"{name} must be a whole number, got {value!r}.")
        elif name in ("rivals", "distinct") and not isinstance(value, bool):
            raise ArgumentError(f"{name} must be True or False, got {value!r}.")
        elif name == "optional" and isinstance(value, str):
            raise ArgumentError(f"optional must be a tuple of field names: write ({value!r},).")


def check_columns(matcher: object, names: Iterable[str]) -> None:
    """Refuse a matcher that speaks of comparison columns that are not there.

    Parameters
    ----------
    matcher : Matcher
    names : iterable of str
        The columns that it will see.

    Raises
    ------
    ArgumentError
        Naming the column and the nearest one.
    """
    known = list(names)
    for where, column in _columns(matcher):
        if column not in known:
            listed = ", ".join(known[:_MOST_NAMED])
            more = len(known) - _MOST_NAMED
            raise ArgumentError(
                f"{where} the column {column!r}, which no comparison gives."
                f"{choices_hint(column, known)} There are: {listed}"
                + (f" and {more} more." if more > 0 else ".")
            )


def check_threshold(threshold: Any) -> None:
    """Refuse a threshold that is no probability; None is the fitted one."""
    if threshold is None:
        return
    number = isinstance(threshold, int | float | np.number) and not isinstance(threshold, bool)
    if not number or not 0 <= threshold <= 1:
        raise ArgumentError(f"threshold must be a number from 0 to 1, got {threshold!r}.")


def _check_several(name: str, value: Any) -> None:
    family, kind, example = _SEVERAL[name]
    must = f"{name} must be a tuple of {kind}"
    if family_of(value) == family:
        raise ArgumentError(f"{must}, got one: write ({type(value).__name__}(...),).")
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise _wrong(must, value, family, f"({example},)")
    for item in value:
        if family_of(item) != family:
            raise _wrong(must, item, family, f"({example},)")


def _wrong(must: str, value: Any, family: str, example: str) -> ArgumentError:
    """Say what was expected and what came instead."""
    specs = registered(family)
    if isinstance(value, type):
        hint = f": write {value.__name__}(...)" if value in specs.values() else ""
        return ArgumentError(f"{must}, such as {example}; got the class {value.__name__}{hint}.")
    hint = f" It is a {family_of(value)}." if family_of(value) else ""
    if isinstance(value, str):
        near = get_close_matches(
            value.lower().replace("-", "_").replace(" ", "_"), specs, n=1, cutoff=_NEAR
        )
        hint = f" Did you mean {specs[near[0]].__name__}()?" if near else ""
    return ArgumentError(f"{must}, such as {example}; got {value!r}.{hint}")


def _columns(matcher: object) -> list[tuple[str, str]]:
    """List the columns that a matcher names, each with where it names it."""
    if isinstance(matcher, FellegiSunter):
        return [
            ("The levels of the matcher read", column)
            for item in matcher.levels
            for column in item.columns()
        ]
    if isinstance(matcher, RuleMatcher):
        return [("A condition of the matcher reads", item.column) for item in matcher.conditions]
    if isinstance(matcher, Boosting):
        return [("monotone names", column) for column, _ in matcher.monotone]
    if isinstance(matcher, SelfTraining):
        return _columns(matcher.trees)
    return _columns(matcher.matcher) if isinstance(matcher, Calibrated) else []


def _is_whole(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
