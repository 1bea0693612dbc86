"""The state of a training run on disk: safetensors and JSON, whole or not there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from sameas.core.errors import ArgumentError
from sameas.core.optional import require
from sameas.models.files import read_json

__all__ = ["Batch", "Checkpoint", "Progress", "tensors_of"]

#: Numbers of examples: one row an example.
Batch: TypeAlias = npt.NDArray[np.int64]


@dataclass(slots=True)
class Progress:
    """Where a run stands; all of it goes into JSON.

    Attributes
    ----------
    steps : int
        Planned in all, by the first epoch.
    step, epoch, done : int
        Steps in all, epochs finished, batches of this epoch.
    total : float
        Sum of the losses since the last evaluation, of `count` steps.
    waited : int
        Evaluations since the best one.
    best : int or None
        Which entry of the history has the best first figure.
    stopped : str
        Why the run has ended; empty while it has not.
    history : list
        One entry an evaluation.
    """

    steps: int = 0
    step: int = 0
    epoch: int = 0
    done: int = 0
    total: float = 0.0
    count: int = 0
    waited: int = 0
    best: int | None = None
    stopped: str = ""
    history: list[dict[str, Any]] = field(default_factory=list)


class Checkpoint:
    """A folder that holds the last state and the best weights.

    Parameters
    ----------
    folder : path
    key : str
        What the run depends on; another run's state is refused.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder, self.key = folder, key

    def read(self, network: Any, optimizer: Any) -> tuple[Progress, list[Batch]] | None:
        """Put the last state back; None when nothing was begun."""
        names = sorted(self.folder.glob("state-*.json"), key=lambda path: int(path.stem[6:]))
        if not names:
            return None
        kept = read_json(names[-1])
        if kept["key"] != self.key:
            raise ArgumentError(
                f"{self.folder} holds an unfinished training of other data, settings or weights. "
                "Name another folder, or delete that one."
            )
        from safetensors.torch import load_file

        torch = require("torch", extra="torch", what="Training")
        state = load_file(names[-1].with_suffix(".safetensors"))
        _put(network, {name[2:]: one for name, one in state.items() if name.startswith("n.")})
        groups = optimizer.state_dict()["param_groups"]
        memory: dict[int, dict[str, Any]] = {}
        for name, one in state.items():
            if name.startswith("o."):
                _, number, what = name.split(".", 2)
                memory.setdefault(int(number), {})[what] = one
        optimizer.load_state_dict({"state": memory, "param_groups": groups})
        torch.set_rng_state(state["random"])
        if "cuda" in state:
            torch.cuda.set_rng_state(state["cuda"])
        ends = np.cumsum(state["lengths"].numpy())
        values = state["batches"].numpy()
        batches = [values[end - n : end] for n, end in zip(state["lengths"].numpy(), ends)]  # noqa: B905
        return Progress(**kept["progress"]), batches

    def write(
        self, network: Any, optimizer: Any, progress: Progress, batches: Sequence[Batch]
    ) -> None:
        """Write the state of this step, then remove older ones."""
        torch = require("torch", extra="torch", what="Training")
        state = {f"n.{name}": one for name, one in tensors_of(network).items()}
        for number, memory in optimizer.state_dict()["state"].items():
            state |= {f"o.{number}.{what}": one.clone() for what, one in memory.items()}
        state["random"] = torch.get_rng_state()
        if any(one.is_cuda for one in network.parameters()):
            state["cuda"] = torch.cuda.get_rng_state()
        state["lengths"] = torch.tensor([len(batch) for batch in batches], dtype=torch.int64)
        rows = np.concatenate(batches) if batches else np.zeros(0, np.int64)
        state["batches"] = torch.from_numpy(np.ascontiguousarray(rows, np.int64))
        name = f"state-{progress.step}"
        self._save(state, f"{name}.safetensors")
        kept = {"key": self.key, "progress": asdict(progress)}
        self._put_in_place(f"{name}.json", json.dumps(kept).encode())
        for old in self.folder.glob("state-*"):
            if old.stem != name:
                old.unlink()

    def keep_best(self, network: Any) -> None:
        """Write the weights that are best so far."""
        self._save(tensors_of(network), "best.safetensors")

    def load_best(self, network: Any) -> None:
        """Put the best weights back, if any were kept."""
        path = self.folder / "best.safetensors"
        if path.is_file():
            from safetensors.torch import load_file

            _put(network, load_file(path))

    def remove(self) -> None:
        """Delete the folder: the run is done and saved."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _save(self, tensors: Mapping[str, Any], name: str) -> None:
        from safetensors.torch import save_file

        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{name}.part"
        save_file(dict(tensors), path)
        os.replace(path, self.folder / name)

    def _put_in_place(self, name: str, content: bytes) -> None:
        path = self.folder / f"{name}.part"
        path.write_bytes(content)
        os.replace(path, self.folder / name)


def tensors_of(network: Any) -> dict[str, Any]:
    """Return copies of weights and buffers by name; what is shared has one name."""
    named = {**dict(network.named_parameters()), **dict(network.named_buffers())}
    return {name: one.detach().cpu().contiguous().clone() for name, one in named.items()}


def _put(network: Any, tensors: Mapping[str, Any]) -> None:
    torch = require("torch", extra="torch", what="Training")
    named = {**dict(network.named_parameters()), **dict(network.named_buffers())}
    with torch.no_grad():
        for name, one in tensors.items():
            named[name].copy_(one)
