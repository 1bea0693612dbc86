"""How names in plain English letters sound: consonants in classes, in one pass over the texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import inner, jit, plain

__all__ = ["sounds_ascii"]

_A, _C, _E, _G, _H, _I, _K, _N, _P, _R, _S, _T, _W, _X, _Y, _Z = (
    np.uint8(ord(letter)) for letter in "aceghiknprstwxyz"
)
_NOTHING = np.uint8(0)
#: Two letters that are written as one, in steps; after the first comes what is written as s.
_PAIRS = (
    (("ph", "f"),), (("gh", "k"),), (("th", "t"), ("dt", "t")), (("tz", "s"), ("ts", "s")),
    (("ck", "k"), ("qu", "k")),
)  # fmt: skip
#: Letters that sound alike, by the first of them; x is ks.
_CLASSES = ("pb", "fv", "kcgjq", "szx", "td", "nm", "l", "r")


def _tables() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return what two letters become in each step, and the class of each letter."""
    pairs = np.zeros((len(_PAIRS), 128, 128), np.uint8)
    for step, written in enumerate(_PAIRS):
        for pair, letter in written:
            pairs[step, ord(pair[0]), ord(pair[1])] = ord(letter)
    classes = np.zeros(128, np.uint8)
    for letters in _CLASSES:
        classes[[ord(letter) for letter in letters]] = ord(letters[0])
    return pairs, classes


def sounds_ascii(
    offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Write names by their consonants, those that sound alike as one.

    Parameters
    ----------
    offsets : int64[n + 1]
    data : uint8[...]
        Texts as Arrow buffers, in lower case. One that is not ASCII becomes empty.

    Returns
    -------
    offsets, data
        Texts as Arrow buffers: what `sameas.records.derived.sound` says of them.

    Examples
    --------
    >>> offsets, data = sounds_ascii(np.array([0, 7]), np.frombuffer(b"schmidt", np.uint8))
    >>> data.tobytes()
    b'snt'
    """
    pairs, classes = _tables()
    start, out = _sounds(plain(offsets, np.int64), plain(data, np.uint8), pairs, classes)
    return start, out


@jit
def _sounds(offsets: Any, data: Any, pairs: Any, classes: Any) -> Any:
    texts = offsets.shape[0] - 1
    name = np.empty(offsets[texts] - offsets[0] + 1, np.uint8)
    out = np.empty(2 * name.shape[0], np.uint8)
    start = np.zeros(texts + 1, np.int64)
    written = np.int64(0)
    for text in range(texts):
        size = np.int64(0)
        english = True
        for place in range(offsets[text], offsets[text + 1]):
            english = english and data[place] < 128
            if _A <= data[place] <= _Z:
                name[size] = data[place]
                size += 1
        if english and size > 0:
            size = _first_letters(name, size)
            for step in range(pairs.shape[0]):
                size = _joined(name, size, pairs[step])
                if step == 0:
                    size = _hissed(name, size)
            written = _consonants(name, size, classes, out, written)
        start[text + 1] = written
    return start, out[:written].copy()


@inner
def _first_letters(name: Any, size: Any) -> Any:
    """Write kn, gn, pn as n at the head of a name, wr as r, ps and x as s."""
    one, two = name[0], name[1] if size > 1 else _NOTHING
    if one == _X:
        name[0] = _S
    silent = two == _N and (one in (_K, _G, _P))
    if not (silent or (one == _W and two == _R) or (one == _P and two == _S)):
        return size
    for place in range(1, size):
        name[place - 1] = name[place]
    return size - 1


@inner
def _joined(name: Any, size: Any, pairs: Any) -> Any:
    """Write pairs of letters as one; gh before t is not written."""
    kept = place = np.int64(0)
    while place < size:
        letter = pairs[name[place], name[place + 1]] if place + 1 < size else _NOTHING
        if letter == _NOTHING:
            name[kept] = name[place]
            kept += 1
            place += 1
            continue
        if name[place] != _G or place + 2 == size or name[place + 2] != _T:
            name[kept] = letter
            kept += 1
        place += 2
    return kept


@inner
def _hissed(name: Any, size: Any) -> Any:
    """Write tsch, sch, sh, sz, cz and a last ch as s."""
    kept = place = np.int64(0)
    while place < size:
        here = place + (1 if name[place] == _T else 0)
        letters = np.int64(0)
        if here + 2 < size and name[here] == _S and name[here + 1] == _C and name[here + 2] == _H:
            letters = here + 3 - place
        elif place + 1 < size:
            one, two = name[place], name[place + 1]
            hiss = two == _Z or (two == _H and (one == _S or place + 2 == size))
            if hiss and (one in (_S, _C)):
                letters = np.int64(2)
        name[kept] = _S if letters > 0 else name[place]
        kept += 1
        place += letters if letters > 0 else 1
    return kept


@inner
def _consonants(name: Any, size: Any, classes: Any, out: Any, written: Any) -> Any:
    """Write the classes of the consonants, each run of one class once, after a first vowel."""
    if classes[name[0]] == _NOTHING and name[0] != _W:
        out[written] = _A
        written += 1
    before = _NOTHING
    for place in range(size):
        kind = classes[name[place]]
        after = name[place + 1] if place + 1 < size else _NOTHING
        if name[place] == _C and (after in (_E, _I, _Y)):
            kind = _S
        if name[place] == _X:
            if before != _K:
                out[written] = _K
                written += 1
            before = _K
        if kind != _NOTHING and kind != before:
            out[written] = kind
            written += 1
        before = kind
    return written
