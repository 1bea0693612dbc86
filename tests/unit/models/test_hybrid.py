import numpy as np
import pytest

from sameas.core.errors import ArgumentError
from sameas.models import HybridRetriever, LexicalEncoder, Retriever

KEYS = ["rex rotary", "bar rosso", None, "rosso rex", "bar", "bar rosso"]
QUERIES = ["rex", None, "bar roso"]


def test_one_retriever_alone_is_itself() -> None:
    alone = Retriever("lexical").fit(KEYS).search(QUERIES, 3)
    fused = HybridRetriever(["lexical"]).fit(KEYS).search(QUERIES, 3)
    np.testing.assert_array_equal(fused.index, alone.index)
    np.testing.assert_allclose(fused.similarity, alone.similarity)


def test_similarity_is_the_weighted_mean_of_the_cosines() -> None:
    short, long = LexicalEncoder(1, 1).fit(KEYS), LexicalEncoder(3, 3).fit(KEYS)
    fused = HybridRetriever([short, long], weights=[3, 1]).fit(KEYS).search(QUERIES, 6)
    expected = np.full((3, 6), -1.0)
    for encoder, weight in ((short, 0.75), (long, 0.25)):
        one = Retriever(encoder).fit(KEYS).search(QUERIES, 6)
        for row in range(3):
            for key, value in zip(one.index[row], one.similarity[row], strict=True):
                if key >= 0:
                    expected[row, key] = max(expected[row, key], 0) + weight * value
    for row in range(3):
        wanted = sorted((-value, key) for key, value in enumerate(expected[row]) if value >= 0)
        assert [key for _, key in wanted] == [key for key in fused.index[row] if key >= 0]
        known = fused.index[row] >= 0
        np.testing.assert_allclose(
            fused.similarity[row][known], [-value for value, _ in wanted], rtol=1e-5
        )
    assert (fused.index[1] == -1).all()


def test_added_keys_are_found() -> None:
    hybrid = HybridRetriever(["lexical", LexicalEncoder(1, 2)]).fit(KEYS).add(["zzz"])
    assert hybrid.search(["zzz"], 1).index.tolist() == [[6]]


@pytest.mark.parametrize(
    "options", [{"weights": [1]}, {"weights": [-1, 2]}, {"weights": [0, 0]}, {"pool": 0}]
)
def test_impossible_settings_are_refused(options: dict) -> None:
    with pytest.raises(ArgumentError, match=next(iter(options))):
        HybridRetriever(["lexical", "lexical"], **options)
    with pytest.raises(ArgumentError, match="encoders"):
        HybridRetriever([])
