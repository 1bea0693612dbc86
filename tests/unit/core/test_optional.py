"""An absent library is named, a broken one keeps its own error."""

from __future__ import annotations

from pathlib import Path

import pytest

from sameas.core.errors import MissingExtraError
from sameas.core.optional import require


def test_a_present_library_is_imported() -> None:
    assert require("os.path", extra="train", what="Training").join("a", "b")


@pytest.mark.parametrize("module", ["sameas_absent", "sameas_absent.inner.part"])
def test_an_absent_library_names_the_extra_and_what_needed_it(module: str) -> None:
    with pytest.raises(MissingExtraError) as caught:
        require(module, extra="train", what="Training a forest")
    assert str(caught.value) == (
        "Training a forest needs the library 'sameas_absent', which is not installed: "
        "pip install 'sameas[train]'."
    )
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_an_absent_part_of_a_present_library_counts_as_absent() -> None:
    with pytest.raises(MissingExtraError, match="the library 'json'"):
        require("json.sameas_absent", extra="train", what="Training")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import sameas_absent_dependency", ModuleNotFoundError),
        ("import sameas_brok", ModuleNotFoundError),
        ("from os import no_such_thing", ImportError),
        ("raise OSError('damaged')", OSError),
    ],
)
def test_a_broken_library_raises_its_own_error(
    source: str, expected: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sameas_broken.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(expected) as caught:
        require("sameas_broken", extra="train", what="Training")
    assert not isinstance(caught.value, MissingExtraError)
