"""The order of ids: by their first bytes where they are many, as a plain sort would have it."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from sameas.records import identifiers

_RNG = np.random.default_rng(0)
_NUMBERS = _RNG.integers(0, 300, 2_000).tolist()
TEXTS = {
    "hexadecimal": [f"{number:016x}" for number in _RNG.integers(0, 2**60, 2_000).tolist()],
    "one beginning": [f"https://example.org/place/{'ab' * (n % 3)}{n}" for n in _NUMBERS],
    "accents": ["é" * (n % 4) + chr(900 + n % 90) for n in _NUMBERS],
    "zeros": ["a", "a\0", "", "a\0\0", "b", "a", "aaaaaaaa", "aaaaaaaa\0", "aaaaaaaab"],
    "nulls": ["b", None, "a", None, "b"],
    "only nulls": [None, None],
    "one": ["x"],
}


@pytest.mark.parametrize("texts", TEXTS.values(), ids=TEXTS.keys())
def test_order_of_many_texts(texts, monkeypatch):
    monkeypatch.setattr(identifiers, "_MANY", 0)
    ids = pa.array([None, *texts], pa.string()).slice(1)
    expected = pc.sort_indices(ids).to_numpy()[: len(ids) - ids.null_count]
    assert identifiers.order_of(ids).tolist() == expected.tolist()
