"""``run.json``: what a run was given and what came out; it says that the folder is whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sameas
from sameas.core.errors import RunError
from sameas.core.specs import to_dict
from sameas.linker.saving import FittedLinker
from sameas.linker.spec import LinkerSpec

__all__ = ["RUN_FILE", "write_run_file"]

RUN_FILE = "run.json"


def write_run_file(
    out: Path, fitted: FittedLinker, spec: LinkerSpec, figures: Mapping[str, Any]
) -> None:
    """Write ``run.json``, whole or not at all.

    Parameters
    ----------
    out : Path
        The run folder.
    fitted : FittedLinker
    spec : LinkerSpec
        That of the run, which may differ from the one that was fitted.
    figures : mapping
        Inputs and figures, as plain data.

    Raises
    ------
    RunError
        If it cannot be written.
    """
    content = {
        "sameas": sameas.__version__,
        "linker_version": fitted.version,
        "spec": to_dict(spec),
        "fit": fitted.report,
        **figures,
    }
    text = json.dumps(content, indent=2, ensure_ascii=False, default=str)
    part, file = out / f".{RUN_FILE}.part", out / RUN_FILE
    try:
        part.write_text(text + "\n", encoding="utf-8")
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise RunError(
            f"{file} cannot be written: {error.strerror or error}. Run again: stages that were "
            "kept are not done anew."
        ) from error
