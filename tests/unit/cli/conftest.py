"""The command line inside the process of the test."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from sameas.cli._group import run


class Ended(NamedTuple):
    """How a call ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def sameas(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Ended]]:
    """Call the command line with arguments; the logger is put back afterwards."""
    logger = logging.getLogger("sameas")
    level, handlers = logger.level, list(logger.handlers)

    def call(*arguments: object) -> Ended:
        code = run([str(argument) for argument in arguments])
        return Ended(code, *capsys.readouterr())

    yield call
    logger.setLevel(level)
    logger.handlers[:] = handlers
