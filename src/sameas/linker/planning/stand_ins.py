"""Words that stand for one another in the names of a series: football and baseball of a college."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.kernels.edits import edit_distance
from sameas.linker.planning.sample import Sample
from sameas.records.preparations.texts import hashes, units
from sameas.records.series import marked

__all__ = ["words_of_series"]

#: Share of the names that two words must tell apart, as for numbers, and in how many wordings.
#: It was 0.03 to 0.08 of what are two things (sports, offices, points of the compass), and up to
#: 0.015 of two words for one (dioceses and eparchies, general and parliamentary elections).
_SHARE, _WORDINGS = 0.02, 3
#: Where more words have one place they are names themselves.
_MOST = 30
#: They stand for one another in a few wordings only, but many names may hold one beside a number.
_MONTHS = (
    "april", "august", "december", "february", "january", "july", "june", "march", "may",
    "november", "october", "september",
)  # fmt: skip
_DATED = r"\b(?:{0}) #|#\d+ (?:{0})\b".format("|".join(_MONTHS))

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]


class _Gaps(NamedTuple):
    """Names without one of their words, in the order of what is left.

    Attributes
    ----------
    left : uint64[g]
        What is left of the name, and where the word was.
    wording : uint64[g]
        The same with all numbers open.
    word : int64[g]
    """

    left: Hashes
    wording: Hashes
    word: Places


def words_of_series(sample: Sample, fields: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return words of which many names of a table hold the one or the other, all else being equal.

    Two spellings of one word are none, nor are a word and what it is short for. Two words for one
    thing cannot be told from two for two; but one table seldom holds many things twice, in the
    same words but for one.

    Parameters
    ----------
    sample : Sample
    fields : sequence of str
        Fields that hold names of a series.
    """
    found: list[tuple[str, ...]] = []
    for name in fields:
        found += _of_field(sample, name)
    return _joined(found)


def _of_field(sample: Sample, name: str) -> list[tuple[str, ...]]:
    """Return the pairs of words that stand for each other, and the months where there are dates."""
    texts = sample.workspace.formed(name, "normalise")
    source = sample.records.source_code if sample.across else np.zeros(len(sample), np.int32)
    text = texts.present()
    rows = np.unique(np.stack([text, source])[:, text >= 0], axis=1)
    if not rows.size:
        return []
    names = marked(texts.values.take(pa.array(rows[0])))
    dated = pc.sum(pc.match_substring_regex(names, _DATED)).as_py()
    months = [_MONTHS] if dated >= _SHARE * len(names) else []
    gaps, vocabulary = _gaps(names, rows[1])
    pair, wording = _met(gaps)
    pair, place, times = np.unique(pair, return_inverse=True, return_counts=True)
    often = 2 * times >= _SHARE * len(names)
    several = np.unique(np.stack([place.astype(np.uint64), wording])[:, often[place]], axis=1)
    wordings = np.bincount(several[0].astype(np.int64), minlength=len(pair))
    kept = pair[often & (wordings >= _WORDINGS)]
    ends = (vocabulary.take(pa.array(kept >> side & 0xFFFFFFFF)) for side in (32, 0))
    pairs = _unlike(*(pa.concat_arrays([end]).cast(pa.large_string()) for end in ends))
    return [*months, *pairs]


def _gaps(names: pa.Array, source: npt.NDArray[np.int32]) -> tuple[_Gaps, pa.Array]:
    """Take each word out of each name in turn, but numbers, and the only word of a name."""
    lists = pc.split_pattern(names, " ")
    size = pc.list_value_length(lists).to_numpy()
    spelled = pc.list_flatten(lists).dictionary_encode()
    word, vocabulary = spelled.indices.to_numpy().astype(np.int64), spelled.dictionary
    number = pc.match_substring_regex(vocabulary, r"^[#$]|\d").to_numpy(zero_copy_only=False)
    begin = np.cumsum(size) - size
    owner = np.repeat(np.arange(len(size)), size)
    at = np.arange(len(word)) - begin[owner] + 1
    standing = _mixed(at, np.uint64(0)) + _mixed(source[owner], np.uint64(1))
    spelling = hashes(vocabulary)
    left = []
    for code in (spelling, np.where(number, np.uint64(1), spelling)):
        own = _mixed(at, code[word])
        left.append(np.add.reduceat(own, begin)[owner] - own + standing)
    kept = np.flatnonzero(~number[word] & (size[owner] > 1))
    kept = kept[np.lexsort((word[kept], left[0][kept]))]
    return _Gaps(left[0][kept], left[1][kept], word[kept]), vocabulary


def _mixed(place: npt.NDArray[np.integer], code: Hashes | np.uint64) -> Hashes:
    """Hash what stands where."""
    mixed = (place.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + code) ^ (code >> 7)
    mixed = mixed * np.uint64(0xBF58476D1CE4E5B9)
    return np.asarray((mixed ^ (mixed >> np.uint64(31))) * np.uint64(0x94D049BB133111EB))


def _met(gaps: _Gaps) -> tuple[Places, Hashes]:
    """Return the pairs of words that have one place, and the wording around it."""
    first = np.append(True, gaps.left[1:] != gaps.left[:-1])[: len(gaps.left)]
    group = np.cumsum(first) - 1
    few = (np.bincount(group) <= _MOST)[group] if len(group) else first
    left, wording, word = (part[few] for part in gaps)
    pairs, around = [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
    for step in range(1, _MOST):
        here = np.flatnonzero(left[step:] == left[:-step])
        low, high = word[here], word[here + step]
        pairs.append(np.minimum(low, high) << 32 | np.maximum(low, high))
        around.append(wording[here])
    return np.concatenate(pairs), np.concatenate(around)


def _unlike(one: pa.Array, other: pa.Array) -> list[tuple[str, ...]]:
    """Keep pairs of words that are neither two spellings of one word nor one short for the other.

    Words with one first letter must differ in more than half of their letters.
    """
    count = len(one)
    code = np.arange(2 * count, dtype=np.int32)
    edits = edit_distance(code[:count], code[count:], *units(pa.concat_arrays([one, other])), True)
    kept: list[tuple[str, ...]] = []
    for a, b, edit in zip(one.to_pylist(), other.to_pylist(), edits.tolist(), strict=True):
        longest = max(len(a), len(b))
        if edit > (longest / 2 if a[0] == b[0] else 1) and not (a[0] == b[0] and _short(a, b)):
            kept.append((a, b))
    return kept


def _short(one: str, other: str) -> bool:
    """Say whether the letters of the shorter word stand in the longer one, in this order."""
    few, many = sorted((one, other), key=len)
    rest = iter(many)
    return all(letter in rest for letter in few)


def _joined(alike: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Put words together of which one stands for another."""
    sets: list[set[str]] = []
    for words in alike:
        apart = [held for held in sets if held.isdisjoint(words)]
        sets = [*apart, set(words).union(*(held for held in sets if not held.isdisjoint(words)))]
    return tuple(sorted(tuple(sorted(held)) for held in sets))
