"""Clean and prepare one record without a table: for answers in a millisecond.

Whatever is unusual (a character beyond the Latin ones, a value of another type, a column that
is not known here) makes it step back, and the record goes the way of all tables. Both ways give
the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from sameas.core.prepared import Need
from sameas.kernels.geo import cell_keys, to_xyz
from sameas.kernels.hashing import hash_strings
from sameas.linker.spec import LinkerSpec
from sameas.records.preparations.words import STREET_WORDS
from sameas.records.quarantine import MAX_CHARACTERS
from sameas.resolver.layout import Layout
from sameas.resolver.plain_texts import PLAIN_FORMS, is_plain

__all__ = ["QuickPreparer", "quick_fields"]

_TEXTS = ("name", "text", "address", "street", "postal_code", "phone", "url", "category",
          "identifier", "reference", "person", "given_name", "surname", "organisation",
          "email")  # fmt: skip
_GOLDEN, _MASK = 0x9E3779B97F4A7C15, (1 << 64) - 1
_NAN = float("nan")


class _NotHereError(Exception):
    """Something needs the way of all tables."""


def quick_fields(spec: LinkerSpec, record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Clean a record whose values need hardly any cleaning; None: they do.

    Examples
    --------
    >>> from sameas.linker.spec import as_spec
    >>> spec = as_spec({"name": "name", "latitude": "latitude", "longitude": "longitude"})
    >>> quick_fields(spec, {"name": " Bar ", "latitude": 1, "longitude": 2.5})
    {'name': 'Bar', 'latitude': 1.0, 'longitude': 2.5}
    >>> quick_fields(spec, {"name": "Bar", "latitude": 91, "longitude": 2.5}) is None
    True
    """
    found: dict[str, Any] = {}
    known = 0
    for field in spec.fields:
        name, kind = field.name, field.kind
        if name not in record:
            if name not in spec.optional:
                return None
            continue
        known += 1
        value = record[name]
        if value is None:
            continue
        try:
            value = _cleaned(kind, value)
        except _NotHereError:
            return None
        if value is not None:
            found[name] = value
    extra = sum(name in record for name in ("source", "id"))
    if known + extra != len(record) or not _placed(spec, found):
        return None
    return found


def _cleaned(kind: str, value: Any) -> Any:
    if kind in _TEXTS:
        return _text(value)
    if kind in ("number", "latitude", "longitude"):
        if isinstance(value, bool) or not isinstance(value, float | int):
            raise _NotHereError
        if not -1e15 < value < 1e15:  # also not a number
            raise _NotHereError
        return float(value)
    if kind == "set":
        if not isinstance(value, list):
            raise _NotHereError
        items = [_text(item) for item in value]
        return sorted({item for item in items if item is not None}) or None
    raise _NotHereError


def _text(value: Any) -> str | None:
    if not isinstance(value, str) or len(value) > MAX_CHARACTERS or not is_plain(value):
        raise _NotHereError
    return value.strip(" ") or None


def _placed(spec: LinkerSpec, found: dict[str, Any]) -> bool:
    """Say whether the coordinates are both there and possible, or both absent."""
    for kind, most in (("latitude", 90.0), ("longitude", 180.0)):
        for field in spec.fields:
            if field.kind == kind and not abs(found.get(field.name, 0.0)) <= most:
                return False
    latitudes = [field.name for field in spec.fields if field.kind == "latitude"]
    longitudes = [field.name for field in spec.fields if field.kind == "longitude"]
    for one, other in zip(latitudes, longitudes, strict=False):
        if (one in found) != (other in found):
            return False
        if found.get(one) == 0 and found.get(other) == 0:
            return False
    return len(latitudes) == len(longitudes)


class QuickPreparer:
    """Prepares one record at a time.

    Parameters
    ----------
    statistics : mapping of slug to table
        Frozen.
    documents : mapping of Need to int
    """

    def __init__(self, statistics: Mapping[str, pa.Table], documents: Mapping[Need, int]) -> None:
        self.documents = documents
        self.frequency: dict[str, dict[str, int]] = {}
        self.local: dict[str, frozenset[int]] = {}
        for slug, table in statistics.items():
            if slug.startswith("tokens-"):
                pairs = zip(*(table[n].to_pylist() for n in ("token", "frequency")), strict=True)
                self.frequency[slug] = dict(pairs)
            elif slug.startswith("frequency-"):
                pairs = zip(*(table[n].to_pylist() for n in ("text", "records")), strict=True)
                self.frequency[slug] = dict(pairs)
            elif slug.startswith("core_word-"):
                self.local[slug] = frozenset(table["key"].to_pylist())

    def pack(
        self, layouts: tuple[Layout, ...], fields: Mapping[str, Any], source: str, id: str
    ) -> list[bytes] | None:
        """Return what is kept of a record in each layout; None: it needs the way of tables."""
        work = _Record(self, fields, source, id)
        try:
            needs = {need: work.parts(need) for layout in layouts for need in layout.kept}
        except _NotHereError:
            return None
        code = work.hashed()
        return [_joined(layout, needs, code) for layout in layouts]


#: A fixed number as bytes, or the place of a hash; ranges are (size, bytes) or places of hashes.
_Part = tuple[list[Any], list[tuple[int, Any]]]


def _joined(layout: Layout, needs: Mapping[Need, _Part], code: np.ndarray) -> bytes:
    fixed: list[bytes] = []
    sizes: list[int] = []
    data: list[bytes] = []
    for place in layout.places:
        numbers, ranges = needs[place.need]
        for number in numbers:
            if isinstance(number, bytes):
                fixed.append(number)
            else:
                fixed.append(bytes(8) if number is None else code[number].tobytes())
        for size, content in ranges:
            if isinstance(content, tuple):  # hashes of words, sorted if they are a set
                how, places = content
                values = code[list(places)]
                values = np.unique(values) if how == "set" else values
                size, content = len(values) if size >= 0 else size, values.tobytes()
            sizes.append(size)
            data.append(content)
    return b"".join([*fixed, np.array(sizes, np.int32).tobytes(), *data])


class _Record:
    """One record on the bench."""

    def __init__(
        self, preparer: QuickPreparer, fields: Mapping[str, Any], source: str, id: str
    ) -> None:
        self.preparer, self.fields, self.source, self.id = preparer, fields, source, id
        self.to_hash: dict[bytes, int] = {}
        self.texts: dict[tuple[tuple[str, ...], str], str] = {}

    def parts(self, need: Need) -> _Part:
        maker = _MAKERS.get(need.kind)
        if maker is None:
            raise _NotHereError
        return maker(self, need)

    def hash(self, text: str) -> int:
        """Ask for the hash of a text; return its place."""
        return self.to_hash.setdefault(text.encode(), len(self.to_hash))

    def hashed(self) -> np.ndarray:
        """Return the hashes that were asked for."""
        texts = list(self.to_hash)
        ends = np.zeros(len(texts) + 1, np.int64)
        np.cumsum([len(text) for text in texts], out=ends[1:])
        data = np.frombuffer(bytearray(b"".join(texts)), np.uint8)
        return np.asarray(hash_strings(ends, data))

    def text(self, fields: tuple[str, ...], form: str) -> str:
        """Return the fields in a form, joined by spaces; "" is missing."""
        key = (fields, form)
        if key not in self.texts:
            make = PLAIN_FORMS.get(form)
            if make is None:
                raise _NotHereError
            made = []
            for name in fields:
                value = self.fields.get(name)
                if value is not None and not isinstance(value, str):
                    raise _NotHereError
                made.append(make(value) if value is not None else "")
            if None in made:
                raise _NotHereError
            joined = " ".join(str(part) for part in made)
            self.texts[key] = " ".join(joined.split()) if made[1:] else joined
        return self.texts[key]

    def words(self, need: Need) -> list[str]:
        """Return the distinct words of a need for tokens, in alphabetical order."""
        form = _form(need)
        if form != "street":
            return sorted(set(self.text(need.fields, form).split(" ")) - {""})
        words = set(self.text(need.fields, "normalise").split(" ")) - {""}
        return sorted({STREET_WORDS.get(w, w) for w in words if not _has_digit(w)})


def _form(need: Need) -> str:
    return str(dict(need.options).get("form", "normalise"))


def _has_digit(word: str) -> bool:
    return any("0" <= character <= "9" for character in word)


def _units(text: str) -> bytes:
    return text.encode("utf-16-le")


def _number(value: float) -> bytes:
    return np.float64(value).tobytes()


def _one_text(text: str) -> tuple[int, bytes]:
    return (len(text), _units(text)) if text else (-1, b"")


def _text_parts(work: _Record, need: Need) -> _Part:
    return [], [_one_text(work.text(need.fields, _form(need)))]


def _token_parts(work: _Record, need: Need) -> _Part:
    words = work.words(need)
    size = len(words) if words else -1
    known = work.preparer.frequency[need.slug]
    total = max(work.preparer.documents[need], 1)
    lengths = np.array([len(word) for word in words], np.uint16).tobytes()
    share = (np.array([known.get(word, 0) for word in words], np.int64) / total).tobytes()
    joined = "".join(words)
    units = (len(joined), _units(joined)) if words else (-1, b"")
    places = [work.hash(word) for word in words]
    return [], [(size, lengths), units, (size, ("each", places)), (size, share)]


def _core_parts(work: _Record, need: Need) -> _Part:
    tokens = Need("tokens", need.fields[:1])
    words = work.words(tokens)
    if not words:
        return [], [(-1, b"")]
    known = work.preparer.frequency[tokens.slug]
    pruned: dict[str, bool] = {}
    if len(need.fields) > 1:
        place = _place(work, need.fields[1:])
        if place is not None:
            local = work.preparer.local[need.slug]
            cell = int(cell_keys(to_xyz(*place), 1000.0)[0]) * _GOLDEN & _MASK
            one = _Record(work.preparer, {}, "", "")
            places = [one.hash(word) for word in words]
            code = one.hashed()
            pruned = {w: cell ^ int(code[p]) in local for w, p in zip(words, places, strict=True)}
    core = min(words, key=lambda word: (pruned.get(word, False), known.get(word, 0), word))
    return [], [_one_text(core)]


def _place(work: _Record, fields: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray] | None:
    values = [work.fields.get(name) for name in fields]
    if None in values:
        return None
    return np.array([values[0]], np.float64), np.array([values[1]], np.float64)


def _point_parts(work: _Record, need: Need) -> _Part:
    found = _place(work, need.fields)
    if found is None:
        return [_number(_NAN)] * 5, []
    xyz = to_xyz(*found)[0]
    return [found[0].tobytes(), found[1].tobytes(), *(value.tobytes() for value in xyz)], []


def _code(work: _Record, text: str) -> _Part:
    return [work.hash(text) if text else None], []


def _code_parts(work: _Record, need: Need) -> _Part:
    return _code(work, work.text(need.fields, _form(need)))


def _compact_parts(work: _Record, need: Need) -> _Part:
    return _code(work, work.text(need.fields, "normalise").replace(" ", ""))


def _acronym_parts(work: _Record, need: Need) -> _Part:
    initials = "".join(word[0] for word in work.text(need.fields, "normalise").split(" ") if word)
    return _code(work, initials if len(initials) > 1 else "")


def _frequency_parts(work: _Record, need: Need) -> _Part:
    text = work.text(need.fields, "normalise")
    known = work.preparer.frequency[need.slug]
    return [_number(known.get(text, 1) if text else _NAN)], []


def _set_parts(work: _Record, need: Need) -> _Part:
    values = work.fields.get(need.fields[0])
    if values is None:
        return [], [(0, b"")]
    if not isinstance(values, list):
        raise _NotHereError
    forms = [PLAIN_FORMS["normalise"](value) for value in values]
    if None in forms:
        raise _NotHereError
    return [], [(0, ("set", [work.hash(form) for form in forms if form]))]


def _numbers_in_parts(work: _Record, need: Need) -> _Part:
    return [], [(0, ("set", [work.hash(word) for word in work.words(need) if _has_digit(word)]))]


def _number_parts(work: _Record, need: Need) -> _Part:
    value = work.fields.get(need.fields[0])
    return [_number(_NAN if value is None else value)], []


def _identity_parts(work: _Record, _: Need) -> _Part:
    return [work.hash(f"{work.source}\x1f{work.id}")], []


def _reference_parts(work: _Record, need: Need) -> _Part:
    value = work.fields.get(need.fields[0])
    return [None if value is None else work.hash(f"{work.source}\x1f{value}")], []


_MAKERS: dict[str, Callable[[_Record, Need], _Part]] = {
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


def content_of(spec: LinkerSpec, fields: Mapping[str, Any]) -> str:
    """Return cleaned fields as JSON, as `as_content` does."""
    found = {field.name: fields[field.name] for field in spec.fields if field.name in fields}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))
