"""The true places of one shard: where they stand, what they are called, what lies in what."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.datasets.hashing import mix
from sameas.datasets.places import addresses, names, positions
from sameas.datasets.places.names import Surroundings
from sameas.datasets.places.phrases import Phrases
from sameas.datasets.places.settings import PlaceSettings
from sameas.datasets.places.vocabulary import vocabulary
from sameas.datasets.places.world import Parts

__all__ = ["Entities", "draw_entities"]

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Entities:
    """The true places of a shard, one row each."""

    positions: positions.Positions
    around: Surroundings
    names: Phrases
    category: IntArray
    chain: IntArray  # -1: not a branch
    parent: IntArray  # -1: not inside another entity


def draw_entities(
    parts: Parts,
    settings: PlaceSettings,
    spots: np.random.Generator,
    rng: np.random.Generator,
    roads: np.random.Generator,
) -> Entities:
    """Draw the true places, with random numbers for positions, names and streets."""
    place = positions.settle(parts, settings, spots)
    around = addresses.surroundings(place, parts, roads)
    count = len(place.part)
    draw = rng.random(count)
    child = draw < settings.child_share
    outer = (draw >= settings.child_share) & (draw < settings.child_share + settings.parent_share)
    branch = draw >= 1 - settings.chain_share
    outer &= ~branch
    category = names.draw_categories(count, rng)
    kinds = rng.integers(names.CATEGORY_COUNT, len(vocabulary().category_words), count)
    category = np.where(outer, kinds, category)
    chain = np.where(branch, _draw_chains(parts.country[place.part], settings, rng), -1)
    known = names.chains(settings.chains)
    category[branch] = known.category[chain[branch]]
    true = names.independent_names(category, around, rng)
    rows = np.flatnonzero(outer)
    true.put(rows, names.institution_names(category[rows], around.take(rows), rng))
    rows = np.flatnonzero(branch)
    true.put(rows, known.names.take(chain[rows]))
    place = positions.spread_equal_names(place, names.hash_names(true), parts, settings, spots)
    around = addresses.surroundings(place, parts, roads)
    parent = np.full(count, -1, np.int64)
    entities = Entities(place, around, true, category, chain, parent)
    return _enclose(entities, np.flatnonzero(child), np.flatnonzero(outer), rng)


def _draw_chains(country: IntArray, settings: PlaceSettings, rng: np.random.Generator) -> IntArray:
    """Draw chains by Zipf's law; the fifty largest are everywhere, others differ by country."""
    weight = np.cumsum(1 / (np.arange(1, settings.chains + 1) + settings.chain_offset))
    rank = np.searchsorted(weight, rng.random(len(country)) * weight[-1])
    rest = max(settings.chains - 50, 1)
    local = 50 + (rank - 50 + (mix(47, country) % rest).astype(np.int64)) % rest
    chosen: IntArray = np.where(rank < min(50, settings.chains), rank, local)
    return chosen


def _enclose(
    entities: Entities, children: IntArray, outer: IntArray, rng: np.random.Generator
) -> Entities:
    """Put children inside institutions, some of which hold many."""
    if not len(outer) or not len(children):
        return entities
    weight = np.cumsum(np.exp(0.8 * rng.normal(size=len(outer))))
    chosen = np.searchsorted(weight, rng.random(len(children)) * weight[-1])
    children = children[np.argsort(chosen, kind="stable")]
    chosen = np.sort(chosen)
    turn = np.arange(len(chosen)) - np.searchsorted(chosen, chosen)
    holder = outer[chosen]
    entities.names.put(
        children,
        names.inner_names(entities.names.take(children), entities.names.take(holder), turn, rng),
    )
    parent = entities.parent
    parent[children] = holder
    home = np.where(parent >= 0, parent, np.arange(len(parent)))
    place = entities.positions
    place = positions.Positions(place.part[home], place.east[home], place.north[home])
    return replace(entities, positions=place, around=entities.around.take(home))
