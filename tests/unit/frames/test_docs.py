"""The examples of the documentation run."""

from __future__ import annotations

import doctest
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"


def test_examples_of_the_page() -> None:
    result = doctest.testfile(str(DOCS / "frames.md"), module_relative=False)
    assert result.attempted > 5
    assert not result.failed
