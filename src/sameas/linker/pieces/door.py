"""From what a user gives to a run in pieces."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sameas.core.errors import ArgumentError
from sameas.linker.inputs import Options, inputs_of
from sameas.linker.parts import Parts
from sameas.linker.pieces.run import PieceRun
from sameas.linker.repeats import warn_of_rows
from sameas.linker.result import KeptResult
from sameas.linker.saving import FittedLinker

__all__ = ["run_in_pieces"]


def run_in_pieces(
    fitted: FittedLinker,
    named: dict[str, Any],
    how: tuple[str, float | None, str | os.PathLike[str] | None, Parts],
    options: Options,
) -> KeptResult:
    """Link tables piece by piece.

    Parameters
    ----------
    fitted : FittedLinker
    named : dict of str to table
    how : (mode, threshold or None, run folder or None, parts)
        There is no report, whatever the parts say.
    options : Options
        With `memory`.

    Raises
    ------
    ArgumentError
        If there is no run folder or no stages, or the mode does not fit the tables.
    """
    mode, threshold, out, parts = how
    if out is None:
        raise ArgumentError("memory= works piece by piece in a run folder: give out=.")
    if not parts.stages:
        raise ArgumentError(
            "memory= works in stages that lie in the run folder: leave out stages=False."
        )
    if (mode == "dedupe") != (len(named) == 1):
        raise ArgumentError(f"mode {mode!r} does not fit {len(named)} table(s).")
    warn_of_rows(fitted.spec)
    cut = fitted.threshold if threshold is None else threshold
    inputs = inputs_of(named, options)
    run = PieceRun(named, fitted, mode, cut, options, inputs, Path(out))
    return run.finish(entities=parts.entities)
