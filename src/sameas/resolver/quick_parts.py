"""The parts of one record: what each prepared column keeps of it, in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from struct import pack
from typing import Any, NamedTuple

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.prepared import FloatArray
from sameas.kernels.geo import cell_keys, to_xyz
from sameas.kernels.hashing import hash_strings
from sameas.records.preparations.words import STREET_WORDS
from sameas.resolver.plain_texts import PLAIN_FORMS

__all__ = ["MAKERS", "NotHereError", "Part", "Record", "Step", "hashed"]

_GOLDEN, _MASK = 0x9E3779B97F4A7C15, (1 << 64) - 1
_NAN = pack("<d", float("nan"))

#: Fixed numbers (bytes, or the place of a hash, None for a missing one) and ranges (size, and
#: bytes or places of hashes).
Part = tuple[list[Any], list[tuple[int, Any]]]


class NotHereError(Exception):
    """Something needs the way of all tables."""


class Step(NamedTuple):
    """How one need is prepared: everything about it that does not depend on the record."""

    make: Callable[[Record, Step], Part]
    fields: tuple[str, ...]
    form: str
    known: Mapping[str, int]
    total: int
    pruned: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Place:
    latitude: float
    longitude: float
    xyz: FloatArray


def hashed(texts: Sequence[bytes]) -> list[bytes]:
    """Return the hashes of texts, eight bytes each."""
    ends = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=ends[1:])
    code = hash_strings(ends, np.frombuffer(bytearray(b"".join(texts)), np.uint8)).tobytes()
    return [code[place : place + 8] for place in range(0, len(code), 8)]


class Record:
    """One record on the bench."""

    def __init__(self, fields: Mapping[str, Any], source: str, id: str) -> None:
        self.fields, self.source, self.id = fields, source, id
        self.to_hash: dict[bytes, int] = {}
        self.texts: dict[tuple[tuple[str, ...], str], str] = {}
        self.places: dict[tuple[str, ...], _Place | None] = {}

    def hash(self, text: str) -> int:
        """Ask for the hash of a text; return its place."""
        return self.to_hash.setdefault(text.encode(), len(self.to_hash))

    def text(self, fields: tuple[str, ...], form: str) -> str:
        """Return the fields in a form, joined by spaces; "" is missing."""
        key = (fields, form)
        if key not in self.texts:
            make = PLAIN_FORMS.get(form)
            if make is None:
                raise NotHereError
            made = []
            for name in fields:
                value = self.fields.get(name)
                if value is not None and not isinstance(value, str):
                    raise NotHereError
                made.append(make(value) if value is not None else "")
            if None in made:
                raise NotHereError
            joined = " ".join(str(part) for part in made)
            self.texts[key] = " ".join(joined.split()) if made[1:] else joined
        return self.texts[key]

    def words(self, fields: tuple[str, ...], form: str) -> list[str]:
        """Return the distinct words of a need for tokens, in alphabetical order."""
        if form != "street":
            return sorted(set(self.text(fields, form).split(" ")) - {""})
        words = set(self.text(fields, "normalise").split(" ")) - {""}
        return sorted({STREET_WORDS.get(w, w) for w in words if not _has_digit(w)})

    def place(self, fields: tuple[str, ...]) -> _Place | None:
        """Return the position of two fields, None if one is missing."""
        if fields not in self.places:
            found = [self.fields.get(name) for name in fields]
            self.places[fields] = None
            if None not in found:
                latitude, longitude = (np.array([value], np.float64) for value in found)
                xyz = to_xyz(latitude, longitude)
                self.places[fields] = _Place(float(latitude[0]), float(longitude[0]), xyz)
        return self.places[fields]


def _has_digit(word: str) -> bool:
    return any("0" <= character <= "9" for character in word)


def _units(text: str) -> bytes:
    return text.encode("utf-16-le")


def _one_text(text: str) -> tuple[int, bytes]:
    return (len(text), _units(text)) if text else (-1, b"")


def _text_parts(record: Record, step: Step) -> Part:
    return [], [_one_text(record.text(step.fields, step.form))]


def _token_parts(record: Record, step: Step) -> Part:
    words = record.words(step.fields, step.form)
    if not words:
        return [], [(-1, b"")] * 4
    size, known, total = len(words), step.known, step.total
    lengths = pack(f"<{size}H", *[len(word) for word in words])
    share = pack(f"<{size}d", *[known.get(word, 0) / total for word in words])
    joined = "".join(words)
    places = [record.hash(word) for word in words]
    return [], [
        (size, lengths), (len(joined), _units(joined)), (size, ("each", places)), (size, share)
    ]  # fmt: skip


def _core_parts(record: Record, step: Step) -> Part:
    words = record.words(step.fields[:1], "normalise")
    if not words:
        return [], [(-1, b"")]
    known = step.known
    pruned: dict[str, bool] = {}
    place = record.place(step.fields[1:]) if len(step.fields) > 1 else None
    if place is not None:
        cell = int(cell_keys(place.xyz, 1000.0)[0]) * _GOLDEN & _MASK
        codes = hashed([word.encode() for word in words])
        pruned = {
            word: cell ^ int.from_bytes(code, "little") in step.pruned
            for word, code in zip(words, codes, strict=True)
        }
    core = min(words, key=lambda word: (pruned.get(word, False), known.get(word, 0), word))
    return [], [_one_text(core)]


def _point_parts(record: Record, step: Step) -> Part:
    place = record.place(step.fields)
    if place is None:
        return [_NAN] * 5, []
    values = pack("<5d", place.latitude, place.longitude, *place.xyz[0].tolist())
    return [values[at : at + 8] for at in range(0, 40, 8)], []


def _code(record: Record, text: str) -> Part:
    return [record.hash(text) if text else None], []


def _code_parts(record: Record, step: Step) -> Part:
    return _code(record, record.text(step.fields, step.form))


def _compact_parts(record: Record, step: Step) -> Part:
    return _code(record, record.text(step.fields, "normalise").replace(" ", ""))


def _acronym_parts(record: Record, step: Step) -> Part:
    words = record.text(step.fields, "normalise").split(" ")
    initials = "".join(word[0] for word in words if word)
    return _code(record, initials if len(initials) > 1 else "")


def _frequency_parts(record: Record, step: Step) -> Part:
    text = record.text(step.fields, "normalise")
    return [pack("<d", step.known.get(text, 1)) if text else _NAN], []


def _set_parts(record: Record, step: Step) -> Part:
    values = record.fields.get(step.fields[0])
    if values is None:
        return [], [(0, b"")]
    if not isinstance(values, list):
        raise NotHereError
    forms = [PLAIN_FORMS["normalise"](value) for value in values]
    if None in forms:
        raise NotHereError
    return [], [(0, ("set", [record.hash(form) for form in forms if form]))]


def _numbers_in_parts(record: Record, step: Step) -> Part:
    words = record.words(step.fields, step.form)
    return [], [(0, ("set", [record.hash(word) for word in words if _has_digit(word)]))]


def _number_parts(record: Record, step: Step) -> Part:
    value = record.fields.get(step.fields[0])
    return [_NAN if value is None else pack("<d", value)], []


def _identity_parts(record: Record, _: Step) -> Part:
    return [record.hash(f"{record.source}\x1f{record.id}")], []


def _reference_parts(record: Record, step: Step) -> Part:
    value = record.fields.get(step.fields[0])
    return [None if value is None else record.hash(f"{record.source}\x1f{value}")], []


#: By kind of need.
MAKERS: dict[str, Callable[[Record, Step], Part]] = {
    "text": _text_parts,
    "tokens": _token_parts,
    "core_word": _core_parts,
    "points": _point_parts,
    "codes": _code_parts,
    "compact": _compact_parts,
    "acronym": _acronym_parts,
    "frequency": _frequency_parts,
    "sets": _set_parts,
    "numbers_in": _numbers_in_parts,
    "number": _number_parts,
    "identity": _identity_parts,
    "reference": _reference_parts,
}
