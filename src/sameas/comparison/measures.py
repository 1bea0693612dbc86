"""Comparisons of texts that hold numbers: telephone numbers, quantities."""

from __future__ import annotations

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.prepared import Columns, IntArray, Need
from sameas.core.prepared_values import Phones, Quantities
from sameas.core.specs import register
from sameas.kernels.digits import phone_agreement

__all__ = ["PhoneSimilarity", "QuantitySimilarity"]


@register("comparison", "phone_similarity")
@dataclass(frozen=True, slots=True)
class PhoneSimilarity:
    """How well two telephone numbers agree, in levels, whatever their writing.

    1 equal (with the country code, if both have one); 0.9 the last nine digits are equal; 0.8
    the last seven; 0.7 one digit differs or two neighbouring digits are swapped; else 0. NaN
    if a side has no digits. Cost: about 10 ns a pair.

    Parameters
    ----------
    field : str
    region : str, optional
        Country of numbers without country code (ISO 3166, two letters). Needs the library
        `phonenumbers` (extra "fields"). Without a region the library reads those with "+" or
        "00" in front; without the library only digits are compared.

    Examples
    --------
    >>> PhoneSimilarity("phone", region="GB").names()
    ('phone_phone_similarity',)
    """

    field: str
    region: str | None = None

    def names(self) -> tuple[str, ...]:
        return (f"{self.field}_phone_similarity",)

    def needs(self) -> tuple[Need, ...]:
        options = () if self.region is None else (("region", self.region),)
        return (Need("phones", (self.field,), options),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        phones: Phones = columns[self.needs()[0]]
        return [phone_agreement(left, right, phones.full, phones.national)]


@register("comparison", "quantity_similarity")
@dataclass(frozen=True, slots=True)
class QuantitySimilarity:
    """How near two quantities are: 1 less the difference as a share of the larger.

    Units of one dimension are converted ("1.5 kg" and "1500 g" are equal); a bare number has
    the unit of the other side. Range [0, 1], 0 also for different signs; NaN if a side has no
    number or the two count different things, such as kilograms and litres or two currencies.

    Parameters
    ----------
    field : str
    """

    field: str

    def names(self) -> tuple[str, ...]:
        return (f"{self.field}_quantity_similarity",)

    def needs(self) -> tuple[Need, ...]:
        return (Need("quantities", (self.field,)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        quantities: Quantities = columns[self.needs()[0]]
        a, b = quantities.value[left], quantities.value[right]
        one, two = quantities.dimension[left], quantities.dimension[right]
        scale = np.maximum(np.abs(a), np.abs(b))
        unit = np.where(scale == 0, 1.0, scale)
        near = np.maximum(1.0 - np.abs(a / unit - b / unit), 0.0)
        return [np.where((one != two) & (one != 0) & (two != 0), np.nan, near)]
