"""What speaks for a match beside the cosine: numbers, codes, and nobody with a better claim."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.prepared import FloatArray, IntArray
from sameas.models.base import Neighbours

__all__ = ["RELATIONS", "Codes8", "code_in_common", "log_ratio", "number_relations", "outbid"]

Codes8 = npt.NDArray[np.int8]
#: How the numbers in two texts relate; what a code means.
RELATIONS = ("no numbers", "numbers in one", "equal", "one within the other", "some equal", "none")
#: Rows of no opinion that are added to every table of counts.
_PRIOR = 5.0
#: Only the nearest keys of a row are a claim.
_CLAIMS = 2
#: A code has so many characters at least, and is borne by so many texts at most.
_LONG, _BEARERS = 5, 3


def number_relations(texts: pa.Array, left: IntArray, right: IntArray) -> Codes8:
    """Return how the numbers of two texts relate, a place in `RELATIONS` for each pair.

    Parameters
    ----------
    texts : string array
    left, right : int32[p]
        Rows of `texts`; -1 has no numbers.

    Examples
    --------
    >>> texts = pa.array(["Route 66 no. 7", "Route 66", "Route 7, 66", "Rosso"])
    >>> found = number_relations(texts, np.array([0, 0, 0]), np.array([1, 2, 3]))
    >>> [RELATIONS[code] for code in found]
    ['one within the other', 'equal', 'numbers in one']
    """
    from sameas.kernels.sets import set_jaccard

    start, value = _numbers(texts)
    size = np.append(np.diff(start), 0)
    one, other = size[left], size[right]
    overlap = set_jaccard(left, right, start, value).astype(np.float64)
    common = np.rint(overlap * (one + other) / (1 + overlap))
    return np.select(
        [
            (one == 0) & (other == 0),
            (one == 0) | (other == 0),
            overlap == 1,
            common == np.minimum(one, other),
            common > 0,
        ],
        range(5),
        default=5,
    ).astype(np.int8)


def code_in_common(texts: pa.Array, left: IntArray, right: IntArray) -> npt.NDArray[np.bool_]:
    """Return whether two texts share a code that hardly any other text bears, bool[p].

    A code is a word of letters and digits, such as a model number; strokes and slashes inside it
    do not count.

    Examples
    --------
    >>> texts = pa.array(["Sony KDL-46V4100 black", "TV kdl46v4100", "Sony KDL-52V4100 black"])
    >>> code_in_common(texts, np.array([0, 0]), np.array([1, 2])).tolist()
    [True, False]
    """
    from sameas.kernels.sets import set_jaccard

    words = pc.replace_substring_regex(
        pc.utf8_lower(texts), pattern=r"[^\p{L}\p{Nd}/-]+", replacement=" "
    )
    words = pc.replace_substring_regex(words, pattern="[/-]", replacement="")
    start, value = _distinct(words, _is_code, _BEARERS)
    return np.asarray(set_jaccard(left, right, start, value) > 0)


def _is_code(words: pa.Array) -> pa.Array:
    long = pc.greater_equal(pc.utf8_length(words), _LONG)
    mixed = pc.and_(
        pc.match_substring_regex(words, r"\p{Nd}"), pc.match_substring_regex(words, r"\p{L}")
    )
    return pc.and_(long, mixed)


def outbid(near: Neighbours) -> npt.NDArray[np.bool_]:
    """Return whether another query is nearer to the key that was found, bool[n, k].

    Examples
    --------
    >>> near = Neighbours(np.array([[0], [0]]), np.array([[0.9], [0.6]], np.float32))
    >>> outbid(near).ravel().tolist()
    [False, True]
    """
    index, similarity = near.index[:, :_CLAIMS], near.similarity[:, :_CLAIMS]
    known = index >= 0
    best = np.full(int(near.index.max(initial=-1)) + 2, -np.inf, np.float32)
    np.maximum.at(best, index[known], similarity[known])
    return np.asarray(near.similarity < best[near.index] - np.float32(1e-6))


def log_ratio(code: npt.NDArray[np.integer], weight: FloatArray, rest: FloatArray) -> FloatArray:
    """Return for each code how many times as usual it is among matches, as a logarithm.

    Parameters
    ----------
    code : int[n]
        Places in `RELATIONS`, or truth values.
    weight, rest : float64[n]
        How far a row is a match, and how far it is not.

    Examples
    --------
    >>> found = log_ratio(np.array([2] * 90 + [5] * 10), np.ones(100), np.ones(100))
    >>> found.round(2).tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    kinds = len(RELATIONS)
    usual = _PRIOR * np.bincount(code, minlength=kinds) / max(len(code), 1) + 1e-9
    matches, others = (np.bincount(code, one, kinds) + usual for one in (weight, rest))
    ratio = np.log(matches / matches.sum()) - np.log(others / others.sum())
    return np.where(np.bincount(code, minlength=kinds) > 0, ratio, 0.0)


def _numbers(texts: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
    """Return the distinct numbers of each text, as codes: where each begins, and all of them."""
    digits = pc.replace_substring_regex(texts, pattern=r"[^\p{Nd}]+", replacement=" ")
    return _distinct(digits, lambda words: pc.not_equal(words, ""))


def _distinct(
    texts: pa.Array, wanted: Callable[[pa.Array], pa.Array], most: int | None = None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
    """Return the distinct words of each text, as codes; those of at most `most` texts."""
    words = pc.utf8_split_whitespace(pc.utf8_trim_whitespace(texts))
    word, row = words.flatten(), pc.list_parent_indices(words).to_numpy()
    known = np.asarray(wanted(word))
    code = pc.dictionary_encode(word).indices.to_numpy(zero_copy_only=False)
    kinds = int(code.max(initial=0)) + 1
    owner, value = np.divmod(np.unique(row[known].astype(np.int64) * kinds + code[known]), kinds)
    if most is not None:
        rare = np.bincount(value, minlength=kinds)[value] <= most
        owner, value = owner[rare], value[rare]
    start = np.searchsorted(owner, np.arange(len(texts) + 1)).astype(np.int64)
    return start, value.astype(np.uint64)
