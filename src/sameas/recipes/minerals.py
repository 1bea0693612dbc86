"""Mineral sites: mines, prospects and deposits, from databases of different aims and ages.

Source of the task: Pyo & Chiang (2024), "Leveraging Large Language Models for Generating
Labeled Mineral Site Record Linkage Data". Records of one site can lie 35 km apart and bear
different names, for a site is often a complex of mines; so nothing is cut off by distance alone.
"""

from __future__ import annotations

from dataclasses import replace

from sameas.blocking import KeyRule, PairRule, Radius, SharedTokenNearby, TextNeighbours
from sameas.clustering import Agglomerative
from sameas.comparison import (
    AliasSimilarity,
    BestAlias,
    Comparison,
    Context,
    Distance,
    Equal,
    Faded,
    JaroWinkler,
    LearnedWords,
    SetContainment,
    SetJaccard,
    ShapeComparison,
    SoftTfidf,
    TokenOverlap,
    UnmatchedWords,
    column_names,
)
from sameas.core.errors import ArgumentError, choices_hint
from sameas.evaluation import FBeta
from sameas.linker import Linker, LinkerSpec
from sameas.linker.spec import DEFAULT_MATCHER
from sameas.records import Field
from sameas.survivorship import Medoid, Survivorship

__all__ = ["PRESETS", "minerals", "minerals_spec"]

#: "default": the recipe. "near": candidates within 2 km only, to show what a cut-off loses.
PRESETS = ("default", "near")

FIELDS = (
    Field("name", "name"),
    Field("other_names", "set"),
    Field("latitude", "latitude"),
    Field("longitude", "longitude"),
    Field("commodities", "set"),
    Field("deposit_types", "set"),
    Field("state_or_province", "category"),
    Field("geometry", "text"),
)
_OPTIONAL = ("other_names", "commodities", "deposit_types", "state_or_province", "geometry")
_NAMES = ("name", "other_names")
_SITE = "site_name"

#: Near with anything; farther with a word of the name in common; anywhere with a name alike.
_BLOCKING: tuple[KeyRule | PairRule, ...] = (
    Radius(15_000.0),
    SharedTokenNearby(_NAMES, 60_000.0, max_share=0.02, form=_SITE),
    TextNeighbours(_NAMES, k=10, form=_SITE),
)

_COMPARISONS: tuple[Comparison, ...] = (
    BestAlias(_NAMES, form=_SITE),
    JaroWinkler("name", form=_SITE),
    SoftTfidf("name", form=_SITE),
    TokenOverlap("name", form=_SITE),
    UnmatchedWords(_NAMES, form=_SITE),
    LearnedWords(_NAMES),
    SoftTfidf(_NAMES),
    TokenOverlap(_NAMES),
    Distance(),
    SetJaccard("commodities", form="commodity"),
    SetContainment("commodities", form="commodity"),
    SetJaccard("deposit_types", form="deposit_type"),
    Equal("state_or_province", form="state"),
    ShapeComparison("geometry"),
)

_FIRST = SoftTfidf(_NAMES, form=_SITE)
_ALIAS = AliasSimilarity(_NAMES, form=_SITE)
#: Sites of one complex bear different names; often a third record bears both.
_CONTEXT = Context(
    (_FIRST, Faded(_FIRST, metres=5_000.0), Faded(_ALIAS, metres=8_000.0)), thirds=True
)
#: A few giant groups decide where the best cut of a sample lies, and without them it lies at 0.45;
#: so it is mostly that.
_GOAL = FBeta(replicates=100, shrink=0.75, towards=0.45)
#: What a larger value of a column says by a part of its name, the first that fits: may only lower
#: the score (-1), nothing (0); of all others, may only raise it (1). So few labels teach nothing
#: absurd.
_DIRECTIONS = (
    ("third_margin", 0), ("candidates", 0), ("aliases", 0), ("geometry", 0),
    ("distance", -1), ("unmatched", -1), ("rank", -1),
)  # fmt: skip
_PLACE = Medoid(latitude="latitude", longitude="longitude")
_SURVIVORS = Survivorship(rules={"latitude": _PLACE, "longitude": _PLACE})


def minerals(preset: str = "default", *, silver: str | None = None) -> Linker:
    """Return a linker for mineral sites, not fitted yet.

    Placeholder names ("Unknown", "Unnamed Prospect", "Gravel Pit") count as missing, symbols and
    codes of commodities as their names. Clusters are merged while the mean score of their pairs
    reaches the threshold, for sites are often complexes in which each record resembles a few.

    Parameters
    ----------
    preset : str
        One of `PRESETS`.
    silver : str or None
        A field that labels pairs when nobody else does; usually none.

    Returns
    -------
    Linker
        Fields: name, latitude, longitude, and optional other_names, commodities,
        deposit_types, state_or_province, geometry.

    Examples
    --------
    >>> minerals().spec.clusterer.linkage
    'average'
    """
    return Linker(minerals_spec(preset, silver=silver))


def minerals_spec(preset: str = "default", *, silver: str | None = None) -> LinkerSpec:
    """Return the settings of `minerals`."""
    if preset not in PRESETS:
        raise ArgumentError(
            f"The recipe minerals has no preset {preset!r}.{choices_hint(preset, PRESETS)} "
            f"It has: {', '.join(PRESETS)}."
        )
    blocking = _BLOCKING if preset == "default" else (Radius(2_000.0),)
    matcher = replace(
        DEFAULT_MATCHER, iterations=150, learning_rate=0.06, forest=0.5, monotone=_monotone()
    )
    return LinkerSpec(
        FIELDS, blocking, _COMPARISONS, _CONTEXT, matcher=matcher, optional=_OPTIONAL,
        survivorship=_SURVIVORS, clusterer=Agglomerative(missing=0.03, max_size=50), silver=silver,
        cross_fit=4, goal=_GOAL,
    )  # fmt: skip


def _monotone() -> tuple[tuple[str, int], ...]:
    """Return the columns of the recipe that have a direction, and which."""
    names = (*column_names(_COMPARISONS), *_CONTEXT.names())
    found = ((name, next((way for part, way in _DIRECTIONS if part in name), 1)) for name in names)
    return tuple((name, way) for name, way in found if way)
