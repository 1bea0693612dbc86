"""The preparation of composite keys: parts of several fields, joined to one hash a record."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.prepared import Codes, IntArray, Need
from sameas.core.prepared_values import Dates
from sameas.kernels.arrays import plain
from sameas.kernels.keys import fold_part, keys_of_busy_buckets, put_byte
from sameas.records.derived import derive
from sameas.records.normalise import null_if_empty
from sameas.records.preparations.texts import hashes
from sameas.records.preparations.workspace import Distinct, Stateless, Workspace, preparation

__all__ = ["without_frequent"]


@preparation("key")
class _Key(Stateless):
    """One hash of several derived values; missing where one of them is.

    Options ``parts`` (fields, take, size, form of each) and ``at_most``: a key that more
    records than this bear is missing.
    """

    def compute(self, workspace: Workspace, need: Need) -> Codes:
        options = dict(need.options)
        key = np.empty(workspace.records.num_rows, np.uint64)
        for place, part in enumerate(options["parts"]):
            fold_part(key, *_part(workspace, *part), place == 0)
        at_most = options.get("at_most")
        if at_most is None:
            return Codes(key)
        rare = without_frequent(key, at_most)
        return Codes(rare, int(((key != 0) & (rare == 0)).sum()))


@preparation("agreement")
class _Agreement(Stateless):
    """One byte of the hash of each of eight derived values, 0 where it is missing.

    Option ``parts`` as of a key, at most eight.
    """

    def compute(self, workspace: Workspace, need: Need) -> Codes:
        held = np.zeros(workspace.records.num_rows, np.uint64)
        for lane, part in enumerate(dict(need.options)["parts"]):
            put_byte(held, *_part(workspace, *part), lane)
        return Codes(held)


def _part(
    workspace: Workspace, fields: tuple[str, ...], take: str, size: int, form: str
) -> tuple[IntArray, npt.NDArray[np.uint64]]:
    """Return the text of each record and the hash of what is taken from each text, or 0."""
    return workspace.once(
        ("key part", fields, take, size, form),
        lambda: _make_part(workspace, fields, take, size, form),
    )


def _make_part(
    workspace: Workspace, fields: tuple[str, ...], take: str, size: int, form: str
) -> tuple[IntArray, npt.NDArray[np.uint64]]:
    if take == "sorted_words" and len(fields) > 1:
        return _sorted_words(workspace, fields, form)
    if form == "date":
        distinct = workspace.once(("dates as texts", fields), lambda: _dates(workspace, fields))
    elif len(fields) > 1:
        distinct = workspace.distinct(fields, form)
    else:
        distinct = workspace.formed(fields[0], form)
    part = _hashed(derive(distinct.values, take, size))
    return plain(distinct.code, np.int32), plain(part, np.uint64)


def _hashed(values: pa.Array) -> npt.NDArray[np.uint64]:
    """Return the hash of each text, 0 where there is none."""
    values = null_if_empty(values)
    known = values.is_valid().to_numpy(zero_copy_only=False)
    return np.where(known, hashes(values), np.uint64(0))


def _sorted_words(
    workspace: Workspace, fields: tuple[str, ...], form: str
) -> tuple[IntArray, npt.NDArray[np.uint64]]:
    """Return the hash of all words of each record in order; few fields hold several words.

    Where each holds one, as names mostly do, their ranks are sorted instead of texts.
    """
    found = [workspace.distinct((field,), form) for field in fields]
    every = pa.concat_arrays([each.values for each in found])
    several = np.append(pc.match_substring(every, " ").to_numpy(zero_copy_only=False), True)
    begin = np.cumsum([0, *(len(each.values) for each in found)])[:-1]
    # Where a field is missing, -1 stands for the last place, which is that of no single word.
    place = np.stack(
        [np.where(e.code < 0, -1, e.code + first) for e, first in zip(found, begin, strict=True)]
    )
    single = ~several[place].any(axis=0)
    rank = pc.rank(every, tiebreaker="dense").to_numpy().astype(np.int64) - 1
    spelled = np.empty(len(every), np.int64)
    spelled[rank] = np.arange(len(every))
    words = np.sort(rank[place[:, single]], axis=0)
    joined = pc.binary_join_element_wise(
        *(every.take(pa.array(spelled[each])) for each in words), pa.scalar(" ", every.type)
    )
    part = np.zeros(place.shape[1], np.uint64)
    part[single] = _hashed(joined)
    others = np.flatnonzero(~single)
    part[others] = _hashed(derive(workspace.joined(fields, form, others), "sorted_words"))
    return np.arange(len(part), dtype=np.int32), part


def _dates(workspace: Workspace, fields: tuple[str, ...]) -> Distinct:
    """Return dates as texts, year first, with zeros for what is not known of them."""
    found = workspace.column(Need("dates", fields[:1]))
    assert isinstance(found, Dates)
    year, month, day = found.parts.T.astype(np.int64)
    number = year * 10_000 + month * 100 + day
    encoded = pa.array(number).dictionary_encode()
    texts, code = encoded.dictionary.cast(pa.large_string()), encoded.indices.to_numpy()
    written = pc.replace_substring_regex(
        pc.utf8_lpad(texts, 8, "0"), r"^(\d{4})(\d\d)(\d\d)$", r"\1 \2 \3"
    )
    return Distinct(np.where(year == 0, -1, code).astype(np.int32), written)


def without_frequent(key: npt.NDArray[np.uint64], at_most: int) -> npt.NDArray[np.uint64]:
    """Set keys that more than `at_most` records bear to 0, which stands for missing."""
    bits = len(key).bit_length() + 1  # of a bucket's number: at least two buckets a key
    some = keys_of_busy_buckets(plain(key, np.uint64), bits, at_most)
    out = key.copy()
    if not len(some):
        return out
    place = some[np.argsort(key[some])]
    ranked = key[place]
    first = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1])[: len(ranked)])
    size = np.diff(np.append(first, len(ranked)))
    out[place[np.repeat(size > at_most, size)]] = 0
    return out
