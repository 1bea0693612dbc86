"""The examples of the documentation run."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize(
    ("page", "least"), [("frames.md", 6), ("training.md", 3), ("own-model.md", 18)]
)
def test_examples_of_the_page(page: str, least: int) -> None:
    result = doctest.testfile(str(DOCS / page), module_relative=False)
    assert result.attempted >= least
    assert not result.failed
