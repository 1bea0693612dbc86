"""Models of Splink: what is read, what is refused."""

import json

import numpy as np
import pytest

from sameas.core.errors import DataError
from sameas.linker import Linker, splink_settings
from sameas.matching import read_splink

NULL = {"sql_condition": '"first_name_l" IS NULL OR "first_name_r" IS NULL', "is_null_level": True}


def level(sql, m=0.5, u=0.5, **more):
    return {"sql_condition": sql, "m_probability": m, "u_probability": u, **more}


MODEL = {
    "link_type": "dedupe_only",
    "probability_two_random_records_match": 0.001,
    "comparisons": [
        {
            "output_column_name": "first_name",
            "comparison_levels": [
                NULL,
                level('"first_name_l" = "first_name_r"', 0.7, 0.01, label_for_charts="Exact",
                      tf_adjustment_column="first_name", tf_adjustment_weight=0.8,
                      tf_minimum_u_value=0.002),
                level('jaro_winkler_similarity("first_name_l", "first_name_r") >= 0.9', 0.2, 0.04),
                level("ELSE", 0.1, 0.95),
            ],
        },
        {
            "output_column_name": "surname",
            "comparison_levels": [
                level("surname_l = surname_r", 0.8, 0.01),
                level('levenshtein("surname_l", "surname_r") <= 2', 0.15, 0.04),
                level("ELSE", 0.05, 0.95),
            ],
        },
    ],
}  # fmt: skip


def test_numbers_are_those_of_the_model(tmp_path):
    file = tmp_path / "model.json"
    file.write_text(json.dumps(MODEL))
    model = read_splink(file)
    first, last = model.matcher.levels
    assert model.matcher.prior == 0.001
    assert (first.m, first.u) == ((0.7, 0.2, 0.1), (0.01, 0.04, 0.95))
    assert (first.frequency_weights, first.frequency_floor) == ((0.8, 0.0), 0.002)
    assert first.words()[0] == "Exact"
    assert [str(case.conditions[0]) for case in last.cases] == [
        "surname_equal == 1", "surname_edits <= 2"
    ]  # fmt: skip
    assert ("surname", "edits") in model.measures


def test_weights_are_those_of_splink():
    linker = Linker(
        {"first_name": "name", "surname": "name"}, **splink_settings(MODEL), second_pass=None
    )
    names = linker.spec.names()
    fitted = linker.spec.matcher.without_training(names)
    rows = np.full((1, len(names)), np.nan, np.float32)
    values = {"first_name_equal": 0, "first_name_jaro_winkler": 0.95, "surname_equal": 1}
    for name, value in values.items():
        rows[0, names.index(name)] = value
    expected = np.log2(0.001 / 0.999) + np.log2(0.2 / 0.04) + np.log2(0.8 / 0.01)
    assert fitted.score(rows)[0] == pytest.approx(1 / (1 + 2**-expected))


def test_it_links_without_a_fit_of_its_own():
    table = {
        "id": list(range(6)),
        "first_name": ["anna", "anna", "bert", "carla", "dora", "emil"],
        "surname": ["smith", "smith", "jones", "brown", "white", "black"],
    }
    linker = Linker({"first_name": "name", "surname": "name"}, **splink_settings(MODEL))
    linker.dedupe(table)
    np.testing.assert_allclose(linker.fitted_.matcher.parameters.m[:3], (0.7, 0.2, 0.1))


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("array_length(list_intersect(a_l, a_r)) >= 1", "'city'.*cannot be read"),
        ('"city_l" = "town_r"', "cannot be read"),
    ],
)
def test_conditions_that_cannot_be_read_are_named(sql, word):
    city = {"output_column_name": "city", "comparison_levels": [level(sql), level("ELSE")]}
    with pytest.raises(DataError, match=word):
        read_splink({"comparisons": [city]})


def test_what_is_no_model():
    with pytest.raises(DataError, match="save_model_to_json"):
        read_splink({"settings": 1})
