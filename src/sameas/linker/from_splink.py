"""Settings of a linker from a model that Splink has saved."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from sameas.comparison import (
    Comparison,
    DateDifference,
    EditDistance,
    Equal,
    JaroWinkler,
    NumberDifference,
    RelativeFrequency,
    Swapped,
)
from sameas.matching import read_splink

__all__ = ["splink_settings"]


def splink_settings(source: str | os.PathLike[str] | Mapping[str, Any]) -> dict[str, Any]:
    """Read comparisons and matcher from a Splink model: ``Linker(fields, **settings)``.

    Parameters
    ----------
    source : path or mapping
        See `matching.read_splink`.

    Returns
    -------
    dict
        The settings ``comparisons``, ``matcher`` and ``context`` (none). What the model has not
        learned is learned by `Linker.fit`.

    Raises
    ------
    DataError
        If a condition of the model cannot be read.
    """
    model = read_splink(source)
    made: dict[str, Callable[..., Comparison]] = {
        "equal": Equal,
        "jaro_winkler": JaroWinkler,
        "edits": EditDistance,
        "edits_and_swaps": lambda field: EditDistance(field, swaps=True),
        "share": RelativeFrequency,
        "local_equal": lambda field: Equal(field, form="email_local"),
        "local_jaro_winkler": lambda field: JaroWinkler(field, form="email_local"),
        "days": DateDifference,
        "difference": NumberDifference,
        "swapped": Swapped,
    }
    comparisons = [made[measure](*fields) for fields, measure in model.measures]
    return {"comparisons": tuple(comparisons), "matcher": model.matcher, "context": None}
