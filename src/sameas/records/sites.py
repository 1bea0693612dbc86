"""Names of mineral sites: what is left of them when everybody's words are taken away."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from sameas.records.derived import sorted_words
from sameas.records.minerals import COMMODITIES, COMMODITY_WORDS, DEPOSIT_WORDS, STATES
from sameas.records.normalise import normalise, null_if_empty

__all__ = ["commodity", "deposit_type", "site_name", "state"]

#: Words that say that there is no name.
_NAMELESS = (
    "unknown", "unk", "unkown", "unknow", "unknwon", "unnamed", "unamed", "unammed",
    "unnammed", "unidentified", "untitled", "nameless", "noname", "undetermined", "anonymous",
    "none", "null", "name", "names", "named", "na",
)  # fmt: skip
#: What a site is: any site may bear these words.
_KINDS = (
    "mine", "mines", "mining", "mina", "pit", "pits", "quarry", "quarries", "prospect",
    "prospects", "occurrence", "occurrences", "occurence", "deposit", "deposits", "claim",
    "claims", "group", "groups", "grp", "property", "properties", "prop", "location",
    "locations", "locality", "site", "sites", "sample", "samples", "outcrop", "working",
    "workings", "diggings", "showing", "showings", "lode", "lodes", "placer", "placers",
    "patent", "lease", "leases", "shaft", "adit", "adits", "shafts", "tunnel", "tunnels",
    "cut", "cuts", "borrow", "materials", "material", "operation", "operations", "plant",
    "mill", "co", "company", "corp", "corporation", "inc", "ltd", "llc", "district", "dist",
    "area", "no", "nos", "number", "the", "of", "and", "for", "in", "at", "on", "a", "near",
    "other", "misc",
)  # fmt: skip
#: Words that tell nothing beside a word for a material.
_ADDED = (
    "ore", "ores", "body", "bearing", "vein", "veins", "bed", "beds", "small", "large", "old",
    "open", "surface", "underground", "abandoned", "rock", "stone", "north", "south", "east",
    "west",
)  # fmt: skip


def site_name(texts: pa.Array) -> pa.Array:
    """Keep the words of a site's name that are its own; null where there are none.

    Words for the kind of site ("mine", "claims", "No.") are dropped. A name that holds nothing
    beside them but materials, directions and numbers below 1000 is a placeholder.

    Parameters
    ----------
    texts : pyarrow.Array of string

    Returns
    -------
    pyarrow.Array of large_string, as long

    Examples
    --------
    >>> site_name(pa.array(["Mary Clough Mine", "Unnamed Silver Prospect"])).to_pylist()
    ['mary clough', None]
    >>> site_name(pa.array(["Gravel Pit", "Unknown - Zn/Pb", "NBMG Sample Site 2822"])).to_pylist()
    [None, None, 'nbmg 2822']
    >>> site_name(pa.array(["Copper King", "Tungsten Occurrence", "Iron Mine No. 2"])).to_pylist()
    ['copper king', None, None]
    """
    own = _without(normalise(texts), (*_NAMELESS, *_KINDS))
    bare = _without(own, (*COMMODITY_WORDS, *_ADDED))
    bare = pc.replace_substring_regex(bare, r"\b(\d{1,3}[a-z]?|[a-z])\b", "")
    bare = null_if_empty(_squeezed(bare))
    return pc.if_else(pc.is_valid(bare), own, pa.scalar(None, pa.large_string()))


def commodity(texts: pa.Array) -> pa.Array:
    """Write a commodity in one way, whether it came as a name, a symbol or a code.

    A text that is not in the vocabulary stays as it is, in normal form; of "Fluorine-Fluorite"
    and "REE-Ce" the first part counts.

    Examples
    --------
    >>> commodity(pa.array(["Au", "GOLD", "Barium-Barite", "REE", "unobtainium"])).to_pylist()
    ['gold', 'gold', 'barium', 'rare earth elements', 'unobtainium']
    """
    plain = normalise(texts)
    whole = _looked_up(plain, COMMODITIES)
    first = _looked_up(pc.replace_substring_regex(plain, r" .*$", ""), COMMODITIES)
    return pc.coalesce(whole, first, plain)


def deposit_type(texts: pa.Array) -> pa.Array:
    """Write a deposit type in one way: "Tungsten skarn" and "Skarn tungsten ± Mo" are equal.

    Commodities are spelled out, synonyms replaced, and the words put in alphabetical order;
    what follows "±" is no part of the type.

    Examples
    --------
    >>> deposit_type(pa.array(["W skarn deposits", "Skarn tungsten ± Mo", "?"])).to_pylist()
    ['skarn tungsten', 'skarn tungsten', None]
    """
    texts = pc.replace_substring_regex(texts.cast(pa.large_string()), r"[±(,;].*$", "")
    words = pc.split_pattern(pc.fill_null(normalise(texts), ""), " ")
    flat = pc.list_flatten(words)
    known = pc.coalesce(_looked_up(flat, COMMODITIES), _looked_up(flat, DEPOSIT_WORDS), flat)
    again = pa.LargeListArray.from_arrays(pc.cast(words.offsets, pa.int64()), known)
    joined = pc.binary_join(again, pa.scalar(" ", pa.large_string()))
    return sorted_words(null_if_empty(_squeezed(joined)))


def state(texts: pa.Array) -> pa.Array:
    """Spell out the postal abbreviation of a state or province.

    Examples
    --------
    >>> state(pa.array(["NV", "Nevada", "B.C."])).to_pylist()
    ['nevada', 'nevada', 'british columbia']
    """
    plain = normalise(texts)
    compact = pc.replace_substring(plain, " ", "")
    return pc.coalesce(_looked_up(compact, STATES), plain)


def _looked_up(texts: pa.Array, vocabulary: Mapping[str, str]) -> pa.Array:
    """Return what a vocabulary says of each text; null where it says nothing."""
    place = pc.index_in(texts, value_set=pa.array(list(vocabulary), pa.large_string()))
    return pa.array(list(vocabulary.values()), pa.large_string()).take(place)


def _without(texts: pa.Array, words: tuple[str, ...]) -> pa.Array:
    """Take words out of normalised texts."""
    texts = pc.replace_substring_regex(texts.cast(pa.large_string()), r"^|$| ", "  ")
    return null_if_empty(_squeezed(pc.replace_substring_regex(texts, _pattern(words), " ")))


@cache
def _pattern(words: tuple[str, ...]) -> str:
    return f" (?:{'|'.join(words)}) "


def _squeezed(texts: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, " +", " "))
