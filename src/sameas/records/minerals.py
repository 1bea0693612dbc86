"""The words of mineral databases: commodities, deposit types, states, in one spelling.

Source of the symbols: the periodic table; of the other abbreviations: the commodity codes of
MRDS (U.S. Geological Survey).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["COMMODITIES", "COMMODITY_WORDS", "DEPOSIT_WORDS", "STATES"]

#: Element or material, and how else it is written (symbols, codes, minerals that stand for it).
_COMMODITIES = {
    "aluminium": "al aluminum bauxite alumina", "antimony": "sb stibnite", "arsenic": "as",
    "asbestos": "asb", "barium": "ba barite baryte bar", "beryllium": "be beryl",
    "bismuth": "bi", "boron": "b borates borate bor", "bromine": "br", "cadmium": "cd",
    "cesium": "cs caesium", "chromium": "cr chromite chrome",
    "clay": "cly clays kaolin bentonite", "coal": "coa", "cobalt": "co", "copper": "cu",
    "diatomite": "dia", "feldspar": "fld", "fluorine": "f fluorite fluorspar flr",
    "gallium": "ga", "garnet": "gar", "gemstone": "gem gemstones", "germanium": "ge",
    "gold": "au", "graphite": "gph", "gypsum": "gyp anhydrite", "hafnium": "hf",
    "helium": "he", "indium": "in", "iodine": "i", "iron": "fe ironstone", "lead": "pb",
    "limestone": "lst ls lime", "lithium": "li", "magnesium": "mg magnesite mgs",
    "manganese": "mn", "mercury": "hg quicksilver", "mica": "mic",
    "molybdenum": "mo molybdenite", "nickel": "ni", "niobium": "nb columbium cb",
    "perlite": "per", "phosphorus": "p phosphate phs",
    "platinum group elements": "pge pgm platinum palladium pt pd", "potassium": "k potash",
    "pumice": "pum", "rare earth elements": "ree rare earths rareearth", "rhenium": "re",
    "rubidium": "rb", "salt": "halite nacl", "sand and gravel": "sdg sand gravel",
    "scandium": "sc", "selenium": "se", "silica": "si sil quartz", "silver": "ag",
    "sodium": "na", "stone": "stn", "strontium": "sr celestite",
    "sulfur": "s sul sulphur pyrite", "talc": "tlc soapstone", "tantalum": "ta",
    "tellurium": "te", "thallium": "tl", "thorium": "th", "tin": "sn cassiterite",
    "titanium": "ti ilmenite rutile", "tungsten": "w wolfram wolframite scheelite wo3",
    "uranium": "u u3o8", "vanadium": "v", "volcanic materials": "volc cinders scoria",
    "wollastonite": "wol", "yttrium": "y", "zeolites": "zeo zeolite", "zinc": "zn",
    "zirconium": "zr zircon",
}  # fmt: skip

#: From every spelling of a commodity, normalised, to the one in use.
COMMODITIES: Mapping[str, str] = MappingProxyType(
    {
        spelling: name
        for name, others in _COMMODITIES.items()
        for spelling in (name, *others.split())
    }
    | {"rare earth": "rare earth elements", "rare earths": "rare earth elements"}
    | {"platinum group metals": "platinum group elements", "fluorine fluorite": "fluorine"}
)

#: Words of sites' names that are materials.
COMMODITY_WORDS: tuple[str, ...] = tuple(
    sorted(
        {word for text in COMMODITIES for word in text.split() if len(word) > 1}
        - {"bar", "dia", "gem", "per", "sul"}
        | {"caliche", "cinder", "dolomite", "granite", "marble", "sandstone", "shale", "slate"}
        | {
            "rock",
            "dirt",
            "fill",
            "fire",
            "building",
            "crushed",
            "dimension",
            "peat",
            "tuff",
            "kaolinite",
        }
        | {"limonite", "hematite", "galena", "nickle", "ss", "base", "metal", "metals"}
    )
)

#: Abbreviations of states and provinces of the United States and Canada.
STATES: Mapping[str, str] = MappingProxyType(
    {
        "al": "alabama", "ak": "alaska", "az": "arizona", "ar": "arkansas",
        "ca": "california", "co": "colorado", "ct": "connecticut", "de": "delaware",
        "fl": "florida", "ga": "georgia", "hi": "hawaii", "id": "idaho", "il": "illinois",
        "in": "indiana", "ia": "iowa", "ks": "kansas", "ky": "kentucky", "la": "louisiana",
        "me": "maine", "md": "maryland", "ma": "massachusetts", "mi": "michigan",
        "mn": "minnesota", "ms": "mississippi", "mo": "missouri", "mt": "montana",
        "ne": "nebraska", "nv": "nevada", "nh": "new hampshire", "nj": "new jersey",
        "nm": "new mexico", "ny": "new york", "nc": "north carolina", "nd": "north dakota",
        "oh": "ohio", "ok": "oklahoma", "or": "oregon", "pa": "pennsylvania",
        "ri": "rhode island", "sc": "south carolina", "sd": "south dakota",
        "tn": "tennessee", "tx": "texas", "ut": "utah", "vt": "vermont", "va": "virginia",
        "wa": "washington", "wv": "west virginia", "wi": "wisconsin", "wy": "wyoming",
        "ab": "alberta", "bc": "british columbia", "mb": "manitoba", "nb": "new brunswick",
        "ns": "nova scotia", "on": "ontario", "qc": "quebec", "sk": "saskatchewan",
        "yt": "yukon",
    }
)  # fmt: skip

#: Synonyms in the names of deposit types; an empty text drops the word.
DEPOSIT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "deposit": "", "deposits": "", "type": "", "model": "", "related": "", "and": "",
        "contact": "skarn", "tactite": "skarn", "metamorphic": "skarn", "skarns": "skarn",
        "veins": "vein", "lode": "vein", "fissure": "vein", "placers": "placer",
        "alluvial": "placer", "fluvial": "placer", "pegmatites": "pegmatite",
        "disseminated": "porphyry", "stockwork": "porphyry", "polymetal": "polymetallic",
        "massive": "", "sulphide": "sulfide", "sulphides": "sulfide", "sulfides": "sulfide",
    }
)  # fmt: skip
