"""Step 2: which records meet at all."""

from sameas.blocking.base import Filter, KeyRule, PairRule, covers
from sameas.blocking.cells import Geohash, Radius
from sameas.blocking.composite import Key, Part
from sameas.blocking.embeddings import NearestNeighbors
from sameas.blocking.evidence import Evidence, without_fields
from sameas.blocking.filters import (
    AllOf,
    AnyOf,
    NoSeries,
    SharedToken,
    SimilarText,
    SimilarWording,
    Within,
    also_filtered,
)
from sameas.blocking.keys import ExactKey
from sameas.blocking.neighbours import TextNeighbours
from sameas.blocking.tokens import SharedTokenNearby
from sameas.blocking.words import SharedWord

__all__ = [
    "AllOf",
    "AnyOf",
    "Evidence",
    "ExactKey",
    "Filter",
    "Geohash",
    "Key",
    "KeyRule",
    "NearestNeighbors",
    "NoSeries",
    "PairRule",
    "Part",
    "Radius",
    "SharedToken",
    "SharedTokenNearby",
    "SharedWord",
    "SimilarText",
    "SimilarWording",
    "TextNeighbours",
    "Within",
    "also_filtered",
    "covers",
    "without_fields",
]
