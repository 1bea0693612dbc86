"""Codes are found whatever their hyphens, and inside the wording of the other record."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.comparison import CodeInText, compare
from sameas.records import prepare

TITLES = [
    ("Brother HL-4570CDW laser printer", None),
    ("brother hl4570cdw colour laser", "HL4570CDW"),
    ("netgear 8-port switch", "GS108E-100NAS"),
    ("netgear prosafe gs108e", None),
    ("crown clean step mat", "WCRPLPDW"),
    ("new-crown wcrplpdw mat - cwnwcrplpdw", None),
    ("a mat", None),
    (None, "GS108E"),
]


def found(comparison, *pairs):
    titles, models = zip(*TITLES, strict=True)
    ids = [str(number) for number in range(len(TITLES))]
    columns = {"source": ["s"] * len(ids), "id": ids, "title": titles, "model": models}
    left, right = np.ascontiguousarray(np.array(pairs, np.int32).T)
    table = pa.table(columns, schema=pa.schema([(name, pa.string()) for name in columns]))
    return compare(prepare(table, comparison.needs(), {}), [comparison], left, right)


def test_hyphens_do_not_hide_a_code():
    run, less, more = found(CodeInText(("title", "model")), (0, 1))[0]
    assert (run, less, more) == (9, 1, 1)


def test_a_part_of_a_longer_code_counts_by_its_share():
    run, less, more = found(CodeInText(("title", "model")), (2, 3))[0]
    assert run == len("gs108e")
    assert less == pytest.approx(6 / len("gs108e100nas"))
    assert more == 1


def test_the_value_of_an_identifier_is_a_code_without_any_digit():
    run, *shares = found(CodeInText(("title", "model"), "model"), (4, 5))[0]
    assert run == len("wcrplpdw")
    assert shares == [1, 1]


def test_without_a_code_or_without_wording_nothing_can_be_compared():
    assert np.isnan(found(CodeInText("title"), (4, 6), (3, 7))).all()


def test_short_codes_say_nothing():
    assert np.isnan(found(CodeInText("title", shortest=10), (0, 1))).all()
