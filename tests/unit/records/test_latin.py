"""Other scripts in Latin letters, and legal forms."""

import pyarrow as pa
import pytest

from sameas.core import optional
from sameas.core.errors import MissingExtraError
from sameas.core.prepared import Need
from sameas.records import prepare
from sameas.records.latin import latin, organisation


def one(function, text, **options):
    return function(pa.array([text], pa.string()), **options)[0].as_py()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Москва", "moskva"), ("Ødegård", "odegard"), ("Straße", "strasse"), ("Łódź", "lodz"),
        ("北京", "beijing"), ("서울", "seoul"), ("O'Brien", "obrien"), (None, None), ("!!", None),
    ],
)  # fmt: skip
def test_other_scripts(text, expected):
    assert one(latin, text) == expected


def test_without_the_library_other_scripts_stay():
    assert one(latin, "Москва", library=False) == "москва"
    assert one(organisation, "ООО Ромашка", library=False) == "ооо ромашка"


@pytest.mark.parametrize(
    "text",
    [
        "Acme", "ACME Ltd", "Acme, Limited", "The Acme Company", "Acme Inc.", "Acme L.L.C.",
        "Acme GmbH & Co. KG", "Acme S.A. de C.V.", "Acme S.p.A.", "Acme Sp. z o.o.", "ООО «Acme»",
        "PT Acme Tbk", "株式会社Acme", "Acme㈱", "Acme Pty Ltd", "Acme Kabushiki Kaisha",
    ],
)  # fmt: skip
def test_legal_forms_are_dropped(text):
    assert one(organisation, text) == "acme"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ltd", "ltd"), ("The Co", "the co"), ("Ernst & Young LLP", "ernst and young"),
        ("Costa Coffee", "costa coffee"), ("Agfa", "agfa"), (None, None),
    ],
)  # fmt: skip
def test_what_is_no_legal_form_stays(text, expected):
    assert one(organisation, text) == expected


def without_library(module, **names):
    raise MissingExtraError(f"no {module}")


def test_whether_the_library_is_used_is_frozen(monkeypatch):
    need = Need("codes", ("name",), (("form", "latin"),))
    table = pa.table({"source": ["a"], "id": ["1"], "name": ["Москва"]})
    frozen = {}
    prepare(table, [need], frozen)
    assert frozen["form-latin"].to_pylist() == [{"library": True}]
    monkeypatch.setattr("sameas.records.latin.require", without_library)
    with pytest.raises(MissingExtraError, match="anyascii"):
        prepare(table, [need], frozen)
    ascii_only = table.set_column(2, "name", pa.array(["Moskva"]))
    prepare(ascii_only, [need], frozen)
    without = {"form-latin": pa.table({"library": [False]})}
    assert prepare(table, [need], without)[need].value[0] != 0
    assert optional.require("anyascii", extra="fields", what="This")
