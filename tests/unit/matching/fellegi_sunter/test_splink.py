"""Models of Splink: what is read, what is refused."""

import json

import numpy as np
import pytest

from sameas.blocking import ExactKey
from sameas.core.errors import DataError
from sameas.linker import Linker, splink_settings
from sameas.matching import read_splink
from sameas.matching.fellegi_sunter.splink_sql import is_null, read_condition

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
    assert (("surname",), "edits") in model.measures


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


BORN = (
    "try_strptime(\"born_l\", '%Y-%m-%d')", "try_strptime(\"born_r\", '%Y-%m-%d')",
)  # fmt: skip
LOCAL = (
    "NULLIF(regexp_extract(\"email_l\", '^[^@]+', 0), '')",
    "NULLIF(regexp_extract(\"email_r\", '^[^@]+', 0), '')",
)


@pytest.mark.parametrize(
    ("sql", "readings"),
    [
        (f"ABS(EPOCH({BORN[0]}) - EPOCH({BORN[1]})) <= 2629800.0", [(("born",), "days", 30.4375)]),
        ('ABS(EPOCH("born_l") - EPOCH("born_r")) <= 86400', [(("born",), "days", 1)]),
        ("ABS(EXTRACT(EPOCH FROM try_cast_date(\"born_l\", 'YYYY-MM-DD')) - EXTRACT(EPOCH FROM "
         "try_cast_date(\"born_r\", 'YYYY-MM-DD')))<= 86400.0", [(("born",), "days", 1)]),
        ("abs(datediff(date(try_to_timestamp(`born_l`, 'yyyy-MM-dd')), "
         "date(try_to_timestamp(`born_r`, 'yyyy-MM-dd')))) <= floor(172800.0 / 86400)",
         [(("born",), "days", 2)]),
        ('levenshtein(CAST("born_l" AS TEXT), CAST("born_r" AS TEXT)) <= 1',
         [(("born",), "edits", 1)]),
        (f"{LOCAL[0]} = {LOCAL[1]}", [(("email",), "local_equal", 1)]),
        (f"jaro_winkler_similarity({LOCAL[0]}, {LOCAL[1]}) >= 0.88",
         [(("email",), "local_jaro_winkler", 0.88)]),
        ('"first_l" = "last_r" AND "first_r" = "last_l"', [(("first", "last"), "swapped", 1)]),
        ('("first_l" = "first_r") AND ("last_l" = "last_r")',
         [(("first",), "equal", 1), (("last",), "equal", 1)]),
        ('(jaro_winkler_similarity("first_l", "first_r") >= 0.92) AND '
         '(jaro_winkler_similarity("last_l", "last_r") >= 0.92)',
         [(("first",), "jaro_winkler", 0.92), (("last",), "jaro_winkler", 0.92)]),
        ('ABS("price_l" - "price_r") <= 5', [(("price",), "difference", 5)]),
        ('"first_l" = "last_r" AND "first_r" = "other_l"', []),
        ('ABS(foo("price_l") - foo("price_r")) <= 5', []),
        ('("first_l" = "first_r") OR ("last_l" = "last_r")', []),
    ],
)  # fmt: skip
def test_conditions_as_splink_writes_them(sql, readings):
    assert [tuple(item) for item in read_condition(sql)] == readings


@pytest.mark.parametrize(
    ("sql", "null"),
    [
        (f"{BORN[0]} IS NULL OR {BORN[1]} IS NULL", True),
        ('("a_l" IS NULL OR "a_r" IS NULL) AND ("b_l" IS NULL OR "b_r" IS NULL)', True),
        ('"a_l" IS NULL OR "b_r" IS NULL', False),
        ('"a_l" IS NULL', False),
    ],
)
def test_missing_values_of_one_field_and_of_several(sql, null):
    assert is_null(sql) is null


def test_a_model_of_persons_as_in_the_tutorials_links(caplog):
    """NameComparison, ForenameSurnameComparison, DateOfBirthComparison, EmailComparison."""
    names = [
        {"sql_condition": '("first_l" IS NULL OR "first_r" IS NULL) AND '
                          '("last_l" IS NULL OR "last_r" IS NULL)', "is_null_level": True},
        level('("first_l" = "first_r") AND ("last_l" = "last_r")', 0.5, 0.001),
        level('"first_l" = "last_r" AND "first_r" = "last_l"', 0.3, 0.0001),
        level('"last_l" = "last_r"', 0.1, 0.01, tf_adjustment_column="last"),
        level('"first_l" = "first_r"', 0.05, 0.02, tf_adjustment_column="first"),
        level("ELSE", 0.05, 0.9689),
    ]  # fmt: skip
    born = [
        {"sql_condition": f"{BORN[0]} IS NULL OR {BORN[1]} IS NULL", "is_null_level": True},
        level('"born_l" = "born_r"', 0.7, 0.001),
        level(f"ABS(EPOCH({BORN[0]}) - EPOCH({BORN[1]})) <= 2629800.0", 0.2, 0.002),
        level("ELSE", 0.1, 0.997),
    ]
    email = [
        level(f"{LOCAL[0]} = {LOCAL[1]}", 0.8, 0.001),
        level(f"jaro_winkler_similarity({LOCAL[0]}, {LOCAL[1]}) >= 0.88", 0.1, 0.01),
        level("ELSE", 0.1, 0.989),
    ]
    model = {
        "probability_two_random_records_match": 0.1,
        "comparisons": [
            {"output_column_name": "names", "comparison_levels": names},
            {"output_column_name": "born", "comparison_levels": born},
            {"output_column_name": "email", "comparison_levels": email},
        ],
    }
    fields = {"first": "given_name", "last": "surname", "born": "date", "email": "email"}
    linker = Linker(fields, **splink_settings(model), blocking=(ExactKey(("email",)),))
    assert "term frequencies of first are left out, those of last count" in caplog.text
    table = {
        "id": [1, 2, 3, 4],
        "first": ["Ann", "Lee", "Bob", "Cleo"],
        "last": ["Lee", "Ann", "Ray", "Poe"],
        "born": ["1990-02-01", "1990-02-20", "1970-01-01", "1950-01-01"],
        "email": ["ann@x.org", "ann@x.org", "bob@x.org", "bob@x.org"],
    }
    result = linker.dedupe(table)
    assert list(zip(result.links["left_id"].to_pylist(), result.links["right_id"].to_pylist(),
                    strict=True)) == [(1, 2)]  # fmt: skip
    odds = 0.1 / 0.9 * (0.3 / 0.0001) * (0.2 / 0.002) * (0.8 / 0.001)
    assert result.links["score"][0].as_py() == pytest.approx(odds / (1 + odds), abs=1e-9)


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
