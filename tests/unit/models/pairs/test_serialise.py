"""Records as texts."""

import json

import numpy as np
import pytest

from sameas.core.errors import ArgumentError
from sameas.core.specs import from_dict, to_dict
from sameas.models.pairs.serialise import FORMS, Serialisation, Shuffled

ROWS = {
    "name": ['Rex "the" \\ Rotary', None, "a; name: b"],
    "city": ["Rome\n", None, "[COL] name [VAL] Zulu"],
}


@pytest.mark.parametrize("form", FORMS)
def test_values_stay_in_their_place_and_parts_come_back(form: str) -> None:
    rule = Serialisation(form)
    assert from_dict(to_dict(rule)) == rule
    found = rule.texts(ROWS).to_pylist()
    assert found[1] is None
    for text in (found[0], found[2]):
        parts = rule.parts(text)
        assert len(parts) == 2
        assert rule.joined(parts) == text
        if form != "values":
            assert "name" in parts[0]
            assert "city" in parts[1]


def test_the_forms() -> None:
    rows = {"name": ["Rex"], "city": ["Rome"]}
    assert {form: Serialisation(form).texts(rows)[0].as_py() for form in FORMS} == {
        "attributes": "name: Rex; city: Rome",
        "col_val": "[COL] name [VAL] Rex [COL] city [VAL] Rome",
        "json": '{"name": "Rex", "city": "Rome"}',
        "sentence": "the name is Rex; the city is Rome",
        "values": "Rex; Rome",
    }
    text = Serialisation("json").texts(ROWS)[0].as_py()
    assert json.loads(text) == {"name": 'Rex "the" \\ Rotary', "city": "Rome"}
    low = Serialisation("col_val", lower=True)
    assert low.parts(low.texts(rows)[0].as_py()) == [
        "[col] name [val] rex",
        "[col] city [val] rome",
    ]
    with pytest.raises(ArgumentError, match="Did you mean 'col_val'"):
        Serialisation("colval")
    with pytest.raises(ArgumentError, match="at least one column"):
        Serialisation().texts({})


def test_training_pairs_are_changed_and_mean_the_same() -> None:
    change = Shuffled(drop=0.5).over(Serialisation())
    left, right = ["a: 1; b: 2; c: 3"] * 200, ["a: 9"] * 200
    one, other = change(left, right, np.random.default_rng(0))
    swapped = [text == "a: 9" for text in one]
    assert 60 < sum(swapped) < 140
    long = [b if s else a for a, b, s in zip(one, other, swapped, strict=True)]
    assert {len(text.split("; ")) for text in long} == {2, 3}
    assert {part for text in long for part in text.split("; ")} == {"a: 1", "b: 2", "c: 3"}
    again = change(left, right, np.random.default_rng(0))
    assert again == (one, other)
    alone, none = change(["a: 1"], None, np.random.default_rng(0))
    assert (alone, none) == (["a: 1"], None)
