"""Telephone numbers, with the library and without."""

import numpy as np
import phonenumbers
import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError
from sameas.records.international import read_international
from sameas.records.normalise import digits_only
from sameas.records.phones import read_phones


def read(text, **options):
    full, national = read_phones(pa.array([text]), **options)
    return int(full[0]), int(national[0])


@pytest.mark.parametrize(
    "text",
    [
        "+44 (0)131 556 9999", "+441315569999", "0044 131 5569999", "0131 556 9999",
        "(0131) 556-9999", "0131 556 9999 ext. 3", "0131/5569999 x12",
    ],
)  # fmt: skip
def test_writings_of_one_number(text):
    assert read(text, region="GB") == (441315569999, 1315569999)


@pytest.mark.parametrize("text", ["n/a", "", "-", "000"])
def test_no_number(text):
    assert read(text, region="GB") == read(text) == read(text, library=False) == (0, 0)


def test_without_a_region_only_numbers_with_a_country_code_are_full():
    assert read("+1 213 857 0034") == (12138570034, 2138570034)
    assert read("213/857-0034") == (0, 2138570034)


def test_without_the_library_digits_stand():
    assert read("+1 213 857 0034", library=False) == (12138570034, 12138570034)
    assert read("213/857-0034 ext 5", library=False) == (0, 2138570034)
    assert read("1" * 30, library=False) == (0, int("1" * 15))


def test_a_region_is_a_country_and_needs_the_library():
    with pytest.raises(ArgumentError, match=r"Unknown region.*'gb'.*Did you mean 'GB'"):
        read("1", region="gb")
    with pytest.raises(ArgumentError, match="phonenumbers"):
        read("1", region="GB", library=False)


def test_international_numbers_are_read_as_the_library_reads_them():
    random = np.random.default_rng(0)
    codes = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
    texts = []
    for code in [*codes, 0, 210, 999]:
        for size in (4, 6, 8, 9, 10, 11, 13):
            digits = "".join(map(str, random.integers(0, 10, size)))
            texts += [f"+{code}{digits}", f"+{code} ({digits[:2]}) {digits[2:4]}-{digits[4:]}"]
            texts += [f"+{code} 0{digits}", f"+{code} 1{digits}", f"+{code}-8{digits}"]
    texts += ["+", "+44", "+4412", "+44 131 x5", "++44 1315569999", "+44/131.556.9999/"]
    rows, full, national = read_international(pa.array(texts, pa.large_string()), phonenumbers)
    assert len(rows) > len(texts) / 3
    for row, with_code, without in zip(rows, full, national, strict=True):
        number = phonenumbers.parse(texts[row], None)
        assert without == number.national_number
        assert with_code == int(f"{number.country_code}{number.national_number}")


def test_many_numbers_are_read_as_few_are(monkeypatch):
    texts = pa.array(
        ["+1 213 857 0034", "00 44 (0)131 556 9999 ext. 3", "0131/5569999 X12", "٠١٢ 34", "", "n/a"]
    )
    few = read_phones(texts)
    monkeypatch.setattr("sameas.records.normalise._FEW", 1)
    many = read_phones(texts)
    assert [values.tolist() for values in many] == [values.tolist() for values in few]
    assert few[1].tolist()[-3:] == [34, 0, 0]
    kept = digits_only(texts.slice(1, 3))  # an array that begins inside its buffers
    assert kept.to_pylist() == ["0044013155699993", "0131556999912", "34"]
