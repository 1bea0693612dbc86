"""Typing, scanning and hearing errors in text columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.datasets.texts import scatter

__all__ = ["KINDS", "misspell"]

IntArray = npt.NDArray[np.int64]
Letters = npt.NDArray[np.uint32]

#: Kinds of errors, in the order of `PersonSettings.typo_kinds`.
KINDS = ("insert", "delete", "substitute", "transpose", "double", "scan", "sound")

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890")
_SCANNED = ("l1", "1l", "ij", "Il", "O0", "0O", "oc", "ce", "ec", "S5", "5S", "B8", "8B", "Z2",
            "2Z", "gq", "hb", "nh", "uv", "vu", "ao", "G6", "6G")  # fmt: skip
_SOUNDS = (
    ("ph", "f"), ("ck", "k"), ("ie", "ei"), ("ei", "ie"), ("ee", "ea"), ("ea", "ee"), ("y", "ie"),
    ("ll", "l"), ("nn", "n"), ("tt", "t"), ("ss", "s"), ("rr", "r"), ("mm", "m"), ("ou", "ow"),
    ("sch", "sh"), ("th", "t"), ("c", "k"), ("k", "c"), ("z", "s"), ("s", "z"), ("v", "f"),
    ("ai", "ay"), ("er", "or"), ("an", "en"), ("on", "en"), ("i", "y"), ("a", "e"), ("o", "u"),
)  # fmt: skip


def _table(pairs: tuple[str, ...]) -> Letters:
    """Return what stands for each of 256 characters; 0 where nothing does."""
    table = np.zeros(256, np.uint32)
    for pair in pairs:
        table[ord(pair[0])] = ord(pair[1])
    return table


_SCAN = _table(_SCANNED)
_BESIDE = _table(tuple(a + b for row in _KEYS for a, b in zip(row, row[1:] + row[-2], strict=True)))


def misspell(
    texts: pa.Array,
    rows: IntArray,
    shares: tuple[float, ...],
    rng: np.random.Generator,
    *,
    letters: tuple[str, str] = ("a", "z"),
) -> pa.Array:
    """Give the texts of some rows one error each.

    Texts of fewer than three characters stay. A kind that the text has no place for (no
    character that is scanned wrongly, no sound to hear otherwise) becomes a substitution.

    Parameters
    ----------
    texts : string[n]
    rows : int64[m]
        Rising.
    shares : tuple of float
        Of `KINDS`.
    rng : numpy.random.Generator
    letters : pair of str
        First and last of the characters that are inserted.

    Returns
    -------
    string[n]

    Examples
    --------
    >>> from sameas.datasets.hashing import stream
    >>> only_transpose = (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    >>> misspell(pa.array(["aaab", "x"]), np.array([0]), only_transpose, stream(9)).to_pylist()
    ['aaba', 'x']
    """
    kind = rng.choice(len(KINDS), len(rows), p=shares)
    wrong = texts.take(pa.array(rows))
    hard = np.flatnonzero(kind == KINDS.index("sound"))
    heard = _hear(wrong.take(pa.array(hard)), rng)
    changed = pc.not_equal(heard, wrong.take(pa.array(hard))).to_numpy(zero_copy_only=False)
    kind[hard[~changed]] = KINDS.index("substitute")
    done = hard[changed]
    rest = np.flatnonzero(kind != KINDS.index("sound"))
    typed = _type(wrong.take(pa.array(rest)), kind[rest], letters, rng)
    wrong = scatter([(done, heard.filter(pa.array(changed))), (rest, typed)])
    right = np.ones(len(texts), bool)
    right[rows] = False
    others = np.flatnonzero(right)
    return scatter([(others, texts.take(pa.array(others))), (rows, wrong)])


def _hear(texts: pa.Array, rng: np.random.Generator) -> pa.Array:
    """Spell one sound of each text otherwise, where it has the one that is drawn."""
    drawn = rng.integers(0, len(_SOUNDS), len(texts))
    parts = []
    for number, (sound, other) in enumerate(_SOUNDS):
        rows = np.flatnonzero(drawn == number)
        some = texts.take(pa.array(rows))
        parts.append((rows, pc.replace_substring(some, sound, other, max_replacements=1)))
    return scatter(parts)


def _type(
    texts: pa.Array, kind: IntArray, letters: tuple[str, str], rng: np.random.Generator
) -> pa.Array:
    """Give each text the error of its kind, at a drawn character."""
    if not len(texts):
        return texts
    wide = np.array(texts.to_pylist(), dtype=np.str_)
    width = wide.dtype.itemsize // 4 + 1
    before = wide.astype(f"U{width}").view(np.uint32).reshape(len(wide), width)
    length = (before != 0).sum(axis=1)
    spot, kind = _spots(before, length, kind, rng)
    kind = np.where(length < 3, -1, kind)[:, None]
    at, column = spot[:, None], np.arange(width)[None, :]
    source = np.where((kind == 3) & (column == at), at + 1, column)
    source = np.where((kind == 3) & (column == at + 1), at, source)
    source = np.where((kind == 1) & (column >= at), column + 1, source)
    source = np.where(((kind == 0) | (kind == 4)) & (column > at), column - 1, source)
    typed = np.take_along_axis(before, np.minimum(source, width - 1), axis=1)
    typed = np.where((kind == 1) & (column == width - 1), 0, typed)
    here = before[np.arange(len(wide)), np.minimum(spot, width - 1)]
    low, high = (ord(letter) for letter in letters)
    extra = rng.integers(low, high + 1, len(wide)).astype(np.uint32)
    known = np.minimum(here, 255)
    near = np.where(_BESIDE[known] > 0, _BESIDE[known], extra)
    new = np.select([kind[:, 0] == 0, kind[:, 0] == 2, kind[:, 0] == 5],
                    [extra, near, _SCAN[known]], here)  # fmt: skip
    replaced = (kind == 2) | (kind == 5) | ((kind == 0) & (column == at + 1))
    put = np.where(kind == 0, at + 1, at)
    typed = np.where(replaced & (column == put), new[:, None], typed)
    spelled = np.ascontiguousarray(typed.astype(np.uint32)).view(f"U{width}").ravel()
    return pa.array(spelled.tolist(), pa.string())


def _spots(
    letters: Letters, length: IntArray, kind: IntArray, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Draw where each error goes; a kind without a place for it becomes a substitution."""
    width = letters.shape[1]
    column = np.arange(width)[None, :]
    fits = column < length[:, None]
    last = column == length[:, None] - 1
    following = np.zeros_like(letters)
    following[:, :-1] = letters[:, 1:]
    kinds = kind[:, None]
    allowed = fits & np.select(
        [kinds == 3, kinds == 5],
        [~last & (letters != following), _SCAN[np.minimum(letters, 255)] > 0],
        column > 0,
    )
    none = ~allowed.any(axis=1)
    kind = np.where(none, KINDS.index("substitute"), kind)
    allowed[none] = fits[none] & (column > 0)
    draw = np.where(allowed, rng.random(letters.shape), -1.0)
    return draw.argmax(axis=1), kind
