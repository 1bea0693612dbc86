"""Errors teach, and every one of them is a SameasError."""

from __future__ import annotations

import pytest

from sameas.core import errors
from sameas.core.errors import ColumnError, SameasError, choices_hint


@pytest.mark.parametrize(
    ("name", "builtin"),
    [
        ("ArgumentError", ValueError),
        ("ColumnError", KeyError),
        ("DataError", ValueError),
        ("LabelError", ValueError),
        ("MissingExtraError", ImportError),
        ("RunError", RuntimeError),
        ("SavedLinkerError", ValueError),
    ],
)
def test_an_error_is_ours_and_the_builtin_that_a_user_expects(
    name: str, builtin: type[Exception]
) -> None:
    error = getattr(errors, name)
    assert issubclass(error, SameasError)
    assert issubclass(error, builtin)
    assert str(error("what happened")) == "what happened"


def test_a_column_error_without_a_message_is_empty() -> None:
    assert str(ColumnError()) == ""


def test_a_missing_column_names_table_column_and_the_nearest() -> None:
    message = str(ColumnError.missing("lattitude", iter(["id", "latitude"]), table="left"))
    assert message == (
        "left has no column 'lattitude'. Did you mean 'latitude'? It has: id, latitude."
    )


def test_a_table_without_columns_is_said_to_have_none() -> None:
    message = str(ColumnError.missing("id", [], table="left"))
    assert message == "left has no column 'id'. It has: no columns at all."


def test_the_hint_names_one_choice_at_most() -> None:
    assert choices_hint("jaro_winkle", ["jaro", "jaro_winkler", "jaro_winkler2"]).count("'") == 2
    assert choices_hint("jaro", iter(["jaro"])) == " Did you mean 'jaro'?"
    assert choices_hint("jaro", []) == ""
