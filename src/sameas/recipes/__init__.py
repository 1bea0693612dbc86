"""Ready linkers for a domain: nothing but settings."""

from sameas.recipes.minerals import minerals
from sameas.recipes.places import places

__all__ = ["RECIPES", "minerals", "places"]

#: Every recipe by the name that the command line takes.
RECIPES = {"minerals": minerals, "places": places}
