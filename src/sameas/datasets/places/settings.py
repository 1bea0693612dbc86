"""The one parameter set of the place generator."""

from __future__ import annotations

import math
from dataclasses import fields

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError

__all__ = ["PlaceSettings"]

_NAME_NOISE = ("unchanged", "tokens added or dropped", "tokens replaced", "punctuation", "typo",
               "order", "alias")  # fmt: skip
_SHARES = frozenset(
    {"chain_share", "child_share", "parent_share", "clustered_share", "anchored_share",
     "near_share", "far_share", "far_share_large", "centroid_share", "style_a_share",
     "other_style_share", "address_missing_a", "postal_missing_a", "postal_kept", "phone_kept",
     "homepage_kept", "labels_missing", "parent_missing"}
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSettings:
    """What the generated places look like; the defaults are what every benchmark uses.

    Lengths are in metres, shares lie in [0, 1], and a pair of numbers is a range from which
    every city draws its own rate.

    Parameters
    ----------
    cluster_sizes : tuple of float
        Shares of entities with 1, 2 and 3 records; the rest has 4 to 20 records.
    cluster_tail : float
        Each further record of a cluster of 4 or more follows with this probability.
    cities : int
        Number of cities; their sizes follow Zipf's law with exponent 1.
    chains : int
        Number of chains.
    chain_share, child_share, parent_share : float
        Shares of entities that are branches of a chain, that lie inside another entity, and
        that have others inside them.
    chain_offset : float
        Chain of rank r is drawn with a weight of 1 / (r + offset).
    clustered_share : float
        Share of a city's entities in dense clusters; the rest is a wide background.
    cluster_entities : float
        Mean entities of a dense cluster (log-normal weights, sigma 0.9).
    cluster_sigma, city_sigma : pair of float
        Ranges of the standard deviations of dense clusters and of the background.
    anchored_share : float
        Share of a dense cluster's entities that stand on one of its few exact addresses.
    core_share, core_limit : float, int
        A city's centre, its densest cluster, holds this share of its entities, up to a limit.
    chain_spacing : float
        Equal names within squares of this side are moved apart.
    name_noise : tuple of float
        Shares of duplicates whose name is unchanged, has tokens added or dropped, tokens
        replaced, other punctuation, a typing error, another order, or is an alias.
    near_share, near_sigma, middle_sigma, far_share, far_median, far_spread :
        Displacement of a duplicate: two Gaussians, and a log-normal distance that is clipped
        at 2 km.
    large_scale, far_share_large : float
        Clusters of three and more: factor on both Gaussians, and share of far ones, so that
        pairs of two duplicates keep the distances of the measured pairs.
    centroid_share : float
        Share of duplicates that are put on the centroid of their district.
    style_a_share, other_style_share : float
        Share of first records in address style A, and of duplicates in the other style.
    address_missing_a, address_missing_b, postal_missing_a, postal_missing_b :
        Missing rates by style.
    phone_missing, homepage_missing : pair of float
        Missing rates.
    postal_kept, phone_kept, homepage_kept : float
        Share of duplicates that keep the value; a little above the share of equal pairs,
        for two duplicates of one place both have to keep it.
    labels_missing, parent_missing : float
        Missing rate of labels, and of the parent of a duplicate.

    Raises
    ------
    ArgumentError
        If a share lies outside [0, 1], shares add up to more than 1, or a length or number is
        not positive.

    Examples
    --------
    >>> PlaceSettings().chain_share
    0.3
    """

    cluster_sizes: tuple[float, float, float] = (0.87, 0.105, 0.018)
    cluster_tail: float = 0.55
    cities: int = 2_000
    chains: int = 20_000
    chain_share: float = 0.3
    child_share: float = 0.05
    parent_share: float = 0.014
    chain_offset: float = 2.3
    clustered_share: float = 0.4
    cluster_entities: float = 8.0
    cluster_sigma: tuple[float, float] = (50.0, 150.0)
    city_sigma: tuple[float, float] = (3_000.0, 8_000.0)
    anchored_share: float = 0.3
    core_share: float = 0.008
    core_limit: int = 2_300
    chain_spacing: float = 240.0
    name_noise: tuple[float, ...] = (0.605, 0.224, 0.099, 0.059, 0.009, 0.003, 0.001)
    near_share: float = 0.12
    near_sigma: float = 8.0
    middle_sigma: float = 36.0
    far_share: float = 0.16
    far_median: float = 130.0
    far_spread: float = 0.8
    large_scale: float = 0.72
    far_share_large: float = 0.125
    centroid_share: float = 0.01
    style_a_share: float = 0.5
    other_style_share: float = 0.95
    address_missing_a: float = 0.55
    address_missing_b: tuple[float, float] = (0.01, 0.35)
    postal_missing_a: float = 0.8
    postal_missing_b: tuple[float, float] = (0.01, 0.5)
    phone_missing: tuple[float, float] = (0.4, 0.6)
    homepage_missing: tuple[float, float] = (0.4, 0.6)
    postal_kept: float = 0.65
    phone_kept: float = 0.85
    homepage_kept: float = 0.85
    labels_missing: float = 0.15
    parent_missing: float = 0.3

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            numbers = value if isinstance(value, tuple) else (value,)
            if not all(math.isfinite(number) for number in numbers):
                raise ArgumentError(f"{field.name} must be finite; got {value}.")
            if field.name in _SHARES or (isinstance(value, tuple) and max(value) <= 1):
                if not all(0 <= number <= 1 for number in numbers):
                    raise ArgumentError(f"{field.name} must lie in [0, 1]; got {value}.")
            elif min(numbers) <= 0:
                raise ArgumentError(f"{field.name} must be positive; got {value}.")
        _at_most_one("cluster_sizes", self.cluster_sizes)
        _at_most_one("chain_share + child_share + parent_share",
                     (self.chain_share, self.child_share, self.parent_share))  # fmt: skip
        if len(self.name_noise) != len(_NAME_NOISE) or abs(sum(self.name_noise) - 1) > 1e-9:
            raise ArgumentError(
                f"name_noise must be {len(_NAME_NOISE)} shares that add up to 1 "
                f"({', '.join(_NAME_NOISE)}); got {self.name_noise}."
            )


def _at_most_one(what: str, shares: tuple[float, ...]) -> None:
    if sum(shares) > 1 + 1e-9:
        raise ArgumentError(f"{what} must add up to at most 1; got {shares}.")
