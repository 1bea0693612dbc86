"""Preparations of texts: characters, character n-grams, codes, acronyms, how common they are."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.prepared import Codes, Need, Numbers, Signatures, Texts, Vectors
from sameas.core.texts import buffers
from sameas.kernels.grams import count_grams, to_units
from sameas.kernels.hashing import hash_strings
from sameas.kernels.letters import letter_signature
from sameas.kernels.token_sets import bearers, counted_vectors
from sameas.records.normalise import normalise
from sameas.records.preparations.workspace import (
    Counted,
    Distinct,
    Stateless,
    Workspace,
    counts,
    documents_of,
    frequencies,
    preparation,
)
from sameas.records.series import SERIES

__all__ = ["hashes", "inverse_frequency", "units"]

_DIMENSION_BITS = 20
Grams: TypeAlias = tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.float32]]


def units(values: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint16]]:
    """Return the characters of a string array without nulls as 16-bit units."""
    start, content = to_units(*buffers(values))
    return start, content


def hashes(values: pa.Array) -> npt.NDArray[np.uint64]:
    """Return the 64-bit hash of each string; a missing one has that of the empty string."""
    result: npt.NDArray[np.uint64] = hash_strings(*buffers(values))
    if values.null_count:  # what lies under a null is unknown
        missing = values.is_null().to_numpy(zero_copy_only=False)
        result[missing] = hash_strings(np.zeros(2, np.int64), np.zeros(0, np.uint8))[0]
    return result


def inverse_frequency(frequency: npt.NDArray[np.int64], documents: int) -> npt.NDArray[np.float64]:
    """Return ``log((1 + documents) / (1 + frequency)) + 0.1``: rare weighs more, none weighs 0.

    The one place where the logarithm of a frequency is taken, so that all doors agree.

    Examples
    --------
    >>> inverse_frequency(np.array([0, 99]), 99).round(3).tolist()
    [4.705, 0.1]
    """
    return np.asarray(np.log((1.0 + documents) / (1.0 + frequency)) + 0.1)


def _form(need: Need) -> str:
    return str(dict(need.options).get("form", "normalise"))


def _pick(distinct: Distinct, per_text: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    padded = np.append(per_text, np.uint64(0))
    return padded[distinct.code]


@preparation("text")
class _Text(Stateless):
    """Characters of the normal form. Option ``form``.

    Texts of one field that become equal in that form stay two: to find them costs more than to
    compare them.
    """

    def compute(self, workspace: Workspace, need: Need) -> Texts:
        if len(need.fields) > 1:
            found = workspace.distinct(need.fields, _form(need))
            return Texts(found.code, *units(found.values))
        found = workspace.formed(need.fields[0], _form(need))
        return Texts(found.present(), *units(pc.fill_null(found.values, "")))


@preparation("codes")
class _Codes(Stateless):
    """Hash of the normal form, for equality. Options ``form``, ``words`` and ``at_most``.

    A value that more than ``at_most`` records bear is missing; ``words`` belong to `SERIES`.
    """

    def compute(self, workspace: Workspace, need: Need) -> Codes:
        distinct = _of_series(workspace, need) or workspace.distinct(need.fields, _form(need))
        code = hashes(distinct.values)
        at_most, frequent = dict(need.options).get("at_most"), 0
        if at_most is not None:
            present = distinct.code[distinct.code >= 0]
            count = np.bincount(present, minlength=len(code))
            code[count > at_most] = 0
            frequent = int(count[count > at_most].sum())
        return Codes(_pick(distinct, code), frequent)


def _of_series(workspace: Workspace, need: Need) -> Distinct | None:
    """Return the texts of a field in a form of names of a series, where words are given."""
    words = dict(need.options).get("words")
    if not words:
        return None
    texts = workspace.formed(need.fields[0], "normalise")
    made = Distinct(texts.code, SERIES[_form(need)](texts.values, words))
    return Distinct(made.present(), made.values)


@preparation("compact")
class _Compact(Stateless):
    """Hash of the text without spaces: what an acronym is compared with."""

    def compute(self, workspace: Workspace, need: Need) -> Codes:
        distinct = workspace.distinct(need.fields)
        return Codes(_pick(distinct, hashes(pc.replace_substring(distinct.values, " ", ""))))


@preparation("acronym")
class _Acronym(Stateless):
    """Hash of the initials of texts with at least two words; otherwise missing."""

    def compute(self, workspace: Workspace, need: Need) -> Codes:
        distinct = workspace.distinct(need.fields)
        initials = pc.replace_substring_regex(distinct.values, r"(\S)\S*\s*", r"\1")
        several = pc.greater_equal(pc.utf8_length(initials), 2).to_numpy(zero_copy_only=False)
        return Codes(_pick(distinct, np.where(several, hashes(initials), np.uint64(0))))


@preparation("frequency")
class _Frequency(Counted):
    """How many records of the fitted tables bear the same text; at least 1, frozen."""

    def least(self, need: Need) -> int:
        return 2

    def count(self, workspace: Workspace, need: Need) -> pa.Table:
        return _text_counts(workspace, need)

    def freeze(self, need: Need, counted: pa.Table) -> pa.Table:
        table = counted.filter(pc.greater(counted["count"], 1)).replace_schema_metadata(None)
        return table.rename_columns(["text", "records"]).sort_by("text")

    def transform(self, workspace: Workspace, need: Need, statistics: pa.Table | None) -> Numbers:
        assert statistics is not None
        distinct = workspace.distinct(need.fields)
        known = statistics.column("text").combine_chunks().cast(pa.large_string())
        place = pc.index_in(distinct.values, value_set=known).fill_null(-1)
        records = np.append(statistics.column("records").to_numpy(), 1).astype(np.float64)
        per_text = np.append(records[place.to_numpy(zero_copy_only=False)], np.nan)
        return Numbers(per_text[distinct.code])


@preparation("relative_frequency")
class _RelativeFrequency(Counted):
    """Share of records that bear the same text, frozen; or a given table of shares.

    The statistic holds the texts of several records; the empty text stands for all others.
    """

    def additive(self, need: Need) -> bool:
        return not dict(need.options).get("table")

    def least(self, need: Need) -> int:
        return 2

    def count(self, workspace: Workspace, need: Need) -> pa.Table:
        return _text_counts(workspace, need)

    def freeze(self, need: Need, counted: pa.Table) -> pa.Table:
        given = dict(need.options).get("table")
        if given:
            texts = normalise(pa.array([value for value, _ in given], pa.large_string()))
            shares = np.array([share for _, share in given])
            table = pa.table({"text": texts, "share": shares}).drop_null()
            table = table.group_by("text").aggregate([("share", "max")])
            table = table.rename_columns(["text", "share"])
            rest = float(shares.min())
        else:
            repeated = counted.filter(pc.greater(counted["count"], 1))
            total = max(documents_of(counted), 1)
            share = repeated["count"].to_numpy() / total
            table = pa.table({"text": repeated["text"], "share": share})
            rest = 1 / total
        others = pa.table({"text": pa.array([""], table.schema[0].type), "share": [rest]})
        return pa.concat_tables([others, table.sort_by("text")])

    def transform(self, workspace: Workspace, need: Need, statistics: pa.Table | None) -> Numbers:
        assert statistics is not None
        distinct = workspace.distinct(need.fields)
        known = statistics.column("text").combine_chunks().cast(pa.large_string())
        place = pc.index_in(distinct.values, value_set=known).fill_null(0)
        shares = statistics.column("share").to_numpy()
        per_text = np.append(shares[place.to_numpy(zero_copy_only=False)], np.nan)
        return Numbers(per_text[distinct.code])


def _text_counts(workspace: Workspace, need: Need) -> pa.Table:
    """Count the records of each text."""
    distinct = workspace.distinct(need.fields)
    present = distinct.code[distinct.code >= 0]
    count = np.bincount(present, minlength=len(distinct.values))
    return counts(len(present), text=distinct.values, count=count)


@preparation("vectors")
class _Vectors(Counted):
    """TF-IDF over character n-grams. Options ``low``, ``high`` (sizes) and ``form``."""

    def _grams(self, workspace: Workspace, need: Need) -> Grams:
        options = dict(need.options)
        texts = units(workspace.distinct(need.fields, _form(need)).values)
        sizes = options.get("low", 2), options.get("high", 4)
        grams: Grams = count_grams(*texts, *sizes, _DIMENSION_BITS)
        return grams

    def count(self, workspace: Workspace, need: Need) -> pa.Table:
        distinct = workspace.distinct(need.fields, _form(need))
        grams = workspace.once(("grams", need), lambda: self._grams(workspace, need))
        start, index, _ = grams  # the columns are made of them next
        present = distinct.code[distinct.code >= 0]
        records = np.bincount(present, minlength=len(distinct.values)).astype(np.int64)
        frequency = bearers(start, index, records, 2**_DIMENSION_BITS)
        used = np.flatnonzero(frequency)
        return counts(len(present), dimension=used.astype(np.int32), count=frequency[used])

    def freeze(self, need: Need, counted: pa.Table) -> pa.Table:
        return frequencies(counted)

    def transform(self, workspace: Workspace, need: Need, statistics: pa.Table | None) -> Vectors:
        assert statistics is not None
        distinct = workspace.distinct(need.fields, _form(need))
        grams = workspace.once_more(("grams", need), lambda: self._grams(workspace, need))
        start, index, count = grams
        frequency = np.zeros(2**_DIMENSION_BITS, np.int64)
        frequency[statistics.column("dimension").to_numpy()] = statistics.column(
            "frequency"
        ).to_numpy()
        documents = documents_of(statistics)
        if len(index) < len(frequency):  # of a record or two only a few are asked for
            weight = np.zeros(len(frequency))
            weight[index] = inverse_frequency(frequency[index], documents)
        else:
            weight = inverse_frequency(frequency, documents)
        with np.errstate(divide="ignore"):  # no token is there 0 times
            factor = 1.0 + np.log(np.arange(count.max(initial=0) + 1, dtype=np.float32))
        unit = counted_vectors(start, index, count, weight, factor)
        return Vectors(distinct.code, start, index, unit, 2**_DIMENSION_BITS)


@preparation("letters")
class _Letters(Stateless):
    """Which letters a text holds and how often: the quick bound before Jaro-Winkler."""

    def compute(self, workspace: Workspace, need: Need) -> Signatures:
        text = workspace.column(Need("text", need.fields, need.options))
        assert isinstance(text, Texts)
        return Signatures(letter_signature(text.start, text.units))
