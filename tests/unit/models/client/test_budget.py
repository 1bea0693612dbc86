from __future__ import annotations

import threading
import time

import pytest

from sameas.core.errors import ArgumentError
from sameas.models.client import (
    Budget,
    BudgetError,
    ChatRequest,
    Client,
    Endpoint,
    Prices,
    Retry,
    Usage,
)
from sameas.models.client.budget import Ledger


def questions(count: int) -> list[ChatRequest]:
    return [ChatRequest(f"question {number}", max_tokens=20) for number in range(count)]


def client_of(server, budget: Budget, **options) -> Client:
    endpoint = Endpoint(server.url, "tiny", concurrency=8, retry=Retry(times=3, first=0.01))
    return Client(endpoint, budget=budget, **options)


def test_requests_are_never_exceeded_with_threads(server) -> None:
    server.delay = 0.02
    with client_of(server, Budget(requests=7)) as client:
        with pytest.raises(BudgetError, match="budget of 7 requests is used up") as caught:
            client.chat(questions(40))
        assert client.cost.requests == len(server.requests) == 7
        assert sum(one.error is None for one in caught.value.answers) == 7


def test_partial_results_say_why(server) -> None:
    with client_of(server, Budget(requests=3)) as client:
        answers = client.chat(questions(10), partial=True)
    assert sum(one.error is None for one in answers) == 3
    assert "3 requests" in (answers.stopped or "")
    assert all((one.error or "").startswith("not asked") for one in answers if not one.text)


def test_repeated_attempts_count(server, answered) -> None:
    server.always = answered(500, {"error": "x"})
    with client_of(server, Budget(requests=2)) as client, pytest.raises(BudgetError):
        client.chat(questions(1))
    assert len(server.requests) == 2


def test_tokens_are_never_exceeded_and_unused_reservations_return(server) -> None:
    server.usage = {"prompt_tokens": 10, "completion_tokens": 20}
    server.delay = 0.01
    with client_of(server, Budget(tokens=1000)) as client:
        client.chat(questions(60), partial=True)
        spent = client.cost.prompt_tokens + client.cost.completion_tokens
    assert spent == 30 * len(server.requests) <= 1000
    assert spent > 600, "what a request does not use is there for the next"


def test_money_is_never_exceeded_even_at_the_bound(server) -> None:
    server.usage = None  # the whole reservation counts
    prices = Prices(prompt=100.0, completion=400.0, currency="EUR")
    with client_of(server, Budget(money=0.2), prices=prices) as client:
        with pytest.raises(BudgetError, match=r"0\.2 EUR"):
            client.chat(questions(60))
        assert client.cost.money is not None
        assert 0.1 < client.cost.money <= 0.2


def test_minutes_end_a_job_in_the_middle_of_a_request(server) -> None:
    server.delay = 0.6
    begun = time.monotonic()
    with client_of(server, Budget(minutes=1 / 60)) as client:
        answers = client.chat(questions(60), partial=True)
    assert time.monotonic() - begun < 4, "eight waves would take five seconds"
    assert sum(one.error is None for one in answers) <= 8, "the second eight are cut off"
    assert answers.stopped


def test_answers_from_the_store_need_no_budget(server, tmp_path) -> None:
    with client_of(server, Budget(), store=tmp_path / "a.db") as client:
        client.chat(questions(5))
    with client_of(server, Budget(requests=0), store=tmp_path / "a.db") as client:
        assert [one.text for one in client.chat(questions(5))] == ["yes"] * 5
        with pytest.raises(BudgetError):
            client.chat(questions(6))
    assert len(server.requests) == 5


def test_a_reservation_in_flight_is_waited_for() -> None:
    ledger = Ledger(Budget(tokens=100))
    need = Usage(1, 40, 20)
    ledger.reserve(need)
    done = threading.Event()

    def second() -> None:
        ledger.reserve(need)
        done.set()

    thread = threading.Thread(target=second)
    thread.start()
    assert not done.wait(0.1)
    ledger.settle(need, Usage(1, 10, 1))
    assert done.wait(2)
    thread.join()
    assert ledger.spent == Usage(1, 10, 1)


def test_no_room_and_nothing_in_flight_is_an_end() -> None:
    ledger = Ledger(Budget(tokens=100))
    ledger.reserve(Usage(1, 50, 0))
    ledger.settle(Usage(1, 50, 0), Usage(1, 50, 0))
    with pytest.raises(BudgetError, match="50 spent, and the next request may take up to 60"):
        ledger.reserve(Usage(1, 50, 10))


def test_random_jobs_never_exceed_anything() -> None:
    budget, prices = Budget(requests=50, tokens=3000, money=0.005), Prices(1.0, 2.0)
    ledger = Ledger(budget, prices)
    most = [0, 0, 0.0]

    def work(seed: int) -> None:
        for step in range(40):
            need = Usage(1, (seed * 37 + step * 13) % 90 + 1, (seed + step) % 30)
            try:
                ledger.reserve(need)
            except BudgetError:
                return
            time.sleep(0.0005)
            ledger.settle(need, Usage(1, need.prompt_tokens // 2, need.completion_tokens))
            spent = ledger.spent
            most[0] = max(most[0], spent.requests)
            most[1] = max(most[1], spent.tokens)
            most[2] = max(most[2], prices.of(spent))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] <= 50
    assert most[1] <= 3000
    assert most[2] <= 0.005 * 1.000001
    assert most[0] >= 40, "and it is used"


def test_wrong_budgets_are_named() -> None:
    with pytest.raises(ArgumentError, match="tokens must not be negative"):
        Budget(tokens=-1)
    with pytest.raises(ArgumentError, match="needs prices"):
        Client(Endpoint("http://127.0.0.1:9/v1", "m"), budget=Budget(money=1.0))
    with pytest.raises(ArgumentError, match="not be negative"):
        Prices(-1.0)
