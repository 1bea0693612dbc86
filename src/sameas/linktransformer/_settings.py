"""Settings of training as existing scripts spell them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sameas.core.errors import ArgumentError
from sameas.frames._tables import Table, read
from sameas.models.files import read_json
from sameas.models.training import TrainOptions

__all__ = ["merged", "options_of", "table_of", "unused"]

_OPTIONS = {
    "batch_size": "batch_size",
    "train_batch_size": "batch_size",
    "per_device_train_batch_size": "batch_size",
    "epochs": "epochs",
    "num_epochs": "epochs",
    "num_train_epochs": "epochs",
    "learning_rate": "learning_rate",
    "lr": "learning_rate",
    "warm_up_perc": "warm_up",
    "warmup_perc": "warm_up",
    "warmup_ratio": "warm_up",
    "weight_decay": "weight_decay",
    "max_grad_norm": "clip",
    "max_seq_length": "max_length",
    "seed": "seed",
    "evaluations": "evaluations",
    "patience": "patience",
    "device": "device",
}


def merged(sources: Sequence[Any]) -> dict[str, Any]:
    """Put settings together, later ones before earlier ones; a path is a JSON file."""
    found: dict[str, Any] = {}
    for source in sources:
        if isinstance(source, str | Path):
            path = Path(source)
            source = read_json(path)
            if source is None:
                raise ArgumentError(f"The configuration {path} is no file.")
        if source is not None and not isinstance(source, Mapping):
            raise ArgumentError(f"Settings must be a mapping, or a JSON file, got {source!r}.")
        found |= {key: value for key, value in (source or {}).items() if value is not None}
    return found


def options_of(sources: Sequence[Any], *, known: Sequence[str] = ()) -> TrainOptions:
    """Return the options that settings of any spelling ask for; warn of unknown ones.

    Parameters
    ----------
    sources : sequence of mappings or paths
    known : sequence of str
        Settings that mean something elsewhere.
    """
    given = merged(sources)
    strange = sorted(set(given) - set(_OPTIONS) - set(known))
    if strange:
        warnings.warn(
            f"training_args: {', '.join(strange)} mean nothing here and change nothing. Known "
            f"are: {', '.join(sorted({*_OPTIONS, *known}))}.",
            UserWarning,
            stacklevel=3,
        )
    return TrainOptions(**{_OPTIONS[key]: one for key, one in given.items() if key in _OPTIONS})


def unused(wandb: bool, name: str, steps: tuple[int | None, int | None] = (None, None)) -> None:
    """Warn of what is asked for and not done."""
    del name
    if wandb:
        warnings.warn(
            "Nothing is logged to wandb: callbacks of sameas.models.training do that, with any "
            "library.",
            UserWarning,
            stacklevel=3,
        )
    if any(step is not None for step in steps):
        warnings.warn(
            "eval_steps and save_steps change nothing: there are four evaluations an epoch, and "
            "checkpoints by time.",
            UserWarning,
            stacklevel=3,
        )


def table_of(data: Any, folder: str | Path = ".") -> Table | None:
    """Read a frame, or the path of a table, also one in a folder of data."""
    if data is None:
        return None
    if isinstance(data, str | Path) and not Path(data).exists():
        data = Path(folder) / data
    return read(data, "data")
