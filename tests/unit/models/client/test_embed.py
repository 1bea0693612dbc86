from __future__ import annotations

import numpy as np
import pytest

from sameas.core.errors import DataError
from sameas.models.client import Budget, BudgetError, Client, Endpoint, EndpointError, Retry


def client_of(server, **options) -> Client:
    endpoint = Endpoint(server.url, "tiny", retry=Retry(times=1, first=0.01), timeout=5.0)
    return Client(endpoint, **options)


def expected(texts: list[str], vector_of) -> np.ndarray:
    return np.array([vector_of(text) if text.strip() else [0] * 4 for text in texts], np.float32)


@pytest.fixture
def vector_of(server):
    return lambda text: sorted(
        server.embeddings({"input": [text]})["data"], key=lambda one: one["index"]
    )[0]["embedding"]


def test_order_repeats_and_empty_texts(server, vector_of) -> None:
    texts = ["b", "a", "", "b", "çé", " ", "a"]
    with client_of(server) as client:
        vectors = client.embed([text if text != " " else None for text in texts], batch_size=2)
    assert vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors, expected(texts, vector_of))
    assert sorted(text for one in server.requests for text in one["input"]) == ["a", "b", "çé"]


def test_batches_by_count_and_characters(server) -> None:
    texts = [letter * 10 for letter in "abcdef"] + ["g" * 100, "h"]
    with client_of(server) as client:
        client.embed(texts, batch_size=4, batch_characters=30)
    sizes = sorted((len(one["input"]), sum(map(len, one["input"]))) for one in server.requests)
    assert sizes == [(1, 1), (1, 100), (3, 30), (3, 30)]


def test_a_second_run_encodes_nothing(server, tmp_path, vector_of) -> None:
    texts = [f"text {number}" for number in range(50)]
    for more in ([], ["new"]):
        with client_of(server, store=tmp_path / "answers.db") as client:
            vectors = client.embed(texts + more)
            assert client.cost.cached == (50 if more else 0)
        np.testing.assert_array_equal(vectors, expected(texts + more, vector_of))
    assert sum(len(one["input"]) for one in server.requests) == 51


def test_no_text_at_all(server) -> None:
    with client_of(server) as client:
        assert client.embed([]).shape == (0, 0)
        assert client.embed(["", " "], dimensions=3).tolist() == [[0, 0, 0]] * 2
    assert not server.requests


def test_a_batch_that_is_too_large_is_halved(server, vector_of) -> None:
    def refuse(handler, body) -> bool:
        if len(body["input"]) <= 3:
            return False
        handler.send(413, {"error": {"message": "too large"}})
        return True

    server.always = refuse
    texts = list("abcdefghij")
    with client_of(server) as client:
        np.testing.assert_array_equal(client.embed(texts), expected(texts, vector_of))


def test_what_was_embedded_before_the_end_is_kept(server, tmp_path) -> None:
    texts = [f"text {number}" for number in range(10)]
    with (
        client_of(server, store=tmp_path / "a.db", budget=Budget(requests=2)) as client,
        pytest.raises(BudgetError, match="4 of 10 texts"),
    ):
        client.embed(texts, batch_size=2)
    with client_of(server, store=tmp_path / "a.db") as client:
        client.embed(texts, batch_size=2)
        assert (client.cost.cached, client.cost.requests) == (4, 3)


def test_another_width_under_the_same_name_is_refused(server, tmp_path, answered) -> None:
    with client_of(server, store=tmp_path / "a.db") as client:
        client.embed(["a"])
    server.always = answered(200, {"data": [{"index": 0, "embedding": [1.0, 2.0]}]})
    with (
        client_of(server, store=tmp_path / "a.db") as client,
        pytest.raises(DataError, match="4 and with 2 dimensions"),
    ):
        client.embed(["a", "b"])


@pytest.mark.parametrize(
    "data",
    [
        [],
        [{"index": 0, "embedding": []}],
        [{"index": 5, "embedding": [1.0]}],
        [{"index": 0, "embedding": [float("nan")]}],
        [{"index": 0, "embedding": "AAAA"}],
        [{"index": 0}],
        None,
    ],
)
def test_answers_of_a_wrong_shape_are_errors(server, answered, data) -> None:
    server.always = answered(200, {"data": data})
    with client_of(server) as client:
        with pytest.raises(EndpointError, match="shape of embeddings"):
            client.embed(["a"])
        assert len(client.store) == 0
