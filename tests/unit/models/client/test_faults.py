from __future__ import annotations

import logging
import socket
import time
from email.utils import formatdate

import httpx
import pytest

from sameas.models.client import (
    Budget,
    BudgetError,
    ChatRequest,
    Client,
    Endpoint,
    EndpointError,
    Rate,
    Retry,
)
from sameas.models.client.rate import RateGate, back_off
from sameas.models.client.transport import retry_after

QUICK = Retry(times=3, first=0.01, longest=0.5)


def client_of(server, *, retry: Retry = QUICK, timeout: float = 5.0, **options) -> Client:
    return Client(Endpoint(server.url, "tiny", retry=retry, timeout=timeout), **options)


def drop(handler, body) -> bool:
    """Close the connection in the middle of an answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices"')
    handler.close_connection = True
    return True


def hang_up(handler, body) -> bool:
    """Close the connection without a word."""
    handler.close_connection = True
    return True


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
def test_passing_trouble_is_tried_again(server, answered, status) -> None:
    server.faults.extend([answered(status, {"error": "busy"})] * 2)
    with client_of(server) as client:
        [answer] = client.chat([ChatRequest("a")])
        assert (answer.text, client.cost.requests) == ("yes", 3)


@pytest.mark.parametrize("fault", [drop, hang_up])
def test_dropped_connections_are_tried_again(server, fault) -> None:
    server.faults.append(fault)
    with client_of(server) as client:
        assert client.chat([ChatRequest("a")])[0].text == "yes"
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"<html>oops</html>",
        b'{"choices"',
        b"[1]",
        b"null",
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": 3}}]}',
        b'{"choices": [{"message": null}]}',
        b'{"choices": [{"message": {"content": "x"}, "logprobs": {"content": [{}]}}]}',
        b'{"error": {"message": "overloaded"}}',
        b"\xff\xfe",
    ],
)
def test_nonsense_is_tried_again_and_never_kept(server, answered, body) -> None:
    server.faults.append(answered(200, body))
    with client_of(server) as client:
        assert client.chat([ChatRequest("a")])[0].text == "yes"
    server.always = answered(200, body)
    with client_of(server) as client:
        with pytest.raises(EndpointError, match="after 4 attempts"):
            client.chat([ChatRequest("a")])
        assert len(client.store) == 0


def test_a_slow_server_is_cut_off(server) -> None:
    server.delay = 0.5
    with client_of(server, timeout=0.1, retry=Retry(times=1, first=0.01)) as client:
        with pytest.raises(EndpointError, match=r"no answer within 0\.1 s .*after 2 attempts"):
            client.chat([ChatRequest("a", max_tokens=5)])
        assert client.cost.completion_tokens == 10, "it may have been paid"


def test_a_dripping_server_is_cut_off(server) -> None:
    def drip(handler, body) -> bool:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(40):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)
        return True

    server.always = drip
    begun = time.monotonic()
    with (
        client_of(server, timeout=0.2, retry=Retry(times=0)) as client,
        pytest.raises(EndpointError, match=r"more than 0\.2 s"),
    ):
        client.chat([ChatRequest("a")])
    assert time.monotonic() - begun < 1.9


def test_retry_after_is_respected(server, answered) -> None:
    server.faults.append(answered(429, {"error": "slow"}, Retry_After="0.4"))
    with client_of(server) as client:
        client.chat([ChatRequest("a")])
    assert server.times[1] - server.times[0] >= 0.4


def test_retry_after_holds_the_other_requests_too(server, answered) -> None:
    def later(handler, body) -> bool:
        time.sleep(0.4)
        return False

    server.faults.extend([answered(429, {"error": "slow"}, Retry_After="0.8"), later])
    endpoint = Endpoint(server.url, "tiny", retry=QUICK, concurrency=2)
    with Client(endpoint) as client:
        client.chat([ChatRequest(str(number)) for number in range(6)])
    assert len(server.times) == 7
    assert server.times[2] - server.times[0] >= 0.8


def test_a_server_that_asks_for_an_hour_is_left(server, answered) -> None:
    server.always = answered(429, {"error": "slow"}, Retry_After="3600")
    with (
        client_of(server) as client,
        pytest.raises(EndpointError, match="429: slow; it asks to wait 3600 s"),
    ):
        client.chat([ChatRequest("a")])
    assert len(server.requests) == 1


def test_retry_after_as_date_and_milliseconds() -> None:
    later = retry_after({"retry-after": formatdate(time.time() + 30, usegmt=True)})
    assert later is not None
    assert 28 <= later <= 30
    assert retry_after({"retry-after-ms": "250", "retry-after": "9"}) == 0.25
    assert retry_after({"retry-after": formatdate(time.time() - 30, usegmt=True)}) == 0.0
    assert retry_after({"retry-after": "-3"}) is None


@pytest.mark.parametrize(
    ("status", "message"),
    [(401, "key"), (403, "no"), (404, "no model"), (307, "elsewhere"), (501, "no chat here")],
)
def test_hopeless_answers_end_the_job_at_once(server, answered, status, message) -> None:
    server.always = answered(status, {"error": {"message": message}}, Location=server.url)
    endpoint = Endpoint(server.url, "tiny", retry=QUICK, concurrency=2)
    with Client(endpoint) as client, pytest.raises(EndpointError, match=message) as caught:
        client.chat([ChatRequest(str(number)) for number in range(50)])
    assert caught.value.fatal
    assert len(server.requests) <= 2
    assert "not asked" in caught.value.answers[-1].error


def test_an_empty_purse_is_not_tried_again(server, answered) -> None:
    error = {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}
    server.always = answered(429, error)
    with client_of(server) as client, pytest.raises(EndpointError, match="quota"):
        client.chat([ChatRequest("a")])
    assert len(server.requests) == 1


def test_a_job_gives_up_after_many_failures_in_a_row(server, answered) -> None:
    server.always = answered(400, {"error": "never"})
    endpoint = Endpoint(server.url, "tiny", concurrency=2)
    with Client(endpoint) as client, pytest.raises(EndpointError):
        client.chat([ChatRequest(str(number)) for number in range(100)])
    assert 20 <= len(server.requests) <= 22


def test_no_server_at_all() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        endpoint = Endpoint(url, "tiny", retry=Retry(times=1, first=0.01))
        with Client(endpoint) as client, pytest.raises(EndpointError, match="no connection"):
            client.chat([ChatRequest(str(number)) for number in range(100)])


def test_back_off_doubles_and_depends_on_the_seed_alone() -> None:
    retry = Retry(first=1.0, longest=100.0)
    waits = [back_off(retry, attempt, b"body") for attempt in range(5)]
    assert waits == [back_off(retry, attempt, b"body") for attempt in range(5)]
    assert all(0.5 * 2**n <= wait <= 2**n for n, wait in enumerate(waits))
    assert back_off(Retry(first=1.0, seed=1), 0, b"body") != waits[0]
    assert back_off(retry, 0, b"other") != waits[0]
    assert back_off(retry, 10_000, b"body") <= 100.0


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_never_more_than_the_rate_in_any_minute() -> None:
    clock = Clock()
    gate = RateGate(Rate(requests_per_minute=5, tokens_per_minute=100), clock=clock)
    passed: list[tuple[float, int]] = []
    for number in range(60):
        tokens = (7 * number) % 40 + 1
        while (found := gate.try_pass(tokens))[1] is None:
            assert found[0] > 0
            clock.now += found[0]
        passed.append((clock.now, tokens))
        clock.now += 0.3
    for begin, _ in passed:
        inside = [tokens for at, tokens in passed if begin <= at < begin + 60]
        assert len(inside) <= 5
        assert sum(inside) <= 100
    assert clock.now < 60 * 60 / 2, "and not much slower than it allows"


def test_a_request_larger_than_a_minute_passes_alone() -> None:
    clock = Clock()
    gate = RateGate(Rate(tokens_per_minute=10), clock=clock)
    wait, ticket = gate.try_pass(50)
    assert ticket is not None
    wait, none = gate.try_pass(1)
    assert (wait, none) == (60.0, None)
    gate.correct(ticket, 5)
    assert gate.try_pass(5)[1] is not None


def test_waiting_for_the_rate_ends_with_the_budget(server) -> None:
    endpoint = Endpoint(server.url, "tiny", rate=Rate(requests_per_minute=2))
    begun = time.monotonic()
    with Client(endpoint, budget=Budget(minutes=0.5 / 60)) as client:
        with pytest.raises(BudgetError, match="minutes"):
            client.chat([ChatRequest(str(number)) for number in range(5)])
        assert client.cost.requests == 2
    assert time.monotonic() - begun < 5


def test_the_key_is_nowhere_but_in_the_header(server, answered, monkeypatch, caplog) -> None:
    secret = "sk-very-secret-0123456789"
    monkeypatch.setenv("TINY_KEY", f"{secret}\n")
    caplog.set_level(logging.DEBUG)
    server.faults.append(answered(500, {"error": {"message": f"bad key {secret}"}}))
    server.always = answered(401, {"error": {"message": f"Incorrect API key: {secret}"}})
    endpoint = Endpoint(server.url, "tiny", "TINY_KEY", retry=QUICK)
    with Client(endpoint) as client:
        with pytest.raises(EndpointError) as caught:
            client.chat([ChatRequest("a")])
        assert server.headers[0]["Authorization"] == f"Bearer {secret}"
        said = f"{caught.value} {caught.value.__cause__} {client!r} {endpoint!r} {vars(client)}"
    assert "***" in str(caught.value)
    assert secret not in said
    assert secret not in caplog.text


def test_a_client_object_brings_its_own_headers(server) -> None:
    with httpx.Client(headers={"Authorization": "Bearer mine"}) as http:
        with Client(Endpoint(server.url, "tiny"), http=http) as client:
            client.chat([ChatRequest("a")])
        assert not http.is_closed
    assert server.headers[0]["Authorization"] == "Bearer mine"
