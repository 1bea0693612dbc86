"""Do together what arrives while a thread is busy: the next step takes all that wait."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any, Generic, TypeVar

__all__ = ["Together"]

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Together(Generic[Item, Answer]):
    """Hands what waits to a thread in groups; alone if nothing else waits, so nobody is delayed.

    Questions share their steps, and writes one durable transaction. To be used from one event
    loop.

    Parameters
    ----------
    pool : Executor
    work : callable
        Takes a list of items and returns one answer each, in their order; an answer that is an
        exception is raised for its item. What it raises is raised for all of the group.
    most : int
        Items in a group.
    """

    def __init__(
        self,
        pool: Executor,
        work: Callable[[list[Item]], Sequence[Answer | Exception]],
        *,
        most: int,
    ) -> None:
        self._pool, self._work, self._most = pool, work, most
        self._waiting: deque[tuple[Item, asyncio.Future[Answer]]] = deque()
        self._busy = False

    async def do(self, item: Item) -> Answer:
        """Wait for the answer to an item."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if not self._busy:
            self._next()
        return await future

    def _next(self) -> None:
        group: list[tuple[Item, asyncio.Future[Answer]]] = []
        while self._waiting and len(group) < self._most:
            one = self._waiting.popleft()
            if not one[1].done():  # whoever asked has given up
                group.append(one)
        self._busy = bool(group)
        if group:
            items = [item for item, _ in group]
            job = asyncio.get_running_loop().run_in_executor(self._pool, self._work, items)
            job.add_done_callback(partial(self._done, group))

    def _done(
        self,
        group: list[tuple[Item, asyncio.Future[Answer]]],
        job: asyncio.Future[Any],
    ) -> None:
        self._next()
        error = None if job.cancelled() else job.exception()
        answers = [error] * len(group) if error or job.cancelled() else job.result()
        for (_, future), answer in zip(group, answers, strict=True):
            if future.done():
                continue
            if answer is None:
                future.cancel()
            elif isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)
