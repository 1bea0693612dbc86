"""The support table of the docs is the declared one, and its tests exist."""

import ast
from pathlib import Path

import pytest

from sameas.linker.spark.support import SUPPORT, support_table

ROOT = Path(__file__).parents[4]


def test_the_docs_print_the_table():
    text = (ROOT / "docs" / "spark.md").read_text(encoding="utf-8")
    printed = text.partition("<!-- begin support -->\n")[2].partition("\n<!-- end support -->")[0]
    assert printed == support_table()


@pytest.mark.parametrize("feature", SUPPORT, ids=lambda one: one.name)
def test_what_is_declared_is_tested(feature):
    file, _, function = feature.proof.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert function in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert feature.works or feature.note
