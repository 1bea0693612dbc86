"""A generator of places with known truth: real duplicates' noise, chains, malls, block skew."""

from sameas.datasets.places.generate import generate_places, iter_places, write_places
from sameas.datasets.places.settings import PlaceSettings

__all__ = ["PlaceSettings", "generate_places", "iter_places", "write_places"]
