"""Answer in the event loop itself: no thread has to be woken, which costs as much as an answer."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

__all__ = ["Here"]

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Here(Generic[Item, Answer]):
    """Answers what has arrived by the end of a turn of the event loop, in one go.

    For work of a millisecond that waits for nobody. To be used from one event loop.

    Parameters
    ----------
    work : callable
        Takes a list of items and returns one answer each, in their order; an answer that is an
        exception is raised for its item.
    most : int
        Items that are answered before the loop turns to something else.
    """

    def __init__(
        self, work: Callable[[list[Item]], Sequence[Answer | Exception]], *, most: int
    ) -> None:
        self._work, self._most = work, most
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []

    def do(self, item: Item) -> asyncio.Future[Answer]:
        """Return the answer to an item, to be awaited."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._answer)
        self._waiting.append((item, future))
        return future

    def _answer(self) -> None:
        group, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._answer)
        group = [one for one in group if not one[1].done()]  # whoever asked may have given up
        answers: Sequence[Answer | Exception] = ()
        try:
            answers = self._work([item for item, _ in group])
        finally:  # what nobody has foreseen goes to all who asked, and to the log of the loop
            unforeseen = sys.exception()
            for place, (_, future) in enumerate(group):
                answer = answers[place] if unforeseen is None else unforeseen
                if isinstance(answer, BaseException):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
