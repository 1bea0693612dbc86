"""What the values of a column look like: shares of shapes, from a sample of distinct values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.records.degrees import ANGLE
from sameas.records.encoded import encoded
from sameas.records.normalise import changed_where, normalise
from sameas.records.recognise.given_names import GIVEN_NAMES
from sameas.records.values import as_strings

__all__ = ["SHAPES", "Profile", "profile"]

#: Rows, and distinct values, that are looked at, spread evenly over a column.
_ROWS = 200_000
_DISTINCT = 50_000
_MONTHS = r"(jan|feb|mar|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz]|m[aä]r|f[eé]v|avr|ao[uû])\w*"
_TIME = r"([T ]\d{1,2}:\d\d(:\d\d(\.\d+)?)?( ?(z|[ap]m|[+-]\d\d:?\d\d))?)?"
_DAY, _MONTH, _YEAR = r"(0?[1-9]|[12]\d|3[01])", r"(0?[1-9]|1[0-2])", r"(1[5-9]\d\d|20\d\d)"
_UNITS = (
    r"(kg|g|mg|lbs?|oz|ml|cl|l|fl oz|km|m|cm|mm|in|ft|inch(es)?|w|kw|v|gb|mb|tb|hz|ghz|mah|%|"
    r"percent|usd|eur|gbp|chf|\$|€|£|¥|mi|miles?|min|hours?|h|sec|pcs?|years?|ha|sqm|m2|bbl|t)"
)

#: Shapes of whole values, trimmed; upper and lower case are alike.
SHAPES = {
    "email": r"[^@\s,;]+@[^@\s,;]+\.[a-z]{2,}",
    "url": r"(https?://\S+|www\.\S+\.\S+|[a-z0-9-]+(\.[a-z0-9-]+)*\.(com|org|net|edu|gov|"
    r"info|biz|io|de|fr|it|es|nl|be|ch|at|uk|us|ca|au|sg|jp|eu|pl|se|no|dk|fi|pt|br|mx)(/\S*)?)",
    "point": r"(srid=\d+;)?point ?z? ?\(.*\)|\{.*\"coordinates\"\s*:\s*\[\s*[-\d][^\[\]]*\].*\}|"
    r"[\[(]?[-+]?\d{1,3}\.\d+\s?°?\s?[ns]?\s*[,;/ ]\s*[-+]?\d{1,3}\.\d+\s?°?\s?[ew]?[\])]?|"
    r"[\[(]?[-+]?\d{1,3},\d{3,}\s*[,;/ ]\s*[-+]?\d{1,3},\d{3,}[\])]?|"
    r"[ns]?\s?\d{1,3}\s?[°º][^ns]*[ns]?[,;/ ]*[ew]?\s?\d{1,3}\s?[°º][^ew]*[ew]?",
    "degrees": ANGLE,
    "date": rf"{_YEAR}[-/. ]{_MONTH}[-/. ]{_DAY}{_TIME}|{_DAY}[-/. ]{_MONTH}[-/. ]({_YEAR}|\d\d)"
    rf"{_TIME}|{_MONTH}/{_DAY}/({_YEAR}|\d\d){_TIME}|{_YEAR}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])|"
    rf"{_DAY}(st|nd|rd|th|\.)?[- ]{_MONTHS}\.?,?[- ]({_YEAR}|\d\d)|"
    rf"{_MONTHS}\.? {_DAY}(st|nd|rd|th)?\s?,?\s?{_YEAR}|{_YEAR}-(0[1-9]|1[0-2])",
    "clock": r"(\d{1,2}:)?\d{1,2}:\d\d(\.\d+)?",
    "year": r"(1[5-9]|20)\d\d(\.0)?",
    "number": r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?|[-+]?\d*\.?\d+(e[-+]?\d+)?",
    "integer": r"[-+]?\d+",
    "quantity": rf"(\$|€|£|¥|usd|eur|us\$)\s*\d[\d.,]*|\d[\d.,]*\s*{_UNITS}\.?|"
    r"[-+]?\d{1,3}([. ’'\x{a0}\x{202f}]\d{3})*,\d{1,2}|[-+]?\d{4,},\d{1,2}|"
    r"[-+]?\d{1,3}([’'\x{a0}\x{202f}]\d{3})+(\.\d+)?",
    "phone": r"\+?\(?\d{1,4}\)?[-\s./()]*\d[\d\-\s./()]{4,17}\d( ?(x|ext\.?) ?\d+)?",
    "phone_marked": r"\+\d[\d\-\s./()]{6,18}\d|"
    r"\(?0?\d{2,5}\)?[-\s./]+\d{3,4}([-\s./]*\d{2,4}){1,3}|\d{3}[-./ ]\d{3}[-./ ]\d{4}",
    "postal_code": r"[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}|[a-z]\d[a-z][ -]?\d[a-z]\d|\d{5}(-\d{4})?|"
    r"\d{4} ?[a-z]{2}|\d{2}-\d{3}|\d{5}-\d{3}|\d{3}-\d{4}|[a-z]{1,2}-\d{4,5}",
    "postal_digits": r"\d{4,6}",
    "hash": r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,}",
    "code": r"[a-z0-9]*\d[a-z0-9\-_/.:]*|[a-z0-9\-_/.:]*\d[a-z0-9]*",
    "street": r"\d+[a-z]?(-\d+[a-z]?)?,? .*\pL{2,}.*|\pL[\pL .'-]+ \d+ ?[a-z]?(-\d+)?",
    "address": r".*\d.*, ?.*\pL.*|.*\pL.*, ?.*\d.*",
    "letters": r"[\pL\pM'’` .\-]+",
    "list": r"[^;|]+([;|][^;|]*)+|\[.*,.*\]",
    "organisation": r".*\b(inc|ltd|llc|llp|gmbh|ag|s\.?a|s\.?r\.?l|s\.?p\.?a|corp|corporation|co|"
    r"company|plc|b\.?v|n\.?v|oy|a\.?b|a/s|limited|kg|ug|e\.?v|s\.?l|ltda|pty|sarl|sas|k\.?k|"
    r"incorporated|group|holdings?)\.?|.*(株式会社|有限公司|合名会社).*",
}


@dataclass(frozen=True)
class Profile:
    """A column, or the columns of several tables that hold one field, as a sample.

    Attributes
    ----------
    name : str
    type : {"text", "number", "integer", "truth", "time", "list", "other"}
    rows : int
        Rows in the sample.
    known : int
        Rows of the sample with a value.
    values : pyarrow.LargeStringArray
        Distinct trimmed values, at most 50 thousand.
    distinct : int
        Distinct values among the known rows of the sample.
    dense : bool
        Whole numbers that fill their range almost without a gap, none twice: a counter.
    count : int64[len(values)] or None
        How many rows of the sample bear each value; None: one each.
    """

    name: str
    type: str
    rows: int
    known: int
    values: pa.LargeStringArray
    distinct: int
    dense: bool = False
    count: npt.NDArray[np.int64] | None = None

    @property
    def filled(self) -> float:
        """Share of rows with a value."""
        return self.known / max(self.rows, 1)

    @property
    def unique(self) -> float:
        """Distinct values per known row: 1 when no value occurs twice."""
        return self.distinct / max(self.known, 1)

    def share(self, shape: str) -> float:
        """Share of the distinct values that have a shape; each is looked for when it is asked."""
        if shape not in self._shares:
            pattern = rf"(?i)^({SHAPES[shape]})$"
            alike = pc.sum(pc.match_substring_regex(self._few, pattern)).as_py() or 0
            self._shares[shape] = alike / max(len(self._few), 1)
        return self._shares[shape]

    @cached_property
    def _shares(self) -> dict[str, float]:
        return {}

    @cached_property
    def _few(self) -> pa.Array:
        count = len(self.values)
        return self.values if count <= 5_000 else self.values.take(_spread(count, 5_000))

    @cached_property
    def numbers(self) -> npt.NDArray[np.float64]:
        """The values that are plain numbers."""
        plain = self.values.filter(
            pc.match_substring_regex(self.values, r"^[-+]?\d*\.?\d+([eE][-+]?\d+)?$")
        )
        found: npt.NDArray[np.float64] = plain.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return found

    @cached_property
    def words(self) -> float:
        """Mean number of words of a value."""
        if not len(self.values):
            return 0.0
        return float(pc.mean(pc.add(pc.count_substring_regex(self.values, r"\s+"), 1)).as_py())

    @cached_property
    def length(self) -> float:
        """Mean number of characters of a value."""
        return float(pc.mean(pc.utf8_length(self.values)).as_py()) if len(self.values) else 0.0

    @cached_property
    def normal(self) -> pa.Array:
        """Distinct values in normal form."""
        return pc.unique(normalise(self.values).drop_null())

    @cached_property
    def vocabulary(self) -> tuple[pa.Array, npt.NDArray[np.int64]]:
        """Distinct words of the distinct values in normal form, and how often each occurs."""
        found = pc.value_counts(pc.list_flatten(pc.split_pattern(self.normal, " ")))
        return found.field("values"), found.field("counts").to_numpy()

    @cached_property
    def given_names(self) -> float:
        """Share of the distinct values, or of the rows, of which a word is a common given name.

        The larger of the two: in a long table rare names and misspelt ones make up most of the
        distinct values, though most rows bear common ones.
        """
        if not len(self.values):
            return 0.0
        words = pc.split_pattern(pc.fill_null(normalise(self.values), ""), " ")
        known = pc.is_in(pc.list_flatten(words), value_set=pa.array(GIVEN_NAMES, pa.large_string()))
        owner = pc.list_parent_indices(words).to_numpy(zero_copy_only=False)
        held = np.unique(owner[known.to_numpy(zero_copy_only=False)])
        rows = 0.0 if self.count is None else self.count[held].sum() / max(self.count.sum(), 1)
        return float(max(len(held) / len(self.values), rows))


def profile(name: str, columns: Iterable[pa.ChunkedArray]) -> Profile:
    """Look at a column, or at the columns of several tables together.

    Cost: tens of milliseconds, whatever the number of rows.

    Examples
    --------
    >>> found = profile("mail", [pa.chunked_array([["a@b.org", "c@d.com", None]])])
    >>> found.share("email"), found.filled.__round__(2), found.unique
    (1.0, 0.67, 1.0)
    """
    columns = list(columns)
    kinds = {_type(column.type) for column in columns if column.type != pa.null()} or {"text"}
    parts = [_sampled(column) for column in columns]
    kind = (
        kinds.pop() if len(kinds) == 1 else "number" if kinds <= {"number", "integer"} else "text"
    )
    counted = [_counted(part) for part in parts]
    rows = sum(int(part.rows.sum()) for part in counted)
    known = sum(part.known for part in counted)
    values = pa.concat_arrays([part.texts for part in counted])
    count = np.concatenate([part.rows for part in counted])
    valid = values.is_valid()
    values, count = values.filter(valid), count[valid.to_numpy(zero_copy_only=False)]
    if len(counted) > 1 or not counted[0].differ:
        coded = values.dictionary_encode()
        values, codes = coded.dictionary, coded.indices.to_numpy()
        count = np.bincount(codes, count, minlength=len(values)).astype(np.int64)
    distinct = len(values)
    if distinct > _DISTINCT:
        few = _spread(distinct, _DISTINCT)
        values, count = values.take(few), count[few.to_numpy()]
    dense = all(_is_counter(column) for column in columns)
    return Profile(name, kind, rows, known, values, distinct, dense, count)


def _type(type_: pa.DataType) -> str:
    if pa.types.is_dictionary(type_):
        return _type(type_.value_type)
    checks: dict[str, Any] = {
        "truth": pa.types.is_boolean, "integer": pa.types.is_integer,
        "time": pa.types.is_temporal, "number": lambda t: pa.types.is_floating(t)
        or pa.types.is_decimal(t), "list": lambda t: pa.types.is_list(t)
        or pa.types.is_large_list(t) or pa.types.is_fixed_size_list(t),
        "other": lambda t: pa.types.is_struct(t) or pa.types.is_map(t) or pa.types.is_union(t),
    }  # fmt: skip
    return next((name for name, check in checks.items() if check(type_)), "text")


def _spread(count: int, wanted: int) -> pa.Array:
    return pa.array(np.linspace(0, count - 1, wanted).astype(np.int64))


def _sampled(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column if len(column) <= _ROWS else column.take(_spread(len(column), _ROWS))


class _Counted(NamedTuple):
    """The trimmed texts of a column, how many rows bear each, and whether none comes twice."""

    texts: pa.Array
    rows: npt.NDArray[np.int64]
    differ: bool

    @property
    def known(self) -> int:
        """The rows with a text."""
        return int(self.rows[self.texts.is_valid().to_numpy(zero_copy_only=False)].sum())


def _counted(column: pa.ChunkedArray) -> _Counted:
    """Count the texts of a column; what is empty is missing; lists and structs are written out."""
    kind = _type(column.type)
    if kind == "list":
        joined = [pc.binary_join(c.cast(pa.list_(pa.string())), ";") for c in column.chunks]
        texts = pa.chunked_array(joined, pa.string())
    elif kind == "other":
        texts = pa.chunked_array([pa.array(["struct"] * len(column), pa.string())])
    else:
        texts = as_strings(column)
    values, count = _borne(texts)
    try:
        values.validate(full=True)
    except pa.ArrowInvalid:  # broken UTF-8: the reading of the table tells of it
        items = values.cast(pa.binary()).to_pylist()
        plain = [None if item is None else item.decode("utf-8", "replace") for item in items]
        values = pa.array(plain, pa.large_string())
    trimmed = pc.utf8_trim_whitespace(values)
    short = pc.or_(pc.less(pc.binary_length(trimmed), 5), pc.starts_with(trimmed, "-"))
    return _Counted(changed_where(trimmed, short, _null_if_missing), count, trimmed.equals(values))


def _borne(texts: pa.ChunkedArray) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """Return the distinct texts, a missing one last, and how many rows bear each."""
    found = encoded(texts)
    count = np.bincount(found.code + 1, minlength=len(found.values) + 1).astype(np.int64)
    missing = pa.nulls(int(count[0] > 0), pa.large_string())
    return pa.concat_arrays([found.values, missing]), np.append(count[1:], count[: len(missing)])


def _null_if_missing(texts: pa.Array) -> pa.Array:
    missing = pc.match_substring_regex(texts, r"(?i)^(|nan|null|none|n/?a|-+|\?)$")
    return pc.if_else(missing, pa.scalar(None, pa.large_string()), texts)


def _is_counter(column: pa.ChunkedArray) -> bool:
    if not pa.types.is_integer(column.type) or not len(column) or column.null_count:
        return False
    ends = pc.min_max(column)
    span = ends["max"].as_py() - ends["min"].as_py() + 1
    return bool(span <= 1.05 * len(column) and pc.count_distinct(column).as_py() == len(column))
