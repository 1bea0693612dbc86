"""How a pair classifier is trained unless something else is asked for."""

from __future__ import annotations

from sameas.models.training.options import TrainOptions

__all__ = ["PAPER"]

#: The settings of the paper on mineral sites: no warm-up, length 512.
PAPER = TrainOptions(
    epochs=10, batch_size=16, learning_rate=2e-5, weight_decay=0.01, warm_up=0.0, max_length=512
)
