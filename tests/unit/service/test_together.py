"""What waits is done in one go, and nobody is lost, mixed up or delayed by another's error."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sameas.service.here import Here
from sameas.service.together import Together


def run(coroutine):
    return asyncio.run(coroutine)


def test_what_arrives_while_the_thread_is_busy_is_one_group():
    groups, gate = [], threading.Event()

    def work(items):
        groups.append(items)
        gate.wait(5)
        return [item * 10 for item in items]

    async def ask():
        with ThreadPoolExecutor(1) as pool:
            together = Together(pool, work, most=3)
            first = asyncio.ensure_future(together.do(0))
            await asyncio.sleep(0.05)
            others = [asyncio.ensure_future(together.do(n)) for n in range(1, 6)]
            await asyncio.sleep(0.05)
            gate.set()
            return await asyncio.gather(first, *others)

    assert run(ask()) == [0, 10, 20, 30, 40, 50]
    assert groups == [[0], [1, 2, 3], [4, 5]]


def test_an_error_of_one_is_raised_for_it_alone_and_one_of_the_group_for_all():
    def work(items):
        if "all" in items:
            raise RuntimeError("all of them")
        return [ValueError(item) if item == "bad" else item for item in items]

    async def ask(*items):
        with ThreadPoolExecutor(1) as pool:
            together = Together(pool, work, most=10)
            jobs = [together.do(item) for item in ("alone", *items)]
            return await asyncio.gather(*jobs, return_exceptions=True)

    alone, bad, good = run(ask("bad", "good"))
    assert (alone, good) == ("alone", "good")
    assert isinstance(bad, ValueError)
    assert [type(one) for one in run(ask("all", "good"))] == [str, RuntimeError, RuntimeError]


def test_who_has_given_up_is_not_worked_for():
    seen, gate = [], threading.Event()

    def work(items):
        seen.extend(items)
        gate.wait(5)
        return items

    async def ask():
        with ThreadPoolExecutor(1) as pool:
            together = Together(pool, work, most=10)
            first = asyncio.ensure_future(together.do("first"))
            await asyncio.sleep(0.05)
            late = asyncio.ensure_future(together.do("late"))
            await asyncio.sleep(0)
            late.cancel()
            gate.set()
            await first
            with pytest.raises(asyncio.CancelledError):
                await late
            return await together.do("next")

    assert run(ask()) == "next"
    assert seen == ["first", "next"]


def test_what_arrives_in_one_turn_is_answered_in_one_go():
    groups = []

    def work(items):
        groups.append(items)
        return [ValueError(item) if item == 1 else item * 10 for item in items]

    async def ask():
        here = Here(work, most=3)
        first = asyncio.gather(*(here.do(n) for n in range(4)), return_exceptions=True)
        given_up = here.do(4)
        given_up.cancel()
        answers = await first
        return [*answers, await here.do(5)]

    zero, error, *others = run(ask())
    assert (zero, others) == (0, [20, 30, 50])
    assert isinstance(error, ValueError)
    assert groups == [[0, 1, 2], [3], [5]]


def test_an_error_that_nobody_has_foreseen_reaches_who_asked_and_the_loop():
    told = []

    async def ask():
        asyncio.get_running_loop().set_exception_handler(lambda _, said: told.append(said))
        here = Here(lambda items: items[0] / 0, most=3)
        return await asyncio.gather(here.do(1), here.do(2), return_exceptions=True)

    assert [type(one) for one in run(ask())] == [ZeroDivisionError] * 2
    assert isinstance(told[0]["exception"], ZeroDivisionError)
