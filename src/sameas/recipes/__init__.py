"""Ready linkers for a domain: nothing but settings."""

from sameas.recipes.places import places

__all__ = ["RECIPES", "places"]

#: Every recipe by the name that the command line takes.
RECIPES = {"places": places}
