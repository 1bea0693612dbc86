"""How long and how fast to train; what a callback is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Literal, TypeAlias

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, choices_hint
from sameas.core.specs import register

__all__ = ["Callback", "Event", "TrainOptions"]


@register("training", "options")
@dataclass(frozen=True, slots=True)
class TrainOptions:
    """Settings of a training run, whatever is trained.

    Parameters
    ----------
    epochs : int
        Passes through the data, at most.
    batch_size : int
    learning_rate : float
        Of AdamW, after the warm-up; then it falls to 0 in a straight line.
    weight_decay : float
        Not for biases and norms.
    warm_up : float
        Share of all steps in which the rate rises from 0.
    evaluations : int
        Looks at the validation rows, an epoch.
    patience : int or None
        Evaluations without a better figure after which training stops; None: never.
    clip : float
        Longest gradient.
    max_length : int or None
        Longest text in tokens; None: what the model was made for.
    precision : {"float32", "bfloat16"}
        Of the products of matrices (mixed precision; weights stay float32). ``"bfloat16"`` takes
        less than half the time on processors that have it (AVX-512 BF16, AMX, newer GPUs).
    checkpoint_minutes : float
        How much may be lost when the machine stops; 0 writes after every step.
    device : str
        ``"cpu"``, ``"cuda"``, ...
    seed : int
        With one number of threads, the same seed gives the same weights.

    Examples
    --------
    >>> TrainOptions(epochs=2, batch_size=16).learning_rate
    2e-05
    """

    epochs: int = 10
    batch_size: int = 64
    learning_rate: float = 2e-5
    weight_decay: float = 0.01
    warm_up: float = 0.1
    evaluations: int = 1
    patience: int | None = 3
    clip: float = 1.0
    max_length: int | None = None
    precision: Literal["float32", "bfloat16"] = "float32"
    checkpoint_minutes: float = 5.0
    device: str = "cpu"
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "evaluations", "patience", "max_length"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or value != int(value) or value < 1):
                raise ArgumentError(f"{name} must be a whole number from 1 on, got {value!r}.")
        if self.batch_size < 2:
            raise ArgumentError("batch_size must be at least 2, got 1.")
        if self.precision not in ("float32", "bfloat16"):
            raise ArgumentError(
                f"precision must be float32 or bfloat16, got {self.precision!r}."
                f"{choices_hint(str(self.precision), ('float32', 'bfloat16'))}"
            )
        if not self.learning_rate > 0 or not self.clip > 0:
            raise ArgumentError(
                "learning_rate and clip must be above 0, got "
                f"learning_rate={self.learning_rate!r}, clip={self.clip!r}."
            )
        if not 0 <= self.warm_up <= 1:
            raise ArgumentError(f"warm_up is a share from 0 to 1, got {self.warm_up!r}.")
        if self.weight_decay < 0 or self.checkpoint_minutes < 0:
            raise ArgumentError("weight_decay and checkpoint_minutes must not be negative.")


@dataclass(frozen=True, slots=True)
class Event:
    """What a callback is told.

    Attributes
    ----------
    kind : {"step", "evaluation", "end"}
    step, steps : int
        Steps done, and planned.
    epoch : int
        From 0.
    loss : float
        Of this step; at an evaluation the mean since the last one.
    rate : float
        Learning rate.
    scores : mapping
        Figures on the validation rows, at an evaluation.
    """

    kind: Literal["step", "evaluation", "end"]
    step: int
    steps: int
    epoch: int
    loss: float
    rate: float
    scores: Mapping[str, float] = field(default_factory=dict)


#: Called after each step and each evaluation; a true answer ends the training.
Callback: TypeAlias = Callable[[Event], bool | None]
