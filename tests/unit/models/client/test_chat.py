from __future__ import annotations

import math
import threading

import pytest

from sameas.core.errors import ArgumentError
from sameas.models.client import (
    AnswerStore,
    Budget,
    ChatRequest,
    Client,
    Endpoint,
    EndpointError,
    Message,
    Prices,
    Retry,
    choice_logprobs,
)

SCHEMA = {
    "type": "object",
    "properties": {"match": {"type": "boolean"}},
    "required": ["match"],
    "additionalProperties": False,
}


def client_of(server, **options) -> Client:
    settings = {"retry": Retry(times=2, first=0.01, longest=0.05), "timeout": 5.0}
    settings |= options.pop("endpoint", {})
    return Client(Endpoint(server.url, "tiny", **settings), **options)


def questions(count: int) -> list[ChatRequest]:
    return [ChatRequest(f"question {number}", max_tokens=8) for number in range(count)]


def test_answers_come_in_the_order_of_the_requests(server) -> None:
    server.reply = lambda body: body["messages"][-1]["content"].upper()
    with client_of(server, endpoint={"concurrency": 8}) as client:
        answers = client.chat(questions(30))
    assert [one.text for one in answers] == [f"QUESTION {number}" for number in range(30)]
    assert not any(one.cached for one in answers)
    assert answers.stopped is None


def test_what_is_sent(server) -> None:
    request = ChatRequest((Message("system", "s"), Message("user", "ü")), max_tokens=7, stop=(".",))
    with client_of(server, endpoint={"extra": {"chat_template_kwargs": {"x": 1}}}) as client:
        client.chat([request])
    assert server.requests == [
        {
            "model": "tiny",
            "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "ü"}],
            "temperature": 0.0,
            "max_tokens": 7,
            "seed": 0,
            "stop": ["."],
            "chat_template_kwargs": {"x": 1},
        }
    ]


def test_cost_counts_tokens_and_money(server) -> None:
    with client_of(server, prices=Prices(1.0, 10.0)) as client:
        cost = client.chat(questions(3)).cost
        assert (cost.requests, cost.prompt_tokens, cost.completion_tokens) == (3, 30, 6)
        assert cost.money == pytest.approx((30 * 1.0 + 6 * 10.0) / 1e6)
        assert cost.seconds > 0
        again = client.chat(questions(4)).cost
        assert (again.requests, again.cached) == (1, 3)
        assert (client.cost.requests, client.cost.cached) == (4, 3)


def test_equal_requests_are_asked_once_and_samples_apart(server) -> None:
    with client_of(server) as client:
        answers = client.chat([ChatRequest("a"), ChatRequest("a"), ChatRequest("a", sample=1)])
    assert len(server.requests) == 2
    assert [one.cached for one in answers] == [False, True, False]
    assert answers.cost.cached == 1


@pytest.mark.parametrize(
    "change", [{"temperature": 1.0}, {"seed": 1}, {"max_tokens": 3}, {"schema": SCHEMA}]
)
def test_any_other_parameter_is_another_question(server, change) -> None:
    server.reply = lambda body: '{"match": true}'
    with client_of(server) as client:
        client.chat([ChatRequest("a"), ChatRequest("a", **change)])
    assert len(server.requests) == 2


def test_a_store_is_shared_between_models_and_jobs(server, tmp_path) -> None:
    for model, asked in (("one", 2), ("two", 4), ("one", 4)):
        with Client(Endpoint(server.url, model), store=tmp_path / "a" / "answers.db") as client:
            client.chat(questions(2))
        assert len(server.requests) == asked


def test_kept_answers_are_what_was_given(server, tmp_path) -> None:
    request = ChatRequest("a", top_logprobs=3, schema=SCHEMA)
    server.reply = lambda body: '{"match": false}'
    with client_of(server, store=tmp_path / "answers.db") as client:
        [first] = client.chat([request])
    with client_of(server, store=tmp_path / "answers.db") as client:
        [second] = client.chat([request])
    assert len(server.requests) == 1
    assert second.cached
    assert not first.cached
    assert (first.text, first.logprobs, first.parsed, first.usage) == (
        second.text, second.logprobs, second.parsed, second.usage,
    )  # fmt: skip


def test_log_probabilities_of_yes_and_no(server) -> None:
    with client_of(server) as client:
        [answer] = client.chat([ChatRequest("Same?", top_logprobs=3)])
    assert server.requests[0]["logprobs"] is True
    found = choice_logprobs(answer)
    assert found is not None
    assert found["yes"] == pytest.approx(math.log(math.exp(-0.2) + math.exp(-4.0)))
    assert found["no"] == pytest.approx(-1.8)


def test_schema_is_sent_and_the_answer_parsed(server) -> None:
    server.reply = lambda body: '{"match": true}'
    with client_of(server) as client:
        [answer] = client.chat([ChatRequest("a", schema=SCHEMA)])
    assert answer.parsed == {"match": True}
    sent = server.requests[0]["response_format"]
    assert sent["type"] == "json_schema"
    assert sent["json_schema"]["schema"] == SCHEMA


@pytest.mark.parametrize("status", [400, 422, 501])
def test_a_server_without_schemas_is_asked_in_words(server, status) -> None:
    def refuse(handler, body) -> bool:
        if "response_format" not in body:
            return False
        handler.send(status, {"error": {"message": "response_format is not supported"}})
        return True

    server.always = refuse
    server.reply = lambda body: 'Of course:\n```json\n{"match": true}\n```'
    with client_of(server, endpoint={"concurrency": 1}) as client:
        answers = client.chat([ChatRequest(f"q{n}", schema=SCHEMA) for n in range(4)])
    assert [one.parsed for one in answers] == [{"match": True}] * 4
    assert len(server.requests) == 2 + 4  # learned once
    assert "JSON schema" in server.requests[-1]["messages"][0]["content"]


@pytest.mark.parametrize("text", ["no idea", '{"match": "perhaps"}', '{"match": true, "x": 1}'])
def test_an_answer_outside_the_schema_is_an_error_of_that_answer(server, text) -> None:
    server.reply = lambda body: text
    with client_of(server) as client:
        [answer] = client.chat([ChatRequest("a", schema=SCHEMA)])
    assert answer.parsed is None
    assert answer.text == text
    assert answer.error


def test_concurrency_is_used_and_kept(server) -> None:
    server.delay = 0.1
    with client_of(server, endpoint={"concurrency": 3}) as client:
        client.chat(questions(9))
    assert 2 <= server.most_at_once <= 3


def test_works_from_many_threads(server) -> None:
    with client_of(server, budget=Budget(requests=10)) as client:
        found: list[int] = []
        threads = [
            threading.Thread(target=lambda: found.append(len(client.chat(questions(10)))))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [10] * 4
        assert client.cost.requests == len(server.requests) == 10
        assert len(client.store) == 10


def test_missing_counts_of_tokens_are_taken_at_their_bound(server) -> None:
    server.usage = None
    with client_of(server) as client:
        [answer] = client.chat([ChatRequest("four", max_tokens=9)])
    assert answer.usage.completion_tokens == 9
    assert answer.usage.prompt_tokens > len("four")


def test_a_store_of_the_caller_stays_open(server) -> None:
    store = AnswerStore(None)
    for _ in range(2):
        with client_of(server, store=store) as client:
            client.chat(questions(2))
    assert len(server.requests) == len(store) == 2


def test_a_failed_request_does_not_lose_the_others(server) -> None:
    def refuse(handler, body) -> bool:
        if body["messages"][0]["content"] != "question 3":
            return False
        handler.send(400, {"error": {"message": "too long"}})
        return True

    server.always = refuse
    with client_of(server) as client:
        with pytest.raises(EndpointError, match="too long") as caught:
            client.chat(questions(6))
        assert [one.error is None for one in caught.value.answers] == [n != 3 for n in range(6)]
        answers = client.chat(questions(6), partial=True)
    assert "too long" in (answers[3].error or "")
    assert answers.cost.cached == 5


def test_wrong_arguments_are_named() -> None:
    with Client(Endpoint("http://127.0.0.1:9/v1", "m")) as client:
        with pytest.raises(ArgumentError, match="ChatRequest"):
            client.chat(["text"])  # type: ignore[list-item]
        with pytest.raises(ArgumentError, match="one text"):
            client.embed("text")
    with pytest.raises(ArgumentError, match="Did you mean 'user'"):
        Message("usr", "x")
    with pytest.raises(ArgumentError, match="max_tokens"):
        ChatRequest("a", max_tokens=0)
