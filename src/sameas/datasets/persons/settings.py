"""The one parameter set of the person generator."""

from __future__ import annotations

import math
from dataclasses import fields

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError

__all__ = ["PersonSettings"]

_OFFSETS = frozenset({"given_offset", "surname_offset"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSettings:
    """What the generated persons look like; the defaults are what every benchmark uses.

    All but the offsets and `poor_factor` are shares in [0, 1]. A person's first record was
    taken down at some time; a *later* record is any other one. What changes in a life (address,
    surname, phone, e-mail) changes in later records, and a person has one old and one new
    value of each. Errors and gaps occur in every record.

    Parameters
    ----------
    cluster_sizes : tuple of float
        Shares of persons with 1, 2 and 3 records; the rest has 4 to 8.
    cluster_tail : float
        Each further record of a cluster of 4 or more follows with this probability.
    given_offset, surname_offset : float
        The name of rank r is drawn with a weight of 1 / (r + offset): given names by sex and
        by the decades in which they were in fashion, surnames from 30 thousand.
    household_sizes : tuple of float
        Shares of households with 1, 2, ... persons. Members share the address, most of them the
        surname and some the phone.
    flatmates_share, single_share, partner_same_surname : float
        Share of larger households without a family; share of families with one parent; share of
        couples with one surname.
    twin_share, junior_share : float
        Share of further children with the date of birth of the one before; share of sons with
        the given name of the head of the household.
    poor_share, poor_factor : float
        Share of records taken down carelessly, and how many times as many errors and gaps they
        have; the others have as many fewer, so that the rates below are means.
    typo_kinds : tuple of float
        Shares of insertions, deletions, substitutions by a neighbouring key, transpositions,
        doubled letters, confusions of scanned characters, and phonetic spellings.
    given_typo, surname_typo, address_typo, city_typo, email_typo : float
        Share of values with a typing error.
    nickname, initial, swapped_names : float
        Share of records (of those where it can be) with the short form, with the initial alone,
        and with given name and surname in each other's place.
    new_surname, double_surname : float
        Share of grown women's later records under a new surname, and share of these where it
        is joined to the old one.
    moved, moved_far : float
        Share of later records at a new address, and how many of these in another city.
        Households move together.
    date_typo, date_swapped, year_wrong, first_of_january : float
        Share of dates with a wrong or transposed digit, with day and month swapped (where both
        are at most 12), with a year off by one, and with the first of January.
    street_short, number_wrong, unit_share, unit_dropped : float
        Share of abbreviated street types, of wrong house numbers, of households in a flat, and
        of records that leave the flat out.
    postal_typo : float
        Share of postal codes with one wrong digit or two transposed ones.
    landline_share, phone_wrong : float
        Share of persons with the phone of their household; share of numbers with a wrong digit.
    phone_changed, email_changed : float
        Share of later records with another number and another e-mail address.
    sex_wrong : float
    given_missing, surname_missing, sex_missing, date_missing, address_missing, city_missing :
        Missing rates.
    postal_missing, phone_missing, email_missing :
        Missing rates.

    Raises
    ------
    ArgumentError
        If a share lies outside [0, 1], shares that must add up do not, or an offset or a factor
        is not positive.

    Examples
    --------
    >>> PersonSettings().moved
    0.16
    """

    cluster_sizes: tuple[float, float, float] = (0.7, 0.2, 0.07)
    cluster_tail: float = 0.4
    given_offset: float = 6.0
    surname_offset: float = 12.0
    household_sizes: tuple[float, ...] = (0.28, 0.34, 0.16, 0.13, 0.06, 0.03)
    flatmates_share: float = 0.1
    single_share: float = 0.2
    partner_same_surname: float = 0.7
    twin_share: float = 0.03
    junior_share: float = 0.04
    poor_share: float = 0.2
    poor_factor: float = 4.0
    typo_kinds: tuple[float, ...] = (0.15, 0.2, 0.25, 0.15, 0.07, 0.08, 0.1)
    given_typo: float = 0.05
    surname_typo: float = 0.06
    address_typo: float = 0.07
    city_typo: float = 0.04
    email_typo: float = 0.015
    nickname: float = 0.1
    initial: float = 0.025
    swapped_names: float = 0.012
    new_surname: float = 0.08
    double_surname: float = 0.25
    moved: float = 0.16
    moved_far: float = 0.4
    date_typo: float = 0.03
    date_swapped: float = 0.03
    year_wrong: float = 0.01
    first_of_january: float = 0.01
    street_short: float = 0.35
    number_wrong: float = 0.015
    unit_share: float = 0.15
    unit_dropped: float = 0.25
    postal_typo: float = 0.025
    landline_share: float = 0.35
    phone_wrong: float = 0.02
    phone_changed: float = 0.2
    email_changed: float = 0.2
    sex_wrong: float = 0.007
    given_missing: float = 0.02
    surname_missing: float = 0.01
    sex_missing: float = 0.06
    date_missing: float = 0.05
    address_missing: float = 0.06
    city_missing: float = 0.03
    postal_missing: float = 0.05
    phone_missing: float = 0.35
    email_missing: float = 0.38

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            numbers = value if isinstance(value, tuple) else (value,)
            if not all(math.isfinite(number) for number in numbers):
                raise ArgumentError(f"{field.name} must be finite; got {value}.")
            if field.name in _OFFSETS:
                if min(numbers) <= 0:
                    raise ArgumentError(f"{field.name} must be positive; got {value}.")
            elif field.name == "poor_factor":
                if min(numbers) < 1:
                    raise ArgumentError(f"poor_factor must be at least 1; got {value}.")
            elif not all(0 <= number <= 1 for number in numbers):
                raise ArgumentError(f"{field.name} must lie in [0, 1]; got {value}.")
        if sum(self.cluster_sizes) > 1 + 1e-9:
            raise ArgumentError(
                f"cluster_sizes must add up to at most 1; got {self.cluster_sizes}."
            )
        for name, count in (("household_sizes", None), ("typo_kinds", 7)):
            shares = getattr(self, name)
            if abs(sum(shares) - 1) > 1e-9 or count not in (None, len(shares)):
                many = "" if count is None else f"{count} "
                raise ArgumentError(f"{name} must be {many}shares that add up to 1; got {shares}.")
