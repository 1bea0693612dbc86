"""CPU time a pair of each comparison kernel, on synthetic names, as JSON.

Usage: python benchmarks/kernels.py [--names 1000000] [--pairs 2000000] [--only soft_tfidf]

One thread, pinned to one core; thread CPU time; the best of several runs. The pairs look like
block enumeration: about 12 in a row have the same left text, right texts lie within a few
thousand text numbers. ``compile_seconds`` is the first call with an empty cache.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import numpy as np

CHUNK = 65_536
_COMMON = """
    restaurant hotel cafe bar the of and pizza school park shop market church bank pharmacy
    center house street city coffee st grill kitchen garden express store food salon auto
    service la le de el dr centre clinic station club studio beauty hair dental inn lounge
    bakery sushi thai china royal king new old golden green blue great little north south
""".split()  # noqa: SIM905


def words(generator: np.random.Generator, count: int) -> list[str]:
    """Return pronounceable words, most of 4 to 9 letters."""
    onset = "b c d f g h j k l m n p r s t v w br ch cl st tr sh gr pl".split()  # noqa: SIM905
    vowel = "a e i o u a e o ai ee ou ia".split()  # noqa: SIM905
    coda = ["", "", "", "n", "r", "s", "l", "t", "ck", "nd", "m"]
    parts = generator.choice([1, 2, 3], count, p=[0.2, 0.6, 0.2])
    out = []
    for size in parts:
        picks = generator.integers(0, 1 << 30, (size, 3))
        out.append(
            "".join(
                onset[a % len(onset)] + vowel[b % len(vowel)] + coda[c % len(coda)]
                for a, b, c in picks.tolist()
            )
        )
    return out


def make_names(count: int, seed: int = 0) -> list[str]:
    """Return distinct names of 1 to 6 words: median 15 characters, p95 about 31."""
    generator = np.random.default_rng(seed)
    rare = words(generator, 60_000)
    names: dict[str, None] = {}
    while len(names) < count:
        size = 200_000
        number = generator.choice([1, 2, 3, 4, 5, 6], size, p=[0.15, 0.44, 0.23, 0.11, 0.05, 0.02])
        common = generator.random((size, 6)) < 0.45
        first = np.minimum(generator.zipf(1.3, (size, 6)), 1 << 30) % len(_COMMON)
        second = (generator.random((size, 6)) ** 2 * len(rare)).astype(np.int64)
        for row in range(size):
            picked = [
                _COMMON[first[row, k]] if common[row, k] and k else rare[second[row, k]]
                for k in range(number[row])
            ]
            names[" ".join(picked)] = None
    return list(names)[:count]


def as_texts(names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return `start` and `units` of a list of texts of the basic plane."""
    start = np.zeros(len(names) + 1, np.int64)
    np.cumsum([len(name) for name in names], out=start[1:])
    return start, np.frombuffer("".join(names).encode("utf-16-le"), np.uint16)


def as_tokens(names: list[str]) -> dict[str, np.ndarray]:
    """Return the arrays of `sameas.core.prepared.Tokens` of a list of names."""
    lists = [name.split() for name in names]
    vocabulary = sorted({token for tokens in lists for token in tokens})
    number = {token: place for place, token in enumerate(vocabulary)}
    sets = [sorted({number[token] for token in tokens}) for tokens in lists]
    start = np.zeros(len(names) + 1, np.int64)
    np.cumsum([len(tokens) for tokens in sets], out=start[1:])
    token = np.array([value for tokens in sets for value in tokens], np.int32)
    frequency = np.bincount(token, minlength=len(vocabulary))
    spelling_start, spelling_units = as_texts(vocabulary)
    return {
        "start": start,
        "token": token,
        "weight": np.log(len(names) / frequency),
        "hash": np.random.default_rng(1).integers(1, 1 << 63, len(vocabulary)).astype(np.uint64),
        "spelling_start": spelling_start,
        "spelling_units": spelling_units,
    }


def make_pairs(names: int, pairs: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs in runs of 12 a left text, right texts from its neighbourhood."""
    generator = np.random.default_rng(seed)
    home = np.sort(generator.integers(0, names, pairs // 12 + 1))
    left = np.repeat(home, 12)[:pairs]
    right = np.clip(left + generator.integers(-2000, 2001, pairs), 0, names - 1)
    return left.astype(np.int32), right.astype(np.int32)


def measure(
    call: Callable[[np.ndarray, np.ndarray], Any], left: np.ndarray, right: np.ndarray
) -> tuple[float, float]:
    """Return compile seconds and the least ns of thread CPU a pair over the runs."""
    begin = time.thread_time()
    call(left[:1], right[:1])
    compiling = time.thread_time() - begin
    best = np.inf
    for _ in range(3):
        begin = time.thread_time()
        for row in range(0, len(left), CHUNK):
            call(left[row : row + CHUNK], right[row : row + CHUNK])
        best = min(best, (time.thread_time() - begin) / len(left) * 1e9)
    return compiling, best


def rapidfuzz_tiles(names: list[str], tile: int = 64) -> float:
    """Return ns a pair of ``rapidfuzz.process.cdist`` with a cutoff of 0.7 in square tiles."""
    from rapidfuzz import process
    from rapidfuzz.distance import JaroWinkler

    begin = time.thread_time()
    tiles = range(0, min(len(names), 200 * tile) - 2 * tile, tile)
    for row in tiles:
        process.cdist(
            names[row : row + tile],
            names[row + tile : row + 2 * tile],
            scorer=JaroWinkler.similarity,
            score_cutoff=0.7,
            dtype=np.float32,
        )
    return (time.thread_time() - begin) / (len(tiles) * tile * tile) * 1e9


def cases(names: list[str]) -> dict[str, Callable[[np.ndarray, np.ndarray], Any]]:
    """Return every kernel as a function of two arrays of text numbers."""
    from sameas.kernels import alignment, sets, soft, strings, tokens

    texts = as_texts(names)
    letters = strings.letter_signature(*texts)
    held = as_tokens(names)
    arrays = held["start"], held["token"]
    weight, hashed = held["weight"], held["hash"]
    spelling = held["spelling_start"], held["spelling_units"]
    rare = weight > np.log(1000.0)
    signature = tokens.token_signature(*arrays, hashed)
    length = np.sqrt(np.add.reduceat(weight[arrays[1]] ** 2, arrays[0][:-1]))
    value = (weight[arrays[1]] / np.repeat(length, np.diff(arrays[0]))).astype(np.float32)
    hashes = np.arange(len(weight), dtype=np.uint64)[arrays[1]]
    return {
        "jaro_winkler": lambda a, b: strings.jaro_winkler(a, b, *texts),
        "jaro_winkler_at_least_0.7": lambda a, b: strings.jaro_winkler_at_least(
            a, b, *texts, letters, 0.7
        ),
        "jaro_winkler_at_least_0.85": lambda a, b: strings.jaro_winkler_at_least(
            a, b, *texts, letters, 0.85
        ),
        "soft_tfidf": lambda a, b: soft.soft_tfidf(a, b, *arrays, weight, *spelling),
        "fuzzy_unmatched": lambda a, b: soft.fuzzy_unmatched(a, b, *arrays, weight, *spelling),
        "shares_token": lambda a, b: tokens.shares_token(a, b, *arrays, signature),
        "smallest_shared": lambda a, b: tokens.smallest_shared(a, b, *arrays, hashed, rare),
        "token_overlap": lambda a, b: tokens.token_overlap(a, b, *arrays, weight),
        "indel_ratio": lambda a, b: alignment.indel_ratio(a, b, *texts),
        "token_set_ratio": lambda a, b: alignment.token_set_ratio(a, b, *arrays, *spelling),
        "set_jaccard": lambda a, b: sets.set_jaccard(a, b, arrays[0], hashes),
        "sparse_cosine": lambda a, b: sets.sparse_cosine(a, b, *arrays, value),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=2_000_000)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as cache:
        os.environ.setdefault("NUMBA_CACHE_DIR", cache)
        from sameas.kernels.arrays import jit
        from sameas.kernels.letters import letter_signature

        jit(lambda value: value + 1)(1)  # the compiler's own start is nobody's
        names = make_names(options.names)
        lengths = np.array([len(name) for name in names])
        left, right = make_pairs(len(names), options.pairs)
        report: dict[str, Any] = {
            "names": len(names),
            "name_length": {str(p): float(np.percentile(lengths, p)) for p in (50, 95, 100)},
            "pairs": len(left),
        }
        for name, call in cases(names).items():
            if options.only in name:
                seconds, each = measure(call, left, right)
                result = call(left, right)
                report[name] = {"ns_a_pair": round(each, 1), "compile_seconds": round(seconds, 2)}
                if isinstance(result, np.ndarray) and result.dtype == np.bool_:
                    report[name]["passed"] = round(float(result.mean()), 4)
        report["rapidfuzz_cdist_tile_64"] = {"ns_a_pair": round(rapidfuzz_tiles(names), 1)}
        begin = time.thread_time()
        letter_signature(*as_texts(names))
        each = (time.thread_time() - begin) / len(names) * 1e9
        report["letter_signature"] = {"ns_a_text": round(each, 1)}
    json.dump(report, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
