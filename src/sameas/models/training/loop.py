"""One loop for everything that is trained: what differs is a `Task`.

AdamW, warm-up, early stopping, the best checkpoint, resumption, one seed.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.errors import RunError
from sameas.core.optional import require
from sameas.core.progress import progress
from sameas.models.training.checkpoint import Batch, Checkpoint, Progress
from sameas.models.training.options import Callback, Event, TrainOptions

__all__ = ["History", "Task", "run_training"]

logger = logging.getLogger(__name__)


class Task(Protocol):
    """What is trained: a network, its batches, its loss, and how good it is."""

    @property
    def network(self) -> Any:
        """The `torch.nn.Module` whose weights are learned."""

    def batches(self, epoch: int, random: np.random.Generator) -> list[Batch]:
        """Return the numbers of examples of each batch of an epoch, int64[b] or int64[b, c]."""

    def loss(self, batch: Batch, random: np.random.Generator) -> Any:
        """Return the loss of a batch, a tensor with one value."""

    def evaluate(self) -> Mapping[str, float]:
        """Return figures on the validation rows, the deciding one first; none without rows."""


@dataclass(frozen=True, slots=True)
class History:
    """What a run did.

    Attributes
    ----------
    entries : tuple of dict
        One an evaluation: ``step``, ``epoch``, ``loss``, ``rate`` and the figures.
    steps : int
    best : dict
        The entry whose weights were kept, the last one without validation rows.
    stopped : str
        Why it ended: ``"epochs"``, ``"patience"`` or ``"callback"``.
    """

    entries: tuple[dict[str, Any], ...]
    steps: int
    best: dict[str, Any]
    stopped: str


def run_training(
    task: Task,
    options: TrainOptions,
    folder: Path,
    *,
    key: str,
    callbacks: Sequence[Callback] = (),
    first: bool = False,
) -> History:
    """Train a network; it has the best weights at the end.

    Parameters
    ----------
    task : Task
    options : TrainOptions
    folder : path
        For checkpoints. A run that was interrupted goes on from the last one, to the very
        weights that it would have had.
    key : str
        Hash of what the weights depend on (data, settings, first weights).
    callbacks : sequence of Callback
    first : bool
        Evaluate before the first step too; then weights that get no better are kept as they were.

    Returns
    -------
    History

    Raises
    ------
    RunError
        If the loss is no number any more.
    """
    torch = require("torch", extra="torch", what="Training")
    devices = [options.device] if options.device.startswith("cuda") else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(options.seed)
        return _Run(task, options, Checkpoint(folder, key), callbacks, torch).finish(first)


class _Run:
    """A run in progress."""

    def __init__(
        self,
        task: Task,
        options: TrainOptions,
        checkpoint: Checkpoint,
        callbacks: Sequence[Callback],
        torch: Any,
    ) -> None:
        self.task, self.options, self.checkpoint = task, options, checkpoint
        self.callbacks, self.torch = callbacks, torch
        self.optimizer = _optimizer(torch, task.network, options)
        self.at, self.plan = Progress(), list[Batch]()
        self.written = time.monotonic()

    def finish(self, first: bool) -> History:
        kept = self.checkpoint.read(self.task.network, self.optimizer)
        if kept is not None:
            self.at, self.plan = kept
            logger.info("training goes on at step %d", self.at.step)
        else:
            self.plan = self._batches(0)
            self.at.steps = len(self.plan) * self.options.epochs
            if first:
                self._evaluate(0.0)
        with progress("training", total=self.at.steps) as advance:
            advance(self.at.step)
            while not self.at.stopped:
                self._epoch(advance)
        self.checkpoint.load_best(self.task.network)
        self.task.network.eval()
        return self._history()

    def _epoch(self, advance: Callable[[float], None]) -> None:
        looks = _looks(len(self.plan), self.options.evaluations)
        while self.at.done < len(self.plan):
            loss, rate = self._step(self.plan[self.at.done])
            self.at.done += 1
            advance(1)
            stop = self._tell("step", loss, rate, {})
            if self.at.done in looks:
                stop = self._evaluate(rate) or stop
            if stop:
                self.at.stopped = "callback"
            if self.at.stopped:
                return self._write()
            if time.monotonic() - self.written >= 60 * self.options.checkpoint_minutes:
                self._write()
        self.at.epoch, self.at.done = self.at.epoch + 1, 0
        if self.at.epoch == self.options.epochs:
            self.at.stopped, self.plan = "epochs", []
        else:
            self.plan = self._batches(self.at.epoch)
        return self._write()

    def _step(self, batch: Batch) -> tuple[float, float]:
        options, network = self.options, self.task.network
        rate = options.learning_rate * _share(self.at.step, self.at.steps, options.warm_up)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        network.train()
        self.optimizer.zero_grad(set_to_none=True)
        random = np.random.default_rng([options.seed, 2, self.at.step])
        with self._precision():
            loss = self.task.loss(batch, random)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise RunError(
                f"The loss is {value} at step {self.at.step}: try a smaller learning_rate than "
                f"{options.learning_rate}."
            )
        loss.backward()
        self.torch.nn.utils.clip_grad_norm_(network.parameters(), options.clip)
        self.optimizer.step()
        self.at.step += 1
        self.at.total, self.at.count = self.at.total + value, self.at.count + 1
        return value, rate

    def _evaluate(self, rate: float) -> bool:
        """Measure, and keep the weights if they are the best; True when a callback stops."""
        network = self.task.network
        network.eval()
        with self.torch.no_grad(), self._precision():
            scores = {name: float(value) for name, value in self.task.evaluate().items()}
        mean = self.at.total / max(self.at.count, 1)
        self.at.total, self.at.count = 0.0, 0
        entry = {"step": self.at.step, "epoch": self.at.epoch, "loss": mean, "rate": rate}
        self.at.history.append({**entry, **scores})
        logger.info("step %d: loss %.4f, %s", self.at.step, mean, scores)
        if scores:
            name, figure = next(iter(scores.items()))
            if self.at.best is None or figure > self.at.history[self.at.best][name]:
                self.at.best, self.at.waited = len(self.at.history) - 1, 0
                self.checkpoint.keep_best(network)
            else:
                self.at.waited += 1
            if self.options.patience is not None and self.at.waited >= self.options.patience:
                self.at.stopped = "patience"
        return self._tell("evaluation", mean, rate, scores)

    def _precision(self) -> Any:
        """Return the context in which products of matrices have the precision that was chosen."""
        return self.torch.autocast(
            self.options.device.partition(":")[0],
            dtype=self.torch.bfloat16,
            enabled=self.options.precision == "bfloat16",
        )

    def _tell(self, kind: Any, loss: float, rate: float, scores: Mapping[str, float]) -> bool:
        at = self.at
        event = Event(kind, at.step, at.steps, at.epoch, loss, rate, scores)
        answers = [callback(event) for callback in self.callbacks]
        return any(answers)

    def _batches(self, epoch: int) -> list[Batch]:
        self.task.network.eval()
        with self.torch.no_grad(), self._precision():
            random = np.random.default_rng([self.options.seed, 1, epoch])
            batches = self.task.batches(epoch, random)
        if not batches:
            raise RunError("There is nothing to train on: not one batch came of the data.")
        return batches

    def _write(self) -> None:
        self.checkpoint.write(self.task.network, self.optimizer, self.at, self.plan)
        self.written = time.monotonic()

    def _history(self) -> History:
        entries = tuple(self.at.history)
        best = entries[-1 if self.at.best is None else self.at.best] if entries else {}
        self._tell("end", best.get("loss", math.nan), 0.0, {})
        return History(entries, self.at.step, best, self.at.stopped)


def _optimizer(torch: Any, network: Any, options: TrainOptions) -> Any:
    """Return AdamW; biases and norms, which have one dimension, do not decay."""
    weights = [one for one in network.parameters() if one.requires_grad]
    groups = [
        {"params": [one for one in weights if one.ndim > 1], "weight_decay": options.weight_decay},
        {"params": [one for one in weights if one.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=0.0)


def _share(step: int, steps: int, warm_up: float) -> float:
    """Return which share of the rate a step has: up to 1, then down to 0.

    >>> [round(_share(step, 10, 0.2), 2) for step in range(10)]
    [0.5, 1.0, 1.0, 0.88, 0.75, 0.62, 0.5, 0.38, 0.25, 0.12]
    """
    rising = round(steps * warm_up)
    if step < rising:
        return (step + 1) / rising
    return max(steps - step, 0) / max(steps - rising, 1)


def _looks(batches: int, evaluations: int) -> set[int]:
    """Return after how many batches of an epoch to evaluate; the last is among them.

    >>> sorted(_looks(10, 3)), _looks(2, 5)
    ([3, 7, 10], {1, 2})
    """
    parts = min(evaluations, batches)
    return {round(batches * (part + 1) / parts) for part in range(parts)}
