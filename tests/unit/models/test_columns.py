"""One vector a column."""

from pathlib import Path

import numpy as np
import pytest

from sameas.core.errors import ArgumentError
from sameas.frames import cluster, merge, similarity
from sameas.models import ByColumn, LexicalEncoder, load_encoder
from sameas.models.base import cosine

SEP = ByColumn.of("lexical", weights=(1,)).separator


def test_the_cosine_is_the_weighted_mean_of_the_columns() -> None:
    one, other = ["old mill", "star gym"], ["york", "leeds"]
    also, more = ["old mills", "star"], ["leeds", "leeds"]
    left = [SEP.join(pair) for pair in zip(one, other, strict=True)]
    right = [SEP.join(pair) for pair in zip(also, more, strict=True)]
    model = ByColumn.of("lexical", weights=(3, 1)).fit([*left, *right])
    parts = []
    for first, second in ((one, also), (other, more)):
        encoder = LexicalEncoder().fit([*first, *second])
        parts.append(cosine(encoder.encode(first), encoder.encode(second)))
    found = cosine(model.encode(left), model.encode(right))
    np.testing.assert_allclose(found, 0.75 * parts[0] + 0.25 * parts[1], atol=1e-6)


def test_it_is_saved_and_read_again(tmp_path: Path) -> None:
    texts = [f"old mill{SEP}york", f"star{SEP}", None]
    model = ByColumn.of("lexical", weights=(2, 1)).fit(texts)
    model.save(tmp_path / "model")
    again = load_encoder(tmp_path / "model")
    assert again.version == model.version
    one, two = model.encode(texts), again.encode(texts)
    np.testing.assert_array_equal(one.value, two.value)
    assert len(one) == 3
    assert np.diff(one.start)[2] == 0


def test_verbs_keep_columns_apart_and_missing_ones_in_place() -> None:
    left = {"a": ["mill", None, None], "b": [None, "mill", None]}
    right = {"a": [None, "mill"], "b": ["mill", None]}
    model = ByColumn.of("lexical", weights=(1, 1))
    merged = merge(left, right, on=["a", "b"], model=model, threshold=0.5)
    assert merged["a_right"].to_pylist() == ["mill", None, None]
    assert merged["b_right"].to_pylist() == [None, "mill", None]
    assert merged["similarity"].to_pylist() == pytest.approx([1, 1, None])
    rows = {"a": ["mill", "mill", "door"], "b": ["x", "x", "mill"]}
    assert cluster(rows, on=["a", "b"], model=model, threshold=0.9)["cluster"].to_pylist() == [
        0, 0, 1
    ]  # fmt: skip
    pairs = similarity(rows, left=["a", "b"], right=["b", "a"], model=model)
    assert pairs["similarity"].to_pylist()[0] == pytest.approx(0, abs=0.1)


def test_wrong_weights_are_named() -> None:
    with pytest.raises(ArgumentError, match="above 0"):
        ByColumn.of("lexical", weights=(1, 0))
    with pytest.raises(ArgumentError, match="2 weights, one a column, but a row has 1"):
        ByColumn.of("lexical", weights=(1, 1)).fit(["mill"])
