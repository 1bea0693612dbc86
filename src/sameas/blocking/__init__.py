"""Step 2: which records meet at all."""

from sameas.blocking.base import Filter, KeyRule, PairRule, covers
from sameas.blocking.cells import Geohash, Radius
from sameas.blocking.filters import AllOf, AnyOf, SharedToken, SimilarText, Within
from sameas.blocking.keys import ExactKey
from sameas.blocking.neighbours import TextNeighbours
from sameas.blocking.tokens import SharedTokenNearby

__all__ = [
    "AllOf",
    "AnyOf",
    "ExactKey",
    "Filter",
    "Geohash",
    "KeyRule",
    "PairRule",
    "Radius",
    "SharedToken",
    "SharedTokenNearby",
    "SimilarText",
    "TextNeighbours",
    "Within",
    "covers",
]
