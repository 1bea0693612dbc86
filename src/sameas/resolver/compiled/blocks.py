"""Compiled functions for blocking rules: where a record looks, and who of those it meets counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from sameas.kernels.arrays import inner, jit, resized
from sameas.kernels.geo import cell_visits, distance
from sameas.kernels.hashing import mix
from sameas.kernels.letters import _letter_signature
from sameas.kernels.strings import _jaro_winkler_at_least
from sameas.kernels.token_cells import token_cell_rows
from sameas.resolver.compiled.parts import (
    codes_of,
    range_of,
    sealed,
    words_of,
    xyz_of,
)

__all__ = ["block_keys", "find_blocks", "judge_pairs"]

# Rules by which records look for others.
RADIUS, WORD_NEARBY, EQUAL_KEY = range(3)
# Steps of a judgement: a test takes pairs out of a register, the others join registers.
NEAR, WITHIN, SHARED_WORD, SIMILAR, EQUAL = range(5)
COPY, CLEAR, WITHOUT, JOIN, RULE = range(20, 25)


@jit
def block_keys(key: Any, salt: Any) -> np.ndarray:
    """Put the blocks of one rule into one space of 63 bits with those of all others."""
    out = np.empty(key.shape[0], np.int64)
    for row in range(key.shape[0]):
        out[row] = np.int64(mix(key[row] ^ salt) >> np.uint64(1))
    return out


@jit
def find_blocks(
    records: Any, rules: Any, numbers: Any, fields: Any, often: Any
) -> tuple[np.ndarray, np.ndarray]:
    """List the blocks in which the partners of records stand, by all rules.

    Parameters
    ----------
    records : tuple
        From `take_apart`.
    rules : int32[r, 4]
        A row a rule: kind; place of the position; channel of the words; or first and last
        of the fields.
    numbers : float64[r, 3]
        Radius, width of the cells, greatest share of a word.
    fields : int32[f, 2]
        Place of each field of a rule by equal values, and which limit it has (-1: none).
    often : (int64[l + 1], uint64[...])
        For each limit the values that too many bear.

    Returns
    -------
    key : int64[b]
    record : int32[b]
    """
    parts = (
        sealed(records[0]), sealed(records[1]), sealed(records[2]), sealed(records[3]),
        sealed(records[4]),
    )  # fmt: skip
    none = np.zeros(0, np.uint64)
    keys, owners = np.empty(64, np.int64), np.empty(64, np.int32)
    count = 0
    for rule in range(rules.shape[0]):
        kind, place = rules[rule, 0], rules[rule, 1]
        if kind == EQUAL_KEY:
            key, record = _equal_keys(parts, fields[place : rules[rule, 2]], often)
        else:
            radius, width, most = numbers[rule, 0], numbers[rule, 1], numbers[rule, 2]
            xyz = xyz_of(parts, place)
            key, record = cell_visits(xyz, radius, width, none, 0, True)
            if kind == WORD_NEARBY:
                channel = rules[rule, 2]
                share = range_of(parts, channel + 3, 8).view(np.float64)
                start, token, worth, hashes, _, _ = words_of(parts, channel, share)
                everyone = np.arange(parts[1].shape[1]).astype(np.int32)
                words = codes_of(parts, channel, everyone), start, token, hashes, worth <= most
                key, record = token_cell_rows(record, key, *words, none)
        if count + key.shape[0] > keys.shape[0]:
            room = 2 * (count + key.shape[0])
            keys, owners = resized(keys, count, room), resized(owners, count, room)
        for row in range(key.shape[0]):
            owners[count + row] = record[row]
        mixed = block_keys(key, np.uint64(rule + 1) * np.uint64(0x9E3779B97F4A7C15))
        for row in range(key.shape[0]):
            keys[count + row] = mixed[row]
        count += key.shape[0]
    return resized(keys, count, count), resized(owners, count, count)


@inner
def _value(parts: Any, field: Any, record: int, often: Any) -> Any:
    """Return the hash of a field, 0 where it is missing or too many bear it."""
    place, limit = field
    first = record * 8
    value = parts[0][place, first : first + 8].view(np.uint64)[0]
    if limit >= 0:
        for other in range(often[0][limit], often[0][limit + 1]):
            if often[1][other] == value:
                return np.uint64(0)
    return value


@inner
def _equal_keys(parts: Any, fields: Any, often: Any) -> Any:
    """Return the keys of records of which all fields are known; see `ExactKey`."""
    size = parts[0].shape[1] // 8
    keys, records = np.empty(size, np.uint64), np.empty(size, np.int32)
    count = 0
    for record in range(size):
        key = np.uint64(0)
        known = True
        for field in range(fields.shape[0]):
            value = _value(parts, (fields[field, 0], fields[field, 1]), record, often)
            known = known and value != np.uint64(0)
            key = (key ^ value) * np.uint64(0x9E3779B97F4A7C15)
        if known:
            keys[count], records[count] = key >> np.uint64(1), record
            count += 1
    return resized(keys, count, count), resized(records, count, count)


@jit
def judge_pairs(
    records: Any, program: Any, numbers: Any, needed: Any, letters: Any, often: Any, table: Any,
    left: Any, right: Any,
) -> np.ndarray:  # fmt: skip
    """Return the first rule that covers each pair, 255 for none.

    Parameters
    ----------
    records : tuple
        From `take_apart`.
    program : int32[s, 5]
        A row a step: kind, register, and what the kind wants.
    numbers : float64[s]
    needed : int8[t, 5, 66, 66]
        From `common_needed`, one for each threshold.
    letters : (uint8[256], uint8[256])
        From `letter_places`.
    often
        As in `find_blocks`.
    table : uint64[65536]
        The scratch table of the thread.
    left, right : int32[p]

    Returns
    -------
    uint8[p]
    """
    parts = (
        sealed(records[0]), sealed(records[1]), sealed(records[2]), sealed(records[3]),
        sealed(records[4]),
    )  # fmt: skip
    size = left.shape[0]
    found = np.full(size, 255, np.uint8)
    held = np.ones((_registers(program), size), np.bool_)
    bag, read = sealed(np.zeros((0, 2), np.uint64)), -1
    for step in range(program.shape[0]):
        kind, own = program[step, 0], held[program[step, 1]]
        if kind >= COPY:
            _join(kind, own, held[program[step, 2]], held[program[step, 3]])
            if kind == RULE:
                for pair in range(size):
                    if own[pair]:
                        found[pair] = program[step, 4]
            continue
        live = np.flatnonzero(own)
        a, b = np.empty(live.shape[0], np.int32), np.empty(live.shape[0], np.int32)
        for row in range(live.shape[0]):
            a[row], b[row] = left[live[row]], right[live[row]]
        ends, place = (sealed(a), sealed(b)), program[step, 2]
        if kind == SIMILAR:
            if read != place:
                bag, read = sealed(_bag(parts, place, letters)), place
            limit, rule = np.float32(numbers[step]), program[step, 4]
            kept = _similar(parts, place, bag, limit, needed[rule], table, ends)
        else:
            kept = _tested(kind, parts, (place, program[step, 3], numbers[step]), often, ends)
        for row in range(live.shape[0]):
            own[live[row]] = kept[row]
    return found


@inner
def _registers(program: Any) -> int:
    most = 0
    for step in range(program.shape[0]):
        most = max(most, program[step, 1])
    return most + 1


@inner
def _join(kind: int, own: Any, one: Any, other: Any) -> None:
    """Join registers; RULE takes the pairs of `own` out of `one`."""
    for pair in range(own.shape[0]):
        if kind == COPY:
            own[pair] = one[pair]
        elif kind == CLEAR:
            own[pair] = False
        elif kind == WITHOUT:
            own[pair] = one[pair] and not other[pair]
        elif kind == JOIN:
            own[pair] = own[pair] or one[pair]
        elif own[pair]:
            one[pair] = False


@inner
def _bag(parts: Any, channel: int, letters: Any) -> Any:
    units = range_of(parts, channel, 2).view(np.uint16)
    return _letter_signature(parts[2][channel], units, letters[0], letters[1])


@inner
def _similar(
    parts: Any, channel: int, bag: Any, limit: Any, needed: Any, table: Any, ends: Any
) -> Any:
    left, right = codes_of(parts, channel, ends[0]), codes_of(parts, channel, ends[1])
    units = range_of(parts, channel, 2).view(np.uint16)
    start = parts[2][channel]
    return _jaro_winkler_at_least(left, right, start, units, bag, limit, needed, table)


@inner
def _tested(kind: int, parts: Any, test: Any, often: Any, ends: Any) -> Any:
    """Say which pairs pass a test."""
    left, right = ends
    place, second, number = test
    out = np.empty(left.shape[0], np.bool_)
    if kind == WITHIN:
        apart = distance(left, right, xyz_of(parts, place))
        for pair in range(out.shape[0]):
            out[pair] = apart[pair] <= number
    elif kind == NEAR:
        xyz = xyz_of(parts, place)
        for pair in range(out.shape[0]):
            x = xyz[left[pair], 0] - xyz[right[pair], 0]
            y = xyz[left[pair], 1] - xyz[right[pair], 1]
            z = xyz[left[pair], 2] - xyz[right[pair], 2]
            out[pair] = x * x + y * y + z * z <= number
    elif kind == EQUAL:
        for pair in range(out.shape[0]):
            mine = _value(parts, (place, second), left[pair], often)
            yours = _value(parts, (place, second), right[pair], often)
            out[pair] = mine == yours and mine != np.uint64(0)
    else:
        start = parts[2][place]
        hashes = range_of(parts, place + 2, 8).view(np.uint64)
        share = range_of(parts, place + 3, 8).view(np.float64)
        for pair in range(out.shape[0]):
            i, j = left[pair], right[pair]
            mine, yours = (start[i], start[i + 1]), (start[j], start[j + 1])
            out[pair] = _share_word(mine, yours, hashes, share, number)
    return out


@inner
def _share_word(mine: Any, yours: Any, hashes: Any, share: Any, most: float) -> bool:
    """Say whether two ranges have a word in common that is rare enough."""
    for here in range(mine[0], mine[1]):
        if share[here] <= most:
            for there in range(yours[0], yours[1]):
                if hashes[here] == hashes[there]:
                    return True
    return False
