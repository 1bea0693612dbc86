"""Losses over unit vectors: supervised contrastive, online contrastive, in-batch negatives."""

from __future__ import annotations

from typing import Any, TypeAlias

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.optional import require
from sameas.core.specs import register

__all__ = ["AnyLoss", "InBatchNegatives", "OnlineContrastive", "SupervisedContrastive"]


@register("loss", "supervised_contrastive")
@dataclass(frozen=True, slots=True)
class SupervisedContrastive:
    """Texts of one cluster attract each other, all others of the batch repel.

    Parameters
    ----------
    temperature : float
        Smaller: only the nearest count.

    Notes
    -----
    Khosla et al., "Supervised Contrastive Learning", NeurIPS 2020 (the sum outside the
    logarithm). A text that is alone in its batch only repels.
    """

    temperature: float = 0.07

    def __post_init__(self) -> None:
        _check_temperature(self.temperature)

    def value(self, vectors: Any, cluster: Any) -> Any:
        """Return the loss of unit vectors float[b, d] with clusters int[b].

        Examples
        --------
        >>> torch = require("torch", extra="torch", what="This example")
        >>> vectors = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> alike, unlike = torch.tensor([0, 0, 1]), torch.tensor([0, 1, 0])
        >>> loss = SupervisedContrastive()
        >>> bool(loss.value(vectors, alike) < loss.value(vectors, unlike))
        True
        """
        torch = require("torch", extra="torch", what="Training")
        itself = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
        logits = (vectors @ vectors.T / self.temperature).masked_fill(itself, -torch.inf)
        share = torch.log_softmax(logits, dim=1).masked_fill(itself, 0.0)
        same = (cluster[:, None] == cluster[None, :]) & ~itself
        count = same.sum(1)
        known = count > 0
        if not known.any():
            return (vectors * 0).sum()
        return -((share * same).sum(1)[known] / count[known]).mean()


@register("loss", "online_contrastive")
@dataclass(frozen=True, slots=True)
class OnlineContrastive:
    """Pairs with labels: only the hard ones of a batch are moved.

    Parameters
    ----------
    margin : float
        Cosine distance from which a non-match is far enough.

    Notes
    -----
    Hadsell, Chopra and LeCun, "Dimensionality Reduction by Learning an Invariant Mapping",
    CVPR 2006. Hard are matches farther apart than the nearest non-match, and non-matches nearer
    than the farthest match of the batch.
    """

    margin: float = 0.5

    def __post_init__(self) -> None:
        if not 0 < self.margin <= 2:
            raise ArgumentError(f"margin must lie above 0 and up to 2, got {self.margin!r}.")

    def value(self, left: Any, right: Any, match: Any) -> Any:
        """Return the loss of pairs of unit vectors float[b, d] with labels bool[b].

        Examples
        --------
        >>> torch = require("torch", extra="torch", what="This example")
        >>> one = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
        >>> other = torch.tensor([[0.6, 0.8], [0.8, 0.6]])
        >>> loss = OnlineContrastive().value(one, other, torch.tensor([True, False]))
        >>> round(loss.item(), 3)  # 0.4 squared, and 0.3 squared; a mean over pairs
        0.125
        """
        distance = 1 - (left * right).sum(1)
        near, far = distance[match], distance[~match]
        hard_near = near[near > far.min()] if len(far) else near
        hard_far = far[far < near.max()] if len(near) else far
        lack = (self.margin - hard_far).clamp(min=0)
        return ((hard_near**2).sum() + (lack**2).sum()) / len(distance)


@register("loss", "in_batch_negatives")
@dataclass(frozen=True, slots=True)
class InBatchNegatives:
    """Each left text has to find its match among all right texts of the batch.

    Parameters
    ----------
    temperature : float
    hard : int
        Mined negatives of each pair: right texts that are near and no match, found anew before
        every epoch.

    Notes
    -----
    Henderson et al., "Efficient Natural Language Response Suggestion", 2017, both ways. Right
    texts of the same cluster as the left text do not count as negatives.
    """

    temperature: float = 0.05
    hard: int = 1

    def __post_init__(self) -> None:
        _check_temperature(self.temperature)
        if isinstance(self.hard, bool) or self.hard != int(self.hard) or self.hard < 0:
            raise ArgumentError(f"hard must be a whole number from 0 on, got {self.hard!r}.")

    def value(self, vectors: Any, cluster: Any) -> Any:
        """Return the loss of lefts, rights and negatives, float[c, b, d], of clusters int[c, b].

        Examples
        --------
        >>> torch = require("torch", extra="torch", what="This example")
        >>> sides = torch.eye(3)[None].repeat(2, 1, 1)
        >>> right, wrong = torch.arange(3), torch.tensor([1, 2, 0])
        >>> loss = InBatchNegatives(hard=0)
        >>> found = loss.value(sides, torch.stack([right, right]))
        >>> lost = loss.value(torch.stack([sides[0], sides[0][wrong]]), torch.stack([right, right]))
        >>> bool(found < 0.001), bool(lost > 10)
        (True, True)
        """
        torch = require("torch", extra="torch", what="Training")
        left, keys = vectors[0], vectors[1:].flatten(0, 1)
        target = torch.arange(len(left), device=left.device)
        forward = self._logits(left, keys, cluster[0], cluster[1:].flatten())
        back = self._logits(vectors[1], left, cluster[1], cluster[0])
        loss = torch.nn.functional.cross_entropy
        return (loss(forward, target) + loss(back, target)) / 2

    def _logits(self, rows: Any, keys: Any, one: Any, other: Any) -> Any:
        torch = require("torch", extra="torch", what="Training")
        same = one[:, None] == other[None, :]
        same[torch.arange(len(rows)), torch.arange(len(rows))] = False
        return (rows @ keys.T / self.temperature).masked_fill(same, -torch.inf)


AnyLoss: TypeAlias = SupervisedContrastive | OnlineContrastive | InBatchNegatives


def _check_temperature(value: float) -> None:
    if not value > 0:
        raise ArgumentError(f"temperature must be above 0, got {value!r}.")
