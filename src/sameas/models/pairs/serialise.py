"""Records as texts for a model that reads both: five forms, without empty attributes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, check_one_of, choices_hint
from sameas.core.specs import register
from sameas.core.texts import join_known
from sameas.models.base import Texts
from sameas.models.distinct import as_texts
from sameas.models.pairs.apart import APART, DISTANCES, apart_words

__all__ = ["FORMS", "Serialisation", "Shuffled"]

Metres: TypeAlias = npt.NDArray[np.floating[Any]]
Form: TypeAlias = Literal["attributes", "col_val", "json", "sentence", "values"]
FORMS = ("attributes", "col_val", "json", "sentence", "values")
#: What stands before an attribute's name, between name and value, behind the value.
_MARKS = {
    "attributes": ("", ": ", ""),
    "col_val": ("[COL] ", " [VAL] ", ""),
    "json": ('"', '": "', '"'),
    "sentence": ("the ", " is ", ""),
    "values": ("", "", ""),
}
_BETWEEN = {"attributes": "; ", "col_val": " ", "json": ", ", "sentence": "; ", "values": "; "}
#: Control characters, which JSON does not allow; two of them are ours below.
_CONTROL = r"[\x00-\x1f]"


@register("serialisation", "record_text")
@dataclass(frozen=True, slots=True)
class Serialisation:
    """How a record becomes one text.

    Parameters
    ----------
    form : {"attributes", "col_val", "json", "sentence", "values"}
        ``name: Rex; city: Rome``, ``[COL] name [VAL] Rex [COL] city [VAL] Rome``,
        ``{"name": "Rex", "city": "Rome"}``, ``the name is Rex; the city is Rome`` or, with a third
        fewer tokens, ``Rex; Rome``.
    lower : bool
        Small letters.
    distance : {"text", "bucket", "number"}, optional
        How a pair's distance is told, where it is known: as words (``apart: 3.4 km``, an
        attribute of the second record), as one of a few tokens of its own for a range
        (``apart: [apart8]``), or as a number beside the words. None: not at all.

    Notes
    -----
    Values cannot leave their place: what separates attributes in a form is replaced where it
    stands inside a value.

    Examples
    --------
    >>> Serialisation("col_val").texts({"name": ["Rex", "Bar"], "city": ["Rome", None]}).to_pylist()
    ['[COL] name [VAL] Rex [COL] city [VAL] Rome', '[COL] name [VAL] Bar']
    """

    form: Form = "attributes"
    lower: bool = False
    distance: Literal["text", "bucket", "number"] | None = None

    def __post_init__(self) -> None:
        check_one_of("form", self.form, FORMS)
        if self.distance not in (None, *DISTANCES):
            raise ArgumentError(
                f"distance must be one of {', '.join(DISTANCES)}, or None, got "
                f"{self.distance!r}.{choices_hint(str(self.distance), DISTANCES)}"
            )

    def pair_texts(
        self, left: Mapping[str, Texts], right: Mapping[str, Texts], metres: Metres | None = None
    ) -> tuple[pa.Array, pa.Array]:
        """Return both texts of each pair; null where a record has no attribute at all.

        Parameters
        ----------
        left, right : mapping of names to texts
            One row a pair.
        metres : float[n], optional
            How far apart the two are; NaN: unknown. For the distance in words.

        Examples
        --------
        >>> form = Serialisation(distance="text")
        >>> one = form.pair_texts({"name": ["Rex"]}, {"name": ["Bar"]}, np.array([3412.0]))
        >>> [text[0].as_py() for text in one]
        ['name: Rex', 'name: Bar; apart: 3.4 km']
        """
        first, second = self.texts(left), self.texts(right)
        if metres is None or self.distance not in ("text", "bucket"):
            return first, second
        told = self.texts({**right, APART: apart_words(metres, self.distance)})
        return first, pc.if_else(second.is_valid(), told, pa.scalar(None, told.type))

    def texts(self, columns: Mapping[str, Texts]) -> pa.Array:
        """Return one text a record; null where it has no attribute at all."""
        if not columns:
            raise ArgumentError("columns: expected at least one column, got none.")
        before, middle, behind = _MARKS[self.form]
        parts = []
        for name, values in columns.items():
            value = self._clean(as_texts(values))
            told = "" if self.form == "values" else self._name(name)
            head = pa.scalar(f"{before}{told}{middle}", pa.large_string())
            tail, nothing = pa.scalar(behind, value.type), pa.scalar("", value.type)
            parts.append(pc.binary_join_element_wise(head, value, tail, nothing))
        text = join_known(parts, _BETWEEN[self.form])
        if self.form == "json":
            ends = (pa.scalar(mark, text.type) for mark in ("{", "}", ""))
            first, last, nothing = ends
            text = pc.binary_join_element_wise(first, text, last, nothing)
        return pc.utf8_lower(text) if self.lower else text

    def parts(self, text: str) -> list[str]:
        """Cut a text of this form into its attributes."""
        if self.form == "json":
            found = json.loads(text)
            return [json.dumps({key: found[key]}, ensure_ascii=False)[1:-1] for key in found]
        if self.form == "col_val":
            mark = "[col] " if self.lower else "[COL] "
            return [f"{mark}{part}".strip() for part in text.split(mark) if part]
        return text.split(_BETWEEN[self.form])

    def joined(self, parts: Sequence[str]) -> str:
        """Put attributes together again."""
        text = _BETWEEN[self.form].join(parts)
        return f"{{{text}}}" if self.form == "json" else text

    def _name(self, name: str) -> str:
        plain = " ".join(str(name).replace(";", " ").split())
        return json.dumps(plain, ensure_ascii=False)[1:-1] if self.form == "json" else plain

    def _clean(self, values: pa.Array) -> pa.Array:
        values = pc.replace_substring_regex(values, _CONTROL, " ")
        if self.form == "json":
            values = pc.replace_substring(values, "\\", "\\\\")
            return pc.replace_substring(values, '"', '\\"')
        if self.form == "col_val":
            return pc.replace_substring_regex(values, r"(?i)\[(col|val)\]", r"(\1)")
        return pc.replace_substring(values, ";", ",")


@register("augmentation", "shuffled")
@dataclass(frozen=True, slots=True)
class Shuffled:
    """Changes the records of a training pair: what they mean stays.

    Parameters
    ----------
    shuffle : bool
        Attributes in any order, each record its own.
    drop : float
        Chance that one attribute of a record with several is left out.
    swap : bool
        Either record may stand first.
    """

    shuffle: bool = True
    drop: float = 0.0
    swap: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.drop <= 1:
            raise ArgumentError(f"drop is a chance from 0 to 1, got {self.drop!r}.")

    def over(
        self, form: Serialisation
    ) -> Callable[
        [Sequence[str], Sequence[str] | None, np.random.Generator],
        tuple[list[str], list[str] | None],
    ]:
        """Return the function that a `ClassifierTask` takes.

        Examples
        --------
        >>> change = Shuffled(swap=False).over(Serialisation())
        >>> change(["a: 1; b: 2"], ["a: 3"], np.random.default_rng(3))
        (['b: 2; a: 1'], ['a: 3'])
        """

        def one(text: str, random: np.random.Generator) -> str:
            parts = form.parts(text)
            if self.shuffle:
                parts = [parts[place] for place in random.permutation(len(parts))]
            if len(parts) > 1 and random.random() < self.drop:
                del parts[int(random.integers(len(parts)))]
            return form.joined(parts)

        def change(
            first: Sequence[str], second: Sequence[str] | None, random: np.random.Generator
        ) -> tuple[list[str], list[str] | None]:
            left = [one(text, random) for text in first]
            if second is None:
                return left, None
            right = [one(text, random) for text in second]
            if self.swap:
                for row in np.flatnonzero(random.random(len(left)) < 0.5):
                    left[row], right[row] = right[row], left[row]
            return left, right

        return change
