"""Places: shops, schools, stops and sights, from sources that disagree about all of it.

Source: Cousseau & Barbosa (2020), "Large-scale Record Linkage of Web-based Place Entities".
The default goes beyond it: a union of blocking rules, more comparisons, context.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sameas.blocking import ExactKey, Geohash, KeyRule, Radius, SimilarText
from sameas.clustering import ConnectedComponents
from sameas.comparison import (
    Acronym,
    Comparison,
    Context,
    CoreWord,
    Distance,
    Equal,
    EqualStates,
    Faded,
    Indel,
    JaroWinkler,
    LearnedWords,
    NumbersInText,
    Parentage,
    SetJaccard,
    Siblings,
    SoftTfidf,
    TextFrequency,
    TokenOverlap,
    TokenSetRatio,
    UnmatchedWords,
)
from sameas.core.errors import ArgumentError, choices_hint
from sameas.evaluation import FixedThreshold
from sameas.linker import Linker, LinkerSpec
from sameas.linker.cascade import Cascade
from sameas.linker.defaults import nearby_or_alike
from sameas.linker.spec import DEFAULT_MATCHER
from sameas.matching import paper_forest, word_relevance_heuristic
from sameas.records import Field
from sameas.survivorship import Medoid, Survivorship

__all__ = ["PRESETS", "places", "places_spec"]

#: "default": the recipe. "paper": PRF, the forest of the paper. "rules": WRH, its rule
#: matcher. "geohash", "neighbours", "radius": the default with the paper's blocking by one
#: geohash-6 cell, by that cell and its neighbours, or by its online radius of 250 m.
PRESETS = ("default", "paper", "rules", "geohash", "neighbours", "radius")

FIELDS = (
    Field("name", "name"),
    Field("latitude", "latitude"),
    Field("longitude", "longitude"),
    Field("address", "address"),
    Field("postal_code", "postal_code"),
    Field("phone", "phone"),
    Field("homepage", "url"),
    Field("labels", "set"),
    Field("parent_id", "reference"),
)
_OPTIONAL = ("address", "postal_code", "phone", "homepage", "labels", "parent_id")
_SURVIVORS = Survivorship(rules={"latitude": Medoid(), "longitude": Medoid()})
_ALIKE = SimilarText("name", at_least=0.7)

#: The eight features of Table 1 as fifteen columns.
TABLE_1: tuple[Comparison, ...] = (
    CoreWord("name"),
    SoftTfidf("name"),
    SoftTfidf("address", form="street"),
    SetJaccard("labels"),
    Distance(),
    EqualStates("homepage", form="url"),
    Parentage("parent_id"),
    Siblings("parent_id"),
)

_COMPARISONS: tuple[Comparison, ...] = (
    JaroWinkler("name"),
    Indel("name"),
    CoreWord("name"),
    SoftTfidf("name"),
    TokenSetRatio("name"),
    TokenOverlap("name"),
    UnmatchedWords("name"),
    LearnedWords("name"),
    Acronym("name"),
    TextFrequency("name"),
    Distance(),
    SoftTfidf("address"),
    SoftTfidf("address", form="street"),
    TokenSetRatio("address"),
    NumbersInText("address"),
    JaroWinkler("postal_code", form="postal_code"),
    Equal("homepage", form="url"),
    SetJaccard("labels"),
    Parentage("parent_id"),
    Siblings("parent_id"),
)

#: Nearer and more alike may only raise the score. In cross-validation on the training pairs
#: of eight city pairs these directions gave 0.1 points of F1; directions for all columns took
#: 0.1 away.
_MATCHER = replace(
    DEFAULT_MATCHER,
    members=2,
    monotone=(
        ("distance", -1),
        ("name_soft_tfidf", 1),
        ("name_token_set", 1),
        ("address_soft_tfidf", 1),
        ("address_street_soft_tfidf", 1),
        ("address_token_set", 1),
        ("name_soft_tfidf_faded_rank_better", -1),
        ("name_soft_tfidf_faded_rank_worse", -1),
        ("name_soft_tfidf_faded_margin_larger", 1),
        ("name_soft_tfidf_faded_margin_smaller", 1),
    ),
)

#: The dear comparisons. Without them the first matcher still decides four of five candidates
#: (generated places), nearly all that are no match.
_CASCADE = Cascade(
    later=(
        JaroWinkler("name"),
        Indel("name"),
        CoreWord("name"),
        TokenSetRatio("name"),
        UnmatchedWords("name"),
        LearnedWords("name"),
        SoftTfidf("address"),
        SoftTfidf("address", form="street"),
        TokenSetRatio("address"),
    )
)


def places(preset: str = "default", *, silver: str | None = "phone") -> Linker:
    """Return a linker for places, not fitted yet.

    Parameters
    ----------
    preset : str
        One of `PRESETS`.
    silver : str or None
        The field that labels pairs when nobody else does; it is kept out of blocking and
        comparisons. None: the phone is evidence; without labels the
        default preset then learns by itself, the others need some.

    Returns
    -------
    Linker
        Fields: name, latitude, longitude, and optional address, postal_code, phone,
        homepage, labels (categories), parent_id.

    Examples
    --------
    >>> places().spec.silver
    'phone'
    >>> len(places("paper").spec.names())
    15
    """
    return Linker(places_spec(preset, silver=silver))


def places_spec(preset: str = "default", *, silver: str | None = "phone") -> LinkerSpec:
    """Return the settings of `places`."""
    if preset not in PRESETS:
        raise ArgumentError(
            f"The recipe places has no preset {preset!r}.{choices_hint(preset, PRESETS)} "
            f"It has: {', '.join(PRESETS)}."
        )
    if preset == "paper":
        cut = {"matcher": paper_forest(), "goal": FixedThreshold(0.95)}
        return _spec((Geohash(6, filter=_ALIKE),), TABLE_1, None, silver, cut)
    if preset == "rules":
        rules = word_relevance_heuristic(
            core_word="name_core_word", distance="distance",
            parents=("parent_id_first_of_second", "parent_id_second_of_first"),
            labels="labels_set_jaccard",
        )  # fmt: skip
        # Scores are 1 or 0: a cut that is searched for might fall to 0 and accept every pair.
        cut = {"matcher": rules, "goal": FixedThreshold(0.5)}
        return _spec((Geohash(6, filter=_ALIKE),), TABLE_1, None, silver, cut)
    blocking: dict[str, tuple[KeyRule, ...]] = {
        "default": (*nearby_or_alike("name"), *_keys(silver)),
        "geohash": (Geohash(6, filter=_ALIKE),),
        "neighbours": (Geohash(6, neighbours=True, filter=_ALIKE),),
        "radius": (Radius(250.0, filter=_ALIKE),),
    }
    comparisons = _COMPARISONS if silver == "phone" else (*_COMPARISONS, Equal("phone", "digits"))
    context = Context((Faded(SoftTfidf("name")),))
    settings = {"matcher": _MATCHER, "cascade": _CASCADE}
    return _spec(blocking[preset], comparisons, context, silver, settings)


def _keys(silver: str | None) -> tuple[KeyRule, ...]:
    """Meet by phone, where the phone is not the silver field, and by homepage and name."""
    homepage = ExactKey(("homepage",), form="url", filter=_ALIKE, at_most=20)
    phone = ExactKey(("phone",), form="digits", at_most=20)
    return (homepage,) if silver == "phone" else (phone, homepage)


def _spec(
    blocking: tuple[KeyRule, ...],
    comparisons: tuple[Comparison, ...],
    context: Context | None,
    silver: str | None,
    settings: dict[str, Any],
) -> LinkerSpec:
    return LinkerSpec(
        FIELDS, blocking, comparisons, context, silver=silver, optional=_OPTIONAL,
        survivorship=_SURVIVORS, clusterer=ConnectedComponents(), **settings,
    )  # fmt: skip
