"""Several encoders as one: the weighted mean of cosines."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError
from sameas.frames import merge
from sameas.models import LexicalEncoder
from sameas.models.base import unit_rows
from sameas.models.mixed import LEXICAL_SHARE, MixedSpace, default_weights, parts_of
from sameas.models.space import TextSpace


def spaces(count: int = 80) -> MixedSpace:
    rng = np.random.default_rng(2)
    words = ["blue", "red", "old", "mill", "door", "star", "gym", "cafe"]
    texts = pa.array([" ".join(rng.choice(words, 3)) + str(n % 7) for n in range(count)])
    rows = unit_rows(rng.normal(size=(count, 6)))
    rows[3] = 0
    dense = TextSpace(rows, "dense")
    return MixedSpace((TextSpace.of(texts, LexicalEncoder()), dense), np.array([0.6, 0.4]))


def test_the_cosine_is_the_mean_and_the_nearest_are_those_of_brute_force() -> None:
    space = spaces()
    one, other = np.array([0, 3, 5]), np.array([7, 9, 5])
    parts = [part.cosine(one, other) for part in space.spaces]
    expected = 0.6 * parts[0] + 0.4 * np.nan_to_num(parts[1])
    np.testing.assert_allclose(space.cosine(one, other), expected, atol=1e-6)
    queries, keys = np.arange(40), np.arange(20, 80)
    found = space.nearest(queries, keys, 5)
    for query in queries:
        cosine = space.cosine(np.full(len(keys), query), keys)
        best = np.lexsort((np.arange(len(keys)), -cosine))[:5]
        np.testing.assert_array_equal(found.index[query], best)
        np.testing.assert_allclose(found.similarity[query], cosine[best], atol=1e-6)
    assert len(space.searched) == 2


def test_few_keys_leave_places_empty() -> None:
    found = spaces().nearest(np.arange(4), np.array([1, 2]), 5)
    assert (found.index[:, 2:] == -1).all()
    assert np.isnan(found.similarity[:, 2:]).all()


def test_names_and_weights() -> None:
    assert parts_of("lexical+some/model") == ("lexical", "some/model")
    assert parts_of("some-model") == ()
    assert parts_of(LexicalEncoder()) == ()
    for wrong in ("lexical+", "lexical+lexical"):
        with pytest.raises(ArgumentError, match="joins different names"):
            parts_of(wrong)
    np.testing.assert_allclose(
        default_weights(["lexical", "a", "b"]), [LEXICAL_SHARE, *[(1 - LEXICAL_SHARE) / 2] * 2]
    )
    np.testing.assert_allclose(default_weights(["a", "b"]), [0.5, 0.5])


def test_a_name_with_a_plus_serves_every_verb(tmp_path: Any) -> None:
    pytest.importorskip("tokenizers")
    pytest.importorskip("safetensors")
    pytest.importorskip("wordllama")
    left, right = {"a": ["red wine", "taxi driver"]}, {"a": ["wine red", "taxi drivers", "nurse"]}
    merged = merge(left, right, on="a", model="lexical+wordllama", threshold=None)
    assert merged["a_right"].to_pylist() == ["wine red", "taxi drivers"]


def test_a_model_that_was_trained_counts_as_much_as_the_lexical_one(tmp_path: Path) -> None:
    assert default_weights(["lexical", str(tmp_path)]).tolist() == pytest.approx([0.8, 0.2])
    (tmp_path / "training.json").write_text("{}")
    assert default_weights(["lexical", str(tmp_path)]).tolist() == [0.5, 0.5]
    assert default_weights([str(tmp_path), "wordllama"]).tolist() == [0.5, 0.5]
